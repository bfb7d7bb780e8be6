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

struct dashboard {
	json_t *devices; /* owned; id to device */
	json_t *moved;	 /* owned; id to when device_has_moved() last */
};

struct dashboard *
dashboard_new(void)
{
	struct dashboard *dashboard = xcalloc(1, sizeof(*dashboard));

	dashboard->devices = json_object();
	dashboard->moved = json_object();
	return dashboard;
}

void
dashboard_free(struct dashboard *dashboard)
{
	json_decref(dashboard->devices);
	json_decref(dashboard->moved);
	free(dashboard);
}

void
dashboard_put(struct dashboard *dashboard, json_t *device, uint64_t now_ms)
{
	const char *id = device_text(device, "id");

	if (id == NULL)
		return;
	if (device_has_moved(json_object_get(dashboard->devices, id), device))
		json_object_set_new(
		    dashboard->moved, id, json_integer((json_int_t)now_ms));
	json_object_set(dashboard->devices, id, device);
}

void
dashboard_remove(struct dashboard *dashboard, const char *id)
{
	json_object_del(dashboard->devices, id);
	json_object_del(dashboard->moved, id);
}

void
dashboard_clear(struct dashboard *dashboard)
{
	json_object_clear(dashboard->devices);
	json_object_clear(dashboard->moved);
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
sorted(const struct dashboard *dashboard)
{
	size_t n = 0, count = json_object_size(dashboard->devices);
	json_t **list = xcalloc(count + 1, sizeof(json_t *));
	const char *id;
	json_t *device;

	json_object_foreach (dashboard->devices, id, device)
		list[n++] = device;
	qsort(list, n, sizeof(json_t *), by_rank);
	return list;
}

json_t *
dashboard_at_work(const struct dashboard *dashboard)
{
	json_t **list = sorted(dashboard), *ids = json_array();

	for (size_t i = 0; list[i] != NULL && rank(list[i]) == 0; i++)
		json_array_append(ids, json_object_get(list[i], "id"));
	free(list);
	return ids;
}

bool
dashboard_is_at_work(const struct dashboard *dashboard)
{
	const char *id;
	json_t *device;

	json_object_foreach (dashboard->devices, id, device)
		if (rank(device) == 0)
			return true;
	return false;
}

size_t
dashboard_count(const struct dashboard *dashboard)
{
	return json_object_size(dashboard->devices);
}

/* ---- drawing ----------------------------------------------------------- */

static void
draw_summary(const struct dashboard *dashboard, struct pen *pen,
    const struct dashboard_view *view)
{
	size_t counts[STATE_COUNT] = { 0 }, used = 0;
	size_t all = json_object_size(dashboard->devices);
	char text[320] = "";
	const char *id;
	json_t *device;

	json_object_foreach (dashboard->devices, id, device) {
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
has_heading(
    const struct dashboard *dashboard, const struct dashboard_view *view)
{
	return view->rows >= WITH_HEADING && dashboard_count(dashboard) > 0;
}

size_t
dashboard_room(
    const struct dashboard *dashboard, const struct dashboard_view *view)
{
	size_t lines = 1 + has_heading(dashboard, view) + (view->note != NULL);
	size_t room = view->rows > lines ? view->rows - lines : 0;

	/* One line says that there are more. */
	return room > 0 && room < dashboard_count(dashboard) ? room - 1 : room;
}

/* For how long nothing has come of the device. */
static uint64_t
quiet_sec(const struct dashboard *dashboard, const char *id, uint64_t now_ms)
{
	uint64_t moved_ms = (uint64_t)device_number(dashboard->moved, id);

	return now_ms > moved_ms ? (now_ms - moved_ms) / 1000 : 0;
}

/* An id of 24 digits is as whole as one of ten. */
static size_t
id_width(const struct dashboard *dashboard)
{
	const char *id;
	size_t widest = row_id_width(NULL);
	json_t *device;

	json_object_foreach (dashboard->devices, id, device)
		if (row_id_width(device) > widest)
			widest = row_id_width(device);
	return widest;
}

static void
draw_devices(const struct dashboard *dashboard, FILE *out,
    const struct dashboard_view *view, size_t end)
{
	json_t **list = sorted(dashboard);
	size_t width = id_width(dashboard);

	for (size_t i = view->first; i < end; i++) {
		const char *id = device_text(list[i], "id");
		struct pen pen = { out, view->columns, view->is_old };
		struct row row = { .device = list[i],
			.now = view->now,
			.quiet_sec = quiet_sec(dashboard, id, view->now_ms),
			.is_old = view->is_old,
			.id_width = width };

		row_draw(&row, &pen);
		fputs(view->eol, out);
	}
	free(list);
}

void
dashboard_draw(const struct dashboard *dashboard, FILE *out,
    const struct dashboard_view *view)
{
	size_t count = dashboard_count(dashboard),
	       room = dashboard_room(dashboard, view);
	size_t first = view->first < count ? view->first : count;
	size_t end = room < count - first ? first + room : count;
	struct pen pen = { out, view->columns, false };

	draw_summary(dashboard, &pen, view);
	fputs(view->rows > 1 ? view->eol : "", out);
	if (has_heading(dashboard, view)) {
		pen.left = view->columns;
		row_heading(id_width(dashboard), &pen);
		fputs(view->eol, out);
	}
	draw_devices(dashboard, out, view, end);
	pen.left = view->columns;
	if (room < count && view->rows > 2) {
		draw_more(&pen, first, end, count);
		fputs(view->eol, out);
		pen.left = view->columns;
	}
	if (view->note != NULL && view->rows > 1)
		pen_put(&pen, view->note, 0, view->note_color);
}
