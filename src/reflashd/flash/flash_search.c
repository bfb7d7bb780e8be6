/* SPDX-License-Identifier: ISC */
/*
 * Searches for a device that does not answer its job any more and may have
 * another address: asks at each address where the kernel sees its MAC.  So a
 * device that restarts is not called flashed while its old firmware answers
 * elsewhere.
 *
 * An announcement is not needed for that, and may be forged.
 */
#include "config.h"

#include "base/clock.h"
#include "io/net/neigh.h"
#include "io/timer.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/subnet.h"

#define SILENT_MS 3000	/* a device that answers does so in < 1 s */
#define UNLOCK_MS 20000 /* but the cloud of Sonoff may keep it waiting */
#define LOOK_MS	  1000	/* between two looks into the kernel's table */
#define AGAIN_MS  10000 /* between two questions to an address */

static void
search_in(struct flash_work *work, unsigned ms)
{
	timer_set(work->search, ms);
}

/* Return true if the device is searched for when it is silent. */
static bool
is_searched(const struct device *device)
{
	return device->place.mac[0] != '\0' &&
	    (state_is_before_offer(device->state) ||
		device->state == STATE_REBOOTING);
}

void
flash_await(struct flash_work *work)
{
	const struct device *device = work->device;

	if (!is_searched(device))
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

/*
 * Ask at an address with the MAC of the device.  Where it restarts, the
 * question is only whether its old firmware runs there.
 */
static void
ask_at(struct flash_work *work, struct in_addr address)
{
	struct device *device = work->device;

	if ((device->state == STATE_REBOOTING && device->look != NULL) ||
	    !device_claim_take(work->searched, POSTFLASH_MAX_ADDRESSES, address,
		clock_now_ms(), AGAIN_MS))
		return;
	if (device->state == STATE_REBOOTING)
		identify_whether_stock(
		    work->parts->identify, device, address, NULL);
	else
		id_conflict_seen(work->parts->id_conflict, device, address);
}

/*
 * Ask at each address with the MAC of the device: behind a repeater, many
 * devices show one MAC.
 */
static void
ask_where_seen(struct flash_work *work)
{
	struct device *device = work->device;
	struct in_addr found[POSTFLASH_MAX_ADDRESSES];
	struct neigh_table table;
	size_t count;

	mac_load_table(&table);
	count = mac_find(&table, device, device->place.address,
	    work->parts->reachable, found, POSTFLASH_MAX_ADDRESSES);
	neigh_fini(&table);
	for (size_t i = 0; i < count; i++)
		ask_at(work, found[i]);
}

void
flash_on_search(void *ctx)
{
	struct flash_work *work = ctx;
	const struct device *device = work->device;

	if (!is_searched(device) || work->is_cut_off)
		return;
	subnet_sweep(
	    work->parts->subnet, device->place.address, SUBNET_AGAIN_MS);
	ask_where_seen(work);
	search_in(work, LOOK_MS);
}
