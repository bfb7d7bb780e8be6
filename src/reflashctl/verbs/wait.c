/* SPDX-License-Identifier: ISC */
/* The verb wait: follows a device until it is in a state, or time is up. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/duration.h"
#include "reflashctl/link/request.h"
#include "reflashctl/link/subscription.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/row.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/show.h"
#include "reflashctl/word_match.h"

#define DEFAULT_STATE	STATE_FLASHED
#define DEFAULT_TIMEOUT 600
#define RECONNECT_MS	250
#define LIVE_MS		1000 /* between two updates of the line on a terminal */

struct wait {
	char id[REQUEST_ID_SIZE];
	enum state wanted;
	uint64_t until_ms;
	char timeout[32];  /* in words */
	json_t *device;	   /* owned; NULL: not seen yet */
	bool is_live;	   /* a line on the terminal shows the progress */
	uint64_t moved_ms; /* when device_has_moved() last */
};

static bool
read_state(const char *text, enum state *out)
{
	static const struct word_match kind = { "state", "states", NULL };
	const char *names[STATE_COUNT];
	size_t found;

	*out = DEFAULT_STATE;
	if (text == NULL)
		return true;
	for (enum state s = 0; s < STATE_COUNT; s++)
		names[s] = state_name(s);
	if (!word_match_find(&kind, text, names, STATE_COUNT, &found))
		return false;
	*out = (enum state)found;
	return true;
}

static bool
read_timeout(struct wait *wait, const char *text)
{
	unsigned seconds = DEFAULT_TIMEOUT;

	if (text != NULL && !duration_parse(text, &seconds)) {
		complain(
		    "%s is not a length of time; write for example 90s or 10m",
		    text);
		return false;
	}
	text_seconds(wait->timeout, sizeof(wait->timeout), seconds);
	wait->until_ms = clock_awake_ms() + (uint64_t)seconds * 1000;
	return true;
}

/* Return true if the device waits for a person. */
static bool
is_cancelled(const json_t *device)
{
	const char *reason = device_text(device, "reason");

	return device_state_of(device) == STATE_HELD && reason != NULL &&
	    hold_find(reason) == HOLD_CANCELLED;
}

/* Return the exit code for the state of the device; -1: go on waiting. */
static int
judge_state(const struct wait *wait)
{
	const char *name = device_text(wait->device, "state");
	enum state state;

	if (name == NULL || !state_find(name, &state))
		return -1;
	if (state == wait->wanted ||
	    (wait->wanted == STATE_FLASHED && state == STATE_VERIFIED))
		return CTL_EXIT_DONE;
	if (state == STATE_FAILED || state == STATE_REFUSED)
		return CTL_EXIT_FAILED;
	if (is_cancelled(wait->device))
		return CTL_EXIT_NOTHING;
	return -1;
}

/* Draw the line that shows the progress on a terminal. */
static void
draw_line(const struct wait *wait, bool is_down)
{
	struct row row = { .device = wait->device,
		.now = time(NULL),
		.quiet_sec = (clock_awake_ms() - wait->moved_ms) / 1000,
		.is_old = is_down,
		.id_width = row_id_width(wait->device) };
	struct pen pen = { stdout, term_columns(), is_down };

	if (!wait->is_live || wait->device == NULL)
		return;
	pen.left--; /* not into the next line */
	putchar('\r');
	row_draw(&row, &pen);
	fputs("\033[K", stdout);
	fflush(stdout);
}

static void
wipe_line(const struct wait *wait)
{
	if (wait->is_live)
		fputs("\r\033[K", stdout);
	fflush(stdout);
}

/* Apply an event, which is taken. */
static void
note_event(struct wait *wait, json_t *event)
{
	json_t *device = json_object_get(event, "device");
	const char *id = device_text(device, "id");

	if (id != NULL && strcmp(id, wait->id) == 0) {
		if (device_has_moved(wait->device, device))
			wait->moved_ms = clock_awake_ms();
		json_decref(wait->device);
		wait->device = json_incref(device);
		draw_line(wait, false);
	}
	json_decref(event);
}

static int
report_timeout(const struct wait *wait)
{
	char state[96];

	wipe_line(wait);
	if (wait->device == NULL) {
		complain("%s: not seen within %s", wait->id, wait->timeout);
		return CTL_EXIT_NOT_FOUND;
	}
	device_state(wait->device, state, sizeof(state));
	complain("%s: not %s within %s, but %s", wait->id,
	    state_name(wait->wanted), wait->timeout, state);
	return CTL_EXIT_ERROR;
}

/* Wait for a daemon that restarts; false: there was none, or time is up. */
static bool
wait_for_daemon(const struct ctl *ctl, const struct wait *wait, bool was_there,
    const struct error *err)
{
	int left = duration_left_ms(wait->until_ms);

	draw_line(wait, true);
	if (was_there && left > 0) {
		poll(NULL, 0, left < RECONNECT_MS ? left : RECONNECT_MS);
		return true;
	}
	wipe_line(wait);
	request_fail(ctl, err, NULL);
	return false;
}

static int
follow_device(
    const struct ctl *ctl, struct wait *wait, struct subscription *feed)
{
	bool was_there = false;
	struct error err;
	json_t *event;
	int rc;

	for (;;) {
		int left = duration_left_ms(wait->until_ms);

		/* Even without time to wait, ask for the present state. */
		if (!was_there && left < REQUEST_TIMEOUT_MS)
			left = REQUEST_TIMEOUT_MS;
		else if (wait->is_live && left > LIVE_MS)
			left = LIVE_MS;
		switch (subscription_next(feed, left, &event, &err)) {
		case SUBSCRIPTION_EVENT:
			note_event(wait, event);
			rc = wait->device != NULL ? judge_state(wait) : -1;
			if (rc != -1)
				return rc;
			break;
		case SUBSCRIPTION_LISTED:
			was_there = true;
			if (wait->device == NULL)
				complain("%s: not seen yet; waiting for it",
				    wait->id);
			break;
		case SUBSCRIPTION_IDLE:
			if (!was_there) {
				complain("the daemon does not answer");
				return CTL_EXIT_NO_DAEMON;
			}
			if (duration_left_ms(wait->until_ms) == 0)
				return report_timeout(wait);
			subscription_ask(feed, wait->id);
			draw_line(wait, false);
			break;
		case SUBSCRIPTION_DOWN:
			if (!wait_for_daemon(ctl, wait, was_there, &err))
				return CTL_EXIT_NO_DAEMON;
		}
	}
}

int
verb_wait(struct ctl *ctl, int argc, char **argv)
{
	struct wait wait = { .device = NULL };
	struct subscription *feed;
	int rc;

	(void)argc;
	if (!read_state(ctl->state, &wait.wanted) ||
	    !read_timeout(&wait, ctl->timeout))
		return CTL_EXIT_USAGE;
	rc = request_id(ctl, argv[0], wait.id);
	if (rc != CTL_EXIT_DONE)
		return rc;
	wait.is_live = !ctl->json && term_has_screen();
	feed = subscription_new(ctl->socket, SUBSCRIPTION_ONE, wait.id);
	rc = follow_device(ctl, &wait, feed);
	wipe_line(&wait);
	if (wait.device != NULL &&
	    (rc == CTL_EXIT_DONE || rc == CTL_EXIT_FAILED ||
		rc == CTL_EXIT_NOTHING || rc == CTL_EXIT_ERROR))
		show_device(wait.device, ctl->json);
	json_decref(wait.device);
	subscription_free(feed);
	return rc;
}
