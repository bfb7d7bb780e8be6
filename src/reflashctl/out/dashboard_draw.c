/* SPDX-License-Identifier: ISC */
/* Draws the picture of watch. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/state/state.h"
#include "reflashctl/out/dashboard_parts.h"
#include "reflashctl/out/device_details.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/pen.h"
#include "reflashctl/out/row.h"

#define WITH_HEADING 8	/* rows */
#define WITH_TWO     10 /* rows: the counts may take two lines */
#define MARK	     2	/* columns in front of the rows, if one is marked */

/* The words of the first lines: how many devices are in which state. */
struct counts {
	char words[STATE_COUNT + 2][48];
	size_t count;
};

/* What stands above the table, in lines. */
struct head {
	struct counts counts;
	size_t count_lines, todo_lines, heading_lines;
};

static void
add_count(struct counts *counts, size_t number, const char *state)
{
	if (number > 0)
		snprintf(counts->words[counts->count++],
		    sizeof(counts->words[0]), "%zu %s", number, state);
}

/* Count the states that devices at work are in. */
static size_t
count_work(const size_t number[STATE_COUNT], size_t *states)
{
	size_t sum = 0;

	*states = 0;
	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_is_at_work(s)) {
			sum += number[s];
			*states += number[s] > 0;
		}
	return sum;
}

/*
 * Count the devices, those that failed first: a narrow line loses its end.  Of
 * many states at work only the sum is told.
 */
static void
count_states(struct dashboard *dashboard, struct counts *counts)
{
	static const enum state rest[] = { STATE_HELD, STATE_REFUSED,
		STATE_FLASHED, STATE_VERIFIED, STATE_SEEN, STATE_IGNORED };
	size_t number[STATE_COUNT] = { 0 }, states, work, i;
	const json_t *device;

	json_array_foreach (dashboard_shown(dashboard), i, device)
		number[device_state_of(device)]++;
	work = count_work(number, &states);
	add_count(counts, number[STATE_FAILED], state_name(STATE_FAILED));
	for (enum state s = 0; s < STATE_COUNT; s++)
		if (state_is_at_work(s) && states <= 2)
			add_count(counts, number[s], state_name(s));
	if (states > 2)
		add_count(counts, work, "at work");
	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		add_count(counts, number[rest[i]], state_name(rest[i]));
}

static void
make_counts(struct dashboard *dashboard, const struct dashboard_view *view,
    struct counts *counts)
{
	size_t shown = dashboard_count(dashboard);
	size_t total = dashboard_total(dashboard);
	char *first = counts->words[0], of[32] = "";

	counts->count = 1;
	if (shown < total)
		snprintf(of, sizeof(of), " of %zu", total);
	if (total > 0)
		snprintf(first, sizeof(counts->words[0]), "%zu%s device%s%s",
		    shown, of, total == 1 ? "" : "s", shown > 0 ? ": " : "");
	else
		text_copy(first, sizeof(counts->words[0]),
		    view->is_old ? "" : "no device has been seen yet");
	count_states(dashboard, counts);
}

/* Draw a word of the counts, or only see how much of the line it takes. */
static void
flow_word(struct pen *pen, const char *word)
{
	size_t width = term_width(word);

	if (pen->out != NULL)
		pen_put(pen, word, 0, COLOR_BOLD);
	else
		pen->left -= width < pen->left ? width : pen->left;
}

/*
 * Write the counts into so many lines of words that are never broken, or only
 * see how many lines they take (out is NULL).
 */
static size_t
flow_counts(const struct counts *counts, FILE *out,
    const struct dashboard_view *view, size_t max_lines)
{
	struct pen pen = { out, view->columns, false };
	size_t lines = 1;

	for (size_t i = 0; i < counts->count; i++) {
		bool is_last = i + 1 == counts->count;
		size_t width = term_width(counts->words[i]) + !is_last +
		    (i > 1 ? 1 : 0); /* with the comma and the blank */

		if (i > 0 && width > pen.left && lines < max_lines) {
			lines++;
			if (out != NULL)
				fputs(view->eol, out);
			pen.left = view->columns;
			flow_word(&pen, "  ");
		} else if (i > 1) {
			flow_word(&pen, " ");
		}
		flow_word(&pen, counts->words[i]);
		if (i > 0 && !is_last)
			flow_word(&pen, ",");
	}
	return lines;
}

