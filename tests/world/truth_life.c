/* SPDX-License-Identifier: ISC */
/*
 * What outlives a death of the daemon, and that no device waits for one that is
 * gone.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/state.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"
#include "tests/world/truth_parts.h"

#define CANARY_MS (40 * WORLD_MINUTE)

static uint64_t life_ms;   /* when this life began */
static bool had_mended;	   /* the last life had the time to save it all */
static uint64_t spoilt_ms; /* when the copies of images last were */

/* Holds in which an order never waits, and a device that was let go. */
static bool
has_forgotten_order(const struct view *view)
{
	static const char *const holds[] = { "approval", "window", "canary",
		"soak", "cancelled" };

	if (view->ordered == ACT_RETRY)
		return strcmp(view->reason, "cancelled") == 0;
	if (view->ordered != ACT_FLASH && view->ordered != ACT_AGAIN &&
	    view->ordered != ACT_WITH)
		return false;
	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		if (strcmp(view->reason, holds[i]) == 0)
			return true;
	return view->state == STATE_SEEN || view->state == STATE_IGNORED;
}

/* A job that was accepted and has not begun must be so in the next life. */
static void
check_order_saved(const struct thing *thing, const struct view *view)
{
	if (view->ordered_ms >= life_ms || !view->was_known ||
	    (view->was != STATE_HELD && !state_is_before_offer(view->was)) ||
	    thing->nature != NATURE_STOCK || !thing->is_on || !lan_is_up())
		return;
	/* What a rumour said of it may have fitted, and the device itself not.
	 */
	if (truth.in_force_ms < view->ordered_ms &&
	    truth_policy_for(thing) != NULL && has_forgotten_order(view))
		world_fail("%s was ordered (%s), and is %s %s after the daemon "
			   "died",
		    thing->id, script_word(view->ordered),
		    state_name(view->state), view->reason);
	/* A failure stays visible if nothing else would be done. */
	if (view->is_cancelled && strcmp(view->reason, "cancelled") != 0 &&
	    !(view->state == STATE_FAILED &&
		truth_may_be_forgotten(life_ms - 1)))
		world_fail("%s was cancelled, and is %s %s after the daemon "
			   "died",
		    thing->id, state_name(view->state), view->reason);
}

/* Return true if images or policies are not those of its last attempt. */
static bool
has_other_files(const struct view *view)
{
	return truth.last_image_ms >= view->offered_ms ||
	    truth.in_force_ms >= view->offered_ms;
}

bool
truth_may_be_forgotten(uint64_t then_ms)
{
	return then_ms < life_ms &&
	    then_ms < truth.disk_trouble_ms + 3 * WORLD_MINUTE;
}

/*
 * What a person changed while the daemon was dead may be a reason for another
 * end, also of a device that had failed, which the daemon was about to tell.  A
 * device whose image is damaged has to begin again.
 */
static bool
may_be_decided_anew(const struct thing *thing, const struct view *view)
{
	bool has_failed = view->saved == STATE_FAILED ||
	    view->is_end_recorded ||
	    (thing->nature == NATURE_STOCK && !thing->order.is_on);

	/* Its old firmware was found, and the event lost with that life. */
	if (view->saved == STATE_FLASHED && thing->nature == NATURE_STOCK &&
	    view->state == STATE_FAILED)
		return true;
	return (has_failed && has_other_files(view)) ||
	    (state_is_under_way(view->saved) && spoilt_ms > view->offered_ms);
}

/* Its report, in this life, has ended that attempt, and the next one begins. */
static bool
has_begun_anew(const struct thing *thing, const struct view *view)
{
	return state_is_under_way(view->saved) &&
	    state_is_at_work(view->state) && thing->said_ms >= life_ms;
}

static void
check_end_saved(const struct thing *thing, const struct view *view)
{
	if (view->is_saved && view->is_known &&
	    (may_be_decided_anew(thing, view) || has_begun_anew(thing, view)))
		return;
	if (view->is_saved && !view->is_known)
		world_fail("%s was %s before the daemon died, and is "
			   "not known any more",
		    thing->id, state_name(view->saved));
	else if (view->is_saved && view->state != view->saved &&
	    !state_is_after(view->state) &&
	    !(state_is_under_way(view->saved) &&
		(state_is_under_way(view->state) ||
		    state_is_ended(view->state) ||
		    /* That attempt was over, and the next one had begun. */
		    (view->is_end_recorded && view->reason[0] == '\0') ||
		    strcmp(view->reason, "backoff") == 0)))
		world_fail("%s was %s before the daemon died, and is "
			   "%s afterwards",
		    thing->id, state_name(view->saved),
		    state_name(view->state));
}

/* A life began a moment ago, and has told of all that it knows. */
void
truth_check_saved(void)
{
	truth.is_listing = false;
	truth.has_listed = true;
	for (size_t i = 0; i < thing_count; i++) {
		struct view *view = &views[i];

		if (view->ordered_ms >= life_ms)
			continue;
		check_end_saved(&things[i], view);
		if (view->forgotten_ms > 0 && view->is_known &&
		    !view->was_known && (view->is_forget_saved || had_mended) &&
		    (state_is_ended(view->state) ||
			(view->state == STATE_HELD && view->attempt > 0)))
			world_fail("%s was forgotten, and is %s after the "
				   "daemon died",
			    things[i].id, state_name(view->state));
	}
}

