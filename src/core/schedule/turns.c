/* SPDX-License-Identifier: ISC */
/*
 * Sorts devices for the scheduler by how much their turn is worth: those that
 * have answered go first, those at a place that was tried in vain go last.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/schedule/turns.h"

/* The addresses and MACs of devices that were tried in vain. */
struct turns {
	struct in_addr *addresses; /* owned; sorted */
	const char **macs;	   /* owned, not what they point to; sorted */
	size_t count, mac_count;
};

static int
by_address(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct in_addr));
}

static int
by_mac(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
was_in_vain(const struct device *device)
{
	return !device->seen.is_vouched && device->place.has_address &&
	    (device->attempt.number > 0 || device->attempt.called_off > 0);
}

struct turns *
turns_new(struct registry *registry)
{
	struct turns *turns = xcalloc(1, sizeof(*turns));
	size_t max = registry_count(registry) + 1;

	turns->addresses = xcalloc(max, sizeof(*turns->addresses));
	turns->macs = xcalloc(max, sizeof(*turns->macs));
	registry_foreach (registry, device) {
		if (!was_in_vain(device))
			continue;
		turns->addresses[turns->count++] = device->place.address;
		if (device->place.mac[0] != '\0')
			turns->macs[turns->mac_count++] = device->place.mac;
	}
	qsort(turns->addresses, turns->count, sizeof(*turns->addresses),
	    by_address);
	qsort(turns->macs, turns->mac_count, sizeof(*turns->macs), by_mac);
	return turns;
}

void
turns_free(struct turns *turns)
{
	free(turns->addresses);
	free(turns->macs);
	free(turns);
}

static bool
is_where_tried(const struct turns *turns, const struct device *device)
{
	const char *mac = device->place.mac;

	return bsearch(&device->place.address, turns->addresses, turns->count,
		   sizeof(*turns->addresses), by_address) != NULL ||
	    (mac[0] != '\0' &&
		bsearch(&mac, turns->macs, turns->mac_count,
		    sizeof(*turns->macs), by_mac) != NULL);
}

enum turn
turns_of(const struct turns *turns, const struct device *device)
{
	if (!device->seen.is_vouched && is_where_tried(turns, device))
		return TURN_HAD;
	return device->seen.has_answered ? TURN_ANSWERED : TURN_UNHEARD;
}
