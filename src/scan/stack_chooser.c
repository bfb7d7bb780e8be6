/* SPDX-License-Identifier: ISC */
/*
 * Opens avahi-daemon or the embedded stack, whichever works, and changes when
 * one fails or a better one is back.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "core/mdns/scanline.h"
#include "scan/alarm_timer.h"
#include "scan/avahi_probe.h"
#include "scan/backend.h"
#include "scan/browser.h"
#include "scan/options.h"
#include "scan/output.h"
#include "scan/stack_chooser.h"

#define BACKOFF_MIN_MS	 1000
#define BACKOFF_MAX_MS	 30000
#define STEADY_MS	 60000 /* a stack that worked so long is retried at once */
#define BLOCKED_SEC	 30    /* how long a stuck D-Bus may hold us up */
#define CLOCK_STEP_MS	 5000
#define DEAF_ROUNDS	 3 /* rounds of questions without another host heard */
#define REFUSED_EVERY_MS 600000 /* a flood is told once in ten minutes */

struct stack_chooser {
	const struct options *options; /* borrowed */
	struct browser *browser;       /* borrowed */
	struct output *output;	       /* borrowed */
	struct backend_config config;
	const struct backend *backend; /* NULL = none is open */
	struct stack *stack;
	struct alarm_timer *retry;   /* look for another stack */
	struct alarm_timer *requery; /* ask the LAN again */
	struct avahi_probe *probe;
	unsigned backoff_ms;
	bool has_failed; /* close it as soon as no callback of it runs */
	bool is_told;
	int64_t opened_ms, refused_ms, clock_ms;
	char failure[100];
	char text[200];
};

static bool
may_use_avahi(const struct stack_chooser *c)
{
	return c->options->backend != BACKEND_EMBEDDED;
}

#ifdef HAVE_AVAHI_CORE
static bool
may_use_embedded(const struct stack_chooser *c)
{
	return c->options->backend != BACKEND_AVAHI;
}
#endif

void
stack_chooser_tell(struct stack_chooser *c)
{
	struct scanstatus status = {
		.backend = c->backend == NULL ? "none" : c->backend->name,
		.text = c->text,
		.ready = c->backend != NULL,
		.next_sec = c->options->requery_sec + BLOCKED_SEC,
		.heard = browser_heard(c->browser),
	};

	if (c->is_told || !output_has_room(c->output))
		return;
	c->is_told = true;
	output_line(c->output, scanline_status(&status));
	c->text[0] = '\0';
}

static void
say(struct stack_chooser *c, const char *text)
{
	snprintf(c->text, sizeof(c->text), "%s", text);
	c->is_told = false;
	stack_chooser_tell(c);
}

static void
retry_later(struct stack_chooser *c)
{
	alarm_timer_set(c->retry, c->backoff_ms);
	c->backoff_ms *= 2;
	if (c->backoff_ms > BACKOFF_MAX_MS)
		c->backoff_ms = BACKOFF_MAX_MS;
}

static void
close_stack(struct stack_chooser *c)
{
	if (c->backend == NULL)
		return;
	if (alarm_timer_now_ms() - c->opened_ms >= STEADY_MS)
		c->backoff_ms = BACKOFF_MIN_MS;
	browser_detach(c->browser);
	c->backend->close(c->stack);
	c->backend = NULL;
	c->stack = NULL;
	c->has_failed = false;
}

static bool
start_stack(
    struct stack_chooser *c, const struct backend *backend, struct error *err)
{
	close_stack(c);
	c->stack = backend->open(&c->config, err);
	if (c->stack == NULL)
		return false;
	c->backend = backend;
	c->opened_ms = alarm_timer_now_ms();
	return true;
}

static bool
open_stack(
    struct stack_chooser *c, const struct backend *backend, struct error *err)
{
	char text[100];

	if (!start_stack(c, backend, err))
		return false;
	snprintf(text, sizeof(text), "looking for devices %s", backend->text);
	say(c, text);
	browser_attach(c->browser, backend, c->stack);
	return true;
}

static void
go_without(struct stack_chooser *c, const char *why)
{
	char text[200];

	close_stack(c);
	snprintf(text, sizeof(text), "not looking for devices: %.140s", why);
	say(c, text);
	retry_later(c);
}

static void
try_embedded(struct stack_chooser *c)
{
	struct error err = { .text = "avahi-daemon does not answer" };

#ifdef HAVE_AVAHI_CORE
	if (may_use_embedded(c) && open_stack(c, &backend_embedded, &err)) {
		if (may_use_avahi(c))
			retry_later(c);
		return;
	}
#endif
	go_without(c, err.text);
}

