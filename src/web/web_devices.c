/* SPDX-License-Identifier: ISC */
/* Keeps what the page shows of each device, and which has changed last. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "web/web_devices.h"

#define MAX_DEVICES 8192 /* the daemon's own limit is below that */
#define MAX_MARKS   256	 /* of forgotten devices */

struct entry {
	struct web_device is; /* first: readers have this part */
	bool is_listed;	      /* in the present list of the daemon */
	UT_hash_handle hh;
	struct entry *prev, *next; /* in the order of changes */
};

struct web_devices {
	struct entry *by_id, *in_order;
	uint64_t number, lost;
	unsigned marks;
	struct entry *read; /* that was last given to a reader, or NULL */
};

struct web_devices *
web_devices_new(void)
{
	return xcalloc(1, sizeof(struct web_devices));
}

static void
drop(struct web_devices *devices, struct entry *entry)
{
	HASH_DEL(devices->by_id, entry);
	DL_DELETE(devices->in_order, entry);
	if (devices->read == entry)
		devices->read = NULL;
	if (entry->is.text == NULL)
		devices->marks--;
	free(entry->is.text);
	free(entry);
}

void
web_devices_free(struct web_devices *devices)
{
	struct entry *entry, *next;

	if (devices == NULL)
		return;
	HASH_ITER (hh, devices->by_id, entry, next)
		drop(devices, entry);
	free(devices);
}

/* The device is the last that has changed. */
static void
move_to_end(struct web_devices *devices, struct entry *entry)
{
	DL_DELETE(devices->in_order, entry);
	DL_APPEND(devices->in_order, entry);
	entry->is.number = ++devices->number;
}

static struct entry *
add(struct web_devices *devices, const char *id)
{
	struct entry *entry;

	if (HASH_COUNT(devices->by_id) >= MAX_DEVICES)
		return NULL;
	entry = xcalloc(1, sizeof(*entry));
	if (!text_copy(entry->is.id, sizeof(entry->is.id), id)) {
		free(entry);
		return NULL;
	}
	devices->marks++; /* until it has a text */
	HASH_ADD_STR(devices->by_id, is.id, entry);
	DL_APPEND(devices->in_order, entry);
	return entry;
}

void
web_devices_set(struct web_devices *devices, const json_t *device)
{
	const char *id = json_string_value(json_object_get(device, "id"));
	struct entry *entry;
	char *text;

	if (id == NULL)
		return;
	HASH_FIND_STR(devices->by_id, id, entry);
	if (entry == NULL)
		entry = add(devices, id);
	text = json_dumps(device, JSON_COMPACT);
	if (entry == NULL || text == NULL) {
		free(text);
		return;
	}
	entry->is_listed = true;
	if (entry->is.text != NULL && strcmp(entry->is.text, text) == 0) {
		free(text);
		return;
	}
	if (entry->is.text == NULL)
		devices->marks--;
	free(entry->is.text);
	entry->is.text = text;
	entry->is.len = strlen(text);
	move_to_end(devices, entry);
}

/* Drop the oldest mark: a reader that has not seen it begins anew. */
static void
drop_mark(struct web_devices *devices)
{
	struct entry *entry;

	DL_FOREACH (devices->in_order, entry) {
		if (entry->is.text != NULL)
			continue;
		devices->lost = entry->is.number;
		drop(devices, entry);
		return;
	}
}

static void
mark(struct web_devices *devices, struct entry *entry)
{
	if (entry->is.text == NULL)
		return;
	free(entry->is.text);
	entry->is.text = NULL;
	entry->is.len = 0;
	devices->marks++;
	move_to_end(devices, entry);
	if (devices->marks > MAX_MARKS)
		drop_mark(devices);
}

void
web_devices_forget(struct web_devices *devices, const char *id)
{
	struct entry *entry;

	HASH_FIND_STR(devices->by_id, id, entry);
	if (entry != NULL)
		mark(devices, entry);
}

void
web_devices_listing(struct web_devices *devices)
{
	struct entry *entry;

	DL_FOREACH (devices->in_order, entry)
		entry->is_listed = false;
}

void
web_devices_listed(struct web_devices *devices)
{
	struct entry *entry, *next;

	HASH_ITER (hh, devices->by_id, entry, next)
		if (!entry->is_listed)
			mark(devices, entry);
}

uint64_t
web_devices_number(const struct web_devices *devices)
{
	return devices->number;
}

uint64_t
web_devices_lost(const struct web_devices *devices)
{
	return devices->lost;
}

/* Return the first entry with a change after this number; there is one. */
static struct entry *
search(const struct web_devices *devices, uint64_t number)
{
	struct entry *entry = devices->in_order->prev; /* the last */

	while (entry != devices->in_order && entry->prev->is.number > number)
		entry = entry->prev;
	return entry;
}

const struct web_device *
web_devices_after(struct web_devices *devices, uint64_t number)
{
	struct entry *entry = devices->read;

	if (number >= devices->number || devices->in_order == NULL ||
	    devices->in_order->prev->is.number <= number)
		return NULL;
	/* Most readers go from one to the next. */
	entry = entry != NULL && entry->is.number == number && number > 0
	    ? entry->next
	    : NULL;
	if (entry == NULL)
		entry =
		    number == 0 ? devices->in_order : search(devices, number);
	devices->read = entry;
	return &entry->is;
}

const struct web_device *
web_devices_find(const struct web_devices *devices, const char *id)
{
	struct entry *entry;

	HASH_FIND_STR(devices->by_id, id, entry);
	return entry != NULL && entry->is.text != NULL ? &entry->is : NULL;
}

void
web_devices_each(const struct web_devices *devices,
    void (*visit)(const struct web_device *, void *ctx), void *ctx)
{
	struct entry *entry, *next;

	HASH_ITER (hh, devices->by_id, entry, next)
		if (entry->is.text != NULL)
			visit(&entry->is, ctx);
}
