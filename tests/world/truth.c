/* SPDX-License-Identifier: ISC */
/*
 * What people do and what the daemon answers them, and the policies and images
 * that count.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/state/state.h"
#include "tests/world/pairs.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"
#include "tests/world/truth_parts.h"

#define MAX_PENDING 1500 /* events of the daemon that wait */
#define MAX_PAST    8	 /* contents of a file that are remembered */

struct view views[WORLD_MAX_DEVICES];
struct truth truth;

/* The images of each file, and until when. */
static struct {
	const char *now, *past[MAX_PAST];
	uint64_t until_ms[MAX_PAST];
	unsigned changes;
} files[SCRIPT_IMAGES];

bool
text_has(const char *text, const char *what)
{
	return text != NULL && strstr(text, what) != NULL;
}

void
truth_take_over_policies(void)
{
	for (unsigned i = 0; i < SCRIPT_POLICIES; i++)
		if (text_has(script_policy_text(i), "Action=now"))
			return; /* a mistake: nothing is taken over */
	for (unsigned i = 0; i < SCRIPT_POLICIES; i++)
		if (truth.in_force[i] != script_policy_text(i)) {
			truth.in_force[i] = script_policy_text(i);
			truth.in_force_ms = world_ms();
		}
}

const char *
truth_sha_of(const char *content)
{
	return content != NULL ? content_find(content)->sha256 : "";
}

void
truth_image(unsigned file, const char *content)
{
	unsigned at = files[file].changes++ % MAX_PAST;

	files[file].past[at] = files[file].now;
	files[file].until_ms[at] = world_ms();
	files[file].now = content;
	truth.last_image_ms = world_ms();
}

void
truth_policy_resumed(unsigned slot)
{
	rollout_truth_resumed(slot);
}

static void
note_approval(struct view *view)
{
	for (unsigned i = 0; i < SCRIPT_IMAGES; i++) {
		unsigned at = view->approvals++ % 4;

		memcpy(view->approved[at].policy, view->policy,
		    sizeof(view->policy));
		snprintf(view->approved[at].sha256,
		    sizeof(view->approved[at].sha256), "%s",
		    truth_sha_of(files[i].now));
	}
}

const char *
truth_image_now(unsigned file)
{
	return files[file].now;
}

bool
truth_had_image(unsigned file, const char *sha256, uint64_t since_ms)
{
	if (strcmp(truth_sha_of(files[file].now), sha256) == 0)
		return true;
	for (unsigned i = 0; i < MAX_PAST; i++)
		if (files[file].until_ms[i] >= since_ms &&
		    strcmp(truth_sha_of(files[file].past[i]), sha256) == 0)
			return true;
	return false;
}

void
truth_orders_image(unsigned device, unsigned file)
{
	struct view *view = &views[device];

	view->ordered_file = file;
	view->files_before = view->own_files;
	view->own_files |= 1u << file; /* without an answer, too */
}

void
truth_ordering(enum act_kind kind, const char *id)
{
	struct thing *thing = thing_find(id);
	struct view *view = thing != NULL ? &views[thing->n] : NULL;

	if (kind == ACT_RELOAD)
		truth_take_over_policies();
	if (kind == ACT_RESUME)
		truth.is_paused = false;
	if (view == NULL)
		return;
	if (kind == ACT_FLASH || kind == ACT_AGAIN || kind == ACT_WITH)
		view->had_flash_order = true;
	if (kind == ACT_RETRY) {
		view->retried_ms = world_ms();
		view->is_retry_order = !truth_flashes(truth_policy_for(thing));
	}
	if (kind != ACT_DEVICES && kind != ACT_HISTORY) {
		view->ordered_ms = world_ms();
		view->ordered = ACT_COUNT;
	}
	if (kind == ACT_APPROVE)
		note_approval(view);
	if (kind == ACT_FORGET) { /* a death may keep it from being answered */
		view->saved_approval[0] = '\0';
		view->is_saved = false;
		view->was_awaited = view->is_awaited;
		view->is_awaited = false;
	}
	/* An order may take effect before it is answered, or without. */
	if (kind != ACT_CANCEL) {
		view->was_cancelled = view->is_cancelled;
		view->is_cancelled = false;
	}
}

/* A flash that has told the device nothing can be cancelled. */
static void
check_refused(enum act_kind kind, struct view *view, const char *id)
{
	if (view == NULL)
		return;
	if (kind == ACT_RETRY)
		view->retried_ms = 0;
	if (kind == ACT_FORGET)
		view->is_awaited = view->was_awaited;
	if (kind == ACT_WITH)
		view->own_files = view->files_before;
	if (kind != ACT_CANCEL)
		view->is_cancelled = view->was_cancelled;
	else if (view->is_known && !view->was_ever_cancelled &&
	    state_is_before_offer(view->state))
		world_fail("cancel of %s was refused while it was %s", id,
		    state_name(view->state));
}

