/* SPDX-License-Identifier: ISC */
/* The verb watch: a table that is drawn again whenever something changes. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "reflashctl/duration.h"
#include "reflashctl/link/subscription.h"
#include "reflashctl/out/dashboard.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/out/screen.h"
#include "reflashctl/out/term.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/monitor.h"
#include "reflashctl/verbs/watch_parts.h"

#define FRAME_MS     100  /* at most ten pictures in a second */
#define TICK_MS	     1000 /* while something moves */
#define RECONNECT_MS 500
#define STATUS_MS    5000 /* while nothing changes */
#define EVENTS	     256  /* at most between two pictures */

static void
take_todo(struct watch *watch, const json_t *status)
{
	json_t *todo = json_object_get(status, "todo");

	json_decref(watch->todo);
	watch->todo = json_incref(todo);
}

/* Apply an event, which is taken. */
static void
apply_event(struct watch *watch, json_t *event)
{
	json_t *device = json_object_get(event, "device");
	const char *what = device_text(event, "event");
	const char *id = device_text(event, "id");

	if (what != NULL && strcmp(what, "status") == 0) {
		take_todo(watch, json_object_get(event, "status"));
		json_decref(event);
		return;
	}
	/* Devices from before a restart may be gone. */
	if (watch->is_fresh)
		dashboard_clear(watch->board);
	watch->is_fresh = false;
	watch->has_changed = true;
	if (device != NULL)
		dashboard_put(watch->board, device, clock_awake_ms());
	else if (what != NULL && strcmp(what, "forgotten") == 0 && id != NULL)
		dashboard_remove(watch->board, id);
	json_decref(event);
}

static void
go_down(struct watch *watch, const struct error *err)
{
	if (watch->down == 0)
		watch->down = clock_awake_ms();
	watch->is_fresh = true;
	snprintf(watch->why, sizeof(watch->why), "%s", err->text);
}

/* Take in all events that are there. */
static void
catch_up(struct watch *watch)
{
	struct error err;
	json_t *event;

	watch->is_behind = false;
	for (int n = 0; n < EVENTS; n++) {
		switch (subscription_next(watch->feed, 0, &event, &err)) {
		case SUBSCRIPTION_EVENT:
			apply_event(watch, event);
			break;
		case SUBSCRIPTION_LISTED:
			if (watch->is_fresh)
				dashboard_clear(watch->board);
			watch->is_fresh = false;
			watch->has_changed = true;
			watch->status_ms = 0;
			break;
		case SUBSCRIPTION_IDLE:
			return;
		case SUBSCRIPTION_DOWN:
			go_down(watch, &err);
			return;
		}
		watch->is_dirty = watch->was_there = true;
		watch->down = 0;
	}
	watch->is_behind = true;
}

/* Describe the keys of the table. */
static void
describe_keys(const struct watch *watch, char *dst, size_t size)
{
	bool has_pages = dashboard_count(watch->board) > watch->page;

	if (watch->mode == WATCH_DETAILS)
		snprintf(dst, size, "q: back to the table%s",
		    watch->lines > watch->page ? ", space: next page, b: back"
					       : "");
	else if (watch->mode == WATCH_TYPING)
		snprintf(dst, size,
		    "/%s_  enter: keep this filter, escape: none",
		    watch->filter);
	else if (watch->filter[0] != '\0')
		snprintf(dst, size,
		    "q: quit, enter: details, escape: all "
		    "again; only these are shown: %s",
		    watch->filter);
	else
		snprintf(dst, size,
		    "q: quit%s, arrows and enter: details, "
		    "/: filter",
		    has_pages ? ", space: next page, b: back" : "");
}

/* Describe the keys, or what is waited for, for the last line. */
static void
describe_note(const struct watch *watch, char *dst, size_t size)
{
	char away[32];
	uint64_t now = clock_awake_ms();

	if (watch->down == 0)
		describe_keys(watch, dst, size);
	else if (!watch->was_there)
		snprintf(dst, size, "waiting for reflashd (q: quit)%s%s",
		    watch->why[0] != '\0' ? ": " : "", watch->why);
	else
		snprintf(dst, size,
		    "reflashd is away for %s; waiting for it, this is how it "
		    "was",
		    text_seconds(
			away, sizeof(away), (now - watch->down) / 1000));
}

static void
draw_details(struct watch *watch, FILE *out, const struct dashboard_view *view)
{
	watch->page = view->rows > 1 ? view->rows - 1 : 1;
	watch->lines = dashboard_draw_device(
	    watch->board, out, view, watch->selected, watch->line);
}

/* Draw the table with the page that has the selected device. */
static void
draw_table(struct watch *watch, FILE *out, struct dashboard_view *view)
{
	watch->page = dashboard_room(watch->board, view);
	watch_follow_selected(watch);
	if (watch->first >= dashboard_count(watch->board))
		watch->first = 0;
	view->first = watch->first;
	view->selected = watch->selected[0] != '\0' ? watch->selected : NULL;
	dashboard_draw(watch->board, out, view);
}

