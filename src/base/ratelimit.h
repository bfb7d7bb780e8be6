/* SPDX-License-Identifier: ISC */
/*
 * ratelimit -- so much in ten minutes, and the rest is counted and told once.
 *
 * A stranger can cause some actions as often as it wants.  They are done up to
 * a limit; past that they are left out, and how many were left out is told at
 * most every ten minutes.  Zeroed before the first use.  It has no clock: the
 * time is handed in.
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

/*
 * Return true if it may be done once more, as one of at most max in a period.
 */
bool ratelimit_take(struct ratelimit *, unsigned max, uint64_t now_ms);

/*
 * Return how many were left out since this was last told; 0: say nothing now.
 */
unsigned ratelimit_tell(struct ratelimit *, uint64_t now_ms);

#endif
