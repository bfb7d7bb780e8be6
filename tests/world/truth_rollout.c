/* SPDX-License-Identifier: ISC */
/*
 * Whether a job may begin, as the [Rollout] of its policy has it: judged by
 * what the daemon itself said of the other devices.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth_parts.h"

/* When a person last resumed each policy, and forgave its failures. */
static uint64_t resumed_ms[SCRIPT_POLICIES];

/* The last such command, which the daemon may refuse. */
static struct {
	unsigned slot;
	uint64_t before_ms;
} last;

/* It was answered and saved: no death has cut it short. */
static bool is_sure[SCRIPT_POLICIES];

/* How the other devices of the policy fare with the same image. */
struct fare {
	unsigned good, unsure, at_work, failed, ordered, touched;
	uint64_t last_good_ms;
};

static bool
is_failure(const struct view *view)
{
	return view->state == STATE_FAILED ||
	    (view->state == STATE_HELD && view->attempt > 0);
}

/* Since a person resumed the policy last, and so forgave what was before. */
static bool
is_since_resume(const struct view *view)
{
	return view->changed_ms > resumed_ms[view->policy[0] - '1'];
}

static void
count_one(struct fare *fare, const struct thing *thing, const struct view *view)
{
	if (view->had_flash_order)
		fare->ordered++;
	else if (view->state == STATE_FLASHED && thing->is_unsure)
		fare->unsure += is_since_resume(view);
	else if (state_is_success(view->state)) {
		fare->good++;
		if (view->changed_ms > fare->last_good_ms)
			fare->last_good_ms = view->changed_ms;
	} else if (state_is_at_work(view->state))
		fare->at_work++;
	else if (view->state == STATE_FAILED && thing->is_vouched &&
	    view->ordered_ms < view->changed_ms && is_since_resume(view))
		fare->failed++;
	if (is_failure(view))
		fare->touched++;
}

static void
count(const struct thing *self, struct fare *fare)
{
	const struct view *mine = &views[self->n];

	*fare = (struct fare){ 0 };
	for (size_t i = 0; i < thing_count; i++)
		if (i != self->n && views[i].is_known &&
		    strcmp(views[i].policy, mine->policy) == 0 &&
		    strcmp(views[i].sha256, mine->sha256) == 0)
			count_one(fare, &things[i], &views[i]);
}

/* The number after a key of a policy's text; 0: no such key. */
static unsigned
number_of(const char *text, const char *key)
{
	const char *at = text != NULL ? strstr(text, key) : NULL;

	return at != NULL ? (unsigned)strtoul(at + strlen(key), NULL, 10) : 0;
}

static void
check_canary(
    const struct thing *thing, const struct fare *fare, unsigned canary)
{
	if (fare->good < canary && fare->unsure > 0)
		world_fail("%s begins although a canary left without a verdict",
		    thing->id);
	if (fare->good < canary && fare->good + fare->at_work >= canary)
		world_fail(
		    "%s begins beside the canary of its policy", thing->id);
}

static void
check_soak(const struct thing *thing, const struct fare *fare, unsigned canary,
    uint64_t soak_ms)
{
	if (fare->good == canary && fare->at_work == 0 && fare->touched == 0 &&
	    world_ms() - fare->last_good_ms < soak_ms - WORLD_SECOND &&
	    truth.wall_set_ms < fare->last_good_ms)
		world_fail("%s begins before its policy has soaked", thing->id);
}

static void
check_stop(const struct thing *thing, const struct fare *fare)
{
	/* A broken disk may have cost what vouches for a device. */
	if (fare->failed > 0 && truth.disk_trouble_ms == 0)
		world_fail("%s begins although a device of its policy has "
			   "failed",
		    thing->id);
}

void
rollout_truth_resumed(unsigned slot)
{
	last.slot = slot;
	last.before_ms = resumed_ms[slot];
	resumed_ms[slot] = world_ms();
	is_sure[slot] = false;
}

void
rollout_truth_accepted(void)
{
	is_sure[last.slot] = true;
}

void
rollout_truth_refused(void)
{
	resumed_ms[last.slot] = last.before_ms;
}

void
rollout_truth_begins(const struct thing *thing)
{
	const struct view *view = &views[thing->n];
	const char *text = text_of(view);
	unsigned canary = number_of(text, "Canary=");
	struct fare fare;

	if (view->had_flash_order || view->attempt != 1 || text == NULL ||
	    truth.has_strangers)
		return;
	count(thing, &fare);
	if (fare.ordered > 0)
		return;
	if (canary > 0)
		check_canary(thing, &fare, canary);
	if (text_has(text, "SoakSec=10m"))
		check_soak(thing, &fare, canary, 10 * WORLD_MINUTE);
	if (text_has(text, "StopAfterFailures=1") ||
	    (canary > 0 && fare.good < canary))
		check_stop(thing, &fare);
}

/* Nothing that may stop a policy has happened since a person resumed it. */
bool
rollout_truth_is_forgiven(const struct view *self)
{
	uint64_t resumed = resumed_ms[self->policy[0] - '1'];

	for (size_t i = 0; i < thing_count; i++)
		if (strcmp(views[i].policy, self->policy) == 0 &&
		    (views[i].state != STATE_HELD ||
			views[i].failed_ms >= resumed) &&
		    views[i].changed_ms >= resumed)
			return false;
	return resumed > 0 && is_sure[self->policy[0] - '1'] &&
	    !truth.has_strangers;
}
