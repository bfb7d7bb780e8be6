/* SPDX-License-Identifier: ISC */
/*
 * A day in a moment: decisions minute by minute, over midnight, over the hours
 * at which the clock on the wall is put, and with one that somebody sets.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/schedule/decide.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define FLASH "[Flash]\nAction=flash\nImage=lite.bin\n"
#define HOUR  3600

/* The two clocks, and a device with the policy that waits for one of them. */
struct day {
	struct policy_list *list;
	struct device *device;
	time_t wall;
	uint64_t now_ms;
};

static void
give_image(const struct policy *policy, struct preflight_image *out, void *ctx)
{
	static const struct image_report good = { .verdict = IMAGE_ACCEPT };

	(void)policy;
	(void)ctx;
	*out = (struct preflight_image){
		.name = "lite.bin", .sha256 = SHA_A, .report = &good
	};
}

static void
give_rest(const struct policy *policy, const struct device *device,
    struct preflight_facts *out, void *ctx)
{
	(void)policy;
	(void)device;
	(void)out;
	(void)ctx;
}

static enum hold
must_wait(const struct device *device, const struct policy *policy,
    const struct preflight_image *image, char *detail, size_t size, void *ctx)
{
	struct tm local;

	(void)device;
	(void)image;
	(void)detail;
	(void)size;
	localtime_r(&((struct day *)ctx)->wall, &local);
	return policy_window_open(policy, &local) ? HOLD_NONE : HOLD_WINDOW;
}

static void
day_init(struct day *day, const char *window, const char *start)
{
	char text[200];

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	snprintf(text, sizeof(text), "%sWindow=%s\n", FLASH, window);
	*day = (struct day){
		.list = policy_list_new(),
		.device = fixture_device(FIXTURE_ID),
		.wall = fixture_utc(start),
		.now_ms = 5000000,
	};
	policy_list_add(day->list, fixture_policy("p", text));
	device_restore(day->device, STATE_HELD, day->wall);
}

static void
day_fini(struct day *day)
{
	policy_list_free(day->list);
	device_free(day->device);
}

static void
pass(struct day *day, unsigned seconds)
{
	day->wall += seconds;
	day->now_ms += seconds * UINT64_C(1000);
}

static enum decide_what
decide_now(struct day *day, enum hold *hold)
{
	const struct decide_world world = {
		.policies = day->list,
		.now_ms = day->now_ms,
		.ctx = day,
		.image = give_image,
		.rest = give_rest,
		.wait = must_wait,
	};
	struct decision out;

	decide(day->device, &world, &out);
	*hold = out.hold;
	return out.what;
}

static bool
goes(struct day *day)
{
	enum hold hold;
	enum decide_what what = decide_now(day, &hold);

	if (what == DECIDE_START)
		return true;
	assert_int_equal(what, DECIDE_HOLD);
	assert_int_equal(hold, HOLD_WINDOW);
	return false;
}

struct span {
	const char *from, *to; /* UTC; NULL: no such */
};

/*
 * Berlin put the clock from 02:00 to 03:00 at 2026-03-29 01:00 UTC and from
 * 03:00 to 02:00 at 2026-10-25 01:00 UTC.  What is open is written in UTC.
 */
static const struct {
	const char *window, *start; /* a day from there */
	struct span open[2];
} days[] = {
	{ "22:30-06:00", "2026-01-10 11:00:00",
	    { { "2026-01-10 21:30:00", "2026-01-11 05:00:00" } } },
	{ "22:30-06:00", "2026-03-28 11:00:00",
	    { { "2026-03-28 21:30:00", "2026-03-29 04:00:00" } } },
	{ "22:30-06:00", "2026-10-24 10:00:00",
	    { { "2026-10-24 20:30:00", "2026-10-25 05:00:00" } } },
	{ "02:15-02:45", "2026-03-28 11:00:00", { { NULL, NULL } } },
	{ "02:15-02:45", "2026-10-24 10:00:00",
	    { { "2026-10-25 00:15:00", "2026-10-25 00:45:00" },
		{ "2026-10-25 01:15:00", "2026-10-25 01:45:00" } } },
	{ "01:30-02:30", "2026-03-28 11:00:00",
	    { { "2026-03-29 00:30:00", "2026-03-29 01:00:00" } } },
	{ "02:30-03:30", "2026-03-28 11:00:00",
	    { { "2026-03-29 01:00:00", "2026-03-29 01:30:00" } } },
	{ "01:30-02:30", "2026-10-24 10:00:00",
	    { { "2026-10-24 23:30:00", "2026-10-25 00:30:00" },
		{ "2026-10-25 01:00:00", "2026-10-25 01:30:00" } } },
	{ "23:00-24:00 00:00-01:00", "2026-01-10 11:00:00",
	    { { "2026-01-10 22:00:00", "2026-01-11 00:00:00" } } },
};

