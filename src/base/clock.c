/* SPDX-License-Identifier: ISC */
/* Reads the clocks of the kernel for everything that measures time. */
#include "config.h"

#include <time.h>

#include "base/clock.h"

static uint64_t
read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_now_ms(void)
{
	return read_ns(CLOCK_BOOTTIME) / 1000000;
}

uint64_t
clock_awake_ms(void)
{
	return read_ns(CLOCK_MONOTONIC) / 1000000;
}

uint64_t
clock_awake_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}
