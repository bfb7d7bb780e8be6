/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/campaign.h"
#include "core/configuration.h"
#include "core/record.h"
#include "core/report.h"
#include "io/images.h"
#include "io/missing.h"
#include "io/outbox.h"
#include "io/store.h"
#include "reflashd/keep.h"
#include "reflashd/mend.h"
#include "reflashd/roster.h"

#define MAX_WAITING 1000 /* lines of history, until the disk works */
#define BOOT_ID	    "/proc/sys/kernel/random/boot_id"

/* ---- what is said when it fails ---------------------------------------- */

static void
broke(struct daemon *daemon, const struct error *err)
{
	if (!daemon->disk.broken)
		log_err("state: it cannot be saved: %s. No new flash is "
			"started until it can; one under way goes on",
		    err->text);
	daemon->disk.broken = true;
	daemon->disk.mending = false;
	daemon->disk.failures++;
	snprintf(daemon->disk.why, sizeof(daemon->disk.why),
	    "the state cannot be saved: %.150s", err->text);
}

/*
 * That one thing could be saved does not end it: a full disk still has room
 * for a short line.  keep_check() does.
 */
static bool
note(struct daemon *daemon, bool ok, const struct error *err)
{
	if (!ok)
		broke(daemon, err);
	return ok;
}

/* ---- records ----------------------------------------------------------- */

/* Tells one boot from another; "" where the kernel does not say. */
static const char *
boot_id(void)
{
	static char id[37];
	static bool is_read;
	FILE *file = is_read ? NULL : fopen(BOOT_ID, "re");

	is_read = true;
	if (file == NULL)
		return id;
	if (fgets(id, sizeof(id), file) == NULL)
		id[0] = '\0';
	fclose(file);
	return id;
}

static struct record_clock
clock_now(void)
{
	return (struct record_clock){
		.now_ms = daemon_now_ms(), .wall = time(NULL), .boot = boot_id()
	};
}

static json_t *
record_of(const struct device *device)
{
	const struct record_clock clock = clock_now();

	return record_make(device, &clock);
}

static bool
save_record(struct daemon *daemon, const char *id, const json_t *record,
    struct error *err)
{
	return note(daemon, store_save(daemon->store, id, record, err), err);
}

/* Now, and behind what is known of it and waits. */
static bool
save(struct daemon *daemon, const struct device *device, struct error *err)
{
	json_t *record = record_of(device);
	bool ok;

	outbox_flush(daemon->outbox, device->id);
	ok = save_record(daemon, device->id, record, err);
	json_decref(record);
	return ok;
}

void
keep_soon(struct daemon *daemon, const struct device *device)
{
	outbox_put(daemon->outbox, device->id, record_of(device), NULL);
}

uint64_t
keep_last(const struct daemon *daemon)
{
	return outbox_last(daemon->outbox);
}

bool
keep_has_written(const struct daemon *daemon, uint64_t last)
{
	return outbox_has_written(daemon->outbox, last);
}

/* Once: what waited of it until now is not written before. */
void
keep_device(struct daemon *daemon, const struct device *device)
{
	keep_soon(daemon, device);
	outbox_flush(daemon->outbox, device->id);
}

void
keep_change(struct daemon *daemon, const struct device *device)
{
	/* What comes before the offer is begun anew after a restart. */
	if (device->state == STATE_PROBING ||
	    device->state == STATE_UNLOCKING ||
	    device->state == STATE_CONFIRMING ||
	    device->state == STATE_OFFERING)
		return;
	if (record_is_needed(device))
		outbox_put(daemon->outbox, device->id, record_of(device), NULL);
}

void
keep_end(struct daemon *daemon, const struct device *device)
{
	outbox_put(daemon->outbox, device->id,
	    record_is_needed(device) ? record_of(device) : NULL,
	    report_history(device));
}

void
keep_forget(struct daemon *daemon, const struct device *device)
{
	struct error err;

	outbox_flush(daemon->outbox, device->id);
	note(daemon, store_remove(daemon->store, device->id, &err), &err);
}

static bool
keep_copy(struct daemon *daemon, const struct image *image, struct error *err)
{
	bool ok = store_keep(daemon->store, image_sha256(image),
	    image_data(image), image_size(image), err);

	return note(daemon, ok, err);
}