static bool
is_in(const struct span *span, time_t when)
{
	return span->from != NULL && when >= fixture_utc(span->from) &&
	    when < fixture_utc(span->to);
}

TEST(a_device_goes_in_the_hours_of_its_window_and_no_other)
{
	for (size_t i = 0; i < COUNT(days); i++) {
		struct day day;

		day_init(&day, days[i].window, days[i].start);
		for (int minute = 0; minute < 24 * 60; minute++) {
			assert_int_equal(goes(&day),
			    is_in(&days[i].open[0], day.wall) ||
				is_in(&days[i].open[1], day.wall));
			pass(&day, 60);
		}
		day_fini(&day);
	}
}

/* The seconds at its edges, where a minute is not enough. */
TEST(a_window_opens_and_closes_on_the_second)
{
	for (size_t i = 0; i < COUNT(days); i++) {
		const struct span *span = &days[i].open[0];
		struct day day;

		if (span->from == NULL)
			continue;
		day_init(&day, days[i].window, span->from);
		assert_true(goes(&day));
		day.wall--;
		assert_false(goes(&day));
		day.wall = fixture_utc(span->to);
		assert_false(goes(&day));
		day.wall--;
		assert_true(goes(&day));
		day_fini(&day);
	}
}

TEST(the_time_told_for_the_next_window_is_when_it_goes)
{
	for (size_t i = 0; i < COUNT(days); i++) {
		time_t next;
		struct day day;

		day_init(&day, days[i].window, days[i].start);
		next = policy_window_next(day.list->items[0], day.wall);
		while (!goes(&day))
			pass(&day, 60);
		assert_int_equal(day.wall, next);
		day_fini(&day);
	}
}

TEST(a_window_that_closes_cuts_no_flash_under_way)
{
	enum hold hold;
	struct day day;

	day_init(&day, "01:00-05:00", "2026-01-11 03:59:00");
	assert_true(goes(&day));
	for (enum state each = 0; each < STATE_COUNT; each++) {
		if (!state_is_at_work(each))
			continue;
		device_restore(day.device, each, day.wall);
		pass(&day, 30);
		assert_int_equal(decide_now(&day, &hold), DECIDE_NOTHING);
	}
	device_restore(day.device, STATE_HELD, day.wall);
	assert_false(goes(&day));
	day_fini(&day);
}

/* Winter: local is UTC + 1, and the window is 00:00 to 04:00 in UTC. */
TEST(a_clock_that_is_set_is_believed_at_once)
{
	static const struct {
		const char *at;
		int step;
		bool before, after;
	} cases[] = {
		{ "2026-01-10 23:30:00", HOUR, false, true },
		{ "2026-01-11 03:30:00", HOUR, true, false },
		{ "2026-01-11 00:30:00", -HOUR, true, false },
		{ "2026-01-11 04:30:00", -HOUR, false, true },
		{ "2026-01-11 02:00:00", HOUR, true, true },
		{ "2026-01-11 02:00:00", -HOUR, true, true },
		{ "2026-01-11 12:00:00", HOUR, false, false },
		{ "2026-01-11 12:00:00", -HOUR, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct day day;

		day_init(&day, "01:00-05:00", cases[i].at);
		assert_int_equal(goes(&day), cases[i].before);
		day.wall += cases[i].step;
		assert_int_equal(goes(&day), cases[i].after);
		day_fini(&day);
	}
}

/* Whenever it is set, by an hour either way: nobody waits a day too long. */
TEST(a_step_of_the_clock_loses_at_most_its_hour)
{
	for (int at = 0; at < 24 * 60; at += 7)
		for (int step = -HOUR; step <= HOUR; step += 2 * HOUR) {
			unsigned open = 0;
			struct day day;

			day_init(&day, "22:30-06:00", "2026-01-10 11:00:00");
			for (int minute = 0; minute < 24 * 60; minute++) {
				if (minute == at)
					day.wall += step;
				open += goes(&day);
				pass(&day, 60);
			}
			assert_in_range(open, 390, 510);
			day_fini(&day);
		}
}

TEST(a_backoff_does_not_care_what_the_wall_says)
{
	static const int steps[] = { HOUR, -HOUR, 365 * 24 * HOUR,
		-365 * 24 * HOUR };

	for (size_t i = 0; i < COUNT(steps); i++) {
		enum hold hold;
		struct day day;

		day_init(&day, "00:00-24:00", "2026-01-11 01:00:00");
		day.device->hold = HOLD_BACKOFF;
		day.device->hold_until_ms = day.now_ms + 30000;
		pass(&day, 10);
		day.wall += steps[i];
		assert_int_equal(decide_now(&day, &hold), DECIDE_HOLD);
		assert_int_equal(hold, HOLD_BACKOFF);
		pass(&day, 19);
		assert_int_equal(decide_now(&day, &hold), DECIDE_HOLD);
		pass(&day, 1);
		assert_int_equal(decide_now(&day, &hold), DECIDE_START);
		day_fini(&day);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
