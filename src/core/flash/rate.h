/* SPDX-License-Identifier: ISC */
/*
 * rate -- how fast something goes of late, from its total at some moments.
 */
#ifndef REFLASHD_RATE_H
#define REFLASHD_RATE_H

#include <stdint.h>

#define RATE_SAMPLES 16

/* All zeros at the start. */
struct rate {
	struct {
		uint64_t ms, total;
	} samples[RATE_SAMPLES];
	unsigned first, count;
};

/*
 * The total is so much now.  Returns how much it has grown in a second, in the
 * last eight seconds or as long as it is known; 0 if that cannot be told.  A
 * total that is smaller than before is a new start.
 */
uint32_t rate_note(struct rate *, uint64_t now_ms, uint64_t total);

#endif
