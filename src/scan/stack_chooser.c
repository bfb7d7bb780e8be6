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

#include "scan/stack_chooser.h"

#include "scan/alarm_timer.h"
#include "scan/avahi_probe.h"
#include "scan/backend.h"
#include "scan/browser.h"
#include "scan/options.h"
#include "scan/output.h"

#include "base/memory.h"
#include "core/mdns/scanline.h"

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
	struct alarm_timer *retry; /* look whether another stack is to be had */
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
may_use_avahi(const struct stack_chooser *k)
{
	return k->options->backend != BACKEND_EMBEDDED;
}

#ifdef HAVE_AVAHI_CORE
static bool
may_use_embedded(const struct stack_chooser *k)
{
	return k->options->backend != BACKEND_AVAHI;
}
#endif

void
stack_chooser_tell(struct stack_chooser *k)
{
	struct scanstatus status = {
		.backend = k->backend == NULL ? "none" : k->backend->name,
		.text = k->text,
		.ready = k->backend != NULL,
		.next_sec = k->options->requery_sec + BLOCKED_SEC,
		.heard = browser_heard(k->browser),
	};

	if (k->is_told || !output_has_room(k->output))
		return;
	k->is_told = true;
	output_line(k->output, scanline_status(&status));
	k->text[0] = '\0';
}

static void
say(struct stack_chooser *k, const char *text)
{
	snprintf(k->text, sizeof(k->text), "%s", text);
	k->is_told = false;
	stack_chooser_tell(k);
}

static void
retry_later(struct stack_chooser *k)
{
	alarm_timer_set(k->retry, k->backoff_ms);
	k->backoff_ms *= 2;
	if (k->backoff_ms > BACKOFF_MAX_MS)
		k->backoff_ms = BACKOFF_MAX_MS;
}

static void
close_stack(struct stack_chooser *k)
{
	if (k->backend == NULL)
		return;
	if (alarm_timer_now_ms() - k->opened_ms >= STEADY_MS)
		k->backoff_ms = BACKOFF_MIN_MS;
	browser_detach(k->browser);
	k->backend->close(k->stack);
	k->backend = NULL;
	k->stack = NULL;
	k->has_failed = false;
}

static bool
start_stack(
    struct stack_chooser *k, const struct backend *backend, struct error *err)
{
	close_stack(k);
	k->stack = backend->open(&k->config, err);
	if (k->stack == NULL)
		return false;
	k->backend = backend;
	k->opened_ms = alarm_timer_now_ms();
	return true;
}

static bool
open_stack(
    struct stack_chooser *k, const struct backend *backend, struct error *err)
{
	char text[100];

	if (!start_stack(k, backend, err))
		return false;
	snprintf(text, sizeof(text), "looking for devices %s", backend->text);
	say(k, text);
	browser_attach(k->browser, backend, k->stack);
	return true;
}

static void
go_without(struct stack_chooser *k, const char *why)
{
	char text[200];

	close_stack(k);
	snprintf(text, sizeof(text), "not looking for devices: %.140s", why);
	say(k, text);
	retry_later(k);
}

static void
try_embedded(struct stack_chooser *k)
{
	struct error err = { .text = "avahi-daemon does not answer" };

#ifdef HAVE_AVAHI_CORE
	if (may_use_embedded(k) && open_stack(k, &backend_embedded, &err)) {
		if (may_use_avahi(k))
			retry_later(k);
		return;
	}
#endif
	go_without(k, err.text);
}

static void
on_probed(bool answers, void *ctx)
{
	struct stack_chooser *k = ctx;
	struct error err;

	if (answers && k->backend == &backend_avahi && !k->has_failed) {
		browser_requery(k->browser);
		return;
	}
	if (answers && open_stack(k, &backend_avahi, &err)) {
		k->backoff_ms = BACKOFF_MIN_MS;
		return;
	}
	if (k->backend == NULL || k->backend == &backend_avahi)
		try_embedded(k);
	else
		retry_later(k);
}

