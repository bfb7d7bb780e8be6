/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/images.h"
#include "reflashd/aftercare_parts.h"
#include "reflashd/keep.h"
#include "reflashd/tell.h"
#include "reflashd/work.h"

/* What an upgrade leads to, if its image tells. */
void
aftercare_note_upgrade(struct aftercare *care, const struct policy *policy)
{
	const struct image_report *report;
	struct error err;
	struct image *image;

	if (policy == NULL || policy->upgrade == NULL)
		return;
	care->upgrade = xstrdup(policy->upgrade);
	image = image_cache_get(care->daemon->images, care->upgrade, &err);
	if (image == NULL)
		return;
	report = image_upgrade_report(image);
	text_copy(care->upgrade_variant, sizeof(care->upgrade_variant),
	    report->variant);
	if (!report->version_guessed)
		text_copy(care->upgrade_version, sizeof(care->upgrade_version),
		    report->version);
	image_unref(image);
}

void
aftercare_upgrade_served(
    void *ctx, uint64_t first, uint64_t len, struct in_addr from)
{
	struct aftercare *care = ctx;

	(void)from;
	care->bytes = first + len > care->bytes ? first + len : care->bytes;
	if (care->bytes < care->size)
		return;
	tell_device(care->device, LOG_INFO,
	    "it has fetched the upgrade; do not switch it off");
	after_fetched(care->after);
}

void
aftercare_upgrade_began(void *ctx)
{
	struct aftercare *care = ctx;

	tell_device(
	    care->device, LOG_INFO, "it fetches the upgrade %s", care->upgrade);
	after_fetching(care->after);
}

static void
release_image(void *owner)
{
	image_unref(owner);
}

static struct server_job *
put_on_server(struct aftercare *care, const char *name, struct image *image,
    const char *token, struct guest *guest, struct error *err)
{
	struct server_file file = {
		.name = name,
		.data = image_data(image),
		.size = image_size(image),
		.sha256 = image_sha256(image),
		.md5 = image_md5(image),
		.modified = image_modified(image),
		.release = release_image,
		.owner = image,
	};

	return server_job_new(care->daemon->server, &file,
	    care->device->address, token, guest, err);
}

static bool
is_gzip(const struct image *image)
{
	const unsigned char *data = image_data(image);

	return image_size(image) > 2 && data[0] == 0x1f && data[1] == 0x8b;
}

static void
stepping_began(void *ctx)
{
	struct aftercare *care = ctx;

	tell_device(care->device, LOG_INFO,
	    "it has no room for the upgrade and goes by tasmota-minimal");
	after_fetching(care->after);
}

/*
 * A Tasmota without room for an upgrade fetches a minimal one first, under the
 * name of the upgrade cut at its last '-', else at its first '.', and with
 * "-minimal" behind (support_tasmota.ino).  Served is the one that lies beside
 * the upgrade, if there is one.
 */
static void
serve_stepping(struct aftercare *care, const char *token)
{
	const char *slash = strrchr(care->upgrade, '/');
	int folder = slash != NULL ? (int)(slash - care->upgrade) + 1 : 0;
	char *path =
	    xasprintf("%.*stasmota-minimal.bin.gz", folder, care->upgrade);
	struct error err;
	struct image *image = image_cache_get(care->daemon->images, path, &err);

	free(path);
	if (image == NULL)
		return;
	care->stepping_guest =
	    (struct guest){ .ctx = care, .began = stepping_began };
	if (image_upgrade_report(image)->reason == REASON_IMAGE_MINIMAL)
		care->stepping = put_on_server(care, "fw-minimal.bin.gz", image,
		    token, &care->stepping_guest, &err);
	if (care->stepping == NULL)
		image_unref(image);
}

void
aftercare_take_off(struct aftercare *care)
{
	server_job_free(care->served);
	server_job_free(care->stepping);
	care->served = care->stepping = NULL;
}

static bool
serve_image(struct aftercare *care, struct image *image, struct error *err)
{
	struct device *device = care->device;
	const char *token = device->upgrade_token;

	care->size = image_size(image);
	care->served =
	    put_on_server(care, is_gzip(image) ? "fw.bin.gz" : "fw.bin", image,
		token[0] != '\0' ? token : NULL, &care->guest, err);
	if (care->served == NULL)
		return false;
	serve_stepping(care, server_job_token(care->served));
	text_copy(device->upgrade_token, sizeof(device->upgrade_token),
	    server_job_token(care->served));
	keep_device(care->daemon, device);
	return true;
}

bool
aftercare_put_upgrade(struct aftercare *care, struct error *err)
{
	const struct image_report *report;
	struct image *image;

	image = image_cache_get(care->daemon->images, care->upgrade, err);
	if (image == NULL)
		return false;
	report = image_upgrade_report(image);
	if (report->verdict == IMAGE_REFUSE) {
		error_set(err, EINVAL, "%s: %s", care->upgrade, report->text);
		image_unref(image);
		return false;
	}
	if (serve_image(care, image, err))
		return true;
	image_unref(image);
	return false;
}

/* At its new address, should it have got one. */
static void
move_on_server(struct aftercare *care)
{
	server_job_move(care->served, care->device->address);
	if (care->stepping != NULL)
		server_job_move(care->stepping, care->device->address);
}

bool
aftercare_serve(
    struct after *after, char *url, size_t size, struct error *err, void *ctx)
{
	struct aftercare *care = ctx;
	struct in_addr local;

	(void)after;
	if (care->served == NULL && !aftercare_put_upgrade(care, err))
		return false;
	move_on_server(care);
	care->bytes = 0;
	if (!work_advertised(care->daemon, care->device, &local, err))
		return false;
	if (!server_job_url(care->served, local, url, size))
		return error_set(err, ENAMETOOLONG, "the URL is too long");
	tell_device(care->device, LOG_INFO, "its upgrade is at %s", url);
	return true;
}
