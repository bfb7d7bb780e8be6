/* SPDX-License-Identifier: ISC */
/*
 * Finds the device that is at work in the place of another: at its address and
 * port, or with its MAC.  One host can say any number of ids.
 */
#include "config.h"

#include <strings.h>
#include <utlist.h>

#include "reflashd/flash/flash_parts.h"

const struct device *
flash_at_same_place(const struct flash *flash, const struct device *device)
{
	const struct flash_work *work;

	DL_FOREACH (flash->works, work)
		if (work->device->address.s_addr == device->address.s_addr &&
		    work->device->port == device->port)
			return work->device;
	return NULL;
}

/*
 * Of two jobs the later one gives way, and each gives way to a device that was
 * told to fetch.
 */
const struct device *
flash_with_same_mac(const struct flash *flash, const struct device *device)
{
	const struct flash_work *work;
	bool is_later = false;

	if (device->mac[0] == '\0')
		return NULL;
	DL_FOREACH (flash->works, work) {
		const struct device *other = work->device;

		if (other == device)
			is_later = true;
		else if (strcasecmp(other->mac, device->mac) == 0 &&
		    (!is_later || !state_is_before_offer(other->state)))
			return other;
	}
	return NULL;
}
