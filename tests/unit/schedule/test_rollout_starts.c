/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/schedule/rollout.h"

#define NOW 1700000000000

static void
a_few_start_at_once_and_the_next_ones_a_moment_later(void **unused)
{
	struct rollout_starts rollout_starts = { 0 };
	uint64_t now = NOW;

	(void)unused;
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

static void
those_that_start_one_by_one_never_wait(void **unused)
{
	struct rollout_starts rollout_starts = { 0 };

	(void)unused;
	for (uint64_t now = NOW; now < NOW + 1000; now += 10) {
		assert_int_equal(rollout_starts_wait(&rollout_starts, now), 0);
		rollout_starts_count(&rollout_starts, now);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_few_start_at_once_and_the_next_ones_a_moment_later),
		cmocka_unit_test(those_that_start_one_by_one_never_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
