/* SPDX-License-Identifier: ISC */
/*
 * stagger -- how many jobs may start in one breath.
 *
 * Devices that start as one do everything as one.  Their states would then be
 * written to disk one after another, while nobody else has his turn.
 */
#ifndef REFLASHD_STAGGER_H
#define REFLASHD_STAGGER_H

#include <stdbool.h>
#include <stdint.h>

#define STAGGER_AT_ONCE 4
#define STAGGER_MS	25 /* 160 in a second */

/* Plain; zero to begin with. */
struct stagger {
	uint64_t since_ms;
	unsigned count;
};

/* Enough for now: when more may start, in ms from now; 0: one may now. */
unsigned stagger_wait(const struct stagger *, uint64_t now_ms);

/* One starts. */
void stagger_count(struct stagger *, uint64_t now_ms);

#endif
