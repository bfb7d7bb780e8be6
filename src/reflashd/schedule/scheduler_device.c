/* SPDX-License-Identifier: ISC */
/*
 * Decides about one device, and does what follows: changes its state, asks it,
 * or starts its flash.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/flash/job.h"
#include "reflashd/device/identify.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/flash/flash.h"
#include "reflashd/net/outage.h"
#include "reflashd/net/reachable.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/scheduler_parts.h"

#define MAX_SHOWS 16 /* events of one device that are of no state */

static bool
is_same_decision(const struct device *device, enum state state,
    const struct decision *decision)
{
	const char *policy = decision->policy ? decision->policy->name : "";

	return device->state == state && device->hold == decision->hold &&
	    (state != STATE_REFUSED || device->reason == decision->reason) &&
	    strcmp(device->policy, policy) == 0 &&
	    (state == STATE_SEEN || state == STATE_IGNORED ||
		strcmp(device->detail, decision->detail) == 0);
}

static void
note_plan(struct device *device, const struct decision *decision)
{
	device->has_plan = decide_image(decision, &device->plan);
}

/*
 * Return true if only the facts of the wait have changed, which change all the
 * time: for which device, until when.  That is no change for the log, the
 * history and the hooks.
 */
static bool
keeps_waiting(const struct device *device, const struct decision *decision)
{
	enum hold hold = decision->hold;

	return hold == device->hold &&
	    (hold == HOLD_SLOT || hold == HOLD_SOAK || hold == HOLD_ABSENT) &&
	    strcmp(device->policy, decision->policy->name) == 0;
}

/*
 * Note other facts of the same wait, to be published with the whereabouts. That
 * less time is left of a soak is none: its end is the same.
 */
static void
note_wait(struct device *device, const struct decision *decision)
{
	size_t len = decision->hold == HOLD_SOAK
	    ? strcspn(decision->detail, ",") + 1
	    : sizeof(device->detail);

	if (strncmp(device->detail, decision->detail, len) != 0)
		device->shown.is_outdated = true;
	text_copy(device->detail, sizeof(device->detail), decision->detail);
}

/* Post what was decided about a device, unless it is in that state already. */
static void
post_decision(struct device *device, const struct decision *decision,
    enum state state, enum state_event event)
{
	bool told = device->name[0] != '\0' || device->facts.info_known;
	enum state next;

	if (is_same_decision(device, state, decision) &&
	    (state != STATE_SEEN || device->shown.info || !told))
		return;
	if (!state_next(device->state, event, &next))
		return;
	if (decision->hold == HOLD_CANCELLED && device->hold == HOLD_CANCELLED)
		return; /* it stays as the person found it: follow_policy() */
	if (keeps_waiting(device, decision)) {
		note_wait(device, decision);
		return;
	}
	text_copy(device->policy, sizeof(device->policy),
	    decision->policy ? decision->policy->name : "");
	if (decision->hold == HOLD_BACKOFF && device->hold == HOLD_BACKOFF)
		return; /* the end of the attempt has said it */
	device->hold = decision->hold;
	device->reason = decision->reason;
	text_copy(device->detail, sizeof(device->detail), decision->detail);
	if (state == STATE_SEEN)
		device->shown.info = true;
	device_post(device, event);
}

static void
start_flash(struct scheduler_view *view, struct device *device,
    const struct decision *decision)
{
	struct scheduler *scheduler = view->scheduler;

	text_copy(
	    device->policy, sizeof(device->policy), decision->policy->name);
	device_clear_blame(device);
	if (!device->shown.info)
		devlog_seen(device);
	device->shown.info = true;
	rollout_starts_count(&scheduler->starts, clock_now_ms());
	flash_start(
	    scheduler->parts.flash, device, decision->policy, view->image);
}

/*
 * Publish where the device is, whether it answers, and what it waits for, which
 * is no state.  An announcement can change it, so there is a limit for ten
 * minutes.
 */
static void
show_whereabouts(struct scheduler *scheduler, struct device *device)
{
	if (!device->shown.is_outdated &&
	    device->shown.address.s_addr == device->place.address.s_addr &&
	    device->shown.is_present == device->seen.is_present &&
	    device->shown.no_info == (device->facts.no_info[0] != '\0'))
		return;
	if (ratelimit_take(&device->shown.events, MAX_SHOWS, clock_now_ms()))
		events_publish(scheduler->parts.events, device);
}

enum device_rank
scheduler_rank(const struct scheduler *scheduler, const char *id, bool fits)
{
	const struct setup *setup = scheduler->parts.setup;
	const struct config_devices *list = &setup->config->devices;

	if (policy_list_names(setup->policies, id))
		return DEVICE_NAMED;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].id, id) == 0)
			return DEVICE_NAMED;
	return fits ? DEVICE_FITTING : DEVICE_STRANGER;
}

/* Note how many attempts the policy allows; a failure keeps the number. */
static void
note_attempts(struct device *device, const struct decision *decision)
{
	if (decision->has_image && decision->what != DECIDE_NOTHING)
		device->attempt.allowed = decision->policy->attempts;
}

/*
 * Show the policy that fits a cancelled device now, which changes nothing else.
 * An order with an image of its own stays the policy.
 */
