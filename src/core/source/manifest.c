/* SPDX-License-Identifier: ISC */
/* Finds in a manifest of ESP Web Tools the file for an ESP8266. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/json/strictjson.h"
#include "core/source/image_source.h"
#include "core/source/manifest.h"

#define CHIP "ESP8266"
#define MD5  32 /* digits */

bool
manifest_is_likely(const void *data, size_t len)
{
	const char *text = data;

	while (len > 0 && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	return len > 0 && *text == '{';
}

/* Return the text under a key; NULL: there is none. */
static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
is_for_us(const json_t *build)
{
	const char *chip = text_of(build, "chipFamily");

	return chip != NULL && strcasecmp(chip, CHIP) == 0;
}

/* Say for which chips the builds are, as none is for ours. */
static bool
no_build(const json_t *builds, struct error *err)
{
	char list[160] = "";
	const json_t *build;
	size_t i;

	json_array_foreach (builds, i, build) {
		const char *chip = text_of(build, "chipFamily");
		size_t used = strlen(list);

		if (chip != NULL && used < sizeof(list) - 40)
			snprintf(list + used, sizeof(list) - used, "%s%.30s",
			    used > 0 ? ", " : "", chip);
	}
	return error_set(err, EINVAL,
	    "the manifest has no build for the " CHIP ", only for: %s",
	    list[0] != '\0' ? list : "nothing");
}

/* Find the one build for our chip. */
static const json_t *
find_build(const json_t *root, struct error *err)
{
	const json_t *builds = json_object_get(root, "builds"), *build;
	const json_t *found = NULL;
	size_t i, count = 0;

	if (!json_is_array(builds)) {
		error_set(err, EINVAL,
		    "the manifest has no list \"builds\": it is none of ESP "
		    "Web Tools");
		return NULL;
	}
	json_array_foreach (builds, i, build)
		if (is_for_us(build) && count++ == 0)
			found = build;
	if (count == 0)
		no_build(builds, err);
	else if (count > 1)
		error_set(err, EINVAL,
		    "the manifest has %zu builds for the " CHIP
		    ", and does not say which to take",
		    count);
	return count == 1 ? found : NULL;
}

/* Return true if a path is a URL with a scheme, as "file:" in "file:/x". */
static bool
has_scheme(const char *path)
{
	const char *c = path;

	while (
	    isalnum((unsigned char)*c) || *c == '+' || *c == '-' || *c == '.')
		c++;
	return c > path && *c == ':' && isalpha((unsigned char)*path);
}

static bool
take_path(const char *path, struct manifest *out, struct error *err)
{
	struct error why;

	if (path == NULL || path[0] == '\0')
		return error_set(err, EINVAL,
		    "the manifest does not say where the image is (\"path\")");
	if (strlen(path) > MANIFEST_PATH)
		return error_set(err, EINVAL,
		    "the path in the manifest is longer than %d bytes",
		    MANIFEST_PATH);
	for (const char *c = path; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return error_set(err, EINVAL,
			    "the path in the manifest has a blank or a "
			    "character that no URL has");
	if (has_scheme(path) && !image_source_is_url(path, &why))
		return error_set(err, EINVAL,
		    "the path in the manifest is no place on the web: %.160s",
		    path);
	text_copy(out->path, sizeof(out->path), path);
	return true;
}

static bool
take_md5(const json_t *md5, struct manifest *out, struct error *err)
{
	const char *text = json_string_value(md5);

	if (md5 == NULL || json_is_null(md5))
		return true;
	if (text == NULL || !text_is_hex(text, MD5))
		return error_set(err, EINVAL,
		    "the md5 in the manifest is not %d hex digits", MD5);
	for (size_t i = 0; i <= MD5; i++)
		out->md5[i] = (char)tolower((unsigned char)text[i]);
	return true;
}

/* Take the one part, which must be the whole image. */
static bool
take_parts(const json_t *parts, struct manifest *out, struct error *err)
{
	const json_t *part = json_array_get(parts, 0), *offset;

	if (json_array_size(parts) == 0)
		return error_set(err, EINVAL,
		    "the build for the " CHIP
		    " has neither \"ota\" nor \"parts\"");
	if (json_array_size(parts) > 1)
		return error_set(err, EINVAL,
		    "the build for the " CHIP
		    " has %zu parts; only a whole image, in one part, can be "
		    "flashed over the air",
		    json_array_size(parts));
	offset = json_object_get(part, "offset");
	if (offset != NULL &&
	    (!json_is_integer(offset) || json_integer_value(offset) != 0))
		return error_set(err, EINVAL,
		    "the part for the " CHIP
		    " does not begin at offset 0: it is no whole image");
	return take_path(text_of(part, "path"), out, err);
}

static bool
take_build(const json_t *build, struct manifest *out, struct error *err)
{
	const json_t *ota = json_object_get(build, "ota");

	if (ota == NULL || json_is_null(ota))
		return take_parts(json_object_get(build, "parts"), out, err);
	if (!json_is_object(ota))
		return error_set(
		    err, EINVAL, "\"ota\" in the manifest is not an object");
	return take_path(text_of(ota, "path"), out, err) &&
	    take_md5(json_object_get(ota, "md5"), out, err);
}

bool
manifest_parse(
    const void *data, size_t len, struct manifest *out, struct error *err)
{
	json_t *root = strictjson_load(data, len, MANIFEST_MAX, err);
	const json_t *build;
	const char *text;
	bool ok;

	*out = (struct manifest){ 0 };
	if (root == NULL)
		return error_prefix(err, "the manifest");
	build = find_build(root, err);
	ok = build != NULL && take_build(build, out, err);
	text = text_of(root, "name");
	if (text != NULL)
		text_escape(out->name, sizeof(out->name), text, strlen(text));
	text = text_of(root, "version");
	if (text != NULL)
		text_escape(
		    out->version, sizeof(out->version), text, strlen(text));
	json_decref(root);
	return ok;
}
