/* SPDX-License-Identifier: ISC */
/*
 * Writes to the state directory what a restart of the daemon needs, and holds
 * back what a full or broken disk does not take.
 */
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
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "io/advice.h"
#include "io/images.h"
#include "io/store/store.h"
#include "io/store/write_queue.h"
#include "reflashd/store/persist_parts.h"

#define MAX_WAITING 1000 /* lines of history, or forgotten devices */

/* Note that nothing can be saved, and log that once. */
static void
note_failure(struct persist *persist, const struct error *err)
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
 * Note whether something was saved; returns ok.  A success does not end a
 * failure, as a full disk has room for a short line: persist_check() ends it.
 */
bool
persist_note(struct persist *persist, bool ok, const struct error *err)
{
	if (!ok)
		note_failure(persist, err);
	return ok;
}

const char *
persist_why_broken(const struct persist *persist)
{
	return persist->disk.broken ? persist->disk.why : NULL;
}

struct record_clock
persist_clock(void)
{
	return (struct record_clock){ .now_ms = clock_now_ms(),
		.wall = time(NULL),
		.boot = clock_boot() };
}

static json_t *
record_of(const struct device *device)
{
	const struct record_clock clock = persist_clock();

	return record_make(device, &clock);
}

static bool
save_record(struct persist *persist, const char *id, const json_t *record,
    struct error *err)
{
	return persist_note(
	    persist, store_save(persist->store, id, record, err), err);
}

/* Write the record now, after what waits for the same device. */
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

void
persist_device(struct persist *persist, const struct device *device)
{
	persist_soon(persist, device);
	write_queue_flush(persist->outbox, device->id);
}

void
persist_change(struct persist *persist, const struct device *device)
{
	/* After a restart, a job that was before its offer starts anew. */
	if (!state_is_before_offer(device->state) &&
	    device->state != STATE_OFFERING && record_is_needed(device))
		persist_soon(persist, device);
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
	if (!persist_note(persist,
		store_remove(persist->store, device->id, &err), &err) &&
	    persist->forgotten.count < MAX_WAITING)
		strlist_add(&persist->forgotten, device->id);
	if (device->label != NULL)
		persist_save_labels(persist, device);
}

void
persist_label(struct persist *persist, const struct device *device)
{
	persist_save_labels(persist, NULL);
	if (record_is_needed(device))
		persist_device(persist, device);
	else
		persist_forget(persist, device);
}

static bool
keep_copy(struct persist *persist, const struct image *image, struct error *err)
{
	bool ok = store_keep(persist->store, image_sha256(image),
	    image_data(image), image_size(image), err);

	return persist_note(persist, ok, err);
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
	/* After a power cut, an old progress would be taken for this job's. */
	if (!keep_copy(persist, image, err) ||
	    !persist_note(persist,
		store_progress_end(persist->store, device->id, err), err))
		return false;
	return save(persist, device, err);
}

void
persist_progress(struct persist *persist, const struct device *device)
{
	store_progress(persist->store, device->id, device->download.bytes);
}

uint64_t
persist_read_progress(struct persist *persist, const struct device *device)
{
	uint64_t bytes = store_progress_read(persist->store, device->id);

	return bytes <= device->attempt.image.size ? bytes : 0;
}

struct image *
persist_image(struct persist *persist, const char *sha256, struct error *err)
{
	int fd = store_kept(persist->store, sha256, err);
	struct image *image;

	if (fd == -1)
		return NULL;
	image = image_load_fd(fd, sha256, persist->config.digest, err);
	close(fd);
	if (image == NULL || strcmp(image_sha256(image), sha256) == 0)
		return image;
	image_unref(image);
	error_set(
	    err, EIO, "the kept copy of image %.16s... is damaged", sha256);
	return NULL;
}

/*
 * Write a line, or hold it back after those that wait for the disk, of which
 * the last MAX_WAITING are kept.
 */
