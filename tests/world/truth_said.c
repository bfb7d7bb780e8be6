/* SPDX-License-Identifier: ISC */
/*
 * Whether what the daemon says of a device is true, and what it does allowed.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "core/state/state.h"
#include "tests/world/pairs.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"
#include "tests/world/truth_parts.h"

#define MAX_TOLD    8			/* events of a device in 20 min */
#define MAX_LATE_MS (30 * WORLD_SECOND) /* a question takes its time */
#define MAX_UNSAVED 12			/* jobs that begin before it is known */

/* Jobs of this life, since the disk does not work. */
static unsigned begun_unsaved, begun_life;

static void
copy(char *dst, size_t size, const json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));

	snprintf(dst, size, "%s", text != NULL ? text : "");
}

/* An ESPHome whose Wi-Fi is not compiled in never comes back. */
bool
truth_is_lost(const struct thing *thing)
{
	return thing->had_trouble ||
	    (thing->nature == NATURE_ESPHOME && !thing->is_joined);
}

/* The device has reported all that it is said to have reported. */
static void
check_report(const struct thing *thing, const struct view *view)
{
	static const char error[] = "it reports error ";
	const char *at = strstr(view->detail, error);
	long code = at != NULL ? strtol(at + strlen(error), NULL, 10) : 0;

	if (at != NULL &&
	    (code < 400 || code > 463 ||
		(thing->reported >> (code - 400) & 1) == 0))
		world_fail("%s is said to report error %ld, and never did",
		    thing->id, code);
	if (text_has(view->detail, "it reported success") &&
	    (thing->reported & 1) == 0)
		world_fail("%s is said to have reported success, and never did",
		    thing->id);
}

/*
 * Gone, or so often disturbed, that it may count as having left if it has not
 * answered for GoneSec=.
 */
static bool
may_seem_gone(const struct thing *thing)
{
	return !thing->is_on || !thing->is_joined || !lan_is_up() ||
	    thing->noise_until_ms + WORLD_MINUTE > world_ms() ||
	    world_ms() - thing->shaken_ms < WORLD_MINUTE;
}

/*
 * For the daemon another device downloads where this one is now, which is the
 * one thing that the daemon does not disturb by a question.
 */
static bool
is_not_asked(const struct thing *thing)
{
	for (size_t i = 0; i < thing_count; i++)
		if (&things[i] != thing && things[i].has_moved &&
		    things[i].last_before == thing->last &&
		    state_is_under_way(views[i].state))
			return true;
	return false;
}

static void
check_left(const struct thing *thing)
{
	/*
	 * The record may say where it was before, and nothing proves who
	 * answers 401 where it is now.  A machine that was asleep when it moved
	 * has not heard where to.
	 */
	if (thing->has_moved &&
	    (truth.disk_trouble_ms > 0 || thing->is_encrypted ||
		(thing->shaken_ms < world_wakes_ms() &&
		    world_wakes_ms() + 2 * WORLD_MINUTE > world_ms())))
		return;
	if (thing->runs == NULL && thing->order.content == NULL)
		world_fail("%s is said to be flashed, but has never "
			   "had an image",
		    thing->id);
	if (thing->nature == NATURE_STOCK && !is_not_asked(thing) &&
	    (!may_seem_gone(thing) ||
		world_ms() - thing->answered_ms < 25 * WORLD_SECOND))
		world_fail("%s is said to be flashed, but is there and runs "
			   "the firmware of its manufacturer",
		    thing->id);
}

static void
check_verified(const struct thing *thing, const struct view *view)
{
	if (thing->nature == NATURE_STOCK)
		world_fail("%s is said to be verified, but runs the "
			   "firmware of its manufacturer",
		    thing->id);
	if (view->sha256[0] != '\0' && thing->runs != NULL &&
	    strcmp(view->sha256, thing->runs->sha256) != 0)
		world_fail("%s is said to be verified with another "
			   "image than the one that it runs",
		    thing->id);
	if (thing->nature == NATURE_TASMOTA &&
	    truth.in_force_ms < view->began_ms &&
	    text_has(text_of(view), "[Finish]") &&
	    (strcmp(thing->power_on_state, "1") != 0 ||
		strcmp(thing->tele_period, "60") != 0))
		world_fail(
		    "%s is said to be verified, but is not set up", thing->id);
}

