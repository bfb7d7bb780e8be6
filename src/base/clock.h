/* SPDX-License-Identifier: ISC */
/*
 * clock -- the clocks that are never set: they only go forward, from the start
 * of the machine.  What lasts is measured by them; the time of day is time().
 */
#ifndef REFLASHD_CLOCK_H
#define REFLASHD_CLOCK_H

#include <stdint.h>

/* Milliseconds; goes on while the machine sleeps. */
uint64_t clock_now_ms(void);

/* Stands still while the machine sleeps. */
uint64_t clock_awake_ms(void);
uint64_t clock_awake_ns(void);

#endif
