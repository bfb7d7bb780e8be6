/* SPDX-License-Identifier: ISC */
/* Draws a device in one line, for watch and wait. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/out/device_order.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/row.h"

#define GAP	      2
#define ID_WIDTH      10
#define LABEL_WIDTH   20 /* of the longest label */
#define ADDRESS_WIDTH 15
#define STATE_WIDTH   11 /* of "downloading" */
#define TAIL_WIDTH    26 /* percent, rate, time left, and the blanks before */
#define MIN_BAR	      6
#define MAX_BAR	      60
#define WITH_ADDRESS  60 /* columns of a line that shows addresses */
#define QUIET_SEC     5	 /* without a byte, until a download counts as quiet */

static time_t
seconds_since(time_t since, time_t now)
{
	return now > since ? now - since : 0;
}

static bool
is_quiet(const struct row *row)
{
	return row->quiet_sec >= QUIET_SEC;
}

/* Describe the rate and the time left, which stand after the percents. */
static void
describe_pace(const struct row *row, char *dst, size_t size)
{
	const json_t *progress = json_object_get(row->device, "progress");
	char rate[32], time[32] = "";
	long left = device_left(row->device);

	dst[0] = '\0';
	if (row->is_old)
		return;
	if (is_quiet(row)) {
		snprintf(dst, size, "  nothing for %s",
		    text_seconds(time, sizeof(time), row->quiet_sec));
		return;
	}
	if (left > 0)
		text_seconds(time, sizeof(time), (uint64_t)left);
	device_rate(device_number(progress, "rate"), rate, sizeof(rate));
	snprintf(dst, size, "  %10s %7s", rate, time);
}

static void
draw_progress(const struct row *row, struct pen *pen)
{
	const json_t *progress = json_object_get(row->device, "progress");
	json_int_t percent = device_number(progress, "percent");
	double total = (double)device_number(progress, "total");
	double bytes = (double)device_number(progress, "bytes");
	size_t width = pen->left > TAIL_WIDTH ? pen->left - TAIL_WIDTH : 0;
	char text[80];

	if (width >= MIN_BAR)
		pen_bar(pen, width < MAX_BAR ? width : MAX_BAR,
		    bytes >= 0 && bytes <= total && total > 0 ? bytes / total
							      : 0,
		    COLOR_CYAN);
	snprintf(text, sizeof(text), " %3d %%",
	    percent >= 0 && percent <= 100 ? (int)percent : 0);
	pen_put(pen, text, 0, COLOR_NONE);
	describe_pace(row, text, sizeof(text));
	if (pen->left >= strlen(text))
		pen_put(
		    pen, text, 0, is_quiet(row) ? COLOR_YELLOW : COLOR_NONE);
}

/* Describe what a flashed device waits for, or where its page is. */
static void
describe_end(const json_t *device, char *dst, size_t size)
{
	const char *access_point = device_text(device, "access_point");
	const char *page = device_text(device, "page");

	if (device_attention(device) == ATTENTION_JOIN)
		snprintf(dst, size,
		    "join its Wi-Fi %s, see: reflashctl joining",
		    access_point != NULL ? access_point : "tasmota-...");
	else if (page != NULL)
		snprintf(dst, size, "%s", page);
}

/* Draw what stands after the state of a device without progress. */
static void
draw_remark(const json_t *device, struct pen *pen)
{
	enum state state = device_state_of(device);
	const char *remark = device_text(device, "detail");
	const char *note = device_text(device, "note");
	char end[120] = "";

	describe_end(device, end, sizeof(end));
	if (device_attention(device) == ATTENTION_KEEP_ON)
		remark = note;
	else if (state_is_at_work(state))
		remark = state_meaning(state);
	else if (end[0] != '\0')
		remark = end;
	else if (remark == NULL && state != STATE_SEEN)
		remark = device_meaning(device);
	else if (remark == NULL)
		remark = note;
	pen_put(pen, remark, 0, COLOR_NONE);
}

/* Describe the state, and for how long if no bar shows progress. */
static void
describe_state(const struct row *row, bool has_bar, char *dst, size_t size)
{
	enum state state = device_state_of(row->device);
	time_t since = device_time(device_text(row->device, "since"));
	char time[32];

	if (!state_is_at_work(state))
		device_state(row->device, dst, size);
	else if (has_bar || row->is_old || since == (time_t)-1)
		snprintf(dst, size, "%s", state_name(state));
	else
		snprintf(dst, size, "%s %s", state_name(state),
		    text_seconds(time, sizeof(time),
			(uint64_t)seconds_since(since, row->now)));
}

/* Return the label of the device, or else its id. */
static const char *
name_of(const json_t *device)
{
	const char *label = device_text(device, "label");
	const char *id = device_text(device, "id");

	return label != NULL ? label : id != NULL ? id : "-";
}

/* A label may be cut, as its start is enough to type; an id may not. */
size_t
row_id_width(const json_t *device)
{
	const char *label = device_text(device, "label");
	size_t width = device != NULL ? term_width(name_of(device)) : 0;

	if (label != NULL && width > LABEL_WIDTH)
		width = LABEL_WIDTH;
	return width > ID_WIDTH ? width : ID_WIDTH;
}

/* Draw the cells of each line: id, address, state. */
static void
draw_cells(struct pen *pen, const char *id, size_t id_width,
    const char *address, const char *state, enum term_color color)
{
	bool has_address = pen->left >= WITH_ADDRESS - ID_WIDTH + id_width;
	size_t width = term_width(state);

	pen_put(pen, id, id_width, COLOR_NONE);
	pen_skip(pen, GAP);
	if (has_address) {
		pen_put(pen, address, ADDRESS_WIDTH, COLOR_NONE);
		pen_skip(pen, GAP);
	}
	pen_put(pen, state, width < STATE_WIDTH ? STATE_WIDTH : 0, color);
	pen_skip(pen, GAP);
}

void
row_draw(const struct row *row, struct pen *pen)
{
	const json_t *progress = json_object_get(row->device, "progress");
	const char *address = device_text(row->device, "address");
	bool has_bar = json_is_object(progress) &&
	    device_state_of(row->device) == STATE_DOWNLOADING;
	char state[96];

	describe_state(row, has_bar, state, sizeof(state));
	draw_cells(pen, name_of(row->device), row->id_width,
	    address != NULL ? address : "-", state, device_color(row->device));
	if (has_bar)
		draw_progress(row, pen);
	else
		draw_remark(row->device, pen);
}

void
row_heading(size_t id_width, struct pen *pen)
{
	pen->is_dim = true;
	draw_cells(pen, "ID", id_width, "ADDRESS", "STATE", COLOR_DIM);
	pen->is_dim = false;
}
