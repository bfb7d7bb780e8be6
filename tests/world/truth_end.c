/* SPDX-License-Identifier: ISC */
/* What must hold of each device after hours in which the world was kind. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/state.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"
#include "tests/world/truth_parts.h"

/* Return true if what the policy says of the device cannot be done. */
static bool
is_hindered(const struct thing *thing, const struct view *view)
{
	const char *text = truth_policy_for(thing);
	unsigned file = text_has(text, "Image=b.bin") ? 1 : 0;

	return !text_has(text, "Action=flash") || text_has(text, "Window") ||
	    thing->is_esp32 || thing->is_bulb || thing->is_encrypted ||
	    truth.is_paused || view->was_ever_cancelled ||
	    truth_image_now(file) == NULL ||
	    !content_find(truth_image_now(file))->is_good ||
	    strcmp(view->reason, "tried-before") == 0 ||
	    strcmp(view->policy, OWN_ORDER) == 0 ||
	    ((text_has(text, "[Finish]") || text_has(text, "Expect=tasmota")) &&
		content_find(truth_image_now(file))->nature != NATURE_TASMOTA);
}

/*
 * Nothing proves who answers 401, or which of two that swapped their addresses
 * has old firmware: a person has to help there.
 */
static bool
is_mute(const struct thing *thing)
{
	return thing->is_encrypted || thing->has_moved;
}

/* The world was kind for hours: each hold of the daemon's own must be over. */
static void
check_waiting(const struct thing *thing, const struct view *view)
{
	static const char *const holds[] = { "slot", "backoff", "absent",
		"network", "disk", "soak" };

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		if (view->state == STATE_HELD &&
		    strcmp(view->reason, holds[i]) == 0 && !is_mute(thing))
			world_fail("%s still waits (%s: %.80s), after hours in "
				   "which nothing was wrong",
			    thing->id, view->reason, view->detail);
	if (view->state == STATE_HELD && strcmp(view->reason, "paused") == 0 &&
	    !truth.may_be_paused && rollout_truth_is_forgiven(view))
		world_fail(
		    "%s is paused, although its policy was resumed", thing->id);
	if (view->state == STATE_HELD &&
	    strcmp(view->reason, "approval") == 0 &&
	    view->saved_approval[0] != '\0' &&
	    strcmp(view->saved_approval, view->sha256) == 0 &&
	    strcmp(view->saved_policy, view->policy) == 0)
		world_fail("%s is to be approved again", thing->id);
	if ((view->state == STATE_SEEN || view->state == STATE_IGNORED ||
		view->state == STATE_REFUSED) &&
	    !is_hindered(thing, view) &&
	    !(is_mute(thing) && strcmp(view->reason, "not-diy-mode") == 0))
		world_fail("%s is still %s %s, although its policy flashes it",
		    thing->id, state_name(view->state), view->reason);
}

static void
check_device_at_end(const struct thing *thing, const struct view *view)
{
	if (!view->is_known && thing->nature == NATURE_STOCK)
		world_fail(
		    "%s is not known, although it announces itself", thing->id);
	if (!view->is_known)
		return;
	if (state_is_success(view->state) && view->is_encrypted)
		world_fail("%s is %s, and said to be in eWeLink mode",
		    thing->id, state_name(view->state));
	if (state_is_at_work(view->state))
		world_fail("%s is still %s, %llu min after the world "
			   "became kind",
		    thing->id, state_name(view->state),
		    (unsigned long long)((world_ms() - view->changed_ms) /
			WORLD_MINUTE));
	/*
	 * What was forgotten can be invented anew by anybody; and a retry that
	 * the disk did not take ends with the daemon.
	 */
	if (view->state == STATE_FAILED && !truth_is_lost(thing) &&
	    !view->may_fail &&
	    !(view->retried_ms > 0 &&
		truth_may_be_forgotten(view->retried_ms)) &&
	    (thing->nature == NATURE_STOCK || !view->was_ever_forgotten))
		world_fail("%s has failed (%s), but nothing was wrong "
			   "with it",
		    thing->id, view->reason);
	if (thing->nature == NATURE_STOCK)
		check_waiting(thing, view);
	if (thing->nature == NATURE_TASMOTA && view->state == STATE_HELD &&
	    view->is_awaited)
		world_fail("%s waits (%s), although it has been back for hours",
		    thing->id, view->reason);
	if (thing->nature == NATURE_TASMOTA && view->state == STATE_FLASHED &&
	    view->changed_ms + 10 * WORLD_MINUTE < world_ms())
		world_fail("%s is only said to be flashed, although it has "
			   "been back for hours",
		    thing->id);
}

void
truth_at_end(void)
{
	for (size_t i = 0; i < thing_count; i++) {
		views[i].is_known =
		    views[i].was_known;	     /* the last life ended */
		if (things[i].id[0] != '\0') /* scripts leave numbers out */
			check_device_at_end(&things[i], &views[i]);
	}
}