void
keep_upgrade(struct daemon *daemon, const struct image *image)
{
	struct error err;

	keep_copy(daemon, image, &err);
}

bool
keep_intent(struct daemon *daemon, const struct device *device,
    const struct image *image, struct error *err)
{
	/* After a power cut an old one would be taken for that of this job. */
	if (!keep_copy(daemon, image, err) ||
	    !note(daemon, store_progress_end(daemon->store, device->id, err),
		err))
		return false;
	return save(daemon, device, err);
}

void
keep_progress(struct daemon *daemon, const struct device *device)
{
	store_progress(daemon->store, device->id, device->bytes);
}

uint64_t
keep_read_progress(struct daemon *daemon, const struct device *device)
{
	uint64_t bytes = store_progress_read(daemon->store, device->id);

	return bytes <= device->image.size ? bytes : 0;
}

struct image *
keep_image(struct daemon *daemon, const char *sha256, struct error *err)
{
	int fd = store_kept(daemon->store, sha256, err);
	struct image *image;

	if (fd == -1)
		return NULL;
	image =
	    image_load_fd(fd, sha256, image_cache_digest(daemon->images), err);
	close(fd);
	if (image == NULL || strcmp(image_sha256(image), sha256) == 0)
		return image;
	image_unref(image);
	error_set(
	    err, EIO, "the kept copy of image %.16s... is damaged", sha256);
	return NULL;
}

/* ---- history and campaign ---------------------------------------------- */

/* Not before those that wait for a disk that works; the last MAX_WAITING do. */
static void
add_history(struct daemon *daemon, json_t *line)
{
	struct error err;

	if (json_array_size(daemon->history) == 0 &&
	    note(daemon, store_history_add(daemon->store, line, &err), &err))
		return;
	if (json_array_size(daemon->history) >= MAX_WAITING)
		json_array_remove(daemon->history, 0);
	json_array_append(daemon->history, line);
}

void
keep_history(struct daemon *daemon, const struct device *device)
{
	json_t *line = report_history(device);

	add_history(daemon, line);
	json_decref(line);
}

/* When all that was missed is written, if nothing has failed meanwhile. */
static void
end_mending(struct daemon *daemon)
{
	if (!daemon->disk.mending ||
	    !keep_has_written(daemon, daemon->disk.until))
		return;
	daemon->disk.mending = daemon->disk.broken = false;
	log_info("state: it can be saved again");
	roster_consider_soon(daemon);
}

/* The record first: of the last end, a restart finds a lost line again. */
static void
write_change(const char *id, const json_t *record, json_t *line, void *ctx)
{
	struct error err;

	if (record != NULL)
		save_record(ctx, id, record, &err);
	if (line != NULL)
		add_history(ctx, line);
	end_mending(ctx);
}

struct store_past *
keep_open_history(struct daemon *daemon)
{
	return store_history_open(daemon->store);
}

bool
keep_has_history(const struct daemon *daemon, uint64_t last)
{
	return outbox_has_written_lines(daemon->outbox, last);
}

void
keep_close_history(struct store_past *past)
{
	size_t skipped = store_past_close(past);

	if (skipped > 0)
		log_debug("state", "history: %zu lines are not whole", skipped);
}

static bool
save_campaign(struct daemon *daemon)
{
	json_t *root = campaign_make(daemon->campaign);
	struct error err;
	bool ok = store_save_daemon(daemon->store, root, &err);

	json_decref(root);
	return note(daemon, ok, &err);
}

void
keep_campaign(struct daemon *daemon)
{
	save_campaign(daemon);
}

/* ---- when it works again ----------------------------------------------- */

static void
put_history(struct daemon *daemon)
{
	json_t *lines = daemon->history, *line;
	size_t i;

	daemon->history = json_array();
	json_array_foreach (lines, i, line)
		outbox_put(daemon->outbox, "", NULL, json_incref(line));
	json_decref(lines);
}

static void
put_records(struct daemon *daemon)
{
	struct device *device = NULL;

	while ((device = registry_next(daemon->registry, device)) != NULL)
		if (record_is_needed(device))
			keep_soon(daemon, device);
}

