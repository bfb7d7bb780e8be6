/* SPDX-License-Identifier: ISC */
/*
 * backoff -- how long to wait before the next try to reach the broker, and
 * whether a failure is worth a line in the log.
 *
 * The wait is 1, 2, 4 ... 60 s, a quarter more or less, so that many houses do
 * not come back in the same moment.  A login that was refused and a name that
 * nobody knows do not change from one second to the next: 60 s at once.  A
 * connection that has lasted a minute starts anew.  The same failure is told
 * once, and then once an hour.  It has no clock: the time is handed in.
 */
#ifndef REFLASHD_BACKOFF_H
#define REFLASHD_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct error;

#define BACKOFF_TEXT_SIZE 400

/* Zeroed before the first use. */
struct backoff {
	uint64_t wait_ms;
	uint64_t told_ms; /* when the failure was last told */
	char told[BACKOFF_TEXT_SIZE];
	bool is_back_told;
};

/*
 * Note a failure.  lasted_ms is how long the connection was good, 0 for never;
 * random is any number.  Returns how long to wait.
 */
uint64_t backoff_next(
    struct backoff *, uint64_t lasted_ms, bool is_lasting, uint32_t random);

/* Return true if this failure is to be told now. */
bool backoff_tells(struct backoff *, const char *text, uint64_t now_ms);

/*
 * Return true if it is to be told that the connection is there: the first time,
 * and once after a failure that was told.
 */
bool backoff_tells_back(struct backoff *);

#endif
