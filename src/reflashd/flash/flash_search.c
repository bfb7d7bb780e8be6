/* SPDX-License-Identifier: ISC */
/*
 * Searches for a device that does not answer its job any more, because it may
 * have another address: where the kernel sees its MAC, it is asked.
 *
 * Its announcement tells the same, but anybody can send others in its name.
 */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "io/net/neigh.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/subnet.h"

#define SILENT_MS 3000	/* a device that answers does so in < 1 s */
#define UNLOCK_MS 20000 /* but the maker's cloud may keep it waiting */
#define LOOK_MS	  1000	/* between two looks at the kernel's table */
#define AGAIN_MS  10000 /* an address is asked no sooner again */

static void
search_in(struct flash *flash, unsigned ms)
{
	const struct timeval tv = { ms / 1000,
		(suseconds_t)(ms % 1000 * 1000) };

	evtimer_add(flash->search, &tv);
}

void
flash_await(struct flash *flash)
{
	const struct device *device = flash->device;

	if (device->mac[0] == '\0' || !state_is_before_offer(device->state))
		evtimer_del(flash->search);
	else if (!evtimer_pending(flash->search, NULL))
		search_in(flash,
		    device->state == STATE_UNLOCKING ? UNLOCK_MS : SILENT_MS);
}

void
flash_answered(struct flash *flash)
{
	evtimer_del(flash->search);
}

/* A place for one more address; false: it has been asked a moment ago. */
static bool
take_place(struct flash *flash, struct in_addr address)
{
	struct device_claim *place = NULL, *c = flash->searched;
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

/* A repeater shows all devices behind it with one MAC: each says its own id. */
static void
ask_where_seen(struct flash *flash)
{
	struct device *device = flash->device;
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
		    reachable_why_not(
			flash->daemon->reachable, found[i], NULL) == NULL &&
		    take_place(flash, found[i]))
			id_conflict_seen(flash->daemon, device, found[i]);
}

void
flash_on_search(evutil_socket_t fd, short what, void *ctx)
{
	struct flash *flash = ctx;
	const struct device *device = flash->device;

	(void)fd;
	(void)what;
	if (!state_is_before_offer(device->state) || flash->is_cut_off)
		return;
	subnet_sweep(flash->daemon, device->address, SUBNET_AGAIN_MS);
	ask_where_seen(flash);
	search_in(flash, LOOK_MS);
}
