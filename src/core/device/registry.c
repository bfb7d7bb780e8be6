/* SPDX-License-Identifier: ISC */
/*
 * Holds all devices by id, and gives up the least known ones when there are too
 * many.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/record.h"
#include "core/device/registry.h"

struct registry {
	struct device *devices; /* owned; a uthash */
	size_t max;
	size_t dropped;
	bool unsorted;
	const struct device_ops *ops;  /* borrowed */
	void *ctx;		       /* borrowed */
	struct device *learned;	       /* borrowed from devices; a list */
	void (*on_learned)(void *ctx); /* NULL: nobody listens */
	void *listener;		       /* borrowed; its ctx */
};

struct registry *
registry_new(size_t max, const struct device_ops *ops, void *ctx)
{
	struct registry *registry = xcalloc(1, sizeof(*registry));

	registry->max = max;
	registry->ops = ops;
	registry->ctx = ctx;
	return registry;
}

void
registry_free(struct registry *registry)
{
	struct device *device, *next;

	if (registry == NULL)
		return;
	HASH_ITER (hh, registry->devices, device, next)
		registry_remove(registry, device);
	free(registry);
}

size_t
registry_count(const struct registry *registry)
{
	return HASH_COUNT(registry->devices);
}

size_t
registry_dropped(const struct registry *registry)
{
	return registry->dropped;
}

struct device *
registry_find(const struct registry *registry, const char *id)
{
	struct device *device;

	HASH_FIND_STR(registry->devices, id, device);
	return device;
}

/*
 * Return the rank that protects the device's place against devices of the same
 * rank or below.
 */
static enum device_rank
rank_of(const struct device *device)
{
	if (device->job != NULL || device->look != NULL ||
	    record_is_needed(device))
		return DEVICE_NAMED;
	if (device->seen.rank == DEVICE_STRANGER && device->policy[0] != '\0')
		return DEVICE_FITTING;
	return device->seen.rank;
}

bool
registry_is_known(const struct device *device)
{
	return device->seen.rank != DEVICE_STRANGER ||
	    device->policy[0] != '\0' || device->job != NULL ||
	    record_is_needed(device);
}

/*
 * Return true if device a has to give up its place before device b: it has a
 * lower rank, or has not even answered.
 */
static bool
goes_before(const struct device *a, const struct device *b)
{
	if (b == NULL || rank_of(a) != rank_of(b))
		return b == NULL || rank_of(a) < rank_of(b);
	return !a->facts.info_known && b->facts.info_known;
}

static bool
make_room(struct registry *registry, enum device_rank rank)
{
	struct device *device, *next, *victim = NULL;

	if (rank == DEVICE_STRANGER)
		return false; /* there is none below, and they come in floods */
	HASH_ITER (hh, registry->devices, device, next)
		if (rank_of(device) < rank && goes_before(device, victim))
			victim = device;
	if (victim != NULL)
		registry_remove(registry, victim);
	return victim != NULL;
}

bool
registry_has_room(const struct registry *registry)
{
	return registry_count(registry) < registry->max;
}

struct device *
registry_stale(const struct registry *registry, uint64_t before_ms)
{
	struct device *device, *next;

	HASH_ITER (hh, registry->devices, device, next)
		if (rank_of(device) < DEVICE_NAMED &&
		    !device->facts.info_known &&
		    device->seen.last_ms < before_ms)
			return device;
	return NULL;
}

struct device *
registry_get(struct registry *registry, const char *id, enum device_rank rank)
{
	struct device *device = registry_find(registry, id);

	if (device != NULL)
		return device;
	if (!registry_has_room(registry) && !make_room(registry, rank)) {
		registry->dropped++;
		return NULL;
	}
	device = device_new(id, registry->ops, registry->ctx);
	device->seen.rank = rank;
	HASH_ADD_STR(registry->devices, id, device);
	registry->unsorted = true;
	return device;
}

void
registry_listen(struct registry *registry, void (*learned)(void *), void *ctx)
{
	registry->on_learned = learned;
	registry->listener = ctx;
}

void
registry_learned(struct registry *registry, struct device *device)
{
	bool is_first = registry->learned == NULL;

	if (device->is_learned)
		return;
	device->is_learned = true;
	DL_APPEND(registry->learned, device);
	if (is_first && registry->on_learned != NULL)
		registry->on_learned(registry->listener);
}

static void
leave_learned(struct registry *registry, struct device *device)
{
	if (device->is_learned)
		DL_DELETE(registry->learned, device);
	device->is_learned = false;
}

struct device *
registry_take_learned(struct registry *registry)
{
	struct device *device = registry->learned;

	if (device != NULL)
		leave_learned(registry, device);
	return device;
}

void
registry_remove(struct registry *registry, struct device *device)
{
	assert(device->job == NULL);
	leave_learned(registry, device);
	HASH_DEL(registry->devices, device);
	device_free(device);
}

static int
by_id(const struct device *a, const struct device *b)
{
	return strcmp(a->id, b->id);
}

struct device *
registry_next(struct registry *registry, struct device *device)
{
	if (device != NULL)
		return device->hh.next;
	if (registry->unsorted)
		HASH_SORT(registry->devices, by_id);
	registry->unsorted = false;
	return registry->devices;
}

struct registry_walk {
	struct registry *registry; /* borrowed */
	size_t count, at;
	char ids[][DEVICE_ID_SIZE];
};

struct registry_walk *
registry_walk_new(struct registry *registry)
{
	struct registry_walk *roll = xcalloc(
	    1, sizeof(*roll) + registry_count(registry) * sizeof(roll->ids[0]));
	roll->registry = registry;
	registry_foreach (registry, device)
		text_copy(
		    roll->ids[roll->count++], sizeof(roll->ids[0]), device->id);
	return roll;
}

void
registry_walk_free(struct registry_walk *roll)
{
	free(roll);
}

struct device *
registry_walk_next(struct registry_walk *roll)
{
	struct device *device = NULL;

	while (device == NULL && roll->at < roll->count)
		device = registry_find(roll->registry, roll->ids[roll->at++]);
	return device;
}
