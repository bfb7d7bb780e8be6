/* SPDX-License-Identifier: ISC */
/*
 * Tells the jobs what this machine cannot do for their devices: it has lost the
 * address that a device fetches from, by a new DHCP lease, say, or cannot reach
 * a network.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <utlist.h>

#include "base/log.h"
#include "reflashd/events/devlog.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/reachable.h"

bool
flash_note_local(struct flash_work *work, struct error *err)
{
	if (!reachable_advertised(work->parts->reachable, work->device,
		server_address(work->parts->server), &work->local, err))
		return false;
	work->is_local_own =
	    reachable_is_own(work->parts->reachable, work->local);
	work->told_moved = false;
	work->device->download.told_from = (struct in_addr){ 0 };
	if (work->is_local_own)
		work->device->download.told_from = work->local;
	return true;
}

void
flash_restore_local(struct flash_work *work)
{
	work->local = work->device->download.told_from;
	work->is_local_own = work->local.s_addr != 0;
	if (work->device->download.is_from_other_boot)
		job_excuse(
		    work->job, "this machine was switched off or restarted");
}

/* Return true if the device fetches from an address that this machine lost. */
static bool
has_lost_local(const struct flash_work *work)
{
	return state_is_fetching(work->device->state) && work->is_local_own &&
	    !reachable_is_own(work->parts->reachable, work->local);
}

static void
excuse_lost_local(struct flash_work *work)
{
	char address[INET_ADDRSTRLEN], what[120];

	inet_ntop(AF_INET, &work->local, address, sizeof(address));
	snprintf(what, sizeof(what),
	    "this machine lost its address %s, from which the device downloads",
	    address);
	job_excuse(work->job, what);
	if (!work->told_moved)
		devlog_device(work->device, LOG_WARNING,
		    "%s; if its download breaks off now, the attempt does not "
		    "count",
		    what);
	work->told_moved = true;
}

void
flash_look_at_local(struct flash *flash)
{
	struct flash_work *work;

	DL_FOREACH (flash->works, work)
		if (has_lost_local(work))
			excuse_lost_local(work);
}

void
flash_cut_off(struct device *device)
{
	struct flash_work *work = device->work;

	if (device->job == NULL || work->is_cut_off)
		return;
	work->is_cut_off = true;
	work->flash->at_work--;
	job_cut_off(work->job);
}

void
flash_reconnected(struct device *device, const char *what)
{
	struct flash_work *work = device->work;

	if (device->job == NULL)
		return;
	if (work->is_cut_off)
		work->flash->at_work++;
	work->is_cut_off = false;
	job_reconnected(work->job, what);
}

void
flash_excuse(struct device *device, const char *what)
{
	struct flash_work *work = device->work;

	if (device->job != NULL)
		job_excuse(work->job, what);
}
