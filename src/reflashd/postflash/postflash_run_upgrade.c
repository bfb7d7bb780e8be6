/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/tasmota/upgrade.h"
#include "io/images.h"
#include "reflashd/events/devlog.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/postflash_run_parts.h"
#include "reflashd/store/persist.h"

void
postflash_run_upgrade_served(
    void *ctx, uint64_t first, uint64_t len, struct in_addr from)
{
	struct postflash_care *care = ctx;

	(void)from;
	care->bytes = first + len > care->bytes ? first + len : care->bytes;
	if (care->bytes < care->size)
		return;
	if (!care->told_fetched)
		devlog_device(care->device, LOG_INFO,
		    "it has fetched the upgrade; do not switch it off");
	care->told_fetched = true;
	postflash_fetched(care->after);
}

void
postflash_run_upgrade_began(void *ctx)
{
	struct postflash_care *care = ctx;

	devlog_device(care->device, LOG_INFO,
	    "it fetches the upgrade (%" PRIu64 " bytes)", care->size);
	postflash_fetching(care->after);
}

static void
release_image(void *owner)
{
	image_unref(owner);
}

/* The server has a reference of its own. */
static struct server_job *
put_on_server(struct postflash_care *care, const char *name,
    struct image *image, const char *token, struct download *download,
    struct error *err)
{
	struct server_job *job;
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

	job = server_job_new(care->parts->server, &file, care->device->address,
	    token, download, err);
	if (job != NULL)
		image_ref(image);
	return job;
}

static void
stepping_began(void *ctx)
{
	struct postflash_care *care = ctx;

	devlog_device(care->device, LOG_INFO,
	    "it has no room for the upgrade and goes by tasmota-minimal");
	postflash_fetching(care->after);
}

/* The copy of before the flash, or NULL. */
static struct image *
find_kept(struct postflash_care *care, const char *sha256)
{
	struct error ignored;

	return sha256[0] != '\0'
	    ? persist_image(care->parts->keep, sha256, &ignored)
	    : NULL;
}

/*
 * The minimal that lies beside the upgrade.  None is better than one that would
 * leave the device at that: it can do next to nothing.
 */
static void
serve_stepping(struct postflash_care *care, const char *token)
{
	const struct image_report *next = image_upgrade_report(care->image);
	char *path = upgrade_step_path(care->upgrade, next->packed);
	struct image *image =
	    image_cache_get(care->parts->images, path, &care->no_step);

	free(path);
	if (image == NULL)
		image = find_kept(care, care->device->next_minimal);
	if (image == NULL)
		return;
	care->stepping_guest =
	    (struct download){ .ctx = care, .began = stepping_began };
	if (upgrade_may_step(next, image_upgrade_report(image), &care->no_step))
		care->stepping =
		    put_on_server(care, upgrade_step_name(next->packed), image,
			token, &care->stepping_guest, &care->no_step);
	if (care->stepping != NULL)
		care->no_step.text[0] = '\0';
	image_unref(image);
}

/* What it leads to, if it tells; taken. */
static void
take_image(struct postflash_care *care, struct image *image)
{
	const struct image_report *report = image_upgrade_report(image);

	care->image = image;
	text_copy(care->upgrade_variant, sizeof(care->upgrade_variant),
	    report->variant);
	text_copy(care->upgrade_sha256, sizeof(care->upgrade_sha256),
	    image_sha256(image));
	text_copy(care->upgrade_version, sizeof(care->upgrade_version),
	    report->version);
}

/* The file as it is now, if it is any good; else the kept copy. */
static struct image *
find_now(struct postflash_care *care, struct error *err)
{
	struct image *image =
	    image_cache_get(care->parts->images, care->upgrade, err);
	struct image *kept;

	if (image != NULL &&
	    image_upgrade_report(image)->verdict != IMAGE_REFUSE)
		return image;
	kept = find_kept(care, care->device->next_upgrade);
	if (kept == NULL)
		return image;
	devlog_device(care->device, LOG_WARNING,
	    "Upgrade=%s is no good any more: it gets the copy that was kept "
	    "before its flash",
	    care->upgrade);
	image_unref(image);
	return kept;
}

bool
postflash_run_read_upgrade(struct postflash_care *care, struct error *err)
{
	struct image *image = NULL;

	if (care->image != NULL)
		return true;
	if (care->is_same_job)
		image = find_kept(care, care->device->next_upgrade);
	if (image == NULL)
		image = find_now(care, err);
	if (image != NULL)
		take_image(care, image);
	return image != NULL;
}

static bool
put_upgrade(struct postflash_care *care, const char *token, struct error *err)
{
	const struct image_report *report;

	if (!postflash_run_read_upgrade(care, err))
		return false;
	report = image_upgrade_report(care->image);
	if (report->verdict == IMAGE_REFUSE)
		return error_set(err, EINVAL, "%s: %s", image_name(care->image),
		    report->text);
	care->size = image_size(care->image);
	care->served = put_on_server(care, upgrade_name(report->packed),
	    care->image, token, &care->download, err);
	if (care->served != NULL && care->upgrade != NULL)
		serve_stepping(care, server_job_token(care->served));
	return care->served != NULL;
}

