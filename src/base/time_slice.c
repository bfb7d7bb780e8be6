/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/time_slice.h"

void
slice_begin(struct slice *slice, unsigned ms)
{
	slice->until_ns = clock_awake_ns() + ms * UINT64_C(1000000);
}

bool
slice_is_over(const struct slice *slice)
{
	return clock_awake_ns() >= slice->until_ns;
}
