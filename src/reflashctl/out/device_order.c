/* SPDX-License-Identifier: ISC */
/* Sorts devices for people: who needs somebody first, not by their ids. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/state/state.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"

/* The places of devices that need nobody, after those that do. */
enum {
	PLACE_WORK = ATTENTION_COUNT,
	PLACE_HELD,
	PLACE_FLASHABLE,
	PLACE_UNKNOWN, /* whether it can be flashed */
	PLACE_REFUSED,
	PLACE_DONE,
	PLACE_IGNORED,
};

enum attention
device_attention(const json_t *device)
{
	return attention_find(device_text(device, "attention"));
}

/* Return the place of a device that is only known, by whether it can go. */
static int
place_of_seen(const json_t *device)
{
	const json_t *flashable = json_object_get(device, "flashable");

	if (json_is_true(flashable))
		return PLACE_FLASHABLE;
	return json_is_false(flashable) ? PLACE_REFUSED : PLACE_UNKNOWN;
}

static int
place_of(const json_t *device)
{
	enum attention attention = device_attention(device);
	enum state state = device_state_of(device);

	if (attention != ATTENTION_NONE)
		return (int)attention;
	if (state_is_at_work(state))
		return PLACE_WORK;
	if (state == STATE_HELD)
		return PLACE_HELD;
	if (state == STATE_SEEN)
		return place_of_seen(device);
	if (state == STATE_IGNORED)
		return PLACE_IGNORED;
	return state_is_success(state) ? PLACE_DONE : PLACE_REFUSED;
}

/* Return the place where what can wait comes after the devices at work. */
static int
place_at_work(const json_t *device)
{
	int place = place_of(device);

	if (place == PLACE_WORK)
		return ATTENTION_APPROVE * 2 - 1;
	return place * 2;
}

/* Compare texts; NULL comes last. */
static int
by_text(const json_t *one, const json_t *other, const char *key)
{
	const char *a = device_text(one, key), *b = device_text(other, key);

	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	return strcmp(a, b);
}

static int
by_place(int place, const json_t *one, const json_t *other)
{
	int difference = place != 0
	    ? place
	    : (int)device_state_of(one) - (int)device_state_of(other);

	if (difference == 0)
		difference = by_text(one, other, "reason");
	if (difference == 0)
		difference = by_text(one, other, "note");
	return difference != 0 ? difference : by_text(one, other, "id");
}

int
device_order(const json_t *one, const json_t *other)
{
	return by_place(place_of(one) - place_of(other), one, other);
}

int
device_order_at_work(const json_t *one, const json_t *other)
{
	return by_place(place_at_work(one) - place_at_work(other), one, other);
}

struct entry {
	json_t *device;
	int (*order)(const json_t *, const json_t *);
	size_t number; /* of devices before it */
};

static int
by_order(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int difference = one->order(one->device, other->device);

	if (difference != 0)
		return difference;
	return one->number < other->number ? -1 : 1;
}

json_t *
device_sort(const json_t *devices, int (*order)(const json_t *, const json_t *))
{
	size_t count = json_array_size(devices), i;
	struct entry *entries = xcalloc(count + 1, sizeof(*entries));
	json_t *sorted = json_array(), *device;

	json_array_foreach (devices, i, device)
		entries[i] = (struct entry){ device, order, i };
	qsort(entries, count, sizeof(*entries), by_order);
	for (i = 0; i < count; i++)
		json_array_append(sorted, entries[i].device);
	free(entries);
	return sorted;
}