/* The copy that was kept, or the file if it is still the same. */
static struct image *
find_offered(struct postflash_care *care, struct error *err)
{
	const char *sha256 = care->device->upgrade_sha256;
	struct image *image = persist_image(care->parts->keep, sha256, err);
	struct error unread;

	if (image != NULL || care->upgrade == NULL)
		return image;
	image = image_cache_get(care->parts->images, care->upgrade, &unread);
	if (image == NULL || strcmp(image_sha256(image), sha256) == 0)
		return image;
	image_unref(image);
	return NULL;
}

/*
 * At the URL that it was told it gets the bytes that it was told of, whatever
 * has become of the file and of the policy; or nothing, and it is told anew.
 */
static void
serve_on(struct postflash_care *care)
{
	struct device *device = care->device;
	struct error err;
	struct image *image = find_offered(care, &err);

	if (image != NULL)
		take_image(care, image);
	if (image != NULL && put_upgrade(care, device->upgrade_token, &err))
		return;
	devlog_device(device, LOG_WARNING,
	    "the upgrade that it was told to fetch cannot be served on (%s): "
	    "it is told anew",
	    err.text);
	image_unref(care->image);
	care->image = NULL;
	care->upgrade_sha256[0] = care->upgrade_variant[0] =
	    care->upgrade_version[0] = '\0';
	device_forget_upgrade(device);
}

bool
postflash_run_find_upgrade(
    struct postflash_care *care, const struct policy *policy)
{
	struct error later; /* it is read again when it is to be served */

	if (policy != NULL && policy->upgrade != NULL)
		care->upgrade = xstrdup(policy->upgrade);
	if (care->device->upgrade_token[0] != '\0')
		serve_on(care);
	if (care->upgrade != NULL)
		postflash_run_read_upgrade(care, &later);
	return care->image != NULL || care->upgrade != NULL;
}

void
postflash_run_drop_upgrade(struct postflash_care *care)
{
	server_job_free(care->served);
	server_job_free(care->stepping);
	image_unref(care->image);
	free(care->upgrade);
}

/* By what it runs now. */
static bool
may_upgrade(struct postflash_care *care, struct error *err)
{
	const char *version = care->device->firmware;

	return postflash_run_read_upgrade(care, err) &&
	    upgrade_may_follow(version, upgrade_boots_gzip(version),
		image_upgrade_report(care->image), err);
}

/* From now on the device may be told of it. */
static bool
offer_upgrade(struct postflash_care *care, struct error *err)
{
	struct device *device = care->device;

	if (!may_upgrade(care, err) || !put_upgrade(care, NULL, err))
		return false;
	text_copy(device->upgrade_token, sizeof(device->upgrade_token),
	    server_job_token(care->served));
	text_copy(device->upgrade_sha256, sizeof(device->upgrade_sha256),
	    image_sha256(care->image));
	persist_upgrade(care->parts->keep, care->image);
	persist_device(care->parts->keep, device);
	return true;
}

void
postflash_run_move_upgrade(struct postflash_care *care)
{
	if (care->served != NULL)
		server_job_move(care->served, care->device->address);
	if (care->stepping != NULL)
		server_job_move(care->stepping, care->device->address);
}

/* What is fetched from now on is another try. */
static void
renew_upgrade(struct postflash_care *care)
{
	server_job_renew(care->served, care->device->address);
	if (care->stepping != NULL)
		server_job_renew(care->stepping, care->device->address);
}

/*
 * A Tasmota on its way through the minimal one asks for the rest of it as soon
 * as it has an address, and answers nobody meanwhile.
 */
void
postflash_run_expect_at(
    struct postflash_care *care, const struct in_addr *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (addresses[i].s_addr == care->device->address.s_addr)
			continue;
		if (care->served != NULL)
			server_job_expect(care->served, addresses[i]);
		if (care->stepping != NULL)
			server_job_expect(care->stepping, addresses[i]);
	}
}

bool
postflash_run_serve(char *url, size_t size, struct error *err, void *ctx)
{
	struct postflash_care *care = ctx;
	struct in_addr local;

	if (care->served == NULL && !offer_upgrade(care, err))
		return false;
	renew_upgrade(care);
	care->bytes = 0;
	care->told_fetched = false;
	if (!reachable_advertised(care->parts->reachable, care->device,
		server_address(care->parts->server), &local, err))
		return false;
	if (!server_job_url(care->served, local, url, size))
		return error_set(err, ENAMETOOLONG, "the URL is too long");
	devlog_device(care->device, LOG_INFO, "its upgrade is at %s", url);
	return true;
}