/* Anybody can invent anew a device that was forgotten. */
static bool
may_be_invented(const struct thing *thing, const struct view *view)
{
	return thing->nature != NATURE_STOCK && view->was_ever_forgotten;
}

/*
 * All that this life of the daemon had of the device, when the attempt began,
 * is what somebody else said in its name; nothing proves who answers 401.  The
 * daemon asks where that leads to.
 */
static bool
is_hearsay(const struct thing *thing, const struct view *view)
{
	bool was_asked = view->asked_life == view->began_life &&
	    view->asked_ms + WORLD_SECOND < view->began_ms;

	return view->forged_life == view->began_life &&
	    (thing->is_encrypted || !was_asked);
}

/* An attempt has ended; that it counts is a reproach to the device. */
static void
check_counted(const struct thing *thing, struct view *view, enum state was)
{
	bool has_failed = view->state == STATE_FAILED ||
	    (view->state == STATE_HELD && strcmp(view->reason, "backoff") == 0);

	if (!has_failed || !state_is_at_work(was))
		return;
	/* What an earlier attempt met, whose offer was refused, is told, too.
	 */
	if (state_is_before_offer(was) && thing->is_encrypted &&
	    view->began_life == world_life() &&
	    text_has(view->detail, "error 401") &&
	    !text_has(view->detail, "; since then "))
		world_fail("%s has failed, and is only refused by its mode",
		    thing->id);
	view->may_fail = (was == STATE_FINISHING && text_of(view) == NULL) ||
	    (strcmp(view->reason, "not-seen-again") == 0 &&
		!thing->is_joined) ||
	    (state_is_before_offer(was) && is_hearsay(thing, view));
	/* A job called off has not failed, and may begin again at once. */
	if (view->began_life == world_life() &&
	    (view->attempt >= view->began_attempt ||
		text_has(view->detail, "next attempt at")))
		view->failed_ms = world_ms();
	if (view->began_life != world_life() && truth.disk_trouble_ms > 0)
		return; /* the daemon may not know what it did before */
	if (!truth_is_lost(thing) && !view->may_fail &&
	    !may_be_invented(thing, view) &&
	    (thing->nature == NATURE_STOCK ||
		(view->state == STATE_FAILED && truth.disk_trouble_ms == 0)) &&
	    view->attempt >= view->began_attempt && view->attempt > 0)
		world_fail(
		    "an attempt of %s counts (%.80s), although nothing was "
		    "wrong with it",
		    thing->id, view->detail);
}

/* A job begins. */
static void
check_begin(
    struct thing *thing, struct view *view, enum state was, const char *reason)
{
	uint64_t rested_ms = world_ms() - view->failed_ms;

	view->is_at_once = state_is_at_work(was);
	/* Each life finds it out anew. */
	if (disk_mode() == DISK_FINE || begun_life != world_life())
		begun_unsaved = 0;
	begun_life = world_life();
	if (disk_mode() != DISK_FINE &&
	    ++begun_unsaved > MAX_UNSAVED + thing_count)
		world_fail("jobs begin although nothing can be saved");
	if (truth.is_paused && !view->is_at_once)
		world_fail("%s begins although all is paused", thing->id);
	if (view->attempts > 0 && view->attempt > view->attempts)
		world_fail("%s begins attempt %u of %u", thing->id,
		    view->attempt, view->attempts);
	if (was == STATE_HELD && strcmp(reason, "backoff") == 0 &&
	    view->failed_ms > 0 && rested_ms < 25 * WORLD_SECOND &&
	    view->attempt > 1 && view->ordered_ms < view->failed_ms &&
	    !truth_may_be_forgotten(view->failed_ms) &&
	    truth.wall_set_ms < view->failed_ms)
		world_fail("%s begins again %llu ms after it failed", thing->id,
		    (unsigned long long)rested_ms);
	if (!view->is_at_once)
		rollout_truth_begins(thing);
	view->began_life = world_life();
	view->began_attempt = view->attempt;
}

