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

struct persist {
	struct store *store;
	struct write_queue *outbox; /* changes on their way to the store */
	json_t *history;	    /* entries that could not be written yet */
	struct {
		bool broken; /* nothing can be saved */
		char why[200];
		bool mending;	/* what the disk has missed is being written */
		uint64_t until; /* all of that: see persist_has_written() */
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
broke(struct persist *persist, const struct error *err)
{
	if (!persist->disk.broken)
		log_err("state: it cannot be saved: %s. No new flash is "
			"started until it can; one under way goes on",
		    err->text);
	persist->disk.broken = true;
	persist->disk.mending = false;
	persist->disk.failures++;
	snprintf(persist->disk.why, sizeof(persist->disk.why),
	    "the state cannot be saved: %.150s", err->text);
}

/*
 * That one thing could be saved does not end it: a full disk still has room
 * for a short line.  persist_check() does.
 */
static bool
note(struct persist *persist, bool ok, const struct error *err)
{
	if (!ok)
		broke(persist, err);
	return ok;
}

const char *
persist_why_broken(const struct persist *persist)
{
	return persist->disk.broken ? persist->disk.why : NULL;
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
save_record(struct persist *persist, const char *id, const json_t *record,
    struct error *err)
{
	return note(persist, store_save(persist->store, id, record, err), err);
}

/* Now, and behind what is known of it and waits. */
static bool
save(struct persist *persist, const struct device *device, struct error *err)
{
	json_t *record = record_of(device);
	bool ok;

	write_queue_flush(persist->outbox, device->id);
	ok = save_record(persist, device->id, record, err);
	json_decref(record);
	return ok;
}

void
persist_soon(struct persist *persist, const struct device *device)
{
	write_queue_put(persist->outbox, device->id, record_of(device), NULL);
}

uint64_t
persist_last(const struct persist *persist)
{
	return write_queue_last(persist->outbox);
}

bool
persist_has_written(const struct persist *persist, uint64_t last)
{
	return write_queue_has_written(persist->outbox, last);
}

/* Once: what waited of it until now is not written before. */
void
persist_device(struct persist *persist, const struct device *device)
{
	persist_soon(persist, device);
	write_queue_flush(persist->outbox, device->id);
}

void
persist_change(struct persist *persist, const struct device *device)
{
	/* What comes before the offer is begun anew after a restart. */
	if (device->state == STATE_PROBING ||
	    device->state == STATE_UNLOCKING ||
	    device->state == STATE_CONFIRMING ||
	    device->state == STATE_OFFERING)
		return;
	if (record_is_needed(device))
		write_queue_put(
		    persist->outbox, device->id, record_of(device), NULL);
}

void
persist_end(struct persist *persist, const struct device *device)
{
	write_queue_put(persist->outbox, device->id,
	    record_is_needed(device) ? record_of(device) : NULL,
	    report_history(device));
}

void
persist_forget(struct persist *persist, const struct device *device)
{
	struct error err;

	write_queue_flush(persist->outbox, device->id);
	note(persist, store_remove(persist->store, device->id, &err), &err);
}

static bool
keep_copy(struct persist *persist, const struct image *image, struct error *err)
{
	bool ok = store_keep(persist->store, image_sha256(image),
	    image_data(image), image_size(image), err);

	return note(persist, ok, err);
}

void
persist_upgrade(struct persist *persist, const struct image *image)
{
	struct error err;

	keep_copy(persist, image, &err);
}

bool
persist_intent(struct persist *persist, const struct device *device,
    const struct image *image, struct error *err)
{
	/* After a power cut an old one would be taken for that of this job. */
	if (!keep_copy(persist, image, err) ||
	    !note(persist, store_progress_end(persist->store, device->id, err),
		err))
		return false;
	return save(persist, device, err);
}

void
persist_progress(struct persist *persist, const struct device *device)
{
	store_progress(persist->store, device->id, device->bytes);
}

uint64_t
persist_read_progress(struct persist *persist, const struct device *device)
{
	uint64_t bytes = store_progress_read(persist->store, device->id);

	return bytes <= device->image.size ? bytes : 0;
}

struct image *
persist_image(struct persist *persist, const char *sha256, struct error *err)
{
	int fd = store_kept(persist->store, sha256, err);
	struct image *image;

	if (fd == -1)
		return NULL;
	image = image_load_fd(fd, sha256, persist->digest, err);
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
add_history(struct persist *persist, json_t *line)
{
	struct error err;

	if (json_array_size(persist->history) == 0 &&
	    note(persist, store_history_add(persist->store, line, &err), &err))
		return;
	if (json_array_size(persist->history) >= MAX_WAITING)
		json_array_remove(persist->history, 0);
	json_array_append(persist->history, line);
}

void
persist_history(struct persist *persist, const struct device *device)
{
	json_t *line = report_history(device);

	add_history(persist, line);
	json_decref(line);
}

/* When all that was missed is written, if nothing has failed meanwhile. */
static void
end_mending(struct persist *persist)
{
	if (!persist->disk.mending ||
	    !persist_has_written(persist, persist->disk.until))
		return;
	persist->disk.mending = persist->disk.broken = false;
	log_info("state: it can be saved again");
	persist->recovered(persist->ctx);
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
persist_open_history(struct persist *persist)
{
	return store_history_open(persist->store);
}

bool
persist_has_history(const struct persist *persist, uint64_t last)
{
	return write_queue_has_written_lines(persist->outbox, last);
}

void
persist_close_history(struct store_past *past)
{
	size_t skipped = store_past_close(past);

	if (skipped > 0)
		log_debug("state", "history: %zu lines are not whole", skipped);
}

static bool
save_campaign(struct persist *persist)
{
	json_t *root = campaign_make(persist->campaign);
	struct error err;
	bool ok = store_save_daemon(persist->store, root, &err);

	json_decref(root);
	return note(persist, ok, &err);
}

void
persist_campaign(struct persist *persist)
{
	save_campaign(persist);
}

/* ---- when it works again ----------------------------------------------- */

static void
put_history(struct persist *persist)
{
	json_t *lines = persist->history, *line;
	size_t i;

	persist->history = json_array();
	json_array_foreach (lines, i, line)
		write_queue_put(persist->outbox, "", NULL, json_incref(line));
	json_decref(lines);
}

static void
put_records(struct persist *persist)
{
	struct device *device = NULL;

	while ((device = registry_next(persist->registry, device)) != NULL)
		if (record_is_needed(device))
			persist_soon(persist, device);
}

void
persist_check(struct persist *persist)
{
	unsigned failures = persist->disk.failures;
	struct error err;

	if (!persist->disk.broken || persist->disk.mending ||
	    !note(persist, store_has_room(persist->store, &err), &err) ||
	    !save_campaign(persist))
		return;
	put_history(persist);
	put_records(persist);
	persist->disk.mending = persist->disk.failures == failures;
	persist->disk.until = persist_last(persist);
	end_mending(persist);
}

/* ---- the start --------------------------------------------------------- */

static bool
on_record(const char *id, const json_t *root, void *ctx, struct error *err)
{
	const struct record_clock clock = clock_now();
	struct persist *persist = ctx;
	struct device *device;

	if (strlen(id) >= DEVICE_ID_SIZE)
		return error_set(err, EINVAL, "%s is not a device id", id);
	device = registry_get(persist->registry, id, DEVICE_NAMED);
	if (device == NULL)
		return error_set(err, ENOMEM, /* it stays where it is */
		    "there are more records than MaxDevices allows");
	if (record_apply(root, device, &clock, err))
		return true;
	registry_remove(persist->registry, device);
	return false;
}

/*
 * It may have been in the middle of a flash: nothing is done to it until a
 * person says so, and the next start must know that, too.
 */
static void
hold_back(struct persist *persist, const char *id, const char *why)
{
	struct device *device =
	    registry_get(persist->registry, id, DEVICE_NAMED);

	if (device == NULL)
		return;
	device_blame(device, REASON_RECORD_LOST, "%.200s", why);
	device->attempt = 1; /* worth a record of its own */
	device_restore(device, STATE_FAILED, time(NULL));
	persist_device(persist, device);
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
persist_tidy(struct persist *persist)
{
	const char **shas =
	    xcalloc(4 * registry_count(persist->registry), sizeof(*shas));
	struct device *device = NULL;
	size_t n = 0;

	while ((device = registry_next(persist->registry, device)) != NULL) {
		if (record_is_under_way(device))
			shas[n++] = device->image.sha256;
		if (device->upgrade_token[0] != '\0')
			shas[n++] = device->upgrade_sha256;
		if (device->next_upgrade[0] != '\0')
			shas[n++] = device->next_upgrade;
		if (device->next_minimal[0] != '\0')
			shas[n++] = device->next_minimal;
	}
	store_drop_kept_except(persist->store, shas, n);
	free(shas);
}

/* What persons had paused, or everything where that cannot be read. */
static void
load_campaign(struct persist *persist)
{
	struct error err = { 0 };
	json_t *root = store_load_daemon(persist->store, &err);

	if (root == NULL && err.code != 0) {
		log_err("state: %s; everything is paused until: reflashctl "
			"resume",
		    err.text);
		campaign_pause(persist->campaign, NULL,
		    "what was paused could not be read from the disk");
	}
	campaign_apply(persist->campaign, root);
	json_decref(root);
}

struct persist *
persist_new(const struct persist_config *config, struct error *err)
{
	static const struct store_load_ops ops = { on_record, on_bad_record };
	struct store *store = store_open(config->directory, err);
	struct persist *persist;

	if (store == NULL) {
		advice_add(config->directory, err);
		error_prefix(err, "StateDirectory");
		return NULL;
	}
	boot_id(); /* while every file can be read */
	persist = xcalloc(1, sizeof(*persist));
	persist->store = store;
	persist->registry = config->registry;
	persist->campaign = config->campaign;
	persist->digest = config->digest;
	persist->recovered = config->recovered;
	persist->ctx = config->ctx;
	persist->history = json_array();
	persist->outbox = write_queue_new(config->base, write_change, persist);
	store_load(persist->store, &ops, persist);
	history_repair(persist, persist->registry);
	persist_tidy(persist);
	load_campaign(persist);
	return persist;
}

void
persist_free(struct persist *persist)
{
	if (persist == NULL)
		return;
	write_queue_flush(persist->outbox, NULL);
	persist_check(persist); /* the last chance of what waits */
	write_queue_flush(persist->outbox, NULL);
	write_queue_free(persist->outbox);
	store_close(persist->store);
	json_decref(persist->history);
	free(persist);
}
