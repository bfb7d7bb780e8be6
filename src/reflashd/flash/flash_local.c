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
flash_note_local(struct flash *flash, struct error *err)
{
	if (!reachable_advertised(flash->daemon->reachable, flash->device,
		server_address(flash->daemon->server), &flash->local, err))
		return false;
	flash->is_local_own =
	    reachable_is_own(flash->daemon->reachable, flash->local);
	flash->told_moved = false;
	flash->device->told_from = (struct in_addr){ 0 };
	if (flash->is_local_own)
		flash->device->told_from = flash->local;
	return true;
}

void
flash_restore_local(struct flash *flash)
{
	flash->local = flash->device->told_from;
	flash->is_local_own = flash->local.s_addr != 0;
	if (flash->device->is_from_other_boot)
		job_excuse(
		    flash->job, "this machine was switched off or restarted");
}

/* Whether the device is fetching from an address that is ours no more. */
static bool
has_moved(const struct flash *flash)
{
	enum state state = flash->device->state;

	return (state == STATE_OFFERING || state == STATE_DOWNLOADING) &&
	    flash->is_local_own &&
	    !reachable_is_own(flash->daemon->reachable, flash->local);
}

static void
excuse_moved(struct flash *flash)
{
	char address[INET_ADDRSTRLEN], what[120];

	inet_ntop(AF_INET, &flash->local, address, sizeof(address));
	snprintf(what, sizeof(what),
	    "this machine lost its address %s, which the device fetches from",
	    address);
	job_excuse(flash->job, what);
	if (!flash->told_moved)
		devlog_device(flash->device, LOG_WARNING,
		    "%s; if its download breaks off now, the attempt does not "
		    "count",
		    what);
	flash->told_moved = true;
}

void
flash_look_at_local(struct daemon *daemon)
{
	struct flash *flash;

	DL_FOREACH (daemon->works, flash)
		if (has_moved(flash))
			excuse_moved(flash);
}
