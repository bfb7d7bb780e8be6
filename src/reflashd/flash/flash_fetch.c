/* SPDX-License-Identifier: ISC */
/*
 * Tells a job what its device does on the server, and from which addresses the
 * device may do it.
 */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "reflashd/events/devlog.h"
#include "reflashd/flash/flash_parts.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"

/*
 * Anybody can announce the device at one address after another.  A device that
 * really moves does so once, and repeats its announcement.
 */
#define EXPECT_MS 10000

void
flash_expect(struct device *device, struct in_addr address)
{
	struct flash_work *work = device->work;

	if (device->job == NULL || work->served == NULL ||
	    work->expected.s_addr == address.s_addr ||
	    clock_now_ms() < work->expect_after_ms)
		return;
	server_job_expect(work->served, address);
	work->expected = address;
	work->expect_after_ms = clock_now_ms() + EXPECT_MS;
}

/*
 * The token was used from an address where the device was not expected.  The
 * kernel tells whether the device is there; no announcement is needed.
 */
static bool
is_device_at(void *ctx, struct in_addr from)
{
	struct flash_work *work = ctx;

	if (reachable_why_not(work->parts->reachable, from, NULL) != NULL ||
	    mac_at(work->device, from) != MAC_SAME)
		return false;
	work->expected = from;
	return true;
}

/* The token was used from where the device is expected: it is there now. */
static void
follow_device(struct flash_work *work, struct in_addr from)
{
	if (work->expected.s_addr == 0 || work->expected.s_addr != from.s_addr)
		return;
	device_set_address(work->device, from, NULL);
	work->expected.s_addr = 0;
	devlog_device(work->device, LOG_INFO, "goes on from its new address");
}

static void
on_fetch_began(void *ctx)
{
	job_fetch_began(((struct flash_work *)ctx)->job);
}

static void
on_served(void *ctx, uint64_t first, uint64_t len, struct in_addr from)
{
	struct flash_work *work = ctx;

	follow_device(work, from);
	outage_heard(&work->clock);
	work->device->seen_ms = clock_now_ms();
	job_served(work->job, first, len);
}

static void
on_verdict(void *ctx, int code)
{
	struct flash_work *work = ctx;

	if (!job_awaits_verdict(work->job))
		return; /* a device may repeat its verdict for ever */
	devlog_device(work->device, code == 0 ? LOG_INFO : LOG_WARNING,
	    "its verdict is %d%s", code, code == 0 ? " (success)" : "");
	job_verdict(work->job, code);
}

struct download
flash_guest(struct flash_work *work)
{
	return (struct download){ .ctx = work,
		.is_at = is_device_at,
		.began = on_fetch_began,
		.served = on_served,
		.verdict = on_verdict };
}
