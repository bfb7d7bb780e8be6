/* SPDX-License-Identifier: ISC */
/* Watches devices until what was ordered for them has ended. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/duration.h"
#include "reflashctl/link/request.h"
#include "reflashctl/link/subscription.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/verbs/follow_parts.h"
#include "reflashctl/verbs/outcome.h"

#define RECONNECT_MS 250
#define LIVE_MS	     1000 /* between two pictures on a terminal */
#define INTERRUPTED  130  /* exit code of what ^C has ended */

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* Let ^C end the watching with a sentence. */
static void
catch_interrupt(void)
{
	const struct sigaction action = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &action, NULL);
}

/* Return the exit code for the state of a device; -1: it goes on. */
static int
judge(const json_t *device)
{
	const char *name = device_text(device, "state");
	const char *reason = device_text(device, "reason");
	enum state state;

	if (name == NULL || !state_find(name, &state))
		return -1;
	if (state == STATE_FAILED || state == STATE_REFUSED)
		return CTL_EXIT_FAILED;
	if (state == STATE_HELD && reason != NULL &&
	    hold_find(reason) == HOLD_CANCELLED)
		return CTL_EXIT_NOTHING;
	return state_is_success(state) ? CTL_EXIT_DONE : -1;
}

static bool
is_same(const json_t *a, const json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/*
 * Return true if the device is as it was before the order.  An order for a
 * device that has ended begins with something else.
 */
static bool
is_as_before(const json_t *before, const json_t *now)
{
	return before != NULL && is_same(before, now, "state") &&
	    is_same(before, now, "since") && is_same(before, now, "reason");
}

/* Note how a device is now. */
static void
take_device(struct followed *one, json_t *device)
{
	if (device_has_moved(one->device, device))
		one->moved_ms = clock_awake_ms();
	json_decref(one->device);
	one->device = json_incref(device);
	one->is_listed = true;
	one->has_begun |=
	    judge(device) == -1 || !is_as_before(one->before, device);
	one->rc = one->has_begun ? judge(device) : -1;
}

static void
lose_device(struct followed *one)
{
	one->is_gone = true;
	one->rc = CTL_EXIT_NOT_FOUND;
}

static struct followed *
find_followed(struct follow *follow, const char *id)
{
	for (size_t i = 0; id != NULL && i < follow->count; i++)
		if (strcmp(follow->list[i].id, id) == 0)
			return &follow->list[i];
	return NULL;
}

/* Apply an event, which is taken. */
static void
apply_event(struct follow *follow, json_t *event)
{
	json_t *device = json_object_get(event, "device");
	const char *id = device_text(device != NULL ? device : event, "id");
	struct followed *one = find_followed(follow, id);

	if (follow->count == 0 && id != NULL && device != NULL)
		json_object_set(follow->known, id, device);
	if (one != NULL && one->rc == -1 && device != NULL)
		take_device(one, device);
	else if (one != NULL && one->rc == -1)
		lose_device(one);
	if (one != NULL)
		follow_show(follow, one);
	json_decref(event);
}

/* All devices are listed again: what is not there was forgotten meanwhile. */
static void
end_listing(struct follow *follow)
{
	for (size_t i = 0; i < follow->count; i++) {
		struct followed *one = &follow->list[i];

		if (one->rc == -1 && !one->is_listed) {
			lose_device(one);
			follow_show(follow, one);
		}
	}
}

static void
begin_listing(struct follow *follow)
{
	for (size_t i = 0; i < follow->count; i++)
		follow->list[i].is_listed = false;
}

/* Ask for the devices that are at work: few events tell their progress. */
static void
ask_again(struct follow *follow)
{
	for (size_t i = 0; i < follow->count; i++)
		if (follow->list[i].rc == -1 &&
		    state_is_at_work(device_state_of(follow->list[i].device)))
			subscription_ask(follow->feed, follow->list[i].id);
}

static bool
has_ended(const struct follow *follow)
{
	for (size_t i = 0; i < follow->count; i++)
		if (follow->list[i].rc == -1)
			return false;
	return true;
}

static int
left_ms(const struct follow *follow)
{
	int left =
	    follow->until_ms == 0 ? -1 : duration_left_ms(follow->until_ms);

	if (follow->is_live && (left < 0 || left > LIVE_MS))
		left = LIVE_MS;
	return left;
}

static bool
is_over(const struct follow *follow)
{
	return interrupted ||
	    (follow->until_ms != 0 && duration_left_ms(follow->until_ms) == 0);
}

static void
watch_devices(struct follow *follow)
{
	struct error err;
	json_t *event;

	while (!has_ended(follow) && !is_over(follow)) {
		switch (subscription_next(
		    follow->feed, left_ms(follow), &event, &err)) {
		case SUBSCRIPTION_EVENT:
			apply_event(follow, event);
			break;
		case SUBSCRIPTION_LISTED:
			end_listing(follow);
			break;
		case SUBSCRIPTION_IDLE:
			ask_again(follow);
			break;
		case SUBSCRIPTION_DOWN:
			begin_listing(follow);
			poll(NULL, 0, RECONNECT_MS);
			break;
		}
		follow_draw(follow);
	}
}

/* Begin with the devices of the outcomes that were carried out. */
static void
take_outcomes(struct follow *follow, const json_t *outcomes)
{
	const json_t *outcome;
	size_t i;

	follow->list =
	    xcalloc(json_array_size(outcomes) + 1, sizeof(*follow->list));
	json_array_foreach (outcomes, i, outcome) {
		struct followed *one = &follow->list[follow->count];
		const char *id = device_text(outcome, "id");

		if (id == NULL || outcome_exit(outcome) != CTL_EXIT_DONE ||
		    !text_copy(one->id, sizeof(one->id), id))
			continue;
		one->title = outcome_title(outcome);
		one->before = json_incref(json_object_get(follow->known, id));
		one->device = json_incref(one->before);
		one->is_listed = true;
		one->rc = -1;
		follow->count++;
	}
}

/* Put the devices into the outcomes, for programs. */
static void
give_devices(struct follow *follow, json_t *outcomes)
{
	json_t *outcome;
	size_t i;

	json_array_foreach (outcomes, i, outcome) {
		const struct followed *one =
		    find_followed(follow, device_text(outcome, "id"));

		if (one != NULL && one->device != NULL && !one->is_gone)
			json_object_set(outcome, "device", one->device);
	}
}

static int
sum_up(const struct follow *follow)
{
	int rc = CTL_EXIT_DONE;

	if (interrupted)
		return INTERRUPTED;
	if (!has_ended(follow))
		return CTL_EXIT_ERROR;
	if (follow->count == 1)
		return follow->list[0].rc;
	for (size_t i = 0; i < follow->count; i++)
		if (follow->list[i].rc != CTL_EXIT_DONE)
			rc = CTL_EXIT_FAILED;
	return rc;
}

int
follow_run(struct follow *follow, json_t *outcomes)
{
	take_outcomes(follow, outcomes);
	catch_interrupt();
	/* Nothing may have changed since the order was answered. */
	for (size_t i = 0; i < follow->count; i++)
		subscription_ask(follow->feed, follow->list[i].id);
	watch_devices(follow);
	follow_end(follow, interrupted);
	give_devices(follow, outcomes);
	return follow->count > 0 ? sum_up(follow) : CTL_EXIT_NOTHING;
}

struct follow *
follow_new(const struct ctl *ctl, long timeout_sec)
{
	struct follow *follow = xcalloc(1, sizeof(*follow));
	enum subscription_end end = SUBSCRIPTION_EVENT;
	struct error err;
	json_t *event;

	follow->json = ctl->json;
	follow->is_live = !ctl->json && term_has_screen();
	follow->known = json_object();
	follow->feed = subscription_new(ctl->socket, SUBSCRIPTION_ALL, NULL);
	if (timeout_sec >= 0)
		follow->until_ms =
		    clock_awake_ms() + (uint64_t)timeout_sec * 1000;
	while (end == SUBSCRIPTION_EVENT) {
		end = subscription_next(
		    follow->feed, REQUEST_TIMEOUT_MS, &event, &err);
		if (end == SUBSCRIPTION_EVENT)
			apply_event(follow, event);
	}
	if (end == SUBSCRIPTION_LISTED)
		return follow;
	if (end == SUBSCRIPTION_DOWN)
		request_fail(ctl, &err, NULL);
	else
		complain("the daemon does not answer");
	follow_free(follow);
	return NULL;
}

void
follow_free(struct follow *follow)
{
	if (follow == NULL)
		return;
	for (size_t i = 0; i < follow->count; i++) {
		json_decref(follow->list[i].before);
		json_decref(follow->list[i].device);
		free(follow->list[i].title);
		free(follow->list[i].shown);
	}
	free(follow->list);
	json_decref(follow->known);
	subscription_free(follow->feed);
	free(follow);
}
