/* SPDX-License-Identifier: ISC */
/*
 * rate -- how fast a total has grown of late, from its values at some moments.
 */
#ifndef REFLASHD_RATE_H
#define REFLASHD_RATE_H

#include <stdint.h>

#define RATE_SAMPLES 16

/* Initialize with all zeros. */
struct rate {
	struct {
		uint64_t ms, total;
	} samples[RATE_SAMPLES];
	unsigned first, count;
};

/*
 * Note that the total has this value now.  Returns its growth per second over
 * the last eight seconds, or over a shorter time if it is not known for longer;
 * 0 if that cannot be told.  A total that is smaller than before is a new
 * start.
 */
uint32_t rate_note(struct rate *, uint64_t now_ms, uint64_t total);

#endif
