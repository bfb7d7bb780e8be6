/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "core/control/report.h"
#include "core/device/registry.h"
#include "io/store/store.h"
#include "reflashd/store/history_repair.h"
#include "reflashd/store/persist.h"

/* Its record says that a job has ended, and since when. */
static bool
has_ended(const struct device *device)
{
	return device->state == STATE_FLASHED ||
	    device->state == STATE_VERIFIED || device->state == STATE_FAILED ||
	    (device->state == STATE_HELD && device->hold == HOLD_BACKOFF &&
		device->reason != REASON_NONE) ||
	    (device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
		device->attempt > 0);
}

static int64_t
last_end(struct registry *registry)
{
	struct device *device = NULL;
	int64_t last = INT64_MIN + 2;

	while ((device = registry_next(registry, device)) != NULL)
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

/* Keeps the last line of each device. */
static void
on_entry(const json_t *entry, void *ctx)
{
	json_object_set_new(
	    ctx, text_of(entry, "device"), json_deep_copy(entry));
}

/* Earlier versions called a cancelled device failed. */
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
 * No end much older than the last one can be missing: it had its line by then.
 * What waits in the write queue comes milliseconds later, maybe in the next
 * second.
 */
void
history_repair(struct persist *persist, struct registry *registry)
{
	int64_t last = last_end(registry);
	struct store_past *past = persist_open_history(persist);
	json_t *lines = json_object();
	struct device *device = NULL;

	store_past_next(past, SIZE_MAX, on_entry, lines);
	persist_close_history(past);
	while ((device = registry_next(registry, device)) != NULL) {
		json_t *line;

		if (device_took_image(device))
			device->bytes = device->image.size;
		else if (device->state == STATE_FAILED)
			device->bytes = device->kept.bytes;
		line = report_history(device);
		if (has_ended(device) && device->since_s >= last - 2 &&
		    !is_same_end(json_object_get(lines, device->id), line))
			persist_history(persist, device);
		json_decref(line);
	}
	json_decref(lines);
}
