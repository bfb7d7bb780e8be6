/* SPDX-License-Identifier: ISC */
/* timer -- the timers of libevent, in milliseconds. */
#ifndef REFLASHD_SIM_TIMER_H
#define REFLASHD_SIM_TIMER_H

#include <stdint.h>

struct event;

/* Start a timer of evtimer_new(), or start it anew. */
void timer_set(struct event *, uint64_t ms);

#endif
