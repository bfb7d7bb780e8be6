/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/out/dashboard.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/pen.h"
#include "reflashctl/out/row.h"

#define WITH_HEADING 8 /* rows */

struct board {
	json_t *devices; /* owned; id to device */
	json_t *moved;	 /* owned; id to when device_has_moved() last */
};

struct board *
board_new(void)
{
	struct board *board = xcalloc(1, sizeof(*board));

	board->devices = json_object();
	board->moved = json_object();
	return board;
}

void
board_free(struct board *board)
{
	json_decref(board->devices);
	json_decref(board->moved);
	free(board);
}

void
board_put(struct board *board, json_t *device, uint64_t now_ms)
{
	const char *id = device_text(device, "id");

	if (id == NULL)
		return;
	if (device_has_moved(json_object_get(board->devices, id), device))
		json_object_set_new(
		    board->moved, id, json_integer((json_int_t)now_ms));
	json_object_set(board->devices, id, device);
}

void
board_remove(struct board *board, const char *id)
{
	json_object_del(board->devices, id);
	json_object_del(board->moved, id);
}

void
board_clear(struct board *board)
{
	json_object_clear(board->devices);
	json_object_clear(board->moved);
}

/* ---- the order --------------------------------------------------------- */

/* The smaller, the higher up. */
static int
rank(const json_t *device)
{
	enum state state = device_state_of(device);

	if (state_is_at_work(state))
		return 0;
	if (state == STATE_FAILED)
		return 1;
	if (state == STATE_HELD || state == STATE_REFUSED)
		return 2;
	return state == STATE_IGNORED ? 4 : 3;
}

static int
by_rank(const void *a, const void *b)
{
	const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
	int difference = rank(one) - rank(other);

	return difference != 0
	    ? difference
	    : strcmp(device_text(one, "id"), device_text(other, "id"));
}

/* All devices and a NULL; the array is yours. */
static json_t **
sorted(const struct board *board)
{
	size_t n = 0, count = json_object_size(board->devices);
	json_t **list = xcalloc(count + 1, sizeof(json_t *));
	const char *id;
	json_t *device;

	json_object_foreach (board->devices, id, device)
		list[n++] = device;
	qsort(list, n, sizeof(json_t *), by_rank);
	return list;
}

json_t *
board_at_work(const struct board *board)
{
	json_t **list = sorted(board), *ids = json_array();

	for (size_t i = 0; list[i] != NULL && rank(list[i]) == 0; i++)
		json_array_append(ids, json_object_get(list[i], "id"));
	free(list);
	return ids;
}

bool
board_is_at_work(const struct board *board)
{
	const char *id;
	json_t *device;

	json_object_foreach (board->devices, id, device)
		if (rank(device) == 0)
			return true;
	return false;
}

size_t
board_count(const struct board *board)
{
	return json_object_size(board->devices);
}

/* ---- drawing ----------------------------------------------------------- */

static void
draw_summary(
    const struct board *board, struct pen *pen, const struct board_view *view)
{
	size_t counts[STATE_COUNT] = { 0 }, used = 0;
	size_t all = json_object_size(board->devices);
	char text[320] = "";
	const char *id;
	json_t *device;

	json_object_foreach (board->devices, id, device) {
		counts[device_state_of(device)]++;
	}
	if (all > 0)
		used = (size_t)snprintf(text, sizeof(text), "%zu device%s", all,
		    all == 1 ? "" : "s");
	else if (!view->is_old)
		text_copy(text, sizeof(text), "no device has been seen yet");
	for (enum state s = 0, n = 0; s < STATE_COUNT; s++)
		if (counts[s] > 0)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s %zu %s",
			    n++ == 0 ? ":" : ",", counts[s], state_name(s));
	pen_put(pen, text, 0, COLOR_BOLD);
}

static void
draw_more(struct pen *pen, size_t first, size_t end, size_t count)
{
	char text[80];

	snprintf(
	    text, sizeof(text), "... %zu to %zu of %zu", first + 1, end, count);
	pen_put(pen, text, 0, COLOR_DIM);
}

static bool
has_heading(const struct board *board, const struct board_view *view)
{
	return view->rows >= WITH_HEADING && board_count(board) > 0;
}

size_t
board_room(const struct board *board, const struct board_view *view)
{
	size_t lines = 1 + has_heading(board, view) + (view->note != NULL);
	size_t room = view->rows > lines ? view->rows - lines : 0;

	/* One line says that there are more. */
	return room > 0 && room < board_count(board) ? room - 1 : room;
}

/* For how long nothing has come of the device. */
static uint64_t
quiet_sec(const struct board *board, const char *id, uint64_t now_ms)
{
	uint64_t moved_ms = (uint64_t)device_number(board->moved, id);

	return now_ms > moved_ms ? (now_ms - moved_ms) / 1000 : 0;
}

/* An id of 24 digits is as whole as one of ten. */
static size_t
id_width(const struct board *board)
{
	const char *id;
	size_t widest = row_id_width(NULL);
	json_t *device;

	json_object_foreach (board->devices, id, device)
		if (row_id_width(device) > widest)
			widest = row_id_width(device);
	return widest;
}

static void
draw_devices(const struct board *board, FILE *out,
    const struct board_view *view, size_t end)
{
	json_t **list = sorted(board);
	size_t width = id_width(board);

	for (size_t i = view->first; i < end; i++) {
		const char *id = device_text(list[i], "id");
		struct pen pen = { out, view->columns, view->is_old };
		struct row row = { .device = list[i],
			.now = view->now,
			.quiet_sec = quiet_sec(board, id, view->now_ms),
			.is_old = view->is_old,
			.id_width = width };

		row_draw(&row, &pen);
		fputs(view->eol, out);
	}
	free(list);
}

void
board_draw(const struct board *board, FILE *out, const struct board_view *view)
{
	size_t count = board_count(board), room = board_room(board, view);
	size_t first = view->first < count ? view->first : count;
	size_t end = room < count - first ? first + room : count;
	struct pen pen = { out, view->columns, false };

	draw_summary(board, &pen, view);
	fputs(view->rows > 1 ? view->eol : "", out);
	if (has_heading(board, view)) {
		pen.left = view->columns;
		row_heading(id_width(board), &pen);
		fputs(view->eol, out);
	}
	draw_devices(board, out, view, end);
	pen.left = view->columns;
	if (room < count && view->rows > 2) {
		draw_more(&pen, first, end, count);
		fputs(view->eol, out);
		pen.left = view->columns;
	}
	if (view->note != NULL && view->rows > 1)
		pen_put(&pen, view->note, 0, view->note_color);
}
