/* SPDX-License-Identifier: ISC */
/* Runs the event loop of a program beside the daemon, and ends it on a signal.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "beside/mainloop.h"
#include "io/evlog.h"
#include "io/manager.h"
#include "io/signals.h"
#include "io/timer.h"

struct mainloop {
	struct event_base *base;
	struct signals *signals;
	struct timer *alive; /* tells the watchdog */
	void (*end)(void *ctx);
	void *ctx;
	bool is_ending;
};

static void
on_signal(int number, void *ctx)
{
	struct mainloop *mainloop = ctx;

	if (mainloop->is_ending) {
		mainloop_end(mainloop);
		return;
	}
	log_info("stopping (%s)", strsignal(number));
	manager_stopping();
	mainloop->is_ending = true;
	mainloop->end(mainloop->ctx);
}

static void
tell_watchdog(void *ctx)
{
	struct mainloop *mainloop = ctx;

	manager_alive();
	timer_set(mainloop->alive, manager_watchdog_ms());
}

struct mainloop *
mainloop_new(void (*end)(void *ctx), void *ctx, struct error *err)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct mainloop *mainloop = xcalloc(1, sizeof(*mainloop));

	signal(SIGPIPE, SIG_IGN);
	evlog_install();
	mainloop->end = end;
	mainloop->ctx = ctx;
	mainloop->base = event_base_new();
	if (mainloop->base == NULL) {
		error_set(err, ENOMEM, "the event loop cannot be made");
		mainloop_free(mainloop);
		return NULL;
	}
	mainloop->alive = timer_new(mainloop->base, tell_watchdog, mainloop);
	mainloop->signals =
	    signals_new(mainloop->base, numbers, 3, on_signal, mainloop, err);
	if (mainloop->signals == NULL) {
		mainloop_free(mainloop);
		return NULL;
	}
	return mainloop;
}

void
mainloop_free(struct mainloop *mainloop)
{
	if (mainloop == NULL)
		return;
	signals_free(mainloop->signals);
	timer_free(mainloop->alive);
	if (mainloop->base != NULL)
		event_base_free(mainloop->base);
	free(mainloop);
}

struct event_base *
mainloop_base(struct mainloop *mainloop)
{
	return mainloop->base;
}

void
mainloop_run(struct mainloop *mainloop)
{
	if (manager_watchdog_ms() > 0)
		timer_set(mainloop->alive, 0);
	manager_ready();
	event_base_dispatch(mainloop->base);
}

void
mainloop_end(struct mainloop *mainloop)
{
	event_base_loopbreak(mainloop->base);
}

void
mainloop_status(const char *text)
{
	manager_status(text);
}