/* By now each device was heard and decided upon. */
static void
check_orders(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < thing_count; i++)
		if (views[i].is_known)
			check_order_saved(&things[i], &views[i]);
}
/* An end that could be saved must be known in the next life. */
void
truth_life_over(void)
{
	/* A daemon that did not even begin has saved nothing. */
	if (truth.has_listed)
		had_mended = truth_has_mended() && disk_mode() == DISK_FINE;
	for (size_t i = 0; i < thing_count; i++) {
		struct view *view = &views[i];

		if (!truth.has_listed && !view->is_known)
			continue; /* that life was none */
		view->saved = view->state;
		view->is_saved = truth.has_listed && view->is_known &&
		    (view->ordered_ms == 0 ||
			view->ordered_ms < view->changed_ms) &&
		    (view->state == STATE_VERIFIED ||
			view->state == STATE_FAILED ||
			view->state == STATE_FLASHED ||
			state_is_under_way(view->state)) &&
		    view->changed_ms + WORLD_SECOND + 60 * disk_slow_ms() <
			world_ms() &&
		    (view->changed_ms > truth.disk_trouble_ms ||
			truth_has_mended()) &&
		    disk_mode() == DISK_FINE;
		view->was_known = view->is_known;
		view->was = view->state;
		view->is_known = false;
		view->due_ms = 0;
	}
}

/* A device that others may wait for: it is at work, or goes on by itself. */
static bool
may_be_waited_for(const struct view *view)
{
	return state_is_at_work(view->state) ||
	    view->changed_ms + CANARY_MS > world_ms() ||
	    (view->state == STATE_HELD && strcmp(view->reason, "absent") != 0 &&
		strcmp(view->reason, "canary") != 0);
}

static bool
has_canary(const struct view *self)
{
	for (size_t i = 0; i < thing_count; i++)
		if (&views[i] != self && views[i].is_known &&
		    strcmp(views[i].policy, self->policy) == 0 &&
		    may_be_waited_for(&views[i]))
			return true;
	return false;
}

/* No device waits for a canary that is gone. */
static void
check_canaries(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < thing_count; i++) {
		const struct view *view = &views[i];

		if (view->is_known && view->state == STATE_HELD &&
		    strcmp(view->reason, "canary") == 0 &&
		    !truth.has_strangers &&
		    world_wakes_ms() + CANARY_MS < world_ms() &&
		    view->changed_ms + CANARY_MS < world_ms() &&
		    !has_canary(view))
			world_fail(
			    "%s waits for a canary that is gone", things[i].id);
	}
	world_at_of_daemon(world_ms() + CANARY_MS / 4, check_canaries, NULL);
}

/* What the disk has of the device; NULL: nothing. */
static json_t *
read_record(const struct thing *thing)
{
	char path[128];
	size_t size;
	const void *data;

	snprintf(path, sizeof(path), "/world/devices/%s.json", thing->id);
	data = disk_file(path, &size);
	return data != NULL ? json_loadb(data, size, 0, NULL) : NULL;
}

/* Return true if the record says that the device was told to fetch an image. */
static bool
is_told_by_record(const json_t *record)
{
	const char *name = json_string_value(json_object_get(record, "state"));
	enum state state;

	return name != NULL && state_find(name, &state) &&
	    state_is_under_way(state);
}

/* The disk has the image that a device is to go on with. */
static void
check_copy(const struct thing *thing, const json_t *record)
{
	const char *sha256 = json_string_value(
	    json_object_get(json_object_get(record, "image"), "sha256"));
	char path[128];
	size_t size;

	if (sha256 == NULL)
		return;
	snprintf(path, sizeof(path), "/world/kept/%s", sha256);
	if (disk_file(path, &size) == NULL)
		world_fail(
		    "the record of %s names a copy that is gone", thing->id);
}

static void
read_records(void)
{
	for (size_t i = 0; i < thing_count; i++) {
		json_t *record = read_record(&things[i]);
		bool is_told = is_told_by_record(record);

		views[i].is_end_recorded = record != NULL && !is_told;
		if (is_told &&
		    (spoilt_ms == 0 || views[i].offered_ms > spoilt_ms))
			check_copy(&things[i], record);
		json_decref(record);
	}
}

static void
ask_for_all(void *ctx)
{
	(void)ctx;
	truth.is_listing = true;
	world_command(ACT_DEVICES, "devices", "", json_object());
}

void
truth_new_life(void)
{
	truth.has_listed = false;
	read_records();
	life_ms = world_ms();
	truth_take_over_policies();
	world_at_of_daemon(world_ms() + 50, ask_for_all, NULL);
	world_at_of_daemon(world_ms() + CANARY_MS, check_canaries, NULL);
	world_at_of_daemon(world_ms() + 200 * WORLD_SECOND, check_orders, NULL);
}

void
truth_copies_spoilt(void)
{
	spoilt_ms = world_ms();
}
