/* SPDX-License-Identifier: ISC */
/*
 * Whether a device may be told to fetch an image, to set something, or to
 * answer.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/state.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"
#include "tests/world/truth_parts.h"

#define MAX_CALLS 100 /* to a device, without a job, in ten minutes */

const char *
text_of(const struct view *view)
{
	unsigned slot = (unsigned)(view->policy[0] - '1');

	return slot < SCRIPT_POLICIES ? truth.in_force[slot] : NULL;
}

/* The first policy whose [Match] fits what the device is. */
const char *
truth_policy_for(const struct thing *thing)
{
	for (unsigned i = 0; i < SCRIPT_POLICIES; i++) {
		const char *text = truth.in_force[i];

		if (text == NULL ||
		    (text_has(text, "Type=diy_plug") &&
			(thing->is_encrypted || thing->is_bulb)) ||
		    (text_has(text, "Firmware=>=3.5") &&
			strcmp(thing->firmware, "3.5") < 0) ||
		    (text_has(text, "DeviceId=1000a00001") &&
			strcmp(thing->id, "1000a00001") != 0))
			continue;
		return text;
	}
	return NULL;
}

bool
truth_flashes(const char *text)
{
	return text != NULL && !text_has(text, "Action=ignore") &&
	    !text_has(text, "Action=observe");
}

/* The image must be in the file of the policy, at least since the job began. */
static void
check_image(const struct thing *thing, const struct view *view,
    const char *text, const char *sha256)
{
	unsigned files = text_has(text, "Image=b.bin") ? 2 : 1;
	bool is_own = strcmp(view->policy, OWN_ORDER) == 0;

	if (is_own)
		files = view->own_files;
	for (unsigned file = 0; file < SCRIPT_IMAGES; file++)
		if ((files >> file & 1) != 0 &&
		    truth_had_image(file, sha256, view->began_ms))
			return;
	if (text == NULL && !is_own)
		return;
	world_fail("%s is told to fetch an image that its policy does not "
		   "have",
	    thing->id);
}

static void
check_approval(const struct thing *thing, const struct view *view,
    const char *text, const char *sha256)
{
	if (!text_has(text, "Action=ask") || view->had_flash_order)
		return;
	for (unsigned i = 0; i < 4; i++)
		if (strcmp(view->approved[i].policy, view->policy) == 0 &&
		    strcmp(view->approved[i].sha256, sha256) == 0)
			return;
	world_fail(
	    "%s is told to fetch an image that no person approved", thing->id);
}

/* The offer must be within the hours; the call may come a little later. */
static void
check_window(
    const struct thing *thing, const struct view *view, const char *text)
{
	uint64_t ago_ms = world_ms() - view->offered_ms;
	time_t offered = world_wall() - (time_t)(ago_ms / 1000);
	unsigned second = (unsigned)(offered % (24 * 60 * 60));

	if (!text_has(text, "Window=11:00-13:00") || view->had_flash_order ||
	    world_ms() - truth.wall_set_ms < 20 * WORLD_MINUTE)
		return;
	if (second < 11 * 60 * 60 || second > 13 * 60 * 60)
		world_fail("%s is told to fetch at %u:%02u, outside the hours "
			   "of its policy",
		    thing->id, second / 3600, second / 60 % 60);
}

static void
check_policy(const struct thing *thing, const struct view *view,
    const char *text, const char *sha256)
{
	/*
	 * Where no policy flashes it, a retry is an order to flash it.  It
	 * stays one whatever policies come later.
	 */
	bool is_ordered = view->had_flash_order ||
	    (view->retried_ms > 0 &&
		(view->is_retry_order ||
		    view->retried_ms >= truth.in_force_ms));

	if (text_has(text, "Action=ignore") && !is_ordered)
		world_fail("%s is told to fetch, but its policy ignores it",
		    thing->id);
	if (text_has(text, "Action=observe") && !is_ordered)
		world_fail("%s is told to fetch, but its policy only observes",
		    thing->id);
	if (text == NULL && !is_ordered)
		world_fail(
		    "%s is told to fetch, but no policy fits it", thing->id);
	check_image(thing, view, text, sha256);
	check_approval(thing, view, text, sha256);
	check_window(thing, view, text);
}

void
truth_told(struct thing *thing, const char *sha256)
{
	struct view *view = &views[thing->n];
	const char *text = truth_policy_for(thing);
	/* The call may wait for its turn when the policies change. */
	bool is_settled = view->offered_ms > truth.in_force_ms;

	if (thing->order.is_on)
		world_fail("%s is told to fetch while an order of %llu ms ago "
			   "may still be obeyed",
		    thing->id,
		    (unsigned long long)(world_ms() - thing->order.at_ms));
	if (thing->is_esp32 || thing->is_bulb)
		world_fail("%s, which is no ESP8266 plug, is told to fetch",
		    thing->id);
	if (thing->error_ms > 0 && view->ordered_ms < thing->error_ms &&
	    truth.in_force_ms < thing->error_ms &&
	    strcmp(sha256, thing->error_sha256) == 0 &&
	    !truth_may_be_forgotten(thing->error_ms))
		world_fail("%s is told to fetch after it reported an error of "
			   "its own",
		    thing->id);
	if (view->is_cancelled)
		world_fail("%s is told to fetch after a person cancelled it",
		    thing->id);
	if (strcmp(truth_sha_of("damaged"), sha256) == 0)
		world_fail(
		    "%s is told to fetch an image that is damaged", thing->id);
	if (is_settled)
		check_policy(thing, view, text, sha256);
	if (truth.is_paused && view->offered_ms > truth.paused_ms &&
	    !view->is_at_once && !view->must_stay_on)
		world_fail(
		    "%s is told to fetch although all is paused", thing->id);
}

void
truth_set_up(const struct thing *thing)
{
	const struct view *view = &views[thing->n];

	if (view->state != STATE_FINISHING)
		world_fail("%s is set up while it is %s", thing->id,
		    state_name(view->state));
}

/* No announcement can make the daemon ask a device without end. */
void
truth_called(const struct thing *thing)
{
	struct view *view = &views[thing->n];

	if (view->asked_life != world_life())
		view->asked_ms = world_ms();
	view->asked_life = world_life();
	if (state_is_at_work(view->state) ||
	    world_ms() - view->calls_ms > 10 * WORLD_MINUTE) {
		view->calls = 0;
		view->calls_ms = world_ms();
	}
	if (++view->calls > MAX_CALLS)
		world_fail("%s is asked more than %d times in ten minutes",
		    thing->id, MAX_CALLS);
}

void
truth_forged(const struct thing *thing)
{
	views[thing->n].forged_life = world_life();
}
