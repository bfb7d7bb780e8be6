/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/config/configuration.h"
#include "core/control/report.h"
#include "core/device/record.h"
#include "core/schedule/campaign.h"
#include "io/advice.h"
#include "io/images.h"
#include "io/store/store.h"
#include "io/store/write_queue.h"
#include "reflashd/store/history_repair.h"
#include "reflashd/store/persist.h"

#define MAX_WAITING 1000 /* lines of history, until the disk works */
#define BOOT_ID	    "/proc/sys/kernel/random/boot_id"

struct keep {
	struct store *store;
	struct write_queue *outbox; /* changes on their way to the store */
	json_t *history;	    /* entries that could not be written yet */
	struct {
		bool broken; /* nothing can be saved */
		char why[200];
		bool mending;	/* what the disk has missed is being written */
		uint64_t until; /* all of that: see keep_has_written() */
		unsigned failures;
	} disk;
	struct registry *registry;   /* borrowed */
	struct campaign *campaign;   /* borrowed */
	const struct digest *digest; /* borrowed */
	void (*recovered)(void *ctx);
	void *ctx; /* borrowed */
};

/* ---- what is said when it fails ---------------------------------------- */

static void
broke(struct keep *keep, const struct error *err)
{
	if (!keep->disk.broken)
		log_err("state: it cannot be saved: %s. No new flash is "
			"started until it can; one under way goes on",
		    err->text);
	keep->disk.broken = true;
	keep->disk.mending = false;
	keep->disk.failures++;
	snprintf(keep->disk.why, sizeof(keep->disk.why),
	    "the state cannot be saved: %.150s", err->text);
}

/*
 * That one thing could be saved does not end it: a full disk still has room
 * for a short line.  keep_check() does.
 */
static bool
note(struct keep *keep, bool ok, const struct error *err)
{
	if (!ok)
		broke(keep, err);
	return ok;
}

const char *
keep_why_broken(const struct keep *keep)
{
	return keep->disk.broken ? keep->disk.why : NULL;
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
		.now_ms = clock_now_ms(), .wall = time(NULL), .boot = boot_id()
	};
}

static json_t *
record_of(const struct device *device)
{
	const struct record_clock clock = clock_now();

	return record_make(device, &clock);
}

static bool
save_record(
    struct keep *keep, const char *id, const json_t *record, struct error *err)
{
	return note(keep, store_save(keep->store, id, record, err), err);
}

/* Now, and behind what is known of it and waits. */
static bool
save(struct keep *keep, const struct device *device, struct error *err)
{
	json_t *record = record_of(device);
	bool ok;

	write_queue_flush(keep->outbox, device->id);
	ok = save_record(keep, device->id, record, err);
	json_decref(record);
	return ok;
}

void
keep_soon(struct keep *keep, const struct device *device)
{
	write_queue_put(keep->outbox, device->id, record_of(device), NULL);
}

uint64_t
keep_last(const struct keep *keep)
{
	return write_queue_last(keep->outbox);
}

bool
keep_has_written(const struct keep *keep, uint64_t last)
{
	return write_queue_has_written(keep->outbox, last);
}

/* Once: what waited of it until now is not written before. */
void
keep_device(struct keep *keep, const struct device *device)
{
	keep_soon(keep, device);
	write_queue_flush(keep->outbox, device->id);
}

void
keep_change(struct keep *keep, const struct device *device)
{
	/* What comes before the offer is begun anew after a restart. */
	if (device->state == STATE_PROBING ||
	    device->state == STATE_UNLOCKING ||
	    device->state == STATE_CONFIRMING ||
	    device->state == STATE_OFFERING)
		return;
	if (record_is_needed(device))
		write_queue_put(
		    keep->outbox, device->id, record_of(device), NULL);
}

void
keep_end(struct keep *keep, const struct device *device)
{
	write_queue_put(keep->outbox, device->id,
	    record_is_needed(device) ? record_of(device) : NULL,
	    report_history(device));
}

