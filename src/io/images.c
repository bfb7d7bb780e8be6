/* SPDX-License-Identifier: ISC */
/* Loads firmware files into sealed memory, anew when they have changed. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/sealed.h"
#include "base/trust.h"
#include "io/images.h"

struct image {
	unsigned references;
	char *path;
	struct sealed copy;
	bool settled; /* a later change of the file would show in its times */
	char sha256[DIGEST_SHA256_SIZE], md5[DIGEST_MD5_SIZE];
	struct image_report report, upgrade;
};

static int
open_file(const char *folder, const char *path, struct error *err)
{
	struct stat st;
	int fd = trust_open(folder, path, &st, err);

	if (fd == -1 && err->code == ENOENT)
		error_set(err, ENOENT, "there is no image %s%s%s",
		    folder != NULL ? folder : "", folder != NULL ? "/" : "",
		    path);
	else if (fd == -1)
		error_prefix(err, "image");
	return fd;
}

static bool
examine(struct image *image, const struct digest *digest, struct error *err)
{
	if (!digest_sha256(
		digest, image->copy.data, image->copy.size, image->sha256, err))
		return false;
	digest_md5(digest, image->copy.data, image->copy.size, image->md5);
	image_check(image->copy.data, image->copy.size, &image->report);
	image_report_identify(&image->report, image->sha256);
	image_check_upgrade(
	    image->copy.data, image->copy.size, &image->upgrade);
	image_report_identify(&image->upgrade, image->sha256);
	return true;
}

struct image *
image_load_fd(
    int fd, const char *path, const struct digest *digest, struct error *err)
{
	struct image *image = xcalloc(1, sizeof(*image));

	if (!sealed_init(&image->copy, fd, IMAGE_MAX_FILE, err)) {
		error_prefix(err, "image %s", path);
		free(image);
		return NULL;
	}
	image->references = 1;
	image->path = xstrdup(path);
	image->settled = sealed_is_settled(&image->copy.file);
	if (examine(image, digest, err))
		return image;
	error_prefix(err, "image %s", path);
	image_unref(image);
	return NULL;
}

struct image *
image_ref(struct image *image)
{
	image->references++;
	return image;
}

void
image_unref(struct image *image)
{
	if (image == NULL || --image->references > 0)
		return;
	sealed_fini(&image->copy);
	free(image->path);
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
	return image->copy.data;
}

size_t
image_size(const struct image *image)
{
	return image->copy.size;
}

int
image_fd(const struct image *image)
{
	return image->copy.fd;
}

const char *
image_sha256(const struct image *image)
{
	return image->sha256;
}

const char *
image_md5(const struct image *image)
{
	return image->md5;
}

time_t
image_modified(const struct image *image)
{
	return image->copy.file.st_mtim.tv_sec;
}

const struct image_report *
image_report(const struct image *image)
{
	return &image->report;
}

const struct image_report *
image_upgrade_report(const struct image *image)
{
	return &image->upgrade;
}

enum reason
image_error_reason(const struct error *err)
{
	switch (err->code) {
	case ENODATA:
		return REASON_IMAGE_INVALID;
	case EFBIG:
		return REASON_IMAGE_TOO_LARGE;
	case ENOENT:
	case ENOTDIR:
	case ELOOP: /* a link that leads nowhere */
		return REASON_IMAGE_MISSING;
	default:
		return REASON_IMAGE_UNREADABLE;
	}
}

struct cached {
	char *path;
	struct image *image;
	UT_hash_handle hh;
};

struct image_cache {
	char *directory;
	struct digest *digest;
	struct cached *entries; /* by path */
};

struct image_cache *
image_cache_new(const char *directory, struct error *err)
{
	struct digest *digest = digest_new(err);
	struct image_cache *cache;

	if (digest == NULL)
		return NULL;
	cache = xcalloc(1, sizeof(*cache));
	cache->directory = xstrdup(directory);
	cache->digest = digest;
	return cache;
}