/* Return true if it is not said by the rows on top of the table anyway. */
static bool
is_worth_a_line(const json_t *todo)
{
	const char *what = device_text(todo, "what");

	return what != NULL && strcmp(what, "failed") != 0 &&
	    strcmp(what, "stuck") != 0 && strcmp(what, "refused") != 0;
}

static size_t
count_todo(const struct dashboard_view *view)
{
	const json_t *todo;
	size_t i, count = 0;

	json_array_foreach (view->todo, i, todo)
		count += is_worth_a_line(todo);
	return count;
}

static size_t
max_todo_lines(const struct dashboard_view *view)
{
	if (view->rows < WITH_TWO)
		return 0;
	return view->rows < 20 ? 1 : view->rows < 30 ? 4 : 6;
}

static void
plan_head(struct dashboard *dashboard, const struct dashboard_view *view,
    struct head *head)
{
	size_t todo = count_todo(view), most = max_todo_lines(view);

	*head = (struct head){ .todo_lines = todo < most ? todo : most,
		.heading_lines = view->rows >= WITH_HEADING &&
		    dashboard_count(dashboard) > 0 };
	make_counts(dashboard, view, &head->counts);
	head->count_lines = flow_counts(
	    &head->counts, NULL, view, view->rows >= WITH_TWO ? 2 : 1);
}

static size_t
room_below(struct dashboard *dashboard, const struct dashboard_view *view,
    const struct head *head)
{
	size_t lines = head->count_lines + head->todo_lines +
	    head->heading_lines + (view->note != NULL);
	size_t room = view->rows > lines ? view->rows - lines : 0;

	/* One line is for the words that there are more. */
	return room > 0 && room < dashboard_count(dashboard) ? room - 1 : room;
}

size_t
dashboard_room(struct dashboard *dashboard, const struct dashboard_view *view)
{
	struct head head;

	plan_head(dashboard, view, &head);
	return room_below(dashboard, view, &head);
}

static void
end_line(FILE *out, const struct dashboard_view *view, struct pen *pen)
{
	fputs(view->eol, out);
	pen->left = view->columns;
}

/*
 * Describe in few words what is to be done: how many wait for what, or the
 * sentence up to its reason.  Yours.
 */
static char *
shorten_todo(const json_t *todo, const char *sentence, const char *command)
{
	const char *what = device_text(todo, "what");
	bool is_join = what != NULL && strcmp(what, "join") == 0;
	long long count = (long long)device_number(todo, "count");
	const char *reason = strstr(sentence, ": ");

	if (is_join || (what != NULL && strcmp(what, "approve") == 0))
		return xasprintf("%lld wait%s for your %s: reflashctl %s",
		    count, count == 1 ? "s" : "",
		    is_join ? "Wi-Fi" : "approval",
		    is_join ? "joining" : "approve --all");
	return xasprintf("%.*s: %s",
	    reason != NULL ? (int)(reason - sentence) : (int)strlen(sentence),
	    sentence, command);
}

/* Draw what is to be done and the command, in few words where it is narrow. */
static void
draw_todo(
    const json_t *todo, const struct dashboard_view *view, struct pen *pen)
{
	const char *what = device_text(todo, "what");
	const char *sentence = device_text(todo, "sentence");
	const char *command = device_text(todo, "command");
	bool is_problem = what != NULL && strcmp(what, "problem") == 0;
	bool is_urgent =
	    is_problem || (what != NULL && strcmp(what, "keep-on") == 0);
	char *text;

	if (sentence == NULL)
		sentence = "";
	if (command == NULL || strstr(sentence, command) != NULL)
		text = xstrdup(sentence);
	else
		text = xasprintf("%s: %s", sentence, command);
	if (term_width(text) > view->columns && command != NULL) {
		free(text);
		text = is_problem ? xstrdup(sentence)
				  : shorten_todo(todo, sentence, command);
	}
	pen_put(pen, text, 0, is_urgent ? COLOR_RED : COLOR_YELLOW);
	free(text);
}

static void
draw_todos(const struct dashboard_view *view, size_t lines, FILE *out)
{
	struct pen pen = { out, view->columns, view->is_old };
	size_t count = count_todo(view), i, n = 0;
	const json_t *todo;
	char more[80];

	json_array_foreach (view->todo, i, todo) {
		if (!is_worth_a_line(todo) || n == lines)
			continue;
		if (++n == lines && count > lines) {
			snprintf(more, sizeof(more),
			    "and %zu more; see: reflashctl status",
			    count - lines + 1);
			pen_put(&pen, more, 0, COLOR_YELLOW);
		} else {
			draw_todo(todo, view, &pen);
		}
		end_line(out, view, &pen);
	}
}

