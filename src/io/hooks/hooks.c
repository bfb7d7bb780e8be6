/* SPDX-License-Identifier: ISC */
/*
 * Queues a run of each hook for each event, and starts at most four at a time.
 */
#include "config.h"

#include <stdlib.h>
#include <utlist.h>

#include "io/hooks/hooks_parts.h"

#include "base/memory.h"

/* A run of a hook, from the moment its event came. */
struct turn {
	struct hooks *hooks;	  /* borrowed */
	struct hook *hook;	  /* borrowed from the folder */
	struct hook_event *event; /* a reference */
	struct hook_run *run;	  /* owned; NULL while the turn waits */
	struct turn *prev, *next;
};

struct hooks {
	struct event_base *base; /* borrowed */
	struct hooks_config times;
	struct hook_folder folder;
	struct turn *waiting, *running;
	unsigned waiting_count, running_count;
	uint64_t failures;
};

static void
unref_event(struct hook_event *event)
{
	if (--event->refs > 0)
		return;
	free(event->subject);
	free(event->input);
	strlist_fini(&event->env);
	free(event);
}

static void start_some(struct hooks *);

static void
turn_free(struct turn *turn)
{
	hook_run_free(turn->run);
	turn->hook->pending--;
	unref_event(turn->event);
	free(turn);
}

static void
turn_over(struct turn *turn)
{
	struct hooks *hooks = turn->hooks;

	turn->hook->running = false;
	DL_DELETE(hooks->running, turn);
	hooks->running_count--;
	turn_free(turn);
}

static void
on_ended(struct hook_run *run, void *ctx)
{
	struct turn *turn = ctx;
	struct hooks *hooks = turn->hooks;

	hooks->failures += hook_run_has_failed(run);
	turn_over(turn);
	start_some(hooks);
}

static void
start_turn(struct hooks *hooks, struct turn *turn)
{
	DL_DELETE(hooks->waiting, turn);
	hooks->waiting_count--;
	DL_APPEND(hooks->running, turn);
	hooks->running_count++;
	turn->hook->running = true;
	turn->run = hook_run_new(hooks->base, turn->hook, turn->event,
	    &hooks->times, on_ended, turn);
	if (turn->run != NULL)
		return;
	hooks->failures++;
	turn_over(turn);
}

static void
start_some(struct hooks *hooks)
{
	struct turn *turn, *next;

	DL_FOREACH_SAFE (hooks->waiting, turn, next) {
		if (hooks->running_count == HOOKS_PARALLEL)
			break;
		if (!turn->hook->running)
			start_turn(hooks, turn);
	}
}

static void
enqueue(struct hooks *hooks, struct hook *hook, struct hook_event *event)
{
	unsigned max = event->is_known ? HOOKS_QUEUE : HOOKS_STRANGERS;
	struct turn *turn;

	if (hook->pending >= max) {
		hook_say(hook, HOOK_LATE,
		    "%s: %u runs of it wait already; further ones are left out",
		    event->subject, max);
		return;
	}
	turn = xcalloc(1, sizeof(*turn));
	turn->hooks = hooks;
	turn->hook = hook;
	turn->event = event;
	event->refs++;
	hook->pending++;
	DL_APPEND(hooks->waiting, turn);
	hooks->waiting_count++;
}

struct hooks *
hooks_new(struct event_base *base, const struct hooks_config *config)
{
	struct hooks *hooks = xcalloc(1, sizeof(*hooks));

	hooks->base = base;
	hooks->times = *config;
	hooks->times.directory = NULL;
	hooks->folder.path = xstrdup(config->directory);
	return hooks;
}

void
hooks_free(struct hooks *hooks)
{
	struct turn *turn, *next;

	if (hooks == NULL)
		return;
	DL_FOREACH (hooks->running, turn)
		hook_run_interrupt(turn->run);
	DL_FOREACH_SAFE (hooks->running, turn, next)
		turn_free(turn);
	DL_FOREACH_SAFE (hooks->waiting, turn, next)
		turn_free(turn);
	hook_folder_fini(&hooks->folder);
	free(hooks);
}

void
hooks_set_directory(struct hooks *hooks, const char *directory)
{
	hook_folder_set(&hooks->folder, directory);
}

bool
hooks_look(struct hooks *hooks)
{
	return hook_folder_read(&hooks->folder);
}

void
hooks_run(struct hooks *hooks, const char *subject, struct strlist *env,
    const char *input, bool is_known)
{
	struct hook_event *event = xcalloc(1, sizeof(*event));
	struct hook *hook;

	event->refs = 1;
	event->subject = xstrdup(subject);
	event->input = xstrdup(input);
	event->is_known = is_known;
	event->env = *env;
	*env = (struct strlist){ 0 };
	DL_FOREACH (hooks->folder.hooks, hook)
		if (hook->listed && hook->is_fit)
			enqueue(hooks, hook, event);
	unref_event(event);
	start_some(hooks);
}

unsigned
hooks_pending(const struct hooks *hooks)
{
	return hooks->waiting_count + hooks->running_count;
}

uint64_t
hooks_failures(const struct hooks *hooks)
{
	return hooks->failures;
}
