/* SPDX-License-Identifier: ISC */
/*
 * timer -- milliseconds on top of libevent's timers.
 */
#ifndef REFLASHD_SIM_TIMER_H
#define REFLASHD_SIM_TIMER_H

#include <stdint.h>

struct event;

/* Restart a timer made by evtimer_new(). */
void timer_set(struct event *, uint64_t ms);

/* Monotonic. */
uint64_t timer_now_ms(void);

#endif
