/* SPDX-License-Identifier: ISC */
/*
 * clock -- the clocks that are never set: they only go forward, from the start
 * of the machine.  Use them to measure how long something lasts; the time of
 * day is time().
 */
#ifndef REFLASHD_CLOCK_H
#define REFLASHD_CLOCK_H

#include <stdbool.h>
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

/*
 * Return true while the clock on the wall may be hours wrong: this machine was
 * switched on a short time ago, and systemd-timesyncd has not set the clock
 * yet. A machine without a clock of its own, such as a Raspberry Pi, begins
 * with the time of its last shutdown.
 */
bool clock_is_being_set(void);

#endif
