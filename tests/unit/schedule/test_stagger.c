/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/schedule/stagger.h"

#define NOW 1700000000000

static void
a_few_start_at_once_and_the_next_ones_a_moment_later(void **unused)
{
	struct stagger stagger = { 0 };
	uint64_t now = NOW;

	(void)unused;
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < STAGGER_AT_ONCE; i++) {
			assert_int_equal(stagger_wait(&stagger, now), 0);
			stagger_count(&stagger, now);
		}
		assert_int_equal(stagger_wait(&stagger, now), STAGGER_MS);
		assert_int_equal(
		    stagger_wait(&stagger, now + 10), STAGGER_MS - 10);
		now += STAGGER_MS;
	}
}

static void
those_that_start_one_by_one_never_wait(void **unused)
{
	struct stagger stagger = { 0 };

	(void)unused;
	for (uint64_t now = NOW; now < NOW + 1000; now += 10) {
		assert_int_equal(stagger_wait(&stagger, now), 0);
		stagger_count(&stagger, now);
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
