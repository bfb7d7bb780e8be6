/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "reflashctl/board.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/state.h"
#include "reflashctl/device.h"

#define TAIL_WIDTH    25 /* percent, rate, time left, and the blanks before */
#define PERCENT_WIDTH 6
#define STATE_WIDTH   11 /* of "downloading" */
#define MAX_BAR	      60
#define MIN_BAR	      6

struct board {
	json_t *devices; /* owned; id to device */
};

struct board *
board_new(void)
{
	struct board *board = xcalloc(1, sizeof(*board));

	board->devices = json_object();
	return board;
}

void
board_free(struct board *board)
{
	json_decref(board->devices);
	free(board);
}

void
board_put(struct board *board, json_t *device)
{
	const char *id = device_text(device, "id");

	if (id != NULL)
		json_object_set(board->devices, id, device);
}

void
board_remove(struct board *board, const char *id)
{
	json_object_del(board->devices, id);
}

void
board_clear(struct board *board)
{
	json_object_clear(board->devices);
}

static enum state
state_of(const json_t *device)
{
	const char *name = device_text(device, "state");
	enum state state;

	return name != NULL && state_find(name, &state) ? state : STATE_SEEN;
}

/* The smaller, the higher up. */
static int
rank(const json_t *device)
{
	enum state state = state_of(device);

	if (state_is_at_work(state))
		return 0;
	if (state == STATE_FAILED)
		return 1;
	if (state == STATE_HELD || state == STATE_REFUSED)
		return 2;
	return state == STATE_IGNORED ? 4 : 3;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(device_text(*(json_t *const *)a, "id"),
	    device_text(*(json_t *const *)b, "id"));
}

static int
by_rank(const void *a, const void *b)
{
	int difference = rank(*(json_t *const *)a) - rank(*(json_t *const *)b);

	return difference != 0 ? difference : by_id(a, b);
}

/* All devices in an order; the array is yours. */
static json_t **
sorted(const struct board *board, int (*compare)(const void *, const void *))
{
	size_t n = 0, count = json_object_size(board->devices);
	json_t **list = xcalloc(count + 1, sizeof(json_t *));
	const char *id;
	json_t *device;

	json_object_foreach (board->devices, id, device)
		list[n++] = device;
	qsort(list, n, sizeof(json_t *), compare);
	return list;
}

json_t *
board_devices(const struct board *board)
{
	json_t **list = sorted(board, by_id), *out = json_array();

	for (size_t i = 0; list[i] != NULL; i++)
		json_array_append(out, list[i]);
	free(list);
	return out;
}

bool
board_is_at_work(const struct board *board)
{
	const char *id;
	json_t *device;

	json_object_foreach (board->devices, id, device)
		if (state_is_at_work(state_of(device)))
			return true;
	return false;
}

/* No more of text than columns. */
static void
put_cut(FILE *out, const char *text, size_t columns)
{
	char *clean = clean_text(text);

	fwrite(clean, 1, clean_cut(clean, columns), out);
	free(clean);
}

static void
draw_summary(const struct board *board, FILE *out, size_t columns)
{
	size_t counts[STATE_COUNT] = { 0 }, used = 0;
	char text[320] = "no device has been seen yet";
	const char *id;
	json_t *device;

	json_object_foreach (board->devices, id, device) {
		counts[state_of(device)]++;
	}
	for (enum state s = 0; s < STATE_COUNT; s++)
		if (counts[s] > 0)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s%zu %s",
			    used > 0 ? ", " : "", counts[s], state_name(s));
	fputs(clean_color(COLOR_BOLD), out);
	put_cut(out, text, columns);
	fputs(clean_color(COLOR_NONE), out);
}

static void
draw_bar(FILE *out, size_t width, unsigned percent)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	size_t full = width * percent / 100;

	fputc('[', out);
	for (size_t i = 0; i < width; i++)
		fputs(i < full ? (is_utf8 ? "\u2588" : "#")
			       : (is_utf8 ? "\u2591" : "-"),
		    out);
	fputc(']', out);
}

static void
draw_progress(const json_t *device, FILE *out, size_t columns)
{
	const json_t *progress = json_object_get(device, "progress");
	json_int_t percent = device_number(progress, "percent");
	char rate[32], left[32] = "";
	long seconds = device_left(device);
	size_t width = columns > TAIL_WIDTH + 2 ? columns - TAIL_WIDTH - 2 : 0;

	if (percent < 0 || percent > 100)
		percent = 0;
	if (seconds > 0)
		text_seconds(left, sizeof(left), (uint64_t)seconds);
	if (width >= MIN_BAR)
		draw_bar(
		    out, width < MAX_BAR ? width : MAX_BAR, (unsigned)percent);
	if (columns >= PERCENT_WIDTH)
		fprintf(out, " %3d %%", (int)percent);
	if (width > 0)
		fprintf(out, " %10s %7s",
		    device_rate(
			device_number(progress, "rate"), rate, sizeof(rate)),
		    left);
}

/* What stands behind the state, where there is no progress. */
static void
draw_remark(const json_t *device, FILE *out, size_t columns)
{
	const char *remark = device_text(device, "detail");
	json_int_t attempts = device_number(device, "attempts");
	char text[64];

	if (remark == NULL)
		remark = device_text(device, "policy");
	if (state_is_at_work(state_of(device)) && attempts > 0) {
		snprintf(text, sizeof(text), "attempt %lld of %lld",
		    (long long)device_number(device, "attempt"),
		    (long long)attempts);
		remark = text;
	}
	if (remark != NULL)
		put_cut(out, remark, columns);
}

static void
draw_device(const json_t *device, FILE *out, size_t columns)
{
	const char *address = device_text(device, "address");
	bool has_bar = json_is_object(json_object_get(device, "progress"));
	char state[96], head[160], *clean;
	size_t width;

	if (has_bar)
		text_copy(state, sizeof(state), device_text(device, "state"));
	else
		device_state(device, state, sizeof(state));
	snprintf(head, sizeof(head), "%-10.20s  %-15.15s ",
	    device_text(device, "id"), address != NULL ? address : "-");
	put_cut(out, head, columns);
	width = clean_width(head);
	columns -= width < columns ? width : columns;
	clean = clean_text(state);
	width =
	    clean_width(clean) > STATE_WIDTH ? clean_width(clean) : STATE_WIDTH;
	fprintf(out, "%s%.*s%s", clean_color(device_color(device)),
	    (int)clean_cut(clean, columns), clean, clean_color(COLOR_NONE));
	if (width + 1 < columns) {
		columns -= width + 1;
		fprintf(out, "%*s", (int)(width + 1 - clean_width(clean)), "");
		if (has_bar)
			draw_progress(device, out, columns);
		else
			draw_remark(device, out, columns);
	}
	free(clean);
}

void
board_draw(const struct board *board, FILE *out, size_t rows, size_t columns,
    const char *note, const char *eol)
{
	size_t count = json_object_size(board->devices), shown = count;
	json_t **list = sorted(board, by_rank);
	size_t room = rows - (note != NULL ? 2 : 1);

	if (count > room)
		shown = room - 1;
	draw_summary(board, out, columns);
	fputs(eol, out);
	for (size_t i = 0; i < shown; i++) {
		draw_device(list[i], out, columns);
		fputs(eol, out);
	}
	if (shown < count)
		fprintf(out, "... and %zu more%s", count - shown, eol);
	if (note != NULL) {
		fputs(clean_color(COLOR_DIM), out);
		put_cut(out, note, columns);
		fputs(clean_color(COLOR_NONE), out);
	}
	free(list);
}
