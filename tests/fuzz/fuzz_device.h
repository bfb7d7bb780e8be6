/* SPDX-License-Identifier: ISC */
/* fuzz_device -- what a device needs of its world, for the targets that make
 * one. */
#ifndef REFLASHD_FUZZ_DEVICE_H
#define REFLASHD_FUZZ_DEVICE_H

#include "core/device/device.h"

#define FUZZ_WALL     1700000000 /* the time of day, in seconds */
#define FUZZ_STEADY_S 1000

static void
on_changed(struct device *device, enum state old, void *ctx)
{
	(void)device;
	(void)old;
	(void)ctx;
}

static time_t
wall_clock(void *ctx)
{
	(void)ctx;
	return FUZZ_WALL;
}

static int64_t
steady_s(void *ctx)
{
	(void)ctx;
	return FUZZ_STEADY_S;
}

static unsigned
http_port(void *ctx)
{
	(void)ctx;
	return 8266;
}

static const struct device_ops fuzz_device_ops = { on_changed, wall_clock,
	steady_s, http_port };

#endif