/* An order that was accepted, and is on a disk that works. */
static void
note_order(enum act_kind kind, struct view *view)
{
	view->ordered = kind;
	if (kind == ACT_WITH)
		view->own_files = 1u << view->ordered_file;
	if (kind == ACT_CANCEL)
		view->is_cancelled = true;
	if (kind == ACT_APPROVE) {
		snprintf(view->saved_approval, sizeof(view->saved_approval),
		    "%s", view->sha256);
		snprintf(view->saved_policy, sizeof(view->saved_policy), "%s",
		    view->policy);
	}
}

/*
 * A pause ends each job that has told its device nothing, but for a device
 * whose last download was damaged.
 */
static void
note_pause(void)
{
	truth.is_paused = true;
	truth.paused_ms = world_ms();
	for (size_t i = 0; i < thing_count; i++)
		if (views[i].is_known && !views[i].is_at_once &&
		    !views[i].must_stay_on &&
		    state_is_before_offer(views[i].state))
			world_fail("%s is still %s after all was paused",
			    things[i].id, state_name(views[i].state));
}

void
truth_ordered(enum act_kind kind, const char *id, bool ok)
{
	const struct thing *thing = thing_find(id);
	struct view *view = thing != NULL ? &views[thing->n] : NULL;

	if (!ok && kind == ACT_GO_ON)
		rollout_truth_refused();
	if (!ok) {
		check_refused(kind, view, id);
		return;
	}
	if (kind == ACT_DEVICES && truth.is_listing)
		truth_check_saved();
	/* A program that waits for its end would take the old one for it. */
	if ((kind == ACT_RETRY || kind == ACT_FLASH || kind == ACT_AGAIN ||
		kind == ACT_WITH) &&
	    view->is_known && view->state == STATE_FAILED &&
	    view->changed_ms < world_ms())
		world_fail("%s is still failed after it was ordered (%s)", id,
		    script_word(kind));
	if (kind == ACT_CANCEL)
		view->was_ever_cancelled = true;
	if (kind == ACT_FORGET) {
		view->forgotten_ms = world_ms();
		view->is_forget_saved = disk_mode() == DISK_FINE;
		view->is_known = view->is_awaited = false;
		view->was_ever_forgotten = true;
		view->asked_life = 0;
		view->due_ms = 0;
		view->saved_approval[0] = '\0';
	}
	truth.may_be_paused |= kind == ACT_PAUSE;
	if (disk_mode() != DISK_FINE)
		return;
	if (kind == ACT_RESUME)
		truth.may_be_paused = false;
	if (kind == ACT_GO_ON)
		rollout_truth_accepted();
	if (view != NULL)
		note_order(kind, view);
	if (kind == ACT_PAUSE)
		note_pause();
}

/* Each of these is written at once; a full disk takes what is removed. */
static bool
is_written(enum act_kind kind)
{
	switch (kind) {
	case ACT_APPROVE:
	case ACT_FLASH:
	case ACT_AGAIN:
	case ACT_WITH:
	case ACT_RETRY:
	case ACT_CANCEL:
	case ACT_PAUSE:
	case ACT_RESUME:
	case ACT_GO_ON:
		return true;
	default:
		return false;
	}
}

bool
truth_has_mended(void)
{
	uint64_t since_ms = truth.disk_trouble_ms;

	/* A daemon that could not run had no time to try the disk again. */
	if (since_ms < world_wakes_ms())
		since_ms = world_wakes_ms();
	if (since_ms < world_ran_ms())
		since_ms = world_ran_ms();
	return since_ms + 3 * WORLD_MINUTE < world_ms();
}

void
truth_told_unsaved(enum act_kind kind, bool is_unsaved)
{
	if (!is_unsaved && is_written(kind) && disk_mode() != DISK_FINE)
		world_fail(
		    "%s is answered as if it were saved", script_word(kind));
	if (is_unsaved && disk_mode() == DISK_FINE && truth_has_mended())
		world_fail("%s is answered as if it were not saved",
		    script_word(kind));
}

void
truth_wall_set(void)
{
	truth.wall_set_ms = world_ms();
}

void
truth_check(void)
{
	if (disk_mode() != DISK_FINE)
		truth.disk_trouble_ms = world_ms();
	truth_check_due();
	if (world_pending_of_daemon() > MAX_PENDING)
		world_fail(
		    "%zu events of the daemon wait", world_pending_of_daemon());
}

void
truth_act(const struct act *act)
{
	if (act->kind == ACT_STRANGERS)
		truth.has_strangers = true;
	pairs_act(act);
}
