/* SPDX-License-Identifier: ISC */
/*
 * Finds the addresses at which a device may be after its flash, and which of
 * them the kernel sees it at.
 */
#include "config.h"

#include "base/clock.h"
#include "io/net/neigh.h"
#include "reflashd/device/identify.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/reachable.h"
#include "reflashd/net/subnet.h"
#include "reflashd/postflash/postflash_run_parts.h"

size_t
postflash_run_addresses(struct postflash_run *run, const struct device *device,
    const struct neigh_table *table, struct in_addr *out, size_t max)
{
	struct reachable *reachable = run->parts.reachable;
	struct in_addr known = { 0 };
	size_t n = 0;

	if (device->place.has_address &&
	    reachable_device_why_not(reachable, device) == NULL)
		out[n++] = known = device->place.address;
	return n + mac_find(table, device, known, reachable, out + n, max - n);
}

size_t
postflash_run_find(struct in_addr *out, size_t max, void *ctx)
{
	struct postflash_care *care = ctx;
	const struct device *device = care->device;
	struct neigh_table table;
	size_t count;

	mac_load_table(&table);
	count = postflash_run_addresses(care->run, device, &table, out, max);
	neigh_fini(&table);
	postflash_run_expect_at(care, out, count);
	/* The kernel keeps an address that was left for 40 s. */
	if (count <= 1 && device->place.has_address)
		subnet_sweep(care->parts->subnet, device->place.address,
		    SUBNET_AGAIN_MS);
	if (device->state == STATE_VERIFYING &&
	    device->awaited.heard_at.s_addr != 0)
		postflash_run_knock_at_each(care->run, device, out, count);
	/* The old firmware announces itself, but may not have been heard. */
	if (device->state == STATE_VERIFYING && device->place.has_address &&
	    clock_now_ms() >= care->doubt_ms)
		identify_whether_stock(care->parts->identify, care->device,
		    device->place.address, NULL);
	return count;
}

enum postflash_place
postflash_run_place(struct in_addr address, void *ctx)
{
	const struct device *device = ((struct postflash_care *)ctx)->device;

	switch (mac_at(device, address)) {
	case MAC_UNKNOWN:
		return POSTFLASH_UNKNOWN;
	case MAC_OTHER:
		return POSTFLASH_ELSEWHERE;
	case MAC_SAME:
		break;
	}
	return mac_is_alone_at(device, address) ? POSTFLASH_ALONE
						: POSTFLASH_SHARED;
}
