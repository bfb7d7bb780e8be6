/* SPDX-License-Identifier: ISC */
/* Gets images from the catalogue, from URLs and by manifests. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "base/text.h"
#include "core/control/report_image.h"
#include "core/source/manifest.h"
#include "reflashctl/out/image_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/source/download.h"
#include "reflashctl/source/image_get.h"
#include "reflashctl/source/image_send.h"

/* Write the name that the image is to have, unless --as says another. */
static void
name_of(const struct image_get *get, const char *url, char dst[IMAGE_FILE_SIZE])
{
	if (get->ctl->as == NULL)
		image_file_of(url, dst);
	else
		snprintf(dst, IMAGE_FILE_SIZE, "%s", get->ctl->as);
}

/* Fetch a file; why not is printed, with the URL in front. */
static bool
fetch(const struct image_get *get, const char *base, const char *url,
    size_t size, struct image_bytes *bytes)
{
	const struct download wish = {
		.base = base,
		.url = url,
		.size = size,
		.timeout_sec = get->timeout_sec,
		.is_shown = !get->ctl->json,
	};
	struct error err;

	if (download(&wish, bytes, &err))
		return true;
	if (base != NULL)
		complain("%s: %s: %s", base, url, err.text);
	else if (strncmp(err.text, url, strlen(url)) == 0)
		complain("%s", err.text); /* it begins with the URL */
	else
		complain("%s: %s", url, err.text);
	return false;
}

/* Describe an image that was not sent to the daemon. */
static json_t *
describe(const struct image_bytes *bytes, const char *name)
{
	struct image_report first, upgrade;
	const struct report_image image = {
		.name = name,
		.size = bytes->size,
		.sha256 = bytes->sha256,
		.first = &first,
		.upgrade = &upgrade,
	};

	image_check(bytes->data, bytes->size, &first);
	image_report_identify(&first, bytes->sha256);
	image_check_upgrade(bytes->data, bytes->size, &upgrade);
	image_report_identify(&upgrade, bytes->sha256);
	return report_image(&image, json_array());
}

/* Print the command that takes the file with this checksum. */
static void
print_command(const struct image_get *get, const char *sha256)
{
	const struct ctl *ctl = get->ctl;
	char *quoted = remedy_quote(get->source);
	char *as = ctl->as != NULL ? remedy_quote(ctl->as) : NULL;

	printf("It is not used yet: nobody has said which checksum is right. "
	       "If this one is, by\nthe page that offers the file, say:\n"
	       "  reflashctl download %s%s%s%s --sha256 %s\n",
	    quoted, as != NULL ? " --as " : "", as != NULL ? as : "",
	    ctl->replace ? " --replace" : "", sha256);
	free(quoted);
	free(as);
}

/* Show what came without a known checksum; it is not used. */
static int
show_unknown(const struct image_get *get, const char *name,
    const struct image_bytes *bytes)
{
	json_t *image = describe(bytes, name);

	if (get->ctl->json) {
		json_out_print_object(
		    json_pack("{s:s, s:b, s:o}", "verb", "download", "changed",
			0, "image", json_out_object(JSON_OUT_IMAGE, image)),
		    JSON_INDENT(2));
	} else {
		image_text_print(image, "downloaded");
		print_command(get, bytes->sha256);
	}
	json_decref(image);
	return CTL_EXIT_ERROR;
}

/* Take the bytes if they have the checksum that a person has given. */
static int
take(const struct image_get *get, const char *name,
    const struct image_bytes *bytes)
{
	const char *sha256 = get->ctl->sha256;

	if (sha256 == NULL)
		return show_unknown(get, name, bytes);
	if (strcasecmp(sha256, bytes->sha256) == 0)
		return image_send(get->ctl, "download", bytes, name);
	complain("%s: it is another file: its sha256 is %s, and should be %s",
	    get->source, bytes->sha256, sha256);
	return CTL_EXIT_ERROR;
}

/* Return true if the bytes are those of the manifest, as far as MD5 tells. */
static bool
check_md5(const struct manifest *manifest, const struct image_bytes *bytes)
{
	if (manifest->md5[0] == '\0' || bytes->md5[0] == '\0' ||
	    strcmp(manifest->md5, bytes->md5) == 0)
		return true;
	complain("%s: it is not the file of the manifest: its md5 is %s, and "
		 "should be %s",
	    manifest->path, bytes->md5, manifest->md5);
	return false;
}

static int
take_of_manifest(const struct image_get *get, const struct manifest *manifest,
    const struct image_bytes *bytes)
{
	char name[IMAGE_FILE_SIZE];

	name_of(get, manifest->path, name);
	if (!check_md5(manifest, bytes))
		return CTL_EXIT_ERROR;
	if (!get->ctl->json)
		printf("manifest: %s%s%s: %s\n",
		    manifest->name[0] != '\0' ? manifest->name : "no name",
		    manifest->version[0] != '\0' ? " " : "", manifest->version,
		    manifest->path);
	return take(get, name, bytes);
}

