/* SPDX-License-Identifier: ISC */
/*
 * time_slice -- so many milliseconds of a turn of the event loop, and no more.
 */
#ifndef REFLASHD_TIME_SLICE_H
#define REFLASHD_TIME_SLICE_H

#include <stdbool.h>
#include <stdint.h>

struct time_slice {
	uint64_t until_ns; /* monotonic */
};

void time_slice_begin(struct time_slice *, unsigned ms);
bool time_slice_is_over(const struct time_slice *);

#endif
