/* SPDX-License-Identifier: ISC */
/* A timer of the event loop whose callback has no arguments to ignore. */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "io/timer.h"

struct timer {
	struct event *event;
	timer_fn *fn;
	void *ctx; /* borrowed */
};

static void
on_time(evutil_socket_t fd, short what, void *ctx)
{
	struct timer *timer = ctx;

	(void)fd;
	(void)what;
	timer->fn(timer->ctx);
}

struct timer *
timer_new(struct event_base *base, timer_fn *fn, void *ctx)
{
	struct timer *timer = xcalloc(1, sizeof(*timer));

	timer->fn = fn;
	timer->ctx = ctx;
	timer->event = evtimer_new(base, on_time, timer);
	if (timer->event == NULL)
		abort(); /* as when any memory is out */
	return timer;
}

void
timer_free(struct timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->event);
	free(timer);
}

void
timer_set(struct timer *timer, uint64_t ms)
{
	const struct timeval tv = { (time_t)(ms / 1000),
		(suseconds_t)(ms % 1000 * 1000) };

	evtimer_add(timer->event, &tv);
}

void
timer_stop(struct timer *timer)
{
	evtimer_del(timer->event);
}

bool
timer_is_set(const struct timer *timer)
{
	return evtimer_pending(timer->event, NULL) != 0;
}