static void
draw_board(struct watch *watch)
{
	char note[500], *picture = NULL;
	struct dashboard_view view = { .now = time(NULL),
		.now_ms = clock_awake_ms(),
		.todo = watch->todo,
		.is_old = watch->down != 0,
		.note = note,
		.note_color = watch->down != 0 ? COLOR_YELLOW : COLOR_DIM,
		.eol = "\033[K\r\n" };
	size_t size;
	FILE *out = open_memstream(&picture, &size);

	if (out == NULL)
		return;
	screen_size(&view.rows, &view.columns);
	if (watch->mode != WATCH_DETAILS)
		watch->page = dashboard_room(watch->board, &view);
	describe_note(watch, note, sizeof(note));
	if (watch->mode == WATCH_DETAILS)
		draw_details(watch, out, &view);
	else
		draw_table(watch, out, &view);
	fclose(out);
	screen_show(picture, size);
	free(picture);
	watch->is_dirty = false;
}

/* Ask again for the devices on the page that are at work. */
static void
ask_again(struct watch *watch)
{
	json_auto_t *ids =
	    dashboard_at_work(watch->board, watch->first, watch->page);
	const json_t *id;
	size_t i;

	json_array_foreach (ids, i, id)
		subscription_ask(watch->feed, json_string_value(id));
	watch->asked_ms = clock_awake_ms();
	watch->is_dirty = true; /* the times in the table have changed anyway */
}

/*
 * Ask what is to be done: soon after a change, and now and then for what no
 * device tells, as that the disk is full.  Returns when to ask again.
 */
static int
ask_status(struct watch *watch)
{
	uint64_t pause = watch->has_changed ? TICK_MS : STATUS_MS;

	if (watch->down != 0 || watch->is_fresh)
		return -1;
	if (duration_left_ms(watch->status_ms + pause) == 0) {
		subscription_ask_status(watch->feed);
		watch->status_ms = clock_awake_ms();
		watch->has_changed = false;
		pause = STATUS_MS;
	}
	return duration_left_ms(watch->status_ms + pause);
}

static int
sooner(int one_ms, int other_ms)
{
	if (one_ms < 0 || other_ms < 0)
		return one_ms < 0 ? other_ms : one_ms;
	return one_ms < other_ms ? one_ms : other_ms;
}

/* Draw and ask if it is time.  Returns how long to wait for other events. */
static int
draw_and_ask(struct watch *watch)
{
	bool is_moving = watch->down == 0 && dashboard_is_at_work(watch->board);
	int status_ms = ask_status(watch);

	if (is_moving && duration_left_ms(watch->asked_ms + TICK_MS) == 0)
		ask_again(watch);
	if (watch->is_dirty &&
	    duration_left_ms(watch->drawn_ms + FRAME_MS) == 0) {
		draw_board(watch);
		watch->drawn_ms = clock_awake_ms();
	}
	if (watch->is_behind)
		return 0; /* the events may all be in the buffer */
	if (watch->is_dirty)
		return duration_left_ms(watch->drawn_ms + FRAME_MS);
	if (watch->down != 0)
		return RECONNECT_MS;
	return sooner(status_ms,
	    is_moving ? duration_left_ms(watch->asked_ms + TICK_MS) : -1);
}

static void
run_watch(struct watch *watch)
{
	enum screen_event event = SCREEN_TICK;

	while (event != SCREEN_QUIT) {
		catch_up(watch);
		event = screen_wait(
		    subscription_fd(watch->feed), draw_and_ask(watch));
		if (event == SCREEN_KEY && !watch_key(watch, screen_key()))
			return;
		/* The line "away for ..." changes by itself. */
		watch->is_dirty |= event == SCREEN_RESIZED || watch->down != 0;
	}
}

int
verb_watch(struct ctl *ctl, int argc, char **argv)
{
	struct watch watch = {
		.is_fresh = true, .is_dirty = true, .down = clock_awake_ms()
	};
	struct dashboard_view last = { .rows = SIZE_MAX, .eol = "\n" };

	(void)argc;
	(void)argv;
	if (ctl->json || !screen_is_there())
		return monitor_run(ctl, true);
	watch.feed = subscription_new(ctl->socket, SUBSCRIPTION_ALL, NULL);
	watch.board = dashboard_new();
	screen_open();
	run_watch(&watch);
	screen_close();
	/* The last picture stays, in the scroll-back. */
	last.columns = term_columns();
	last.now = time(NULL);
	last.now_ms = clock_awake_ms();
	last.is_old = watch.down != 0;
	last.todo = watch.todo;
	dashboard_draw(watch.board, stdout, &last);
	json_decref(watch.todo);
	dashboard_free(watch.board);
	subscription_free(watch.feed);
	return CTL_EXIT_DONE;
}