void
keep_check(struct daemon *daemon)
{
	unsigned failures = daemon->disk.failures;
	struct error err;

	if (!daemon->disk.broken || daemon->disk.mending ||
	    !note(daemon, store_has_room(daemon->store, &err), &err) ||
	    !save_campaign(daemon))
		return;
	put_history(daemon);
	put_records(daemon);
	daemon->disk.mending = daemon->disk.failures == failures;
	daemon->disk.until = keep_last(daemon);
	end_mending(daemon);
}

/* ---- the start --------------------------------------------------------- */

static bool
on_record(const char *id, const json_t *root, void *ctx, struct error *err)
{
	const struct record_clock clock = clock_now();
	struct daemon *daemon = ctx;
	struct device *device;

	if (strlen(id) >= DEVICE_ID_SIZE)
		return error_set(err, EINVAL, "%s is no device id", id);
	device = registry_get(daemon->registry, id, DEVICE_NAMED);
	if (device == NULL)
		return error_set(err, ENOMEM, /* it stays where it is */
		    "there are more records than MaxDevices allows");
	if (record_apply(root, device, &clock, err))
		return true;
	registry_remove(daemon->registry, device);
	return false;
}

/*
 * It may have been in the middle of a flash: nothing is done to it until a
 * person says so, and the next start must know that, too.
 */
static void
hold_back(struct daemon *daemon, const char *id, const char *why)
{
	struct device *device =
	    registry_get(daemon->registry, id, DEVICE_NAMED);

	if (device == NULL)
		return;
	device_blame(device, REASON_RECORD_LOST, "%.200s", why);
	device->attempt = 1; /* worth a record of its own */
	device_restore(device, STATE_FAILED, time(NULL));
	keep_device(daemon, device);
}

static void
on_bad_record(const char *file, const char *why, void *ctx)
{
	const char *base = strrchr(file, '/');
	char id[DEVICE_ID_SIZE];
	size_t len;

	log_err("state: %s: %s", file, why);
	base = base != NULL ? base + 1 : file;
	len = strcspn(base, ".");
	if (len < sizeof(id)) {
		snprintf(id, sizeof(id), "%.*s", (int)len, base);
		if (devapi_is_id(id))
			hold_back(ctx, id, why);
	}
}

/* Copies of images are needed as long as a device was told to fetch them. */
void
keep_tidy(struct daemon *daemon)
{
	const char **shas =
	    xcalloc(4 * registry_count(daemon->registry), sizeof(*shas));
	struct device *device = NULL;
	size_t n = 0;

	while ((device = registry_next(daemon->registry, device)) != NULL) {
		if (record_is_under_way(device))
			shas[n++] = device->image.sha256;
		if (device->upgrade_token[0] != '\0')
			shas[n++] = device->upgrade_sha256;
		if (device->next_upgrade[0] != '\0')
			shas[n++] = device->next_upgrade;
		if (device->next_minimal[0] != '\0')
			shas[n++] = device->next_minimal;
	}
	store_drop_kept_except(daemon->store, shas, n);
	free(shas);
}

bool
keep_start(struct daemon *daemon, struct error *err)
{
	static const struct store_load_ops ops = { on_record, on_bad_record };
	const char *folder = daemon->setup.config->state_directory;
	json_t *root;

	daemon->store = store_open(folder, err);
	if (daemon->store == NULL) {
		missing_advise(folder, err);
		return error_prefix(err, "StateDirectory");
	}
	boot_id(); /* while every file can be read */
	daemon->history = json_array();
	daemon->outbox = outbox_new(daemon->base, write_change, daemon);
	store_load(daemon->store, &ops, daemon);
	mend_history(daemon);
	keep_tidy(daemon);
	root = store_load_daemon(daemon->store, err);
	if (root == NULL && err->code != 0) {
		log_err("state: %s; everything is paused until: reflashctl "
			"resume",
		    err->text);
		campaign_pause(daemon->campaign, NULL,
		    "what was paused could not be read from the disk");
	}
	campaign_apply(daemon->campaign, root);
	json_decref(root);
	return true;
}

void
keep_stop(struct daemon *daemon)
{
	if (daemon->store != NULL) {
		outbox_flush(daemon->outbox, NULL);
		keep_check(daemon); /* the last chance of what waits */
		outbox_flush(daemon->outbox, NULL);
	}
	outbox_free(daemon->outbox);
	store_close(daemon->store);
	json_decref(daemon->history);
}
