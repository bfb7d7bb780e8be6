/* SPDX-License-Identifier: ISC */
/*
 * io/images for the world: a handful of firmware files that are told apart by
 * their first line, and a folder in which they are put, replaced and removed.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/image/digest.h"
#include "io/images.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"

#define MAX_FILES 8

static struct content contents[] = {
	{ .name = "lite-9.5.0",
	    .nature = NATURE_TASMOTA,
	    .version = "9.5.0",
	    .variant = "lite",
	    .is_good = true },
	{ .name = "lite-8.5.0",
	    .nature = NATURE_TASMOTA,
	    .version = "8.5.0",
	    .variant = "lite",
	    .is_good = true },
	{ .name = "esphome-1",
	    .nature = NATURE_ESPHOME,
	    .version = "2024.10.3",
	    .variant = "",
	    .is_good = true },
	{ .name = "damaged",
	    .nature = NATURE_TASMOTA,
	    .version = "",
	    .variant = "",
	    .is_good = false },
};

#define CONTENTS (sizeof(contents) / sizeof(contents[0]))

struct image_cache {
	struct digest *digest;
	struct image *images[MAX_FILES]; /* owned; as they were last read */
};

struct image {
	unsigned refs;
	char *path;
	const struct content *content;
	char *data; /* a copy: kept images are read again */
	struct image_report report;
};

static struct {
	char name[32];
	const char *content; /* NULL: no such file */
} files[MAX_FILES];

static struct digest *
the_digest(void)
{
	static struct digest *digest;
	struct error err;

	if (digest == NULL) {
		digest = digest_new(&err);
		for (size_t i = 0; i < CONTENTS; i++) {
			struct content *content = &contents[i];

			snprintf(content->data, sizeof(content->data),
			    "WORLD %s\n", content->name);
			digest_sha256(digest, content->data,
			    sizeof(content->data), content->sha256, &err);
			digest_md5(digest, content->data, sizeof(content->data),
			    content->md5);
		}
	}
	return digest;
}

const struct content *
content_find(const char *name)
{
	the_digest();
	for (size_t i = 0; i < CONTENTS; i++)
		if (strcmp(contents[i].name, name) == 0)
			return &contents[i];
	return NULL;
}

const struct content *
content_of(const void *data, size_t size)
{
	the_digest();
	for (size_t i = 0; i < CONTENTS; i++)
		if (size == sizeof(contents[i].data) &&
		    memcmp(data, contents[i].data, size) == 0)
			return &contents[i];
	return NULL;
}

void
images_put(const char *file, const char *content)
{
	for (size_t i = 0; i < MAX_FILES; i++)
		if (files[i].name[0] == '\0' ||
		    strcmp(files[i].name, file) == 0) {
			snprintf(
			    files[i].name, sizeof(files[i].name), "%s", file);
			files[i].content = content;
			return;
		}
}

const char *
images_path_content(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; i < MAX_FILES; i++)
		if (strcmp(files[i].name, name) == 0)
			return files[i].content;
	return NULL;
}

static void
report_on(const struct content *content, struct image_report *report)
{
	*report = (struct image_report){ .verdict = IMAGE_ACCEPT,
		.kind = content->nature == NATURE_ESPHOME ? IMAGE_ESPHOME
							  : IMAGE_TASMOTA,
		.size = sizeof(content->data),
		.unpacked = sizeof(content->data),
		.boots_gzip = true };
	snprintf(
	    report->version, sizeof(report->version), "%s", content->version);
	snprintf(
	    report->variant, sizeof(report->variant), "%s", content->variant);
	if (!content->is_good) {
		report->verdict = IMAGE_REFUSE;
		report->reason = REASON_IMAGE_INVALID;
		snprintf(report->text, sizeof(report->text), "it is damaged");
	}
}

static struct image *
image_new(const struct content *content, const char *path)
{
	struct image *image = xcalloc(1, sizeof(*image));

	image->refs = 1;
	image->path = xstrdup(path);
	image->content = content;
	image->data = xmalloc(sizeof(content->data));
	memcpy(image->data, content->data, sizeof(content->data));
	report_on(content, &image->report);
	return image;
}

struct image *
image_load_fd(
    int fd, const char *path, const struct digest *digest, struct error *err)
{
	static char data[sizeof(contents[0].data) + 1];
	ssize_t n = pread(fd, data, sizeof(data), 0);
	const struct content *content =
	    n > 0 ? content_of(data, (size_t)n) : NULL;

	(void)digest;
	if (content != NULL)
		return image_new(content, path);
	error_set(err, EINVAL, "%s: no image of this world", path);
	return NULL;
}

struct image *
image_ref(struct image *image)
{
	image->refs++;
	return image;
}

void
image_unref(struct image *image)
{
	if (image == NULL || --image->refs > 0)
		return;
	free(image->path);
	memset(image->data, 0x5a, sizeof(image->content->data));
	free(image->data);
	free(image);
}

const char *
image_path(const struct image *image)
{
	return image->path;
}

const char *
image_name(const struct image *image)
{
	const char *slash = strrchr(image->path, '/');

	return slash != NULL ? slash + 1 : image->path;
}

const void *
image_data(const struct image *image)
{
	return image->data;
}

size_t
image_size(const struct image *image)
{
	return sizeof(image->content->data);
}

const char *
image_sha256(const struct image *image)
{
	return image->content->sha256;
}

const char *
image_md5(const struct image *image)
{
	return image->content->md5;
}

time_t
image_modified(const struct image *image)
{
	(void)image;
	return 0;
}

const struct image_report *
image_report(const struct image *image)
{
	return &image->report;
}

const struct image_report *
image_upgrade_report(const struct image *image)
{
	return &image->report;
}

struct image_cache *
image_cache_new(const char *directory, struct error *err)
{
	struct image_cache *cache = xcalloc(1, sizeof(*cache));

	(void)directory;
	(void)err;
	cache->digest = the_digest();
	return cache;
}

void
image_cache_free(struct image_cache *cache)
{
	for (size_t i = 0; cache != NULL && i < MAX_FILES; i++)
		image_unref(cache->images[i]);
	free(cache);
}

void
image_cache_move(struct image_cache *cache, const char *directory)
{
	(void)cache;
	(void)directory;
}

void
image_cache_tidy(struct image_cache *cache)
{
	(void)cache;
}

/* Read a file anew if it has another content than before. */
static struct image *
refresh(
    struct image_cache *cache, const char *path, const struct content *content)
{
	size_t i = 0;

	while (cache->images[i] != NULL &&
	    strcmp(cache->images[i]->path, path) != 0)
		i++;
	if (cache->images[i] == NULL || cache->images[i]->content != content) {
		image_unref(cache->images[i]);
		cache->images[i] = image_new(content, path);
	}
	return cache->images[i];
}

struct image *
image_cache_get(struct image_cache *cache, const char *path, struct error *err)
{
	const char *name = images_path_content(path);

	if (name != NULL)
		return image_ref(refresh(cache, path, content_find(name)));
	error_set(err, ENOENT, "%s does not exist", path);
	return NULL;
}

struct image *
image_cache_look(struct image_cache *cache, const char *path, struct error *err)
{
	return image_cache_get(cache, path, err);
}

bool
image_cache_names(const struct image_cache *cache, const char *path,
    const struct image *image)
{
	(void)cache;
	return strcmp(image->path, path) == 0;
}

enum reason
image_error_reason(const struct error *err)
{
	return err->code == ENOENT ? REASON_IMAGE_MISSING
				   : REASON_IMAGE_INVALID;
}

const struct digest *
image_cache_digest(const struct image_cache *cache)
{
	return cache->digest;
}
