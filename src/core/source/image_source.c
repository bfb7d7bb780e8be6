/* SPDX-License-Identifier: ISC */
/* Reads and checks the entries of the catalogue of images. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/ini.h"
#include "core/config/value.h"
#include "core/image/image_label.h"
#include "core/source/image_source.h"

#define MAX_NOTE 400

static bool
parse_url(void *, const char *, const struct option *, struct error *);

static void
clear_urls(void *field)
{
	value_lines.clear(field);
}

static void
print_urls(FILE *out, const void *field, const struct option *option)
{
	value_lines.print(out, field, option);
}

static const struct option_type url_type = {
	.adds = true,
	.parse = parse_url,
	.clear = clear_urls,
	.print = print_urls,
};

/* In the order of enum image_kind. */
static const char *const kinds[] = { "other", "tasmota", "esphome", "espurna",
	"espeasy", NULL };

/* clang-format off */
#define ANY            .min = 0
#define UP_TO(b)       .max = (b)
#define RANGE(a, b)    .min = (a), .max = (b)
#define CHOICES(words) .choices = words

#define IMAGE_SOURCE_OPTIONS(X) \
	X("Image", "Name", name, value_text, UP_TO(IMAGE_FILE_SIZE - 1), "", \
	    "what the image is called, for reflashctl download") \
	X("Image", "Kind", kind, value_choice, CHOICES(kinds), "other", \
	    "the project that it is of") \
	X("Image", "Version", version, value_text, UP_TO(31), "", \
	    "its version, for people") \
	X("Image", "Size", size, value_number, RANGE(1, IMAGE_MAX_FILE), "", \
	    "how many bytes the file has") \
	X("Image", "Sha256", sha256, value_sha256, ANY, "", \
	    "the checksum of the file (SHA-256)") \
	X("Image", "Url", urls, url_type, UP_TO(IMAGE_SOURCE_URL), "", \
	    "where it can be downloaded; may be repeated, and the next one is tried where one fails") \
	X("Image", "Note", note, value_text, UP_TO(MAX_NOTE), "", \
	    "a sentence for people: what it is good for")

static const struct option items[] = {
#define X(sect, key_name, member, kind_of, limits, def, text) \
	{ .section = sect, .key = key_name, .type = &kind_of, \
	  .offset = offsetof(struct image_source, member), limits, \
	  .standard = def, .help = text },
	IMAGE_SOURCE_OPTIONS(X)
#undef X
};
/* clang-format on */

static const struct option_table table = { items,
	sizeof(items) / sizeof(items[0]) };

const struct option_table *
image_source_table(void)
{
	return &table;
}

bool
image_source_is_url(const char *url, struct error *err)
{
	bool is_tls = strncasecmp(url, "https://", 8) == 0;
	const char *host = url + (is_tls ? 8 : 7);

	if (!is_tls && strncasecmp(url, "http://", 7) != 0)
		return error_set(
		    err, EINVAL, "it does not begin with http:// or https://");
	if (*host == '\0' || *host == '/')
		return error_set(err, EINVAL, "there is no host in it");
	for (const char *c = url; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return error_set(err, EINVAL,
			    "there is a blank or a character in it that no URL "
			    "has; write it as %%20 and so on");
	if (strlen(url) > IMAGE_SOURCE_URL)
		return error_set(err, EINVAL, "it is longer than %d bytes",
		    IMAGE_SOURCE_URL);
	return true;
}

static bool
parse_url(void *field, const char *value, const struct option *option,
    struct error *err)
{
	return image_source_is_url(value, err) &&
	    value_lines.parse(field, value, option, err);
}

/* Complain about what is missing, and about names that cannot be used. */
static void
check(struct image_source *source, struct problems *problems)
{
	const struct options *options = &source->options;
	const struct {
		const char *key;
		bool is_there;
		const char *why;
	} needed[] = {
		{ "Name", source->name != NULL,
		    "nobody could ask for the image" },
		{ "Size", source->size > 0,
		    "a wrong file would be noticed late" },
		{ "Sha256", source->sha256[0] != '\0',
		    "any file could be taken for it" },
		{ "Url", source->urls.count > 0, "it cannot be downloaded" },
	};
	struct error err;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!needed[i].is_there &&
		    !options_is_bad(options, "Image", needed[i].key))
			problems_add(problems,
			    "%s:1: %s= is missing below [Image]: without it %s",
			    source->origin, needed[i].key, needed[i].why);
	if (source->name != NULL && !image_file_check(source->name, &err))
		problems_add(problems, "%s: Name=%s",
		    options_origin(options, "Image", "Name"), err.text);
}

struct image_source *
image_source_parse(
    const char *text, size_t len, const char *file, struct problems *problems)
{
	struct image_source *source;
	size_t before = problems->count;

	if (ini_is_empty(text, len))
		return NULL;
	source = xcalloc(1, sizeof(*source));
	source->origin = xstrdup(file);
	options_init(&source->options, &table, source);
	options_parse_below(
	    "Image", &source->options, text, len, file, problems);
	check(source, problems);
	if (problems->count == before)
		return source;
	image_source_free(source);
	return NULL;
}

void
image_source_free(struct image_source *source)
{
	if (source == NULL)
		return;
	options_fini(&source->options);
	free(source->origin);
	free(source);
}

char *
image_source_file(const struct image_source *source, char dst[IMAGE_FILE_SIZE])
{
	struct error ignored;

	image_file_of(source->urls.items[0], dst);
	if (!image_file_check(dst, &ignored))
		snprintf(dst, IMAGE_FILE_SIZE, "%s", source->name);
	return dst;
}

char *
image_source_label(
    const struct image_source *source, char dst[IMAGE_SOURCE_LABEL])
{
	struct image_report report = { .kind = source->kind };
	char label[IMAGE_LABEL_SIZE];

	if (source->version != NULL)
		text_copy(
		    report.version, sizeof(report.version), source->version);
	/* As the daemon calls it once it is there. */
	image_report_identify(&report, source->sha256);
	snprintf(dst, IMAGE_SOURCE_LABEL, "%s", image_label(&report, label));
	return dst;
}

bool
image_source_is_first(const struct image_source *source)
{
	char file[IMAGE_FILE_SIZE];
	size_t len = strlen(image_source_file(source, file));

	return source->size <= IMAGE_FIRST_MAX &&
	    (len < 3 || strcasecmp(file + len - 3, ".gz") != 0);
}
