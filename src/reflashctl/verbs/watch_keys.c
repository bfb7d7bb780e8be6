/* SPDX-License-Identifier: ISC */
/* Carries out what a person types in watch: select, filter, look closer. */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "reflashctl/out/dashboard.h"
#include "reflashctl/out/keys.h"
#include "reflashctl/verbs/watch_parts.h"

#define CLEAR_LINE 0x15 /* ^U */

/* Select the device at that place, or the last one, and show its page. */
static void
select_place(struct watch *watch, size_t place)
{
	size_t count = dashboard_count(watch->board);

	if (count == 0) {
		watch->selected[0] = '\0';
		return;
	}
	watch->place = place < count ? place : count - 1;
	text_copy(watch->selected, sizeof(watch->selected),
	    dashboard_id(watch->board, watch->place));
	if (watch->place < watch->first)
		watch->first = watch->place;
	else if (watch->page > 0 && watch->place >= watch->first + watch->page)
		watch->first = watch->place + 1 - watch->page;
}

void
watch_follow_selected(struct watch *watch)
{
	size_t place;

	if (watch->selected[0] == '\0' || watch->mode == WATCH_DETAILS)
		return;
	place = dashboard_place(watch->board, watch->selected);
	select_place(watch,
	    place < dashboard_count(watch->board) ? place : watch->place);
}

/* Move the mark; the first key only shows it. */
static void
move_mark(struct watch *watch, int by)
{
	if (watch->selected[0] == '\0')
		select_place(watch, watch->first);
	else if (by > 0)
		select_place(watch, watch->place + 1);
	else if (watch->place > 0)
		select_place(watch, watch->place - 1);
}

static void
turn_page(struct watch *watch, bool is_forward)
{
	size_t next = watch->first + watch->page;

	if (is_forward && next < dashboard_count(watch->board))
		watch->first = next;
	else if (!is_forward)
		watch->first -=
		    watch->first < watch->page ? watch->first : watch->page;
	if (watch->selected[0] != '\0')
		select_place(watch, watch->first);
}

static void
show_details(struct watch *watch)
{
	if (watch->selected[0] == '\0')
		select_place(watch, watch->first);
	if (watch->selected[0] == '\0')
		return;
	watch->mode = WATCH_DETAILS;
	watch->line = 0;
}

static void
set_filter(struct watch *watch, const char *words)
{
	text_copy(watch->filter, sizeof(watch->filter), words);
	dashboard_filter(watch->board, watch->filter);
	watch->first = 0;
}

/* Escape takes back the last thing: the mark, then the filter. */
static void
take_back(struct watch *watch)
{
	if (watch->selected[0] != '\0')
		watch->selected[0] = '\0';
	else
		set_filter(watch, "");
}

static bool
type_in_table(struct watch *watch, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case KEY_UP:
	case 'k':
		move_mark(watch, -1);
		break;
	case KEY_DOWN:
	case 'j':
		move_mark(watch, 1);
		break;
	case KEY_PAGE_DOWN:
	case ' ':
		turn_page(watch, true);
		break;
	case KEY_PAGE_UP:
	case 'b':
		turn_page(watch, false);
		break;
	case KEY_HOME:
		select_place(watch, 0);
		break;
	case KEY_END:
		select_place(watch, SIZE_MAX);
		break;
	case KEY_ENTER:
		show_details(watch);
		break;
	case KEY_ESCAPE:
		take_back(watch);
		break;
	case '/':
		watch->mode = WATCH_TYPING;
		break;
	}
	return true;
}

static void
scroll(struct watch *watch, size_t by, bool is_down)
{
	if (!is_down)
		watch->line -= watch->line < by ? watch->line : by;
	else if (watch->line + watch->page + by <= watch->lines)
		watch->line += by;
	else if (watch->lines > watch->page)
		watch->line = watch->lines - watch->page;
}

static void
type_in_details(struct watch *watch, int key)
{
	switch (key) {
	case KEY_UP:
	case 'k':
		scroll(watch, 1, false);
		break;
	case KEY_DOWN:
	case 'j':
		scroll(watch, 1, true);
		break;
	case KEY_PAGE_UP:
	case 'b':
		scroll(watch, watch->page, false);
		break;
	case KEY_PAGE_DOWN:
	case ' ':
		scroll(watch, watch->page, true);
		break;
	default:
		if (key == KEY_ENTER || key == KEY_ESCAPE ||
		    key == KEY_BACKSPACE || key == 'q' || key == 'Q')
			watch->mode = WATCH_TABLE;
	}
}

/* Take the last character off, with all its bytes of UTF-8. */
static void
take_last_off(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
		len--;
	text[len > 0 ? len - 1 : 0] = '\0';
}

static void
type_filter(struct watch *watch, int key)
{
	char words[sizeof(watch->filter)];
	size_t len = strlen(watch->filter);

	text_copy(words, sizeof(words), watch->filter);
	if (key == KEY_ENTER || key == KEY_ESCAPE ||
	    (key == KEY_BACKSPACE && len == 0))
		watch->mode = WATCH_TABLE;
	if (key == KEY_ESCAPE || key == CLEAR_LINE)
		words[0] = '\0';
	else if (key == KEY_BACKSPACE)
		take_last_off(words);
	else if (key >= ' ' && key <= 0xff && len + 1 < sizeof(words)) {
		words[len] = (char)key;
		words[len + 1] = '\0';
	}
	if (strcmp(words, watch->filter) != 0)
		set_filter(watch, words);
}

bool
watch_key(struct watch *watch, int key)
{
	watch->is_dirty = true;
	if (watch->mode == WATCH_TYPING)
		type_filter(watch, key);
	else if (watch->mode == WATCH_DETAILS)
		type_in_details(watch, key);
	else
		return type_in_table(watch, key);
	return true;
}
