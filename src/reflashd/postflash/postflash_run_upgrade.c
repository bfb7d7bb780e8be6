/* SPDX-License-Identifier: ISC */
/*
 * Finds the second image of a device, Upgrade= of its policy, and puts it on
 * the server for the new firmware to fetch.
 */
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

static void
on_served(void *ctx, uint64_t first, uint64_t len, struct in_addr from)
{
	struct postflash_care *care = ctx;

	(void)from;
	care->bytes = first + len > care->bytes ? first + len : care->bytes;
	if (care->bytes < care->size)
		return;
	if (!care->told_fetched)
		devlog_device(care->device, LOG_INFO,
		    "it has downloaded the upgrade; do not switch it off");
	care->told_fetched = true;
	postflash_fetched(care->after);
}

static void
on_fetch_started(void *ctx, struct in_addr from)
{
	struct postflash_care *care = ctx;

	(void)from;
	devlog_device(care->device, LOG_INFO,
	    "it is downloading the upgrade (%" PRIu64 " bytes)", care->size);
	postflash_fetching(care->after);
}

static void
on_step_started(void *ctx, struct in_addr from)
{
	struct postflash_care *care = ctx;

	(void)from;
	devlog_device(care->device, LOG_INFO,
	    "it has no room for the upgrade and goes by tasmota-minimal");
	postflash_fetching(care->after);
}

static const struct server_job_ops upgrade_ops = {
	.fetch_started = on_fetch_started,
	.served = on_served,
};
static const struct server_job_ops step_ops = {
	.fetch_started = on_step_started,
};

/* Return the copy that was kept before the flash, or NULL. */
static struct image *
find_kept(struct postflash_care *care, const char *sha256)
{
	struct error ignored;

	return sha256[0] != '\0'
	    ? persist_image(care->parts->persist, sha256, &ignored)
	    : NULL;
}

/*
 * Put the tasmota-minimal that lies beside the upgrade on the server, unless
 * the device could not go on from it to the upgrade: minimal can do next to
 * nothing.
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
		image = find_kept(care, care->device->upgrade.next_minimal);
	if (image == NULL)
		return;
	if (upgrade_may_step(next, image_upgrade_report(image), &care->no_step))
		care->stepping = download_offer(care->parts->server, image,
		    upgrade_step_name(next->packed),
		    care->device->place.address, token, &step_ops, care,
		    &care->no_step);
	if (care->stepping != NULL)
		care->no_step.text[0] = '\0';
	image_unref(image);
}

/* Take the image as the upgrade; the reference is taken. */
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

/*
 * Return the file if it is good, else the copy that was kept.  Without a copy,
 * return the file as it is, or NULL.
 */
static struct image *
find_now(struct postflash_care *care, struct error *err)
{
	struct image *image =
	    image_cache_get(care->parts->images, care->upgrade, err);
	struct image *kept;

	if (image != NULL &&
	    image_upgrade_report(image)->verdict != IMAGE_REFUSE)
		return image;
	kept = find_kept(care, care->device->upgrade.next);
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
		image = find_kept(care, care->device->upgrade.next);
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
	care->served = download_offer(care->parts->server, care->image,
	    upgrade_name(report->packed), care->device->place.address, token,
	    &upgrade_ops, care, err);
	if (care->served != NULL && care->upgrade != NULL)
		serve_stepping(care, server_job_token(care->served));
	return care->served != NULL;
}

/* Return the copy that was kept, or the file if it is still the same. */
static struct image *
find_offered(struct postflash_care *care, struct error *err)
{
	const char *sha256 = care->device->upgrade.sha256;
	struct image *image = persist_image(care->parts->persist, sha256, err);
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
 * After a restart, serve the same image at the URL that the device was told,
 * whatever has become of the file and of the policy.  If the image is gone, the
 * device is told a new URL.
 */
static void
serve_on(struct postflash_care *care)
{
	struct device *device = care->device;
	struct error err;
	struct image *image = find_offered(care, &err);

	if (image != NULL)
		take_image(care, image);
	if (image != NULL && put_upgrade(care, device->upgrade.token, &err))
		return;
	devlog_device(device, LOG_WARNING,
	    "the upgrade that it was told to download cannot be served on "
	    "(%s): it is told anew",
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
	struct error later; /* reported when the upgrade is to be served */

	if (policy != NULL && policy->upgrade != NULL)
		care->upgrade = xstrdup(policy->upgrade);
	if (care->device->upgrade.token[0] != '\0')
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

/* Return true if the firmware that runs now can take the upgrade. */
static bool
may_upgrade(struct postflash_care *care, struct error *err)
{
	const char *version = care->device->facts.firmware;

	return postflash_run_read_upgrade(care, err) &&
	    upgrade_may_follow(version, upgrade_boots_gzip(version),
		image_upgrade_report(care->image), err);
}

/* Put the upgrade on the server, and save that the device is told of it. */
static bool
offer_upgrade(struct postflash_care *care, struct error *err)
{
	struct device *device = care->device;

	if (!may_upgrade(care, err) || !put_upgrade(care, NULL, err))
		return false;
	text_copy(device->upgrade.token, sizeof(device->upgrade.token),
	    server_job_token(care->served));
	text_copy(device->upgrade.sha256, sizeof(device->upgrade.sha256),
	    image_sha256(care->image));
	persist_upgrade(care->parts->persist, care->image);
	persist_device(care->parts->persist, device);
	return true;
}

void
postflash_run_move_upgrade(struct postflash_care *care)
{
	if (care->served != NULL)
		server_job_move(care->served, care->device->place.address);
	if (care->stepping != NULL)
		server_job_move(care->stepping, care->device->place.address);
}

/* Begin another try with the same images. */
static void
renew_upgrade(struct postflash_care *care)
{
	server_job_renew(care->served, care->device->place.address);
	if (care->stepping != NULL)
		server_job_renew(care->stepping, care->device->place.address);
}

void
postflash_run_expect_at(
    struct postflash_care *care, const struct in_addr *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (addresses[i].s_addr == care->device->place.address.s_addr)
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
