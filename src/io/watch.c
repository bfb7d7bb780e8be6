/* SPDX-License-Identifier: ISC */
/*
 * An event of libevent for a descriptor, whose callback has no arguments to
 * ignore.
 */
#include "config.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

#include "base/memory.h"
#include "io/watch.h"

struct watch {
	struct event_base *base; /* borrowed */
	struct event event;
	int fd; /* borrowed; -1: none yet */
	watch_fn *fn;
	void *ctx; /* borrowed */
};

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;

	(void)fd;
	(void)what;
	watch->fn(watch->ctx);
}

struct watch *
watch_new(struct event_base *base, watch_fn *fn, void *ctx)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	watch->base = base;
	watch->fd = -1;
	watch->fn = fn;
	watch->ctx = ctx;
	event_assign(&watch->event, base, -1, EV_PERSIST, on_readable, watch);
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	event_del(&watch->event);
	free(watch);
}

void
watch_set(struct watch *watch, int fd)
{
	if (fd == watch->fd || fd == -1)
		return;
	watch->fd = fd;
	event_del(&watch->event);
	event_assign(&watch->event, watch->base, fd, EV_READ | EV_PERSIST,
	    on_readable, watch);
	event_add(&watch->event, NULL);
}

void
watch_call(struct watch *watch)
{
	event_active(&watch->event, EV_TIMEOUT, 0);
}
