/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/log.h"
#include "core/campaign.h"
#include "core/record.h"
#include "reflashd/change.h"
#include "reflashd/daemon.h"
#include "reflashd/firewall.h"
#include "reflashd/keep.h"
#include "reflashd/notify.h"
#include "reflashd/tell.h"

#define MAX_STRANGER_LINES 1000 /* a large LAN at its first start */
#define MAX_CHANGE_LINES   16	/* of one device */

/* A person has cancelled what had begun. */
static bool
is_stopped(const struct device *device)
{
	return device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
	    device->attempt > 0;
}

/* Its attempt was called off before it was told to fetch. */
static bool
waits_as_before(const struct device *device)
{
	return device->state == STATE_HELD && device->reason == REASON_NONE;
}

/* Of an attempt, or of what was believed of it. */
static bool
is_end(const struct device *device, enum state old)
{
	return device->state == STATE_FLASHED ||
	    device->state == STATE_VERIFIED || device->state == STATE_FAILED ||
	    is_stopped(device) ||
	    (state_is_at_work(old) && !waits_as_before(device) &&
		(!state_is_at_work(device->state) ||
		    device->state == STATE_PROBING));
}

/* Of devices that nothing was done to, anybody can invent thousands. */
static bool
is_new_worth_a_line(struct daemon *daemon)
{
	uint64_t now = daemon_now_ms();

	if (quota_take(&daemon->lines, MAX_STRANGER_LINES, now))
		return true;
	if (quota_tell(&daemon->lines, now) > 0)
		log_warning("discovery: so many devices turn up that the log "
			    "leaves further ones out for ten minutes; "
			    "reflashctl devices has them all");
	return false;
}

/* By an announcement anybody can change one that is not at work, and back. */
static bool
is_known_worth_a_line(struct device *device)
{
	uint64_t now = daemon_now_ms();

	if (quota_take(&device->lines, MAX_CHANGE_LINES, now))
		return true;
	if (quota_tell(&device->lines, now) > 0)
		tell_device(device, LOG_WARNING,
		    "it changes again and again: the log leaves that out for "
		    "ten minutes; reflashctl show %s has how it is",
		    device->id);
	return false;
}

/*
 * Whether this machine can reach a network is said once, and not of each device
 * there; so a device goes back without a word to what it waited for before.
 */
static bool
is_for_our_network(struct device *device)
{
	bool was = device->is_quiet;

	device->is_quiet =
	    device->state == STATE_HELD && device->hold == HOLD_NETWORK;
	if (device->is_quiet)
		return true;
	if (was && device->state == STATE_HELD &&
	    device->hold == device->told_hold)
		return true;
	device->told_hold =
	    device->state == STATE_HELD ? device->hold : HOLD_NONE;
	return false;
}

/* What a job does, and how it ends, always is. */
static bool
is_worth_a_line(struct daemon *daemon, struct device *device, enum state old)
{
	if (is_for_our_network(device))
		return false;
	if (state_is_at_work(device->state) || state_is_at_work(old) ||
	    is_end(device, old))
		return true;
	return record_is_needed(device) ? is_known_worth_a_line(device)
					: is_new_worth_a_line(daemon);
}

static void
on_changed(struct device *device, enum state old, void *ctx)
{
	struct daemon *daemon = ctx;
	bool suspects = false;

	if (device->has_image) /* nobody else is counted */
		campaign_changed(daemon->campaign);
	if (!record_is_under_way(device))
		device->token[0] = '\0';
	if (device->state == STATE_FLASHED)
		device->present = device->info_known = false;
	if (is_end(device, old))
		suspects = firewall_explain(daemon->firewall, device);
	if (is_worth_a_line(daemon, device, old))
		tell_change(device, old);
	if (suspects)
		firewall_tell_tcp(daemon->firewall);
	if (is_end(device, old))
		keep_end(daemon->keep, device);
	else
		keep_change(daemon->keep, device);
	if (device->state == STATE_PROBING) {
		device->begun = device->since;
		device->begun_s = device->since_s;
	}
	daemon_publish(daemon, device);
	notify_change(daemon, device, old);
}

static time_t
wall_clock(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static int64_t
steady_s(void *ctx)
{
	(void)ctx;
	return (int64_t)(daemon_now_ms() / 1000);
}

const struct device_ops change_device_ops = {
	.changed = on_changed,
	.wall_clock = wall_clock,
	.steady_s = steady_s,
};