static void
check_state(const struct thing *thing, struct view *view, enum state was)
{
	switch (view->state) {
	case STATE_VERIFYING:
		/* A new life may tell what an old record says. */
		if (was == STATE_FLASHED && truth.has_listed &&
		    (!thing->is_on || !thing->is_joined))
			world_fail("%s is said to be back, but is not there",
			    thing->id);
		break;
	case STATE_REFUSED:
		if (was == STATE_FAILED && view->ordered_ms < view->failed_ms &&
		    truth.in_force_ms < view->failed_ms &&
		    truth.last_image_ms < view->failed_ms &&
		    strcmp(view->reason, "tried-before") == 0)
			world_fail("%s does not stay failed", thing->id);
		break;
	case STATE_FAILED:
		view->is_awaited |= strcmp(view->reason, "not-seen-again") == 0;
		view->ordered = ACT_COUNT; /* that order was carried out */
		break;
	case STATE_FLASHED:
		view->is_awaited = true;
		view->asked_life = 0; /* who is back is not known by that */
		if (state_is_at_work(was))
			check_left(thing);
		break;
	case STATE_VERIFIED:
		view->is_awaited = false;
		check_verified(thing, view);
		break;
	default:
		break;
	}
	check_counted(thing, view, was);
	check_report(thing, view);
}

/*
 * Jobs that no person has ordered keep to the limits, but for a device whose
 * last download was damaged: it waits for nobody.
 */
static void
check_limits(void)
{
	unsigned all = 0, of[SCRIPT_POLICIES] = { 0 };
	uint64_t last_ms[SCRIPT_POLICIES] = { 0 }; /* when the last one began */

	for (size_t i = 0; i < thing_count; i++) {
		const struct view *view = &views[i];
		unsigned policy = (unsigned)(view->policy[0] - '1');

		if (!view->is_known || view->had_flash_order ||
		    view->must_stay_on || view->state < STATE_PROBING ||
		    view->state > STATE_DOWNLOADING)
			continue;
		all++;
		if (policy >= SCRIPT_POLICIES)
			continue;
		of[policy]++;
		if (view->began_ms > last_ms[policy])
			last_ms[policy] = view->began_ms;
	}
	if (all > 3)
		world_fail("%u devices are flashed at a time, and not 3", all);
	for (unsigned i = 0; i < SCRIPT_POLICIES; i++)
		/* Those that began under another text go on, however long. */
		if (of[i] > 1 && text_has(truth.in_force[i], "MaxParallel=1") &&
		    last_ms[i] > truth.in_force_ms &&
		    world_ms() - truth.in_force_ms > 15 * WORLD_MINUTE)
			world_fail("%u devices of a policy are flashed at a "
				   "time, and not 1",
			    of[i]);
}

static unsigned
number(const json_t *from, const char *key)
{
	return (unsigned)json_integer_value(json_object_get(from, key));
}

static void
copy_view(struct view *view, const json_t *device)
{
	char attention[16];

	view->is_known = true;
	if (truth.has_listed)
		view->forgotten_ms = 0; /* it is met anew */
	copy(view->reason, sizeof(view->reason), device, "reason");
	copy(view->detail, sizeof(view->detail), device, "detail");
	copy(view->policy, sizeof(view->policy), device, "policy");
	copy(view->sha256, sizeof(view->sha256),
	    json_object_get(device, "image"), "sha256");
	copy(attention, sizeof(attention), device, "attention");
	view->must_stay_on = strcmp(attention, "keep-on") == 0;
	view->is_encrypted = json_is_true(json_object_get(device, "encrypted"));
	view->attempt = number(device, "attempt");
	view->attempts = number(device, "attempts");
}

/* Note the time of day at which the daemon says that the next attempt begins.
 */
static void
note_due(struct view *view, const json_t *device)
{
	time_t wall = world_wall();
	char detail[512];
	const char *at;
	unsigned hour, min, sec;
	struct tm tm;

	if (view->state != STATE_HELD || strcmp(view->reason, "backoff") != 0) {
		view->due_ms = 0;
		return;
	}
	copy(detail, sizeof(detail), device, "detail");
	at = strstr(detail, "next attempt at ");
	if (at == NULL || localtime_r(&wall, &tm) == NULL ||
	    sscanf(at, "next attempt at %2u:%2u:%2u", &hour, &min, &sec) != 3)
		return;
	sec += 3600 * (hour + 24 - (unsigned)tm.tm_hour) + 60 * min -
	    60 * (unsigned)tm.tm_min - (unsigned)tm.tm_sec;
	view->due_ms = world_ms() + sec % (24 * 3600) * WORLD_SECOND;
}

