/* SPDX-License-Identifier: ISC */
/*
 * ratelimit -- so much in ten minutes, and the rest is counted and told once.
 *
 * What a stranger can cause as often as he likes may be done so often; past
 * that it is left out, and how often it was is told at most every ten minutes.
 * Zeroed before the first use.  No clock: the time is handed in.
 */
#ifndef REFLASHD_RATELIMIT_H
#define REFLASHD_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define RATELIMIT_MS UINT64_C(600000)

struct ratelimit {
	uint64_t since_ms; /* when this period began */
	uint64_t quiet_ms; /* nothing is told before */
	unsigned used;
	unsigned missed; /* and not told yet */
};

/* May it be done once more, as one of at most max in a period? */
bool ratelimit_take(struct ratelimit *, unsigned max, uint64_t now_ms);

/* How many were left out since this was last told; 0: say nothing now. */
unsigned ratelimit_tell(struct ratelimit *, uint64_t now_ms);

#endif
