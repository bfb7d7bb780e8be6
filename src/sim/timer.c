/* SPDX-License-Identifier: ISC */
/* Sets the timers of libevent in milliseconds. */
#include "config.h"

#include <event2/event.h>
#include <sys/time.h>

#include "sim/timer.h"

void
timer_set(struct event *ev, uint64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	evtimer_add(ev, &tv);
}