/* A wait for the next attempt ends in time, unless the machine has slept. */
void
truth_check_due(void)
{
	static uint64_t slept_ms;
	uint64_t slept = clock_now_ms() - clock_awake_ms();

	for (size_t i = 0; i < thing_count; i++) {
		struct view *view = &views[i];

		if (slept != slept_ms)
			view->due_ms = 0;
		if (view->is_known && view->due_ms != 0 &&
		    world_ms() > view->due_ms + MAX_LATE_MS &&
		    world_ms() > world_ran_ms() + MAX_LATE_MS)
			world_fail("%s still waits, %llu s after the time of "
				   "its next attempt",
			    things[i].id,
			    (unsigned long long)((world_ms() - view->due_ms) /
				WORLD_SECOND));
	}
	slept_ms = slept;
}

/*
 * What all devices wait for is as the last event has said.  Each is published
 * so many times in ten minutes; how long a soak still lasts says its end.
 */
static void
check_told(const struct thing *thing, const struct view *view,
    const struct view *before)
{
	size_t len = strcmp(view->reason, "soak") == 0
	    ? strcspn(view->detail, ",")
	    : sizeof(view->detail);

	if (view->state == STATE_HELD && before->state == STATE_HELD &&
	    strcmp(view->reason, before->reason) == 0 &&
	    strcmp(view->reason, "backoff") != 0 && /* has a time of now */
	    view->told_life == world_life() && view->told < MAX_TOLD &&
	    strncmp(view->detail, before->detail, len) != 0)
		world_fail("%s waits (%.80s), but the last event said: %.80s",
		    thing->id, view->detail, before->detail);
}

static struct thing *
thing_of(const json_t *device)
{
	const char *id = json_string_value(json_object_get(device, "id"));

	return id != NULL ? thing_find(id) : NULL;
}

static void
take_in(const json_t *device)
{
	const char *id = json_string_value(json_object_get(device, "id"));
	const char *name = json_string_value(json_object_get(device, "state"));
	struct thing *thing = thing_of(device);
	struct view *view, before;

	if (thing == NULL)
		return;
	view = &views[thing->n];
	truth_check_due();
	before = *view;
	if (!state_find(name, &view->state))
		world_fail("%s: no state is called %s", id, name);
	copy_view(view, device);
	note_due(view, device);
	if (before.state == view->state)
		return;
	if (before.is_known && view->told_life == world_life())
		pairs_step(id, before.state, view->state);
	if (view->state == STATE_PROBING)
		check_begin(thing, view, before.state, before.reason);
	view->changed_ms = world_ms();
	if (view->state == STATE_PROBING && !view->is_at_once)
		view->began_ms = world_ms();
	if (view->state == STATE_OFFERING)
		view->offered_ms = world_ms();
	check_limits();
	script_state_entered(thing->n, view->state);
	world_note("%s: %s -> %s %s", id, state_name(before.state), name,
	    view->reason);
	check_state(thing, view, before.state);
}

void
truth_heard(const json_t *event)
{
	const json_t *device = json_object_get(event, "device");
	const struct thing *thing = thing_of(device);
	struct view *view = thing != NULL ? &views[thing->n] : NULL;

	take_in(device);
	if (view == NULL)
		return;
	if (view->told_life != world_life() ||
	    view->told_ms + 20 * WORLD_MINUTE < world_ms()) {
		view->told = 0;
		view->told_ms = world_ms();
	}
	view->told_life = world_life();
	view->told++;
}

void
truth_listing(void)
{
	for (size_t i = 0; i < WORLD_MAX_DEVICES; i++)
		views[i].is_known = false;
}

void
truth_listed(const json_t *device)
{
	const struct thing *thing = thing_of(device);
	struct view before;

	if (thing != NULL)
		before = views[thing->n];
	take_in(device);
	if (thing != NULL)
		check_told(thing, &views[thing->n], &before);
}
