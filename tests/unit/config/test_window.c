/* SPDX-License-Identifier: ISC */
/* Window=: when a policy may flash, over midnight and daylight saving. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <time.h>

#include "core/config/window.h"

#include "unit/test.h"

static struct windows
windows_of(const char *text)
{
	struct windows list = { 0 };
	struct error err;

	assert_true(windows_add(&list, text, &err));
	return list;
}

/* "YYYY-MM-DD HH:MM:SS" in UTC. */
static time_t
utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return timegm(&tm);
}

static void
set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

TEST(the_end_is_not_in_it)
{
	static const struct {
		const char *windows;
		int hour, minute;
		bool open;
	} cases[] = {
		{ "", 12, 0, true },
		{ "01:00-05:00", 0, 59, false },
		{ "01:00-05:00", 1, 0, true },
		{ "01:00-05:00", 4, 59, true },
		{ "01:00-05:00", 5, 0, false },
		{ "22:30-06:00", 22, 29, false },
		{ "22:30-06:00", 22, 30, true },
		{ "22:30-06:00", 23, 59, true },
		{ "22:30-06:00", 0, 0, true },
		{ "22:30-06:00", 5, 59, true },
		{ "22:30-06:00", 6, 0, false },
		{ "22:30-00:00", 0, 0, false },
		{ "22:30-24:00", 23, 59, true },
		{ "22:30-24:00", 0, 0, false },
		{ "00:00-24:00", 0, 0, true },
		{ "00:00-24:00", 23, 59, true },
		{ "01:00-02:00 03:00-04:00", 2, 30, false },
		{ "01:00-02:00 03:00-04:00", 3, 30, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct windows list = windows_of(cases[i].windows);
		struct tm tm = { .tm_hour = cases[i].hour,
			.tm_min = cases[i].minute };

		assert_int_equal(windows_open(&list, &tm), cases[i].open);
		windows_fini(&list);
		windows_fini(&list); /* empty, and usable again */
	}
}

TEST(what_is_no_window_is_told)
{
	static const char *const bad[] = { "1:00-5:00", "01:00", "01:00-",
		"01:00-05:00x", "01:60-05:00", "24:00-05:00", "01:00-24:01",
		"01:00-25:00", "01:00--5:00", "01-05", "03:00-03:00",
		"00:00-00:00", "01:00 - 05:00", "-", "01:00-02:00 x",
		"01:0:-05:00", "01:1/-05:00", "0::00-05:00", "1/:00-05:00" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct windows list = { 0 };
		struct error err = { 0 };

		assert_false(windows_add(&list, bad[i], &err));
		assert_true(err.text[0] != '\0');
		windows_fini(&list);
	}
}

/*
 * Berlin put the clock from 02:00 to 03:00 at 2026-03-29 01:00 UTC and from
 * 03:00 to 02:00 at 2026-10-25 01:00 UTC.
 */
TEST(the_next_opening_is_right_over_midnight_and_dst)
{
	static const struct {
		const char *windows, *now, *next;
	} cases[] = {
		/* winter: local is UTC + 1 */
		{ "", "2026-01-10 12:00:30", "2026-01-10 12:00:30" },
		{ "01:00-05:00", "2026-01-10 12:00:30", "2026-01-11 00:00:00" },
		{ "01:00-05:00", "2026-01-11 00:00:00", "2026-01-11 00:00:00" },
		{ "01:00-05:00", "2026-01-11 03:59:59", "2026-01-11 03:59:59" },
		{ "01:00-05:00", "2026-01-11 04:00:00", "2026-01-12 00:00:00" },
		{ "22:30-06:00", "2026-01-10 23:30:10", "2026-01-10 23:30:10" },
		{ "22:30-06:00", "2026-01-11 05:00:00", "2026-01-11 21:30:00" },
		{ "00:00-00:01", "2026-01-10 23:01:00", "2026-01-11 23:00:00" },
		{ "05:00-06:00 03:00-04:00", "2026-01-11 00:00:00",
		    "2026-01-11 02:00:00" },
		/* the clock is put forward */
		{ "03:30-05:00", "2026-03-28 12:00:00", "2026-03-29 01:30:00" },
		{ "02:30-05:00", "2026-03-28 12:00:00", "2026-03-29 01:00:00" },
		{ "02:00-02:30", "2026-03-29 00:59:59", "2026-03-30 00:00:00" },
		{ "02:15-02:45", "2026-03-28 12:00:00", "2026-03-30 00:15:00" },
		{ "01:30-05:00", "2026-03-28 12:00:00", "2026-03-29 00:30:00" },
		/* and back */
		{ "02:30-02:45", "2026-10-24 12:00:00", "2026-10-25 00:30:00" },
		{ "02:30-02:45", "2026-10-25 00:50:00", "2026-10-25 01:30:00" },
		{ "02:30-02:45", "2026-10-25 01:50:00", "2026-10-26 01:30:00" },
		{ "03:00-05:00", "2026-10-24 12:00:00", "2026-10-25 02:00:00" },
		{ "01:00-02:00", "2026-10-25 00:30:00", "2026-10-26 00:00:00" },
	};

	set_zone("Europe/Berlin");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct windows list = windows_of(cases[i].windows);

		assert_int_equal(
		    windows_next(&list, utc(cases[i].now)), utc(cases[i].next));
		windows_fini(&list);
	}
}

/* Against the slow way, which needs no thought: minute by minute. */
TEST(no_minute_of_a_year_is_missed)
{
	static const char *const zones[] = { "Europe/Berlin", "America/Lima",
		"Australia/Lord_Howe" };
	static const char *const texts[] = { "02:15-02:45", "01:50-02:10",
		"23:30-00:30", "02:59-03:01 14:00-14:05" };
	const time_t step = 17 * 60 + 7, year = 366 * 24 * 3600;
	time_t start = utc("2026-01-01 00:00:00");

	for (size_t i = 0; i < 12; i++) {
		struct windows list = windows_of(texts[i % 4]);
		time_t open = start;

		set_zone(zones[i / 4]);
		for (time_t now = start; now < start + year; now += step) {
			struct tm tm;

			if (open < now)
				open = now;
			while (
			    localtime_r(&open, &tm), !windows_open(&list, &tm))
				open = open - open % 60 + 60;
			assert_int_equal(windows_next(&list, now), open);
		}
		windows_fini(&list);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
