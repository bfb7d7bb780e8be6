/* SPDX-License-Identifier: ISC */
/* How fast a download is. */
#include "config.h"

#include "core/flash/rate.h"

#include "unit/test.h"

TEST(the_rate_is_that_of_the_last_seconds)
{
	struct rate pace = { .count = 0 };
	uint64_t now = 5000, total = 4096;

	assert_int_equal(rate_note(&pace, now, total), 0);
	assert_int_equal(rate_note(&pace, now, total + 100), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(
		    rate_note(&pace, now += 100, total += 4000), 40000);
	/* Slower now: it is told soon, and in the end what was is forgotten. */
	for (int i = 0; i < 50; i++)
		rate_note(&pace, now += 100, total += 1000);
	assert_in_range(rate_note(&pace, now, total), 11000, 39000);
	for (int i = 0; i < 50; i++)
		rate_note(&pace, now += 100, total += 1000);
	assert_int_equal(rate_note(&pace, now, total), 10000);
}

TEST(what_was_there_before_does_not_count)
{
	struct rate pace = { .count = 0 };

	assert_int_equal(rate_note(&pace, 1000, 400000), 0);
	assert_int_equal(rate_note(&pace, 2000, 404096), 4096);
	/* It begins anew. */
	assert_int_equal(rate_note(&pace, 3000, 4096), 0);
	assert_int_equal(rate_note(&pace, 3100, 8192), 40960);
}

TEST(a_silence_makes_it_slow)
{
	struct rate pace = { .count = 0 };

	rate_note(&pace, 0, 0);
	assert_int_equal(rate_note(&pace, 1000, 50000), 50000);
	assert_int_equal(rate_note(&pace, 100000, 60000), 600);
}

/* A sample is kept after half a second: so 16 of them are eight seconds. */
TEST(a_burst_is_forgotten_after_eight_seconds)
{
	static const struct {
		uint64_t step_ms;
		uint32_t rate; /* 17 steps after the burst began */
	} cases[] = {
		{ 499, 100000000 / (17 * 499) }, /* each second one is kept */
		{ 500, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rate pace = { .count = 0 };
		uint32_t rate = rate_note(&pace, 0, 0);

		for (uint64_t n = 1; n <= 17; n++)
			rate = rate_note(&pace, n * cases[i].step_ms, 100000);
		assert_int_equal(rate, cases[i].rate);
	}
}

TEST(one_millisecond_is_enough_for_a_rate)
{
	struct rate pace = { .count = 0 };

	rate_note(&pace, 5000, 0);
	assert_int_equal(rate_note(&pace, 5001, 50), 50000);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
