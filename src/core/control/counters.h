/* SPDX-License-Identifier: ISC */
/*
 * counters -- how many attempts have ended since the start of the daemon, how,
 * why and after how long; and how a count of replies goes by their status.
 *
 * A count only rises.  Each line of the history counts once, so that over any
 * time in which the daemon ran on, the counters and the history agree.
 */
#ifndef REFLASHD_COUNTERS_H
#define REFLASHD_COUNTERS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "core/state/reason.h"
#include "core/state/state.h"

/* Upper ends of the durations that are told apart, in seconds. */
#define COUNTERS_BOUNDS 30, 60, 90, 120, 180, 300, 600, 900, 1800
#define COUNTERS_BOUND_COUNT                                                   \
	(sizeof((const unsigned[]){ COUNTERS_BOUNDS }) / sizeof(unsigned))

struct counters {
	uint64_t ends[STATE_COUNT]; /* by the state in the history */
	int64_t last[STATE_COUNT];  /* when, in s since 1970; 0: never */
	uint64_t why[REASON_COUNT]; /* of what failed, for now or for good */
	uint64_t took[COUNTERS_BOUND_COUNT + 1]; /* of what was flashed; the
						    last: longer */
	uint64_t took_s;			 /* all of these in sum */
};

/* Return upper end i in seconds, below COUNTERS_BOUND_COUNT. */
unsigned counters_bound(size_t i);

/* Return true for a state that a line of the history can have. */
bool counters_is_end(enum state);

/* Count a line of the history, at this time; a line of no known form is not. */
void counters_add(struct counters *, const json_t *line, int64_t now);

/*
 * Make {"ends":{state:n},"last":{state:s or null},"reasons":{token:n},
 * "durations":{"bounds":[s],"counts":[n],"seconds":s}}; counts has one more
 * than bounds, of the longer ones, and none is a part of another.
 */
json_t *counters_json(const struct counters *);

#endif