static void
follow_policy(struct scheduler *scheduler, struct device *device,
    const struct decision *decision)
{
	const char *policy = decision->policy ? decision->policy->name : "";

	if (device->state != STATE_HELD || device->hold != HOLD_CANCELLED ||
	    strcmp(device->policy, ORDERS_POLICY) == 0 ||
	    strcmp(device->policy, policy) == 0)
		return;
	text_copy(device->policy, sizeof(device->policy), policy);
	if (ratelimit_take(&device->shown.events, MAX_SHOWS, clock_now_ms()))
		events_publish(scheduler->parts.events, device);
}

/*
 * Return true if the state must change before the device has answered, because
 * a person has just ended its cancellation, or ordered another flash: who waits
 * for its end must not take the old one for it.
 */
static bool
is_outdated(const struct device *device)
{
	bool is_ordered = device->order.is_given || device->order.retry;

	return (device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
		   device->people.cancelled == NULL) ||
	    (device->order.is_given && device_took_image(device)) ||
	    (device->state == STATE_FAILED && is_ordered);
}

/* Hold a device that is to be flashed until it has answered. */
static void
wait_for_answer(struct device *device, struct decision *decision)
{
	if (!is_outdated(device))
		return;
	decision->what = DECIDE_HOLD;
	decision->hold = HOLD_SLOT;
	snprintf(decision->detail, sizeof(decision->detail),
	    "it begins once it has answered what it was just asked");
	post_decision(device, decision, STATE_HELD, STATE_EVENT_HOLD);
}

/* Ask the device about itself; its address was judged for the decision. */
static void
ask_device(struct scheduler_view *view, struct device *device)
{
	if (view->forbidden[0] == '\0')
		identify_if_wanted(view->scheduler->parts.identify, device);
}

static void
consider_hold(struct scheduler_view *view, struct device *device,
    struct decision *decision)
{
	struct scheduler *scheduler = view->scheduler;

	if (decision->hold == HOLD_CANCELLED)
		follow_policy(scheduler, device, decision);
	if (decision->hold == HOLD_ABSENT && device->look != NULL &&
	    !is_outdated(device))
		return;
	post_decision(device, decision, STATE_HELD, STATE_EVENT_HOLD);
	/* A device that answers goes before those that never did. */
	if (decision->hold == HOLD_SLOT && !device->seen.has_answered &&
	    flash_waits_for_answer(scheduler->parts.flash))
		ask_device(view, device);
}

/*
 * Publish that another image waits for the device now, which is no state: who
 * shows it to a person must show the right one.
 */
static void
show_plan(struct scheduler *scheduler, struct device *device, const char *was)
{
	if (device->has_plan && was[0] != '\0' &&
	    strcmp(was, device->plan.sha256) != 0 &&
	    (device->state == STATE_HELD || device->state == STATE_REFUSED))
		events_publish(scheduler->parts.events, device);
}

/* Do what was decided about a device. */
static void
carry_out(struct scheduler_view *view, struct device *device,
    struct decision *decision)
{
	switch (decision->what) {
	case DECIDE_NOTHING:
		break;
	case DECIDE_ASK:
		/* The state stays until the answer decides, if it may. */
		ask_device(view, device);
		if (device->look != NULL)
			wait_for_answer(device, decision);
		if (device->look == NULL || device->state == STATE_SEEN)
			post_decision(
			    device, decision, STATE_SEEN, STATE_EVENT_OBSERVE);
		break;
	case DECIDE_OBSERVE:
		post_decision(
		    device, decision, STATE_SEEN, STATE_EVENT_OBSERVE);
		ask_device(view, device);
		break;
	case DECIDE_IGNORE:
		post_decision(
		    device, decision, STATE_IGNORED, STATE_EVENT_IGNORE);
		break;
	case DECIDE_REFUSE:
		post_decision(
		    device, decision, STATE_REFUSED, STATE_EVENT_REFUSE);
		break;
	case DECIDE_FAIL:
		post_decision(device, decision, STATE_FAILED, STATE_EVENT_FAIL);
		break;
	case DECIDE_HOLD:
		consider_hold(view, device, decision);
		break;
	case DECIDE_START:
		if (device->look == NULL)
			start_flash(view, device, decision);
		else /* a question is never cut short */
			wait_for_answer(device, decision);
		break;
	case DECIDE_VERIFY:
		postflash_run_retry(
		    view->scheduler->parts.postflash_run, device);
		break;
	}
}

static void
consider_idle(struct scheduler_view *view, struct device *device)
{
	struct scheduler *scheduler = view->scheduler;
	const struct scheduler_parts *parts = &scheduler->parts;
	char was[sizeof(device->plan.sha256)];
	struct decision decision;
	bool is_configured;

	outage_look_at(parts->outage, device);
	scheduler_view_decide(view, device, &decision);
	text_copy(
	    was, sizeof(was), device->has_plan ? device->plan.sha256 : "");
	note_plan(device, &decision);
	note_attempts(device, &decision);
	is_configured = device->facts.info_known &&
	    reachable_is_configured(parts->reachable, device->place.address);
	device->seen.rank = is_configured
	    ? DEVICE_NAMED
	    : scheduler_rank(scheduler, device->id,
		  decision.policy != NULL || decision.what == DECIDE_ASK);
	carry_out(view, device, &decision);
	show_plan(scheduler, device, was);
}

void
scheduler_consider_by(struct scheduler_view *view, struct device *device)
{
	if (device->job != NULL)
		job_reconsider(device->job);
	else
		consider_idle(view, device);
	show_whereabouts(view->scheduler, device);
}
