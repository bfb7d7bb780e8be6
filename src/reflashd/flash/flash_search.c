/* SPDX-License-Identifier: ISC */
/*
 * Searches for a device that does not answer its job any more, because it may
 * have another address: where the kernel sees its MAC, it is asked.
 *
 * An announcement tells the same, but anybody can send one in its name.
 */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "io/net/neigh.h"
#include "io/timer.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/reachable.h"
#include "reflashd/net/subnet.h"

#define SILENT_MS 3000	/* a device that answers does so in < 1 s */
#define UNLOCK_MS 20000 /* but the maker's cloud may keep it waiting */
#define LOOK_MS	  1000	/* between two looks at the kernel's table */
#define AGAIN_MS  10000 /* an address is asked no sooner again */

static void
search_in(struct flash_work *work, unsigned ms)
{
	timer_set(work->search, ms);
}

void
flash_await(struct flash_work *work)
{
	const struct device *device = work->device;

	if (device->mac[0] == '\0' || !state_is_before_offer(device->state))
		timer_stop(work->search);
	else if (!timer_is_set(work->search))
		search_in(work,
		    device->state == STATE_UNLOCKING ? UNLOCK_MS : SILENT_MS);
}

void
flash_answered(struct flash_work *work)
{
	timer_stop(work->search);
}

/* Note that an address is asked; false: it was a moment ago, or too many were.
 */
static bool
note_search(struct flash_work *work, struct in_addr address)
{
	struct device_claim *place = NULL, *c = work->searched;
	uint64_t now = clock_now_ms();

	for (size_t i = 0; i < POSTFLASH_MAX_ADDRESSES; i++) {
		if (now >= c[i].until_ms)
			place = &c[i];
		else if (c[i].address.s_addr == address.s_addr)
			return false;
	}
	if (place != NULL)
		*place = (struct device_claim){ address, now + AGAIN_MS };
	return place != NULL;
}

/* Ask each address with its MAC: behind a repeater many devices show one MAC.
 */
static void
ask_where_seen(struct flash_work *work)
{
	struct device *device = work->device;
	struct in_addr found[POSTFLASH_MAX_ADDRESSES];
	struct neigh_table table;
	struct error err;
	size_t count;

	if (!neigh_load(&table, &err)) {
		log_debug("device", "device %s: %s", device->id, err.text);
		return;
	}
	count = neigh_find_addresses(
	    &table, device->mac, found, POSTFLASH_MAX_ADDRESSES);
	neigh_fini(&table);
	for (size_t i = 0; i < count; i++)
		if (found[i].s_addr != device->address.s_addr &&
		    reachable_why_not(work->parts->reachable, found[i], NULL) ==
			NULL &&
		    note_search(work, found[i]))
			id_conflict_seen(
			    work->parts->id_conflict, device, found[i]);
}

void
flash_on_search(void *ctx)
{
	struct flash_work *work = ctx;
	const struct device *device = work->device;

	if (!state_is_before_offer(device->state) || work->is_cut_off)
		return;
	subnet_sweep(work->parts->subnet, device->address, SUBNET_AGAIN_MS);
	ask_where_seen(work);
	search_in(work, LOOK_MS);
}
