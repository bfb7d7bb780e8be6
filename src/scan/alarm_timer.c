/* SPDX-License-Identifier: ISC */
/* Runs a timer on Avahi's loop by the monotonic clock, with timerfd(2). */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "scan/alarm_timer.h"

struct alarm_timer {
	const AvahiPoll *poll; /* borrowed */
	AvahiWatch *watch;
	alarm_timer_fn *fn;
	void *ctx; /* borrowed */
	int fd;
};

int64_t
alarm_timer_now_ms(void)
{
	return (int64_t)clock_awake_ms();
}

static void
on_expired(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
	struct alarm_timer *a = ctx;
	uint64_t times;

	(void)watch;
	(void)event;
	if (read(fd, &times, sizeof(times)) == sizeof(times))
		a->fn(a->ctx);
}

struct alarm_timer *
alarm_timer_new(const AvahiPoll *poll, alarm_timer_fn *fn, void *ctx)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	struct alarm_timer *a = xcalloc(1, sizeof(*a));

	if (fd == -1)
		err(1, "timerfd");
	a->poll = poll;
	a->fn = fn;
	a->ctx = ctx;
	a->fd = fd;
	a->watch = poll->watch_new(poll, fd, AVAHI_WATCH_IN, on_expired, a);
	return a;
}

void
alarm_timer_free(struct alarm_timer *a)
{
	if (a == NULL)
		return;
	a->poll->watch_free(a->watch);
	close(a->fd);
	free(a);
}

void
alarm_timer_set(struct alarm_timer *a, unsigned ms)
{
	struct itimerspec when = { .it_value = { (time_t)(ms / 1000),
				       (long)(ms % 1000) * 1000000 } };

	if (ms == 0)
		when.it_value.tv_nsec = 1; /* zero would stop it */
	if (timerfd_settime(a->fd, 0, &when, NULL) == -1)
		err(1, "timerfd"); /* better started again than asleep */
}

void
alarm_timer_stop(struct alarm_timer *a)
{
	const struct itimerspec never = { 0 };

	timerfd_settime(a->fd, 0, &never, NULL);
}
