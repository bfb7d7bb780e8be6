/* SPDX-License-Identifier: ISC */
/*
 * window -- hours of the local day in which something may begin.
 *
 *  01:00-05:00  the clock on the wall shows 01:00 up to 04:59
 *  22:30-06:00  over midnight
 *
 * The clock on the wall is what counts.  On the day it is put forward, a window
 * that begins in the missing hour opens at the end of that hour, and a window
 * that lies in it does not open at all.  An hour that comes twice is open
 * twice.
 */
#ifndef REFLASHD_WINDOW_H
#define REFLASHD_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/error.h"

/* Minutes since midnight, from inclusive; to < from goes over midnight. */
struct window {
	unsigned from, to;
};

struct windows {
	struct window *items;
	size_t count;
};

/* Add windows from a text, separated by blanks. */
bool windows_add(struct windows *, const char *words, struct error *);
void windows_fini(struct windows *);

/* Return true if a window is open.  No window at all means always. */
bool windows_open(const struct windows *, const struct tm *local);

/*
 * Return the first time, not before now, at which a window is open, in TZ's
 * time zone.
 */
time_t windows_next(const struct windows *, time_t now);

#endif
