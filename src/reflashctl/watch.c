/* SPDX-License-Identifier: ISC */
/* The verb watch: a board that is drawn again whenever something changes. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reflashctl/board.h"
#include "reflashctl/clean.h"
#include "reflashctl/device.h"
#include "reflashctl/duration.h"
#include "reflashctl/feed.h"
#include "reflashctl/monitor.h"
#include "reflashctl/screen.h"
#include "reflashctl/shape.h"
#include "reflashctl/verb.h"

#define FRAME_MS     100  /* no more pictures than ten in a second */
#define TICK_MS	     1000 /* while something moves */
#define RECONNECT_MS 500
#define EVENTS	     256 /* at most between two pictures */

struct watch {
	struct feed *feed;
	struct board *board;
	bool is_fresh; /* the list of a new connection is coming in */
	bool is_down, is_dirty;
	char why[400]; /* it is down */
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
		board_clear(watch->board);
	watch->is_fresh = false;
	if (device != NULL)
		board_put(watch->board, device);
	else if (what != NULL && strcmp(what, "forgotten") == 0 && id != NULL)
		board_remove(watch->board, id);
	json_decref(event);
}

/* Take in all that has come. */
static void
catch_up(struct watch *watch)
{
	struct error err;
	json_t *event;

	for (int n = 0; n < EVENTS; n++) {
		switch (feed_next(watch->feed, 0, &event, &err)) {
		case FEED_EVENT:
			apply(watch, event);
			break;
		case FEED_LISTED:
			if (watch->is_fresh)
				board_clear(watch->board);
			watch->is_fresh = false;
			break;
		case FEED_IDLE:
			watch->is_dirty |= watch->is_down || n > 0;
			watch->is_down = false;
			return;
		case FEED_DOWN:
			watch->is_dirty |= !watch->is_down;
			watch->is_down = watch->is_fresh = true;
			memcpy(watch->why, err.text, sizeof(watch->why));
			return;
		}
		watch->is_dirty = true;
	}
}

static void
draw(struct watch *watch)
{
	size_t rows, columns, size;
	char *picture = NULL;
	FILE *out = open_memstream(&picture, &size);

	if (out == NULL)
		return;
	screen_size(&rows, &columns);
	board_draw(watch->board, out, rows, columns,
	    watch->is_down ? watch->why : "q: quit", "\033[K\r\n");
	fclose(out);
	screen_show(picture, size);
	free(picture);
	watch->is_dirty = false;
}

static int
next_timeout(const struct watch *watch, uint64_t drawn_ms)
{
	if (watch->is_dirty)
		return duration_left_ms(drawn_ms + FRAME_MS);
	if (watch->is_down)
		return RECONNECT_MS;
	return board_is_at_work(watch->board) ? TICK_MS : -1;
}

static void
run(struct watch *watch)
{
	uint64_t drawn_ms = 0;

	catch_up(watch);
	for (;;) {
		int timeout;

		if (watch->is_dirty &&
		    duration_left_ms(drawn_ms + FRAME_MS) == 0) {
			draw(watch);
			drawn_ms = duration_now_ms();
		}
		timeout = next_timeout(watch, drawn_ms);
		switch (screen_wait(feed_fd(watch->feed), timeout)) {
		case SCREEN_QUIT:
			return;
		case SCREEN_RESIZED:
			watch->is_dirty = true;
			break;
		case SCREEN_TICK:
			watch->is_dirty |= timeout == TICK_MS;
			break;
		case SCREEN_INPUT:
			break;
		}
		catch_up(watch);
	}
}

int
verb_watch(struct ctl *ctl, int argc, char **argv)
{
	struct watch watch = { .is_fresh = true, .is_dirty = true };

	(void)argc;
	(void)argv;
	if (ctl->json || !screen_is_there())
		return monitor_run(ctl, true);
	watch.feed = feed_new(ctl->socket, FEED_ALL, NULL);
	watch.board = board_new();
	screen_open();
	run(&watch);
	screen_close();
	/* The last picture stays, in the scroll-back. */
	board_draw(watch.board, stdout, SIZE_MAX, clean_columns(), NULL, "\n");
	board_free(watch.board);
	feed_free(watch.feed);
	return CTL_EXIT_DONE;
}
