/* SPDX-License-Identifier: ISC */
/*
 * Decides whether there is room for another job: a slot by MaxParallel, and no
 * other job at the same address and port, or with the same MAC.
 */
#include "config.h"

#include <stdio.h>
#include <strings.h>
#include <utlist.h>

#include "core/config/configuration.h"
#include "io/conffiles.h"
#include "reflashd/flash/flash_parts.h"

bool
flash_has_slot(
    struct flash *flash, const struct device *device, char *why, size_t size)
{
	unsigned max = flash->parts.setup->config->max_parallel;

	/* A restart can kill it, so it waits behind no other. */
	if (device->attempt.damaged)
		return true;
	if (flash->at_work >= max) {
		snprintf(why, size, "%u at a time", max);
		return false;
	}
	if (device->seen.has_answered || device->order.is_given ||
	    flash->at_work_unheard < (max + 1) / 2)
		return true;
	flash->unheard_wait = true;
	snprintf(why, size, "%u at a time of those that have never answered",
	    (max + 1) / 2);
	return false;
}

bool
flash_waits_for_answer(const struct flash *flash)
{
	return flash->unheard_wait;
}

void
flash_count_unheard(struct flash_work *work, bool is_unheard)
{
	struct flash *flash = work->flash;

	if (work->is_unheard == is_unheard)
		return;
	work->is_unheard = is_unheard;
	flash->at_work_unheard += is_unheard ? 1 : -1U;
	if (!is_unheard && flash->unheard_wait) {
		flash->unheard_wait = false;
		flash->parts.ops->slot_is_free(flash->parts.ctx);
	}
}

const struct device *
flash_at_same_place(const struct flash *flash, const struct device *device)
{
	const struct flash_work *work;

	DL_FOREACH (flash->works, work)
		if (work->device->place.address.s_addr ==
			device->place.address.s_addr &&
		    work->device->place.port == device->place.port)
			return work->device;
	return NULL;
}

/*
 * Find the job that comes first: of two jobs, the one that began earlier, but a
 * device that was told to fetch comes before any other.
 */
const struct device *
flash_with_same_mac(const struct flash *flash, const struct device *device)
{
	const struct flash_work *work;
	bool is_later = false;

	if (device->place.mac[0] == '\0')
		return NULL;
	DL_FOREACH (flash->works, work) {
		const struct device *other = work->device;

		if (other == device)
			is_later = true;
		else if (strcasecmp(other->place.mac, device->place.mac) == 0 &&
		    (!is_later || !state_is_before_offer(other->state)))
			return other;
	}
	return NULL;
}