static void
add_history(struct persist *persist, json_t *line)
{
	struct error err;

	if (json_array_size(persist->history) == 0 &&
	    persist_note(
		persist, store_history_add(persist->store, line, &err), &err))
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

/* Drop the copies that no device needs, however it goes on. */
static void
drop_copies(struct persist *persist)
{
	const char **shas = xcalloc(
	    4 * registry_count(persist->config.registry), sizeof(*shas));
	size_t n = 0;

	registry_foreach (persist->config.registry, device) {
		if (state_is_under_way(device->state))
			shas[n++] = device->attempt.image.sha256;
		if (device->upgrade.token[0] != '\0')
			shas[n++] = device->upgrade.sha256;
		if (device->upgrade.next[0] != '\0')
			shas[n++] = device->upgrade.next;
		if (device->upgrade.next_minimal[0] != '\0')
			shas[n++] = device->upgrade.next_minimal;
	}
	store_drop_kept_except(persist->store, shas, n);
	free(shas);
}

/*
 * Drop copies once the disk has all records that wait: those on the disk may
 * still name other copies, and the next start may find them.
 */
static void
tidy_if_written(struct persist *persist)
{
	if (!persist->is_untidy || persist->disk.broken ||
	    !persist_has_written(persist, persist_last(persist)))
		return;
	persist->is_untidy = false;
	drop_copies(persist);
}

void
persist_tidy(struct persist *persist)
{
	persist->is_untidy = true;
	tidy_if_written(persist);
}

/* End the failure once all that was missed is written. */
static void
end_mending(struct persist *persist)
{
	if (!persist->disk.mending ||
	    !persist_has_written(persist, persist->disk.until))
		return;
	persist->disk.mending = persist->disk.broken = false;
	log_info("state: it can be saved again");
	tidy_if_written(persist);
	persist->config.recovered(persist->config.ctx);
}

/*
 * Write the record first: a restart makes up for a lost line of the history
 * from the record.
 */
static void
write_change(const char *id, const json_t *record, json_t *line, void *ctx)
{
	struct error err;

	if (record != NULL)
		save_record(ctx, id, record, &err);
	if (line != NULL)
		add_history(ctx, line);
	end_mending(ctx);
	tidy_if_written(ctx);
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
	json_t *root = campaign_make(persist->config.campaign);
	struct error err;
	bool ok = store_save_daemon(persist->store, root, &err);

	json_decref(root);
	return persist_note(persist, ok, &err);
}

void
persist_campaign(struct persist *persist)
{
	save_campaign(persist);
}

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

/* Remove the records of devices that were forgotten meanwhile. */
static void
remove_forgotten(struct persist *persist)
{
	struct error err;

	for (size_t i = 0; i < persist->forgotten.count; i++)
		persist_note(persist,
		    store_remove(
			persist->store, persist->forgotten.items[i], &err),
		    &err);
	strlist_fini(&persist->forgotten);
}

static void
put_records(struct persist *persist)
{
	registry_foreach (persist->config.registry, device)
		if (record_is_needed(device))
			persist_soon(persist, device);
}

void
persist_check(struct persist *persist)
{
	unsigned failures = persist->disk.failures;
	struct error err;

	if (!persist->disk.broken || persist->disk.mending ||
	    !persist_note(
		persist, store_has_room(persist->store, &err), &err) ||
	    !save_campaign(persist))
		return;
	put_history(persist);
	remove_forgotten(persist);
	put_records(persist);
	persist_save_labels(persist, NULL);
	persist->disk.mending = persist->disk.failures == failures;
	persist->disk.until = persist_last(persist);
	end_mending(persist);
}

struct persist *
persist_new(const struct persist_config *config, struct error *err)
{
	struct store *store = store_open(config->directory, err);
	struct persist *persist;

	if (store == NULL) {
		advice_add(config->directory, err);
		error_prefix(err, "StateDirectory");
		return NULL;
	}
	clock_boot(); /* before the sandbox */
	persist = xcalloc(1, sizeof(*persist));
	persist->store = store;
	persist->config = *config;
	persist->history = json_array();
	persist->outbox = write_queue_new(config->base, write_change, persist);
	persist_load(persist);
	return persist;
}

void
persist_free(struct persist *persist)
{
	if (persist == NULL)
		return;
	write_queue_flush(persist->outbox, NULL);
	persist_check(persist); /* the last chance for what waits */
	write_queue_flush(persist->outbox, NULL);
	write_queue_free(persist->outbox);
	store_close(persist->store);
	json_decref(persist->history);
	strlist_fini(&persist->forgotten);
	free(persist);
}