void
keep_forget(struct keep *keep, const struct device *device)
{
	struct error err;

	write_queue_flush(keep->outbox, device->id);
	note(keep, store_remove(keep->store, device->id, &err), &err);
}

static bool
keep_copy(struct keep *keep, const struct image *image, struct error *err)
{
	bool ok = store_keep(keep->store, image_sha256(image),
	    image_data(image), image_size(image), err);

	return note(keep, ok, err);
}

void
keep_upgrade(struct keep *keep, const struct image *image)
{
	struct error err;

	keep_copy(keep, image, &err);
}

bool
keep_intent(struct keep *keep, const struct device *device,
    const struct image *image, struct error *err)
{
	/* After a power cut an old one would be taken for that of this job. */
	if (!keep_copy(keep, image, err) ||
	    !note(keep, store_progress_end(keep->store, device->id, err), err))
		return false;
	return save(keep, device, err);
}

void
keep_progress(struct keep *keep, const struct device *device)
{
	store_progress(keep->store, device->id, device->bytes);
}

uint64_t
keep_read_progress(struct keep *keep, const struct device *device)
{
	uint64_t bytes = store_progress_read(keep->store, device->id);

	return bytes <= device->image.size ? bytes : 0;
}

struct image *
keep_image(struct keep *keep, const char *sha256, struct error *err)
{
	int fd = store_kept(keep->store, sha256, err);
	struct image *image;

	if (fd == -1)
		return NULL;
	image = image_load_fd(fd, sha256, keep->digest, err);
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
add_history(struct keep *keep, json_t *line)
{
	struct error err;

	if (json_array_size(keep->history) == 0 &&
	    note(keep, store_history_add(keep->store, line, &err), &err))
		return;
	if (json_array_size(keep->history) >= MAX_WAITING)
		json_array_remove(keep->history, 0);
	json_array_append(keep->history, line);
}

void
keep_history(struct keep *keep, const struct device *device)
{
	json_t *line = report_history(device);

	add_history(keep, line);
	json_decref(line);
}

/* When all that was missed is written, if nothing has failed meanwhile. */
static void
end_mending(struct keep *keep)
{
	if (!keep->disk.mending || !keep_has_written(keep, keep->disk.until))
		return;
	keep->disk.mending = keep->disk.broken = false;
	log_info("state: it can be saved again");
	keep->recovered(keep->ctx);
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
keep_open_history(struct keep *keep)
{
	return store_history_open(keep->store);
}

bool
keep_has_history(const struct keep *keep, uint64_t last)
{
	return write_queue_has_written_lines(keep->outbox, last);
}

void
keep_close_history(struct store_past *past)
{
	size_t skipped = store_past_close(past);

	if (skipped > 0)
		log_debug("state", "history: %zu lines are not whole", skipped);
}

static bool
save_campaign(struct keep *keep)
{
	json_t *root = campaign_make(keep->campaign);
	struct error err;
	bool ok = store_save_daemon(keep->store, root, &err);

	json_decref(root);
	return note(keep, ok, &err);
}

void
keep_campaign(struct keep *keep)
{
	save_campaign(keep);
}

/* ---- when it works again ----------------------------------------------- */

static void
put_history(struct keep *keep)
{
	json_t *lines = keep->history, *line;
	size_t i;

	keep->history = json_array();
	json_array_foreach (lines, i, line)
		write_queue_put(keep->outbox, "", NULL, json_incref(line));
	json_decref(lines);
}

static void
put_records(struct keep *keep)
{
	struct device *device = NULL;

	while ((device = registry_next(keep->registry, device)) != NULL)
		if (record_is_needed(device))
			keep_soon(keep, device);
}

void
keep_check(struct keep *keep)
{
	unsigned failures = keep->disk.failures;
	struct error err;

	if (!keep->disk.broken || keep->disk.mending ||
	    !note(keep, store_has_room(keep->store, &err), &err) ||
	    !save_campaign(keep))
		return;
	put_history(keep);
	put_records(keep);
	keep->disk.mending = keep->disk.failures == failures;
	keep->disk.until = keep_last(keep);
	end_mending(keep);
}

/* ---- the start --------------------------------------------------------- */

static bool
on_record(const char *id, const json_t *root, void *ctx, struct error *err)
{
	const struct record_clock clock = clock_now();
	struct keep *keep = ctx;
	struct device *device;

	if (strlen(id) >= DEVICE_ID_SIZE)
		return error_set(err, EINVAL, "%s is no device id", id);
	device = registry_get(keep->registry, id, DEVICE_NAMED);
	if (device == NULL)
		return error_set(err, ENOMEM, /* it stays where it is */
		    "there are more records than MaxDevices allows");
	if (record_apply(root, device, &clock, err))
		return true;
	registry_remove(keep->registry, device);
	return false;
}

/*
 * It may have been in the middle of a flash: nothing is done to it until a
 * person says so, and the next start must know that, too.
 */
static void
hold_back(struct keep *keep, const char *id, const char *why)
{
	struct device *device = registry_get(keep->registry, id, DEVICE_NAMED);

	if (device == NULL)
		return;
	device_blame(device, REASON_RECORD_LOST, "%.200s", why);
	device->attempt = 1; /* worth a record of its own */
	device_restore(device, STATE_FAILED, time(NULL));
	keep_device(keep, device);
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
keep_tidy(struct keep *keep)
{
	const char **shas =
	    xcalloc(4 * registry_count(keep->registry), sizeof(*shas));
	struct device *device = NULL;
	size_t n = 0;

	while ((device = registry_next(keep->registry, device)) != NULL) {
		if (record_is_under_way(device))
			shas[n++] = device->image.sha256;
		if (device->upgrade_token[0] != '\0')
			shas[n++] = device->upgrade_sha256;
		if (device->next_upgrade[0] != '\0')
			shas[n++] = device->next_upgrade;
		if (device->next_minimal[0] != '\0')
			shas[n++] = device->next_minimal;
	}
	store_drop_kept_except(keep->store, shas, n);
	free(shas);
}

/* What persons had paused, or everything where that cannot be read. */
static void
load_campaign(struct keep *keep)
{
	struct error err = { 0 };
	json_t *root = store_load_daemon(keep->store, &err);

	if (root == NULL && err.code != 0) {
		log_err("state: %s; everything is paused until: reflashctl "
			"resume",
		    err.text);
		campaign_pause(keep->campaign, NULL,
		    "what was paused could not be read from the disk");
	}
	campaign_apply(keep->campaign, root);
	json_decref(root);
}

struct keep *
keep_new(const struct keep_config *config, struct error *err)
{
	static const struct store_load_ops ops = { on_record, on_bad_record };
	struct store *store = store_open(config->directory, err);
	struct keep *keep;

	if (store == NULL) {
		advice_add(config->directory, err);
		error_prefix(err, "StateDirectory");
		return NULL;
	}
	boot_id(); /* while every file can be read */
	keep = xcalloc(1, sizeof(*keep));
	keep->store = store;
	keep->registry = config->registry;
	keep->campaign = config->campaign;
	keep->digest = config->digest;
	keep->recovered = config->recovered;
	keep->ctx = config->ctx;
	keep->history = json_array();
	keep->outbox = write_queue_new(config->base, write_change, keep);
	store_load(keep->store, &ops, keep);
	mend_history(keep, keep->registry);
	keep_tidy(keep);
	load_campaign(keep);
	return keep;
}

void
keep_free(struct keep *keep)
{
	if (keep == NULL)
		return;
	write_queue_flush(keep->outbox, NULL);
	keep_check(keep); /* the last chance of what waits */
	write_queue_flush(keep->outbox, NULL);
	write_queue_free(keep->outbox);
	store_close(keep->store);
	json_decref(keep->history);
	free(keep);
}