static void
on_probed(bool answers, void *ctx)
{
	struct stack_chooser *c = ctx;
	struct error err;

	if (answers && c->backend == &backend_avahi && !c->has_failed) {
		browser_requery(c->browser);
		return;
	}
	if (answers && open_stack(c, &backend_avahi, &err)) {
		c->backoff_ms = BACKOFF_MIN_MS;
		return;
	}
	if (c->backend == NULL || c->backend == &backend_avahi)
		try_embedded(c);
	else
		retry_later(c);
}

/* Handle a failed stack, or look for a better one. */
static void
on_retry(void *ctx)
{
	struct stack_chooser *c = ctx;

	if (c->has_failed)
		go_without(c, c->failure);
	else if (may_use_avahi(c))
		avahi_probe_start(c->probe);
	else if (c->backend == NULL)
		try_embedded(c);
}

/*
 * Note the failure.  It may come from inside the stack, which is closed from
 * the loop later.
 */
static void
on_failed(const char *why, void *ctx)
{
	struct stack_chooser *c = ctx;

	snprintf(c->failure, sizeof(c->failure), "%s", why);
	c->has_failed = true;
	alarm_timer_set(c->retry, 0);
}

/* Return how far the clock of the day is ahead of the monotonic one. */
static int64_t
clock_offset_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 -
	    alarm_timer_now_ms();
}

/*
 * Return true if the clock was set back. libavahi-core keeps its deadlines in
 * time of day: set back by an hour, it would do nothing for an hour.
 */
static bool
was_clock_set_back(struct stack_chooser *c)
{
	int64_t before = c->clock_ms;

	c->clock_ms = clock_offset_ms();
	return c->clock_ms < before - CLOCK_STEP_MS;
}

/*
 * Return true if the embedded stack hears no other host for long. libavahi-core
 * 0.8 does not report that it could not learn the interfaces, or not join one,
 * and then listens to none.  Nothing is lost if it begins anew.
 */
static bool
is_deaf(const struct stack_chooser *c)
{
	int64_t patience =
	    (int64_t)c->options->requery_sec * 1000 * DEAF_ROUNDS;

	return c->backend != NULL && c->backend != &backend_avahi &&
	    browser_heard(c->browser) == SCAN_HEARD_NOBODY &&
	    alarm_timer_now_ms() - c->opened_ms >= patience;
}

static void
begin_anew(struct stack_chooser *c)
{
	const struct backend *backend = c->backend;
	struct error err;

	if (start_stack(c, backend, &err))
		browser_attach(c->browser, backend, c->stack);
	else
		go_without(c, err.text);
}

static void
tell_refused(struct stack_chooser *c)
{
	int64_t now = alarm_timer_now_ms();
	char text[100];
	unsigned n;

	if (c->refused_ms != 0 && now - c->refused_ms < REFUSED_EVERY_MS)
		return;
	n = browser_take_refused(c->browser);
	if (n == 0)
		return;
	c->refused_ms = now;
	snprintf(text, sizeof(text),
	    "more than %u of one service on the LAN: %u announcements "
	    "ignored",
	    c->options->max, n);
	say(c, text);
}

static void
on_requery(void *ctx)
{
	struct stack_chooser *c = ctx;

	alarm_timer_set(c->requery, c->options->requery_sec * 1000);
	tell_refused(c);
	if (c->is_told)
		say(c, "");
	if (was_clock_set_back(c) && c->backend != NULL &&
	    c->backend != &backend_avahi)
		on_failed("the clock was set back", c);
	else if (is_deaf(c))
		begin_anew(c);
	else if (c->backend == &backend_avahi)
		avahi_probe_start(
		    c->probe); /* first check that it cannot block */
	else
		browser_requery(c->browser);
}

struct stack_chooser *
stack_chooser_new(const AvahiPoll *poll, const struct options *options,
    struct browser *browser, struct output *output)
{
	struct stack_chooser *c = xcalloc(1, sizeof(*c));

	c->options = options;
	c->browser = browser;
	c->output = output;
	c->config = (struct backend_config){ poll, options, on_failed, c };
	c->backoff_ms = BACKOFF_MIN_MS;
	c->is_told = true;
	c->clock_ms = clock_offset_ms();
	c->probe = avahi_probe_new(poll, on_probed, c);
	c->retry = alarm_timer_new(poll, on_retry, c);
	c->requery = alarm_timer_new(poll, on_requery, c);
	alarm_timer_set(c->retry, 0);
	alarm_timer_set(c->requery, options->requery_sec * 1000);
	return c;
}

void
stack_chooser_free(struct stack_chooser *c)
{
	if (c == NULL)
		return;
	close_stack(c);
	avahi_probe_free(c->probe);
	alarm_timer_free(c->retry);
	alarm_timer_free(c->requery);
	free(c);
}
