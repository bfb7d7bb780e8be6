/* SPDX-License-Identifier: ISC */
/*
 * Reads windows of time such as 22:30-06:00 and tells whether one is open, and
 * when the next one opens.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/window.h"

#define DAY 1440 /* minutes */

/*
 * Parse "HH:MM" up to the character stop or the end, and return the place
 * after; NULL if it is something else.
 */
static const char *
parse_clock(const char *text, char stop, unsigned *minutes)
{
	unsigned hour, minute;

	for (size_t i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
			return NULL;
	hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	*minutes = hour * 60 + minute;
	if (text[5] != stop || minute > 59 || *minutes > DAY)
		return NULL;
	return text + 5;
}

static bool
parse_window(const char *word, struct window *window, struct error *err)
{
	const char *dash = parse_clock(word, '-', &window->from);

	if (dash == NULL || window->from == DAY ||
	    parse_clock(dash + 1, '\0', &window->to) == NULL)
		return error_set(err, EINVAL,
		    "%.40s is not a window; write for"
		    " example 01:00-05:00 or 22:30-06:00",
		    word);
	if (window->from == window->to)
		return error_set(err, EINVAL,
		    "%s begins when it ends; leave"
		    " Window= out for the whole day",
		    word);
	return true;
}

static bool
add_window(void *ctx, const char *word, struct error *err)
{
	struct windows *list = ctx;
	struct window window;

	if (!parse_window(word, &window, err))
		return false;
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = window;
	return true;
}

bool
windows_add(struct windows *list, const char *words, struct error *err)
{
	return text_each_word(words, add_window, list, err);
}

void
windows_fini(struct windows *list)
{
	free(list->items);
	*list = (struct windows){ 0 };
}

static bool
is_open(const struct window *window, unsigned minute)
{
	if (window->from < window->to)
		return minute >= window->from && minute < window->to;
	return minute >= window->from || minute < window->to;
}

static unsigned
minute_of(const struct tm *local)
{
	return (unsigned)(local->tm_hour * 60 + local->tm_min);
}

bool
windows_open(const struct windows *list, const struct tm *local)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_open(&list->items[i], minute_of(local)))
			return true;
	return list->count == 0;
}

static long
offset_at(time_t when)
{
	struct tm tm;

	localtime_r(&when, &tm);
	return tm.tm_gmtoff;
}

/*
 * Return the second in (from, to] at which the clock on the wall was put
 * forward or back.
 */
static time_t
find_change(time_t from, time_t to)
{
	long before = offset_at(from);

	while (to - from > 1) {
		time_t middle = from + (to - from) / 2;

		if (offset_at(middle) == before)
			from = middle;
		else
			to = middle;
	}
	return to;
}

/*
 * Return when the next window begins if the clock on the wall is not put
 * forward or back before.
 */
static time_t
next_begin(const struct windows *list, time_t now, const struct tm *local)
{
	unsigned least = DAY;

	for (size_t i = 0; i < list->count; i++) {
		unsigned wait =
		    (list->items[i].from + DAY - minute_of(local)) % DAY;

		if (wait < least)
			least = wait;
	}
	return now - local->tm_sec + (time_t)least * 60;
}

time_t
windows_next(const struct windows *list, time_t now)
{
	/*
	 * The clock on the wall changes at most twice a day, so 16 steps look
	 * more than a week ahead.  A window opens before that.
	 */
	for (int i = 0; i < 16; i++) {
		struct tm local;
		time_t next;

		localtime_r(&now, &local);
		if (windows_open(list, &local))
			break;
		next = next_begin(list, now, &local);
		if (offset_at(next) != local.tm_gmtoff)
			next = find_change(now, next);
		now = next;
	}
	return now;
}
