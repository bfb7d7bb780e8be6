/* SPDX-License-Identifier: ISC */
/*
 * clock -- the clocks that are never set: they only go forward, from the start
 * of the machine.  Use them to measure how long something lasts; the time of
 * day is time().
 */
#ifndef REFLASHD_CLOCK_H
#define REFLASHD_CLOCK_H

#include <stdint.h>

/* Return milliseconds of the clock that goes on while the machine sleeps. */
uint64_t clock_now_ms(void);

/* Return the clock that stands still while the machine sleeps. */
uint64_t clock_awake_ms(void);
uint64_t clock_awake_ns(void);

/*
 * Return the id of this boot of the machine, as the kernel names it; "" if the
 * kernel does not tell.
 */
const char *clock_boot(void);

#endif
