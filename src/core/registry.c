/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "core/record.h"
#include "core/registry.h"

struct registry {
	struct device *devices; /* owned; a uthash */
	size_t max;
	size_t dropped;
	bool unsorted;
	const struct device_ops *ops; /* borrowed */
	void *ctx;		      /* borrowed */
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

bool
registry_is_known(const struct device *device)
{
	return device->is_named || device->policy[0] != '\0' ||
	    device->job != NULL || record_is_needed(device);
}

/* Nothing hangs on it. */
static bool
is_loose(const struct device *device)
{
	return !registry_is_known(device) && device->look == NULL;
}

/* Rather without one that has not even answered. */
static bool
make_room(struct registry *registry)
{
	struct device *device, *next, *victim = NULL;

	HASH_ITER (hh, registry->devices, device, next) {
		if (is_loose(device) && (victim == NULL || !device->info_known))
			victim = device;
		if (victim != NULL && !victim->info_known)
			break;
	}
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
		if (is_loose(device) && device->seen_ms < before_ms)
			return device;
	return NULL;
}

struct device *
registry_get(struct registry *registry, const char *id, bool known)
{
	struct device *device = registry_find(registry, id);

	if (device != NULL)
		return device;
	if (!registry_has_room(registry) && !(known && make_room(registry))) {
		registry->dropped++;
		return NULL;
	}
	device = device_new(id, registry->ops, registry->ctx);
	HASH_ADD_STR(registry->devices, id, device);
	registry->unsorted = true;
	return device;
}

struct device *
registry_at(const struct registry *registry, struct in_addr address)
{
	struct device *device, *next, *best = NULL;

	HASH_ITER (hh, registry->devices, device, next)
		if (device->has_address &&
		    device->address.s_addr == address.s_addr &&
		    (best == NULL || device->seen_ms > best->seen_ms))
			best = device;
	return best;
}

void
registry_remove(struct registry *registry, struct device *device)
{
	assert(device->job == NULL);
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
