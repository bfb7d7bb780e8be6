/* SPDX-License-Identifier: ISC */
/*
 * Knows the address of this machine that each device is told to fetch from, and
 * tells the job when this machine loses it, as by another DHCP lease.
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
	work->device->told_from = (struct in_addr){ 0 };
	if (work->is_local_own)
		work->device->told_from = work->local;
	return true;
}

void
flash_restore_local(struct flash_work *work)
{
	work->local = work->device->told_from;
	work->is_local_own = work->local.s_addr != 0;
	if (work->device->is_from_other_boot)
		job_excuse(
		    work->job, "this machine was switched off or restarted");
}

/* Return true if the device fetches from an address that is ours no more. */
static bool
has_lost_local(const struct flash_work *work)
{
	enum state state = work->device->state;

	return (state == STATE_OFFERING || state == STATE_DOWNLOADING) &&
	    work->is_local_own &&
	    !reachable_is_own(work->parts->reachable, work->local);
}

static void
excuse_lost_local(struct flash_work *work)
{
	char address[INET_ADDRSTRLEN], what[120];

	inet_ntop(AF_INET, &work->local, address, sizeof(address));
	snprintf(what, sizeof(what),
	    "this machine lost its address %s, which the device fetches from",
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
