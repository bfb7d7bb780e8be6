/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/rollcall.h"

struct rollcall {
	struct registry *registry; /* borrowed */
	size_t count, at;
	char ids[][DEVICE_ID_SIZE];
};

struct rollcall *
rollcall_new(struct registry *registry)
{
	struct rollcall *roll = xcalloc(
	    1, sizeof(*roll) + registry_count(registry) * sizeof(roll->ids[0]));
	struct device *device = NULL;

	roll->registry = registry;
	while ((device = registry_next(registry, device)) != NULL)
		text_copy(
		    roll->ids[roll->count++], sizeof(roll->ids[0]), device->id);
	return roll;
}

void
rollcall_free(struct rollcall *roll)
{
	free(roll);
}

struct device *
rollcall_next(struct rollcall *roll)
{
	struct device *device = NULL;

	while (device == NULL && roll->at < roll->count)
		device = registry_find(roll->registry, roll->ids[roll->at++]);
	return device;
}
