/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <time.h>

#include "base/slice.h"

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void
slice_begin(struct slice *slice, unsigned ms)
{
	slice->until_ns = now_ns() + ms * UINT64_C(1000000);
}

bool
slice_is_over(const struct slice *slice)
{
	return now_ns() >= slice->until_ns;
}