static void
drop(struct image_cache *cache, struct cached *entry)
{
	HASH_DEL(cache->entries, entry);
	image_unref(entry->image);
	free(entry->path);
	free(entry);
}

static void
drop_all(struct image_cache *cache)
{
	struct cached *entry, *next;

	HASH_ITER (hh, cache->entries, entry, next)
		drop(cache, entry);
}

void
image_cache_move(struct image_cache *cache, const char *directory)
{
	drop_all(cache);
	free(cache->directory);
	cache->directory = xstrdup(directory);
}

void
image_cache_free(struct image_cache *cache)
{
	if (cache == NULL)
		return;
	drop_all(cache);
	digest_free(cache->digest);
	free(cache->directory);
	free(cache);
}

void
image_cache_tidy(struct image_cache *cache)
{
	struct cached *entry, *next;

	HASH_ITER (hh, cache->entries, entry, next)
		if (entry->image->references == 1)
			drop(cache, entry);
}

/*
 * Return true if the image is what the file has now.  If the times of the file
 * cannot tell, its bytes are compared: that takes a hundredth of the time of an
 * examination, and each event of a device asks this.  The times are taken from
 * before the bytes were read, so that a change meanwhile shows the next time.
 */
static bool
is_current(struct image *image, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (image->settled && sealed_same_file(&st, &image->copy.file))
		return true;
	if (!sealed_same_bytes(&image->copy, fd))
		return false;
	image->copy.file = st;
	image->settled = sealed_is_settled(&st);
	return true;
}

/* Put an image, taken, into the cache, in place of entry (or NULL). */
static struct cached *
keep(struct image_cache *cache, struct cached *entry, struct image *image)
{
	if (entry == NULL) {
		entry = xcalloc(1, sizeof(*entry));
		entry->path = xstrdup(image->path);
		HASH_ADD_KEYPTR(hh, cache->entries, entry->path,
		    strlen(entry->path), entry);
	}
	image_unref(entry->image);
	entry->image = image;
	return entry;
}

/* Return the entry of the file as it is now, or NULL and an error. */
static struct cached *
refresh(struct image_cache *cache, const char *path, int fd, struct error *err)
{
	struct cached *entry;
	struct image *image;

	HASH_FIND_STR(cache->entries, path, entry);
	if (entry != NULL && is_current(entry->image, fd))
		return entry;
	image = image_load_fd(fd, path, cache->digest, err);
	if (image != NULL)
		return keep(cache, entry, image);
	if (entry != NULL)
		drop(cache, entry);
	return NULL;
}

static const char *
folder_of(const struct image_cache *cache, const char *path)
{
	return *path == '/' ? NULL : cache->directory;
}

static char *
whole_path(const struct image_cache *cache, const char *path)
{
	const char *folder = folder_of(cache, path);

	return folder == NULL ? xstrdup(path)
			      : xasprintf("%s/%s", folder, path);
}

bool
image_cache_names(const struct image_cache *cache, const char *path,
    const struct image *image)
{
	char *whole = whole_path(cache, path);
	bool same = strcmp(whole, image->path) == 0;

	free(whole);
	return same;
}

struct image *
image_cache_get(struct image_cache *cache, const char *path, struct error *err)
{
	const char *folder = folder_of(cache, path);
	char *whole = whole_path(cache, path);
	struct cached *entry = NULL;
	int fd = open_file(folder, path, err);

	if (fd != -1) {
		entry = refresh(cache, whole, fd, err);
		close(fd);
	}
	free(whole);
	return entry != NULL ? image_ref(entry->image) : NULL;
}

struct image *
image_cache_look(struct image_cache *cache, const char *path, struct error *err)
{
	char *whole = whole_path(cache, path);
	struct cached *before;
	struct image *image;

	HASH_FIND_STR(cache->entries, whole, before);
	image = image_cache_get(cache, path, err);
	if (image != NULL && before == NULL) {
		HASH_FIND_STR(cache->entries, whole, before);
		drop(cache, before);
	}
	free(whole);
	return image;
}

const struct digest *
image_cache_digest(const struct image_cache *cache)
{
	return cache->digest;
}
