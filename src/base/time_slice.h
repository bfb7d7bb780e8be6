/* SPDX-License-Identifier: ISC */
/*
 * time_slice -- so many milliseconds of a turn of the event loop, and no more.
 */
#ifndef REFLASHD_TIME_SLICE_H
#define REFLASHD_TIME_SLICE_H

#include <stdbool.h>
#include <stdint.h>

struct slice {
	uint64_t until_ns; /* monotonic */
};

void slice_begin(struct slice *, unsigned ms);
bool slice_is_over(const struct slice *);

#endif
