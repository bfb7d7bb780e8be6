/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <event2/event.h>
#include <sys/time.h>
#include <time.h>

#include "sim/timer.h"

void
timer_set(struct event *ev, uint64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	evtimer_add(ev, &tv);
}

uint64_t
timer_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}
