/* SPDX-License-Identifier: ISC */
/* Tells a loop when it has used up its share of a turn of the event loop. */
#include "config.h"

#include "base/clock.h"
#include "base/time_slice.h"

void
time_slice_begin(struct time_slice *time_slice, unsigned ms)
{
	time_slice->until_ns = clock_awake_ns() + ms * UINT64_C(1000000);
}

bool
time_slice_is_over(const struct time_slice *time_slice)
{
	return clock_awake_ns() >= time_slice->until_ns;
}