static void
draw_more(struct pen *pen, size_t first, size_t end, size_t count)
{
	char text[80];

	snprintf(
	    text, sizeof(text), "... %zu to %zu of %zu", first + 1, end, count);
	pen_put(pen, text, 0, COLOR_DIM);
}

/* Return for how long the device has not moved. */
static uint64_t
quiet_sec(const struct dashboard *dashboard, const char *id, uint64_t now_ms)
{
	uint64_t moved_ms = (uint64_t)device_number(dashboard->moved, id);

	return now_ms > moved_ms ? (now_ms - moved_ms) / 1000 : 0;
}

/* Return the width of the longest name: an id of 10 digits, or more. */
static size_t
name_width(const struct dashboard *dashboard)
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
draw_devices(struct dashboard *dashboard, FILE *out,
    const struct dashboard_view *view, size_t first, size_t end)
{
	size_t width = name_width(dashboard);

	for (size_t i = first; i < end; i++) {
		const json_t *device = dashboard_get(dashboard, i);
		const char *id = dashboard_id(dashboard, i);
		struct pen pen = { out, view->columns, view->is_old };
		struct row row = { .device = device,
			.now = view->now,
			.quiet_sec = quiet_sec(dashboard, id, view->now_ms),
			.is_old = view->is_old,
			.id_width = width };

		if (view->selected != NULL)
			pen_put(&pen,
			    strcmp(view->selected, id) == 0 ? ">" : "", MARK,
			    COLOR_BOLD);
		row_draw(&row, &pen);
		fputs(view->eol, out);
	}
}

void
dashboard_draw(
    struct dashboard *dashboard, FILE *out, const struct dashboard_view *view)
{
	size_t count = dashboard_count(dashboard), room, first, end;
	struct pen pen = { out, view->columns, false };
	struct head head;

	plan_head(dashboard, view, &head);
	room = room_below(dashboard, view, &head);
	first = view->first < count ? view->first : count;
	end = room < count - first ? first + room : count;
	flow_counts(&head.counts, out, view, head.count_lines);
	fputs(view->rows > 1 ? view->eol : "", out);
	draw_todos(view, head.todo_lines, out);
	if (head.heading_lines > 0) {
		pen_skip(&pen, view->selected != NULL ? MARK : 0);
		row_heading(name_width(dashboard), &pen);
		end_line(out, view, &pen);
	}
	draw_devices(dashboard, out, view, first, end);
	if (room < count && view->rows > 2) {
		draw_more(&pen, first, end, count);
		end_line(out, view, &pen);
	}
	if (view->note != NULL && view->rows > 1)
		pen_put(&pen, view->note, 0, view->note_color);
}

/* Write all about the device, or that there is none; yours. */
static char *
describe(const struct dashboard *dashboard, const struct dashboard_view *view,
    const char *id)
{
	const json_t *device = json_object_get(dashboard->devices, id);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return xstrdup("");
	if (device != NULL)
		device_details(out, view->columns, device);
	else
		fprintf(out, "device %s was forgotten\n", id);
	fclose(out);
	return text;
}

/* Write the start of a line that may have colours, in so many columns. */
static void
write_cut(FILE *out, const char *line, size_t columns)
{
	while (*line != '\0') {
		size_t len = strcspn(line, "\033");
		char *plain = xasprintf("%.*s", (int)len, line);
		size_t cut = term_cut(plain, columns);

		fwrite(plain, 1, cut, out);
		columns -=
		    term_width(plain) < columns ? term_width(plain) : columns;
		free(plain);
		line += len;
		len = strcspn(line, "m") + (strchr(line, 'm') != NULL);
		if (*line == '\033')
			fwrite(line, 1, len, out);
		line += *line == '\033' ? len : 0;
	}
}

size_t
dashboard_draw_device(struct dashboard *dashboard, FILE *out,
    const struct dashboard_view *view, const char *id, size_t line)
{
	char *text = describe(dashboard, view, id), *rest = text, *next;
	size_t room = view->rows > 1 ? view->rows - 1 : view->rows, count = 0;
	struct pen pen = { out, view->columns, false };

	while ((next = strsep(&rest, "\n")) != NULL && rest != NULL) {
		if (count >= line && count < line + room) {
			write_cut(out, next, view->columns);
			fputs(view->eol, out);
		}
		count++;
	}
	if (view->note != NULL && view->rows > 1)
		pen_put(&pen, view->note, 0, view->note_color);
	free(text);
	return count;
}
