/* SPDX-License-Identifier: ISC */
/* A limit per ten minutes, and the count of what was left out. */
#include "config.h"

#include "base/ratelimit.h"

#include "unit/test.h"

#define START 1000000 /* a clock does not begin with this process */

TEST(so_much_may_be_done_in_ten_minutes)
{
	struct ratelimit quota = { 0 };

	for (int i = 0; i < 3; i++)
		assert_true(ratelimit_take(&quota, 3, START + (uint64_t)i));
	assert_false(ratelimit_take(&quota, 3, START + 3));
	assert_false(ratelimit_take(&quota, 3, START + RATELIMIT_MS - 1));
	assert_true(ratelimit_take(&quota, 3, START + RATELIMIT_MS));
}

TEST(nothing_at_all_may_be_a_quota)
{
	struct ratelimit quota = { 0 };

	assert_false(ratelimit_take(&quota, 0, START));
	assert_int_equal(ratelimit_tell(&quota, START), 1);
}

TEST(what_is_left_out_is_told_once_in_ten_minutes)
{
	struct ratelimit quota = { 0 };

	assert_true(ratelimit_take(&quota, 1, START));
	assert_int_equal(ratelimit_tell(&quota, START), 0);
	for (int i = 0; i < 5; i++)
		ratelimit_take(&quota, 1, START + 1);
	assert_int_equal(ratelimit_tell(&quota, START + 1), 5);
	ratelimit_take(&quota, 1, START + 2);
	ratelimit_take(&quota, 1, START + 2);
	assert_int_equal(ratelimit_tell(&quota, START + 2), 0);
	assert_int_equal(ratelimit_tell(&quota, START + RATELIMIT_MS), 0);
	assert_int_equal(ratelimit_tell(&quota, START + 1 + RATELIMIT_MS), 2);
	assert_int_equal(
	    ratelimit_tell(&quota, START + 2 + 2 * RATELIMIT_MS), 0);
}

TEST(the_count_of_what_is_left_out_stays_at_its_largest)
{
	struct ratelimit quota = { .missed = UINT32_MAX - 1 };

	for (int i = 0; i < 3; i++)
		assert_false(ratelimit_take(&quota, 0, START));
	assert_int_equal(ratelimit_tell(&quota, START), UINT32_MAX);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
