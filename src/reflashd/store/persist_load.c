/* SPDX-License-Identifier: ISC */
/*
 * Reads the state directory at the start of the daemon: the records of the
 * devices, the lines of the history that a crash has cost, and the pauses.
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/control/report.h"
#include "core/device/device_find.h"
#include "core/schedule/campaign.h"
#include "io/store/store.h"
#include "reflashd/store/persist_parts.h"

/* What the loading of the records needs. */
struct loading {
	struct persist *persist; /* borrowed */
	json_t *labels;		 /* owned; NULL: none were kept */
};

/*
 * Return true if nobody has touched the device since its record could not be
 * read.
 */
static bool
is_given_up(const struct device *device)
{
	return device->state == STATE_FAILED &&
	    device->reason == REASON_RECORD_LOST && !device->order.is_given &&
	    !device->order.retry && device->order.approved[0] == '\0' &&
	    device->people.cancelled == NULL;
}

/*
 * Take back the record that was set aside, if this version can read it: an
 * older one, which could not, may have run in between.
 */
static void
take_back(struct persist *persist, struct device *device)
{
	const struct record_clock clock = persist_clock();
	struct error err;
	json_t *aside = store_load_aside(persist->store, device->id, &err);

	if (aside != NULL && record_apply(aside, device, &clock, &err)) {
		log_info("state: the record of device %s is taken back, which "
			 "an older version could not read",
		    device->id);
		persist_device(persist, device);
		if (!persist->disk.broken)
			(void)store_drop_aside(
			    persist->store, device->id, &err);
	}
	json_decref(aside);
}

static bool
on_record(const char *id, const json_t *root, void *ctx, struct error *err)
{
	const struct record_clock clock = persist_clock();
	struct loading *loading = ctx;
	struct persist *persist = loading->persist;
	struct device *device;

	if (strlen(id) >= DEVICE_ID_SIZE)
		return error_set(err, EINVAL, "%s is not a device id", id);
	device = registry_get(persist->config.registry, id, DEVICE_NAMED);
	if (device == NULL)
		return error_set(err, ENOMEM, /* the file stays */
		    "there are more records than MaxDevices allows");
	if (!record_apply(root, device, &clock, err)) {
		registry_remove(persist->config.registry, device);
		return false;
	}
	if (persist_take_label(device, root, loading->labels))
		persist_soon(persist, device);
	if (is_given_up(device))
		take_back(persist, device);
	return true;
}

/*
 * Mark a device as failed whose record cannot be read.  It may have been in the
 * middle of a flash, so only a person starts the next one, also after another
 * restart.
 */
static void
fail_device(struct persist *persist, const char *id, const char *why)
{
	struct device *device =
	    registry_get(persist->config.registry, id, DEVICE_NAMED);

	if (device == NULL)
		return;
	device_blame(device, REASON_RECORD_LOST, "%.200s", why);
	device->attempt.number = 1; /* so that it gets a record */
	device_restore(device, STATE_FAILED, time(NULL));
	persist_device(persist, device);
}

static void
on_bad_record(const char *file, const char *why, void *ctx)
{
	struct loading *loading = ctx;
	const char *base = strrchr(file, '/');
	char id[DEVICE_ID_SIZE];
	size_t len;

	log_err("state: %s: %s", file, why);
	base = base != NULL ? base + 1 : file;
	len = strcspn(base, ".");
	if (len < sizeof(id)) {
		snprintf(id, sizeof(id), "%.*s", (int)len, base);
		if (devapi_is_id(id))
			fail_device(loading->persist, id, why);
	}
}

/* Return true if the last change of the device was the end of a job. */
static bool
has_ended(const struct device *device)
{
	return state_is_ended(device->state) ||
	    (device->state == STATE_HELD && device->hold == HOLD_BACKOFF &&
		device->reason != REASON_NONE) ||
	    (device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
		device->attempt.number > 0);
}

/* Return when the last job of all devices has ended. */
static int64_t
last_end(struct registry *registry)
{
	int64_t last = INT64_MIN + 2;

	registry_foreach (registry, device)
		if (has_ended(device) && device->since_s > last)
			last = device->since_s;
	return last;
}

static const char *
text_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text != NULL ? text : "";
}

/* Keep the last line of each device. */
static void
on_entry(const json_t *entry, void *ctx)
{
	json_object_set_new(
	    ctx, text_of(entry, "device"), json_deep_copy(entry));
}

/* A cancelled device was called failed by earlier versions. */
static bool
is_cancel(const json_t *entry)
{
	return strcmp(text_of(entry, "reason"),
		   reason_token(REASON_CANCELLED)) == 0;
}

static bool
is_same_end(const json_t *a, const json_t *b)
{
	return strcmp(text_of(a, "time"), text_of(b, "time")) == 0 &&
	    (strcmp(text_of(a, "state"), text_of(b, "state")) == 0 ||
		(is_cancel(a) && is_cancel(b)));
}

/*
 * Write the lines of the history that a crash has cost.  The end of a job is
 * written into the record first, then into the history, milliseconds later.  So
 * only a line of the last two seconds can be missing.
 */
static void
repair_history(struct persist *persist)
{
	struct registry *registry = persist->config.registry;
	int64_t last = last_end(registry);
	struct store_past *past = persist_open_history(persist);
	json_t *lines = json_object();
	store_past_next(past, SIZE_MAX, on_entry, lines);
	persist_close_history(past);
	registry_foreach (registry, device) {
		json_t *line;

		if (device_took_image(device))
			device->download.bytes = device->attempt.image.size;
		else if (device->state == STATE_FAILED)
			device->download.bytes = device->kept.bytes;
		line = report_history(device);
		if (has_ended(device) && device->since_s >= last - 2 &&
		    !is_same_end(json_object_get(lines, device->id), line))
			persist_history(persist, device);
		json_decref(line);
	}
	json_decref(lines);
}

/* Restore the pauses.  Where they cannot be read, pause everything. */
static void
load_campaign(struct persist *persist)
{
	struct error err = { 0 };
	json_t *root = store_load_daemon(persist->store, &err);

	if (root == NULL && err.code != 0) {
		log_err("state: %s; everything is paused until: reflashctl "
			"resume",
		    err.text);
		campaign_pause(persist->config.campaign, NULL,
		    "what was paused could not be read from the disk");
	}
	campaign_apply(persist->config.campaign, root);
	json_decref(root);
}

/* Take a label from the second device that has it: files can be copied. */
static void
drop_twin_labels(struct registry *registry)
{
	registry_foreach (registry, device) {
		const struct device *first = device->label != NULL
		    ? device_find_label(registry, device->label)
		    : device;

		if (first == device)
			continue;
		log_warning("state: device %s loses its label %s, which is "
			    "also that of %s",
		    device->id, device->label, first->id);
		xreplace(&device->label, NULL);
	}
}

void
persist_load(struct persist *persist)
{
	static const struct store_load_ops ops = { on_record, on_bad_record };
	struct loading loading = { persist, persist_load_labels(persist) };

	store_load(persist->store, &ops, &loading);
	drop_twin_labels(persist->config.registry);
	persist_renew_labels(persist, loading.labels);
	repair_history(persist);
	persist_tidy(persist);
	load_campaign(persist);
}