/* Get the image of a manifest that came from a URL. */
static int
follow_manifest(const struct image_get *get, const struct image_bytes *text)
{
	struct manifest manifest;
	struct image_bytes bytes;
	struct error err;
	int rc = CTL_EXIT_ERROR;

	if (!manifest_parse(text->data, text->size, &manifest, &err)) {
		complain("%s: %s", get->source, err.text);
		return CTL_EXIT_ERROR;
	}
	if (fetch(get, get->source, manifest.path, 0, &bytes))
		rc = take_of_manifest(get, &manifest, &bytes);
	image_bytes_fini(&bytes);
	return rc;
}

int
image_get_url(const struct image_get *get)
{
	const char *sha256 = get->ctl->sha256;
	char name[IMAGE_FILE_SIZE];
	struct image_bytes bytes;
	int rc = CTL_EXIT_ERROR;

	name_of(get, get->source, name);
	if (sha256 != NULL &&
	    image_send_is_done(get->ctl, "download", name, sha256, &rc))
		return rc;
	if (!fetch(get, NULL, get->source, 0, &bytes))
		;
	else if ((sha256 == NULL || strcasecmp(sha256, bytes.sha256) != 0) &&
	    manifest_is_likely(bytes.data, bytes.size))
		rc = follow_manifest(get, &bytes);
	else
		rc = take(get, name, &bytes);
	image_bytes_fini(&bytes);
	return rc;
}

/*
 * Read the image beside a manifest.  Returns false if it is elsewhere: a
 * stranger may have written the manifest.
 */
static bool
read_beside(const struct image_get *get, const char *path,
    struct image_bytes *bytes, struct error *err)
{
	const char *slash = strrchr(get->source, '/');
	char *whole;
	bool ok;

	*bytes = (struct image_bytes){ .fd = -1 };
	if (path[0] == '/' || strstr(path, "..") != NULL)
		return error_set(err, EINVAL,
		    "the path in the manifest leads out of its folder: %.160s",
		    path);
	whole = slash == NULL ? xstrdup(path)
			      : xasprintf("%.*s/%s", (int)(slash - get->source),
				    get->source, path);
	ok = image_bytes_read(bytes, whole, err);
	free(whole);
	return ok;
}

int
image_get_manifest(const struct image_get *get)
{
	struct image_bytes text, bytes = { .fd = -1 };
	struct manifest manifest;
	struct error err;
	int rc = CTL_EXIT_ERROR;
	bool ok;

	ok = image_bytes_read(&text, get->source, &err);
	if (!ok)
		complain("%s", err.text);
	else if (!(ok = manifest_parse(text.data, text.size, &manifest, &err)))
		complain("%s: %s", get->source, err.text);
	image_bytes_fini(&text);
	if (!ok)
		return CTL_EXIT_ERROR;
	if (strstr(manifest.path, "://") != NULL)
		ok = fetch(get, NULL, manifest.path, 0, &bytes);
	else if (!(ok = read_beside(get, manifest.path, &bytes, &err)))
		complain("%s: %s", get->source, err.text);
	if (ok)
		rc = take_of_manifest(get, &manifest, &bytes);
	image_bytes_fini(&bytes);
	return rc;
}

/* Return true if the bytes are those that the catalogue vouches for. */
static bool
is_entry(const struct image_source *entry, const char *url,
    const struct image_bytes *bytes)
{
	if (strcmp(entry->sha256, bytes->sha256) == 0)
		return true;
	complain("%s: it is another file: its sha256 is %s, and by the "
		 "catalogue it should be %s",
	    url, bytes->sha256, entry->sha256);
	return false;
}

/* Try one URL after the other. */
static int
try_urls(const struct image_get *get, const struct image_source *entry,
    const char *name)
{
	struct image_bytes bytes = { .fd = -1 };
	bool is_found = false;
	int rc = CTL_EXIT_ERROR;

	for (size_t i = 0; i < entry->urls.count && !is_found; i++) {
		const char *url = entry->urls.items[i];

		image_bytes_fini(&bytes);
		is_found = fetch(get, NULL, url, entry->size, &bytes) &&
		    is_entry(entry, url, &bytes);
	}
	if (is_found)
		rc = image_send(get->ctl, "download", &bytes, name);
	else if (entry->urls.count > 1)
		complain("%s: none of its %zu places has the file", entry->name,
		    entry->urls.count);
	image_bytes_fini(&bytes);
	return rc;
}

int
image_get_entry(const struct image_get *get, const struct image_source *entry)
{
	const char *sha256 = get->ctl->sha256;
	char name[IMAGE_FILE_SIZE];
	int rc;

	if (sha256 != NULL && strcasecmp(sha256, entry->sha256) != 0) {
		complain("%s: by the catalogue (%s) its sha256 is %s, and not "
			 "%s",
		    entry->name, entry->origin, entry->sha256, sha256);
		return CTL_EXIT_ERROR;
	}
	if (get->ctl->as != NULL)
		snprintf(name, sizeof(name), "%s", get->ctl->as);
	else
		image_source_file(entry, name);
	if (image_send_is_done(get->ctl, "download", name, entry->sha256, &rc))
		return rc;
	return try_urls(get, entry, name);
}
