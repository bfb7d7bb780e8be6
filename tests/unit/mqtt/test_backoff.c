/* SPDX-License-Identifier: ISC */
/* How long the next try to reach the broker is put off, and what is told. */
#include "config.h"

#include "mqtt/broker/backoff.h"

#include "unit/test.h"

static void
assert_near(uint64_t wait, uint64_t middle)
{
	assert_in_range(wait, middle - middle / 4, middle + middle / 4);
}

TEST(the_wait_doubles_up_to_a_minute_and_a_good_connection_ends_that)
{
	static const uint64_t want[] = { 1000, 2000, 4000, 8000, 16000, 32000,
		60000, 60000, 60000 };
	struct backoff backoff = { 0 };

	for (size_t i = 0; i < COUNT(want); i++)
		assert_near(
		    backoff_next(&backoff, 0, false, 77777u * (uint32_t)i),
		    want[i]);
	assert_near(backoff_next(&backoff, 59999, false, 5), 60000);
	assert_near(backoff_next(&backoff, 60000, false, 5), 1000);
}

TEST(each_wait_is_a_quarter_more_or_less)
{
	struct backoff least = { 0 }, most = { 0 };

	assert_int_equal(backoff_next(&least, 0, false, 0), 750);
	assert_int_equal(backoff_next(&most, 0, false, 500), 1250);
	assert_near(backoff_next(&most, 0, false, UINT32_MAX), 2000);
}

TEST(what_does_not_change_by_itself_waits_a_minute_at_once)
{
	struct backoff backoff = { 0 };

	assert_near(backoff_next(&backoff, 0, true, 9), 60000);
	assert_near(backoff_next(&backoff, 100000, false, 9), 1000);
}

TEST(the_same_failure_is_told_once_and_then_once_an_hour)
{
	struct backoff backoff = { 0 };
	uint64_t hour = 3600000, at = 5000;

	assert_true(backoff_tells(&backoff, "refused", at));
	assert_false(backoff_tells(&backoff, "refused", at + 1));
	assert_false(backoff_tells(&backoff, "refused", at + hour - 1));
	assert_true(backoff_tells(&backoff, "refused", at + hour));
	assert_true(backoff_tells(&backoff, "no such name", at + hour + 1));
}

TEST(a_connection_is_told_at_first_and_after_a_failure)
{
	struct backoff backoff = { 0 };

	assert_true(backoff_tells_back(&backoff));
	assert_false(backoff_tells_back(&backoff));
	assert_true(backoff_tells(&backoff, "lost", 1));
	assert_true(backoff_tells_back(&backoff));
	/* It comes and goes: both have been told. */
	backoff_next(&backoff, 500, false, 0);
	assert_false(backoff_tells(&backoff, "lost", 2));
	assert_false(backoff_tells_back(&backoff));
	/* It was good for long: that is news. */
	backoff_next(&backoff, 60000, false, 0);
	assert_true(backoff_tells(&backoff, "lost", 3));
	assert_true(backoff_tells_back(&backoff));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
