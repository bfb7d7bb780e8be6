/* SPDX-License-Identifier: ISC */
/* The verb watch: a board that is drawn again whenever something changes. */
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

#define FRAME_MS     100  /* no more pictures than ten in a second */
#define TICK_MS	     1000 /* while something moves */
#define RECONNECT_MS 500
#define EVENTS	     256 /* at most between two pictures */

struct watch {
	struct subscription *feed;
	struct dashboard *board;
	bool is_fresh; /* the list of a new connection is coming in */
	bool is_dirty, was_there;
	bool is_behind; /* more has come than was taken in */
	uint64_t down;	/* monotonic: no daemon since; 0: there is one */
	char why[400];
	size_t first, page; /* of the devices, and how many are shown */
	uint64_t asked_ms, drawn_ms;
};

/* event is taken. */
static void
apply(struct watch *watch, json_t *event)
{
	json_t *device = json_object_get(event, "device");
	const char *what = device_text(event, "event");
	const char *id = device_text(event, "id");

	/* What was there before a restart may be gone. */
	if (watch->is_fresh)
		dashboard_clear(watch->board);
	watch->is_fresh = false;
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

/* Take in all that has come. */
static void
catch_up(struct watch *watch)
{
	struct error err;
	json_t *event;

	watch->is_behind = false;
	for (int n = 0; n < EVENTS; n++) {
		switch (subscription_next(watch->feed, 0, &event, &err)) {
		case SUBSCRIPTION_EVENT:
			apply(watch, event);
			break;
		case SUBSCRIPTION_LISTED:
			if (watch->is_fresh)
				dashboard_clear(watch->board);
			watch->is_fresh = false;
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

/* The last line: what can be done, or what is waited for. */
static void
describe(const struct watch *watch, char *dst, size_t size)
{
	char away[32];
	uint64_t now = clock_awake_ms();

	if (watch->down == 0)
		snprintf(dst, size, "q: quit%s",
		    dashboard_count(watch->board) > watch->page
			? ", space: next page, b: back"
			: "");
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
draw(struct watch *watch)
{
	char note[500], *picture = NULL;
	struct dashboard_view view = { .now = time(NULL),
		.now_ms = clock_awake_ms(),
		.is_old = watch->down != 0,
		.note = note,
		.note_color = watch->down != 0 ? COLOR_YELLOW : COLOR_DIM,
		.eol = "\033[K\r\n" };
	size_t size;
	FILE *out = open_memstream(&picture, &size);

	if (out == NULL)
		return;
	screen_size(&view.rows, &view.columns);
	watch->page = dashboard_room(watch->board, &view);
	if (watch->first >= dashboard_count(watch->board))
		watch->first = 0;
	view.first = watch->first;
	describe(watch, note, sizeof(note));
	dashboard_draw(watch->board, out, &view);
	fclose(out);
	screen_show(picture, size);
	free(picture);
	watch->is_dirty = false;
}

static void
turn_page(struct watch *watch, enum screen_event direction)
{
	size_t next = watch->first + watch->page;

	if (direction == SCREEN_NEXT && next < dashboard_count(watch->board))
		watch->first = next;
	else if (direction == SCREEN_BACK)
		watch->first -=
		    watch->first < watch->page ? watch->first : watch->page;
	watch->is_dirty = true;
}

/* How far they are, those at work that can be seen. */
static void
ask_again(struct watch *watch)
{
	json_auto_t *ids = dashboard_at_work(watch->board);
	const json_t *id;
	size_t i;

	json_array_foreach (ids, i, id)
		if (i >= watch->first && i < watch->first + watch->page)
			subscription_ask(watch->feed, json_string_value(id));
	watch->asked_ms = clock_awake_ms();
	watch->is_dirty = true; /* times go on in any case */
}

/* Draw and ask when it is time; how long to wait for something else. */
static int
work(struct watch *watch)
{
	bool is_moving = watch->down == 0 && dashboard_is_at_work(watch->board);

	if (is_moving && duration_left_ms(watch->asked_ms + TICK_MS) == 0)
		ask_again(watch);
	if (watch->is_dirty &&
	    duration_left_ms(watch->drawn_ms + FRAME_MS) == 0) {
		draw(watch);
		watch->drawn_ms = clock_awake_ms();
	}
	if (watch->is_behind)
		return 0; /* it need not be in the socket still */
	if (watch->is_dirty)
		return duration_left_ms(watch->drawn_ms + FRAME_MS);
	if (watch->down != 0)
		return RECONNECT_MS;
	return is_moving ? duration_left_ms(watch->asked_ms + TICK_MS) : -1;
}

static void
run(struct watch *watch)
{
	enum screen_event event = SCREEN_TICK;

	while (event != SCREEN_QUIT) {
		catch_up(watch);
		event = screen_wait(subscription_fd(watch->feed), work(watch));
		if (event == SCREEN_NEXT || event == SCREEN_BACK)
			turn_page(watch, event);
		/* Away for so long: that line changes by itself. */
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
	run(&watch);
	screen_close();
	/* The last picture stays, in the scroll-back. */
	last.columns = term_columns();
	last.now = time(NULL);
	last.now_ms = clock_awake_ms();
	last.is_old = watch.down != 0;
	dashboard_draw(watch.board, stdout, &last);
	dashboard_free(watch.board);
	subscription_free(watch.feed);
	return CTL_EXIT_DONE;
}
