/* SPDX-License-Identifier: ISC */
/*
 * Tells a job what its device fetches from the server, and decides from which
 * addresses the device may fetch.
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
 * A stranger can announce the device at one address after another.  A device
 * that really moves does so once, and repeats its announcement.
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
 * Return true if the kernel sees the device at an unexpected address that has
 * used its token.  No announcement is needed.
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

/* Another device has the address that this one had, and may be reporting. */
static bool
is_device_elsewhere(void *ctx, struct in_addr from)
{
	struct flash_work *work = ctx;

	return mac_at(work->device, from) == MAC_OTHER;
}

/* Move the device to the expected address once its token is used there. */
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
on_fetch_started(void *ctx, struct in_addr from)
{
	struct flash_work *work = ctx;

	(void)from;
	outage_catch_up(work->parts->outage);
	job_fetch_began(work->job);
}

static void
on_served(void *ctx, uint64_t first, uint64_t len, struct in_addr from)
{
	struct flash_work *work = ctx;

	outage_catch_up(work->parts->outage);
	follow_device(work, from);
	outage_heard(&work->clock);
	work->device->seen.last_ms = clock_now_ms();
	job_served(work->job, first, len);
}

static void
on_verdict(void *ctx, int code, struct in_addr from)
{
	struct flash_work *work = ctx;
	const char *doubt;

	outage_catch_up(work->parts->outage);
	doubt = job_verdict_doubt(work->job, code);
	/* A verdict has no id: its sender is known by the address alone. */
	if (doubt == NULL && is_device_elsewhere(work, from))
		doubt = "another device has this address now";
	if (doubt != NULL) {
		/* A device may repeat its verdict any number of times. */
		if (doubt[0] != '\0')
			devlog_rumour(work->device, LOG_WARNING,
			    "a report of %d from its address does not count: "
			    "%s",
			    code, doubt);
		return;
	}
	devlog_device(work->device, code == 0 ? LOG_INFO : LOG_WARNING,
	    "it reports %d%s", code, code == 0 ? " (success)" : "");
	/* It may have waited for a moment in which the network was there. */
	if (work->is_cut_off)
		job_excuse(work->job, work->device->place.cut_off);
	job_verdict(work->job, code);
}

const struct server_job_ops flash_server_ops = {
	.fetch_started = on_fetch_started,
	.served = on_served,
	.verdict = on_verdict,
	.is_at = is_device_at,
	.is_elsewhere = is_device_elsewhere,
};
