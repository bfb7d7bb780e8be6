/* SPDX-License-Identifier: ISC */
/* How many devices start at the same time. */
#include "config.h"

#include "core/schedule/rollout.h"

#include "unit/test.h"

#define NOW 1700000000000

TEST(a_few_start_at_once_and_the_next_ones_a_moment_later)
{
	struct rollout_starts rollout_starts = { 0 };
	uint64_t now = NOW;

	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < ROLLOUT_STARTS_AT_ONCE; i++) {
			assert_int_equal(
			    rollout_starts_wait(&rollout_starts, now), 0);
			rollout_starts_count(&rollout_starts, now);
		}
		assert_int_equal(rollout_starts_wait(&rollout_starts, now),
		    ROLLOUT_STARTS_MS);
		assert_int_equal(rollout_starts_wait(&rollout_starts, now + 10),
		    ROLLOUT_STARTS_MS - 10);
		now += ROLLOUT_STARTS_MS;
	}
}

TEST(those_that_start_one_by_one_never_wait)
{
	struct rollout_starts rollout_starts = { 0 };

	for (uint64_t now = NOW; now < NOW + 1000; now += 10) {
		assert_int_equal(rollout_starts_wait(&rollout_starts, now), 0);
		rollout_starts_count(&rollout_starts, now);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