/* Handle a failed stack, or look for a better one. */
static void
on_retry(void *ctx)
{
	struct stack_chooser *k = ctx;

	if (k->has_failed)
		go_without(k, k->failure);
	else if (may_use_avahi(k))
		avahi_probe_start(k->probe);
	else if (k->backend == NULL)
		try_embedded(k);
}

/*
 * Note the failure.  It may come from inside the stack, which is closed from
 * the loop later.
 */
static void
on_failed(const char *why, void *ctx)
{
	struct stack_chooser *k = ctx;

	snprintf(k->failure, sizeof(k->failure), "%s", why);
	k->has_failed = true;
	alarm_timer_set(k->retry, 0);
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
was_clock_set_back(struct stack_chooser *k)
{
	int64_t before = k->clock_ms;

	k->clock_ms = clock_offset_ms();
	return k->clock_ms < before - CLOCK_STEP_MS;
}

/*
 * Return true if the embedded stack hears no other host for long. libavahi-core
 * 0.8 does not report that it could not learn the interfaces, or not join one,
 * and then listens to none.  Nothing is lost if it begins anew.
 */
static bool
is_deaf(const struct stack_chooser *k)
{
	int64_t patience =
	    (int64_t)k->options->requery_sec * 1000 * DEAF_ROUNDS;

	return k->backend != NULL && k->backend != &backend_avahi &&
	    browser_heard(k->browser) == SCAN_HEARD_NOBODY &&
	    alarm_timer_now_ms() - k->opened_ms >= patience;
}

static void
begin_anew(struct stack_chooser *k)
{
	const struct backend *backend = k->backend;
	struct error err;

	if (start_stack(k, backend, &err))
		browser_attach(k->browser, backend, k->stack);
	else
		go_without(k, err.text);
}

static void
tell_refused(struct stack_chooser *k)
{
	int64_t now = alarm_timer_now_ms();
	char text[100];
	unsigned n;

	if (k->refused_ms != 0 && now - k->refused_ms < REFUSED_EVERY_MS)
		return;
	n = browser_take_refused(k->browser);
	if (n == 0)
		return;
	k->refused_ms = now;
	snprintf(text, sizeof(text),
	    "more than %u of one service on the LAN: %u announcements "
	    "ignored",
	    k->options->max, n);
	say(k, text);
}

static void
on_requery(void *ctx)
{
	struct stack_chooser *k = ctx;

	alarm_timer_set(k->requery, k->options->requery_sec * 1000);
	tell_refused(k);
	if (k->is_told)
		say(k, "");
	if (was_clock_set_back(k) && k->backend != NULL &&
	    k->backend != &backend_avahi)
		on_failed("the clock was set back", k);
	else if (is_deaf(k))
		begin_anew(k);
	else if (k->backend == &backend_avahi)
		avahi_probe_start(
		    k->probe); /* first check that it cannot block */
	else
		browser_requery(k->browser);
}

struct stack_chooser *
stack_chooser_new(const AvahiPoll *poll, const struct options *options,
    struct browser *browser, struct output *output)
{
	struct stack_chooser *k = xcalloc(1, sizeof(*k));

	k->options = options;
	k->browser = browser;
	k->output = output;
	k->config = (struct backend_config){ poll, options, on_failed, k };
	k->backoff_ms = BACKOFF_MIN_MS;
	k->is_told = true;
	k->clock_ms = clock_offset_ms();
	k->probe = avahi_probe_new(poll, on_probed, k);
	k->retry = alarm_timer_new(poll, on_retry, k);
	k->requery = alarm_timer_new(poll, on_requery, k);
	alarm_timer_set(k->retry, 0);
	alarm_timer_set(k->requery, options->requery_sec * 1000);
	return k;
}

void
stack_chooser_free(struct stack_chooser *k)
{
	if (k == NULL)
		return;
	close_stack(k);
	avahi_probe_free(k->probe);
	alarm_timer_free(k->retry);
	alarm_timer_free(k->requery);
	free(k);
}
