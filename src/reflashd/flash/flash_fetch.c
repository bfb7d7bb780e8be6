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
	struct flash *flash = device->work;

	if (device->job == NULL || flash->served == NULL ||
	    flash->expected.s_addr == address.s_addr ||
	    clock_now_ms() < flash->expect_after_ms)
		return;
	server_job_expect(flash->served, address);
	flash->expected = address;
	flash->expect_after_ms = clock_now_ms() + EXPECT_MS;
}

/*
 * Somebody asks with its token from an address where it was not expected.  The
 * kernel tells whether that is the device; no announcement is needed.
 */
static bool
is_at(void *ctx, struct in_addr from)
{
	struct flash *flash = ctx;

	if (reachable_why_not(flash->daemon->reachable, from, NULL) != NULL ||
	    mac_at(flash->device, from) != MAC_SAME)
		return false;
	flash->expected = from;
	return true;
}

/* It has asked with its token, from where it is expected. */
static void
follow(struct flash *flash, struct in_addr from)
{
	if (flash->expected.s_addr == 0 ||
	    flash->expected.s_addr != from.s_addr)
		return;
	device_set_address(flash->device, from, NULL);
	flash->expected.s_addr = 0;
	devlog_device(flash->device, LOG_INFO, "goes on from its new address");
}

static void
on_fetch_began(void *ctx)
{
	job_fetch_began(((struct flash *)ctx)->job);
}

static void
on_served(void *ctx, uint64_t first, uint64_t len, struct in_addr from)
{
	struct flash *flash = ctx;

	follow(flash, from);
	outage_heard(&flash->clock);
	flash->device->seen_ms = clock_now_ms();
	job_served(flash->job, first, len);
}

static void
on_verdict(void *ctx, int code)
{
	struct flash *flash = ctx;

	if (!job_awaits_verdict(flash->job))
		return; /* it may say it again for ever */
	devlog_device(flash->device, code == 0 ? LOG_INFO : LOG_WARNING,
	    "its verdict is %d%s", code, code == 0 ? " (success)" : "");
	job_verdict(flash->job, code);
}

struct download
flash_guest(struct flash *flash)
{
	return (struct download){ .ctx = flash,
		.is_at = is_at,
		.began = on_fetch_began,
		.served = on_served,
		.verdict = on_verdict };
}
