/* SPDX-License-Identifier: ISC */
/* The set of bytes that a device has fetched. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/flash/byte_ranges.h"

#include "unit/test.h"

TEST(nothing_covers_nothing)
{
	struct byte_ranges cov = { 0 };

	assert_int_equal(byte_ranges_bytes(&cov), 0);
	assert_false(byte_ranges_is_whole(&cov, 1));
	assert_false(byte_ranges_is_whole(&cov, 0));
	byte_ranges_add(&cov, 5, 0);
	assert_int_equal(cov.count, 0);
	byte_ranges_add(&cov, 0, 1);
	assert_true(byte_ranges_is_whole(&cov, 1));
	assert_false(byte_ranges_is_whole(&cov, 0)); /* never whole */
	byte_ranges_fini(&cov);
}

TEST(chunks_in_order_become_one_piece)
{
	struct byte_ranges cov = { 0 };

	for (uint64_t at = 0; at < 504848; at += 4096) {
		assert_false(byte_ranges_is_whole(&cov, 504848));
		byte_ranges_add(
		    &cov, at, at + 4096 < 504848 ? 4096 : 504848 - at);
		assert_int_equal(cov.count, 1);
	}
	assert_int_equal(byte_ranges_bytes(&cov), 504848);
	assert_true(byte_ranges_is_whole(&cov, 504848));
	assert_false(byte_ranges_is_whole(&cov, 504849));
	byte_ranges_fini(&cov);
}

TEST(a_repeated_chunk_counts_once)
{
	struct byte_ranges cov = { 0 };

	byte_ranges_add(&cov, 0, 100);
	byte_ranges_add(&cov, 0, 100);
	byte_ranges_add(&cov, 50, 100);
	assert_int_equal(byte_ranges_bytes(&cov), 150);
	byte_ranges_fini(&cov);
}

TEST(a_hole_is_not_whole_until_it_is_filled)
{
	struct byte_ranges cov = { 0 };

	byte_ranges_add(&cov, 20, 10);
	byte_ranges_add(&cov, 0, 10);
	assert_int_equal(cov.count, 2);
	assert_false(byte_ranges_is_whole(&cov, 30));
	byte_ranges_add(&cov, 10, 10);
	assert_int_equal(cov.count, 1);
	assert_true(byte_ranges_is_whole(&cov, 30));
	byte_ranges_fini(&cov);
}

TEST(a_range_may_not_wrap)
{
	struct byte_ranges cov = { 0 };

	byte_ranges_add(&cov, UINT64_MAX - 1, 10);
	assert_int_equal(byte_ranges_bytes(&cov), 1);
	byte_ranges_fini(&cov);
}

TEST(it_never_says_more_than_a_plain_map_of_bytes)
{
	struct byte_ranges cov = { 0 };
	unsigned char map[200] = { 0 };
	unsigned seed = 1;

	for (int i = 0; i < 20000; i++) {
		unsigned first = (unsigned)rand_r(&seed) % 200;
		unsigned len = (unsigned)rand_r(&seed) % 5;
		uint64_t sum = 0;

		if (rand_r(&seed) % 200 == 0) {
			byte_ranges_fini(&cov);
			memset(map, 0, sizeof(map));
		}
		if (first + len > 200)
			len = 200 - first;
		byte_ranges_add(&cov, first, len);
		memset(map + first, 1, len);
		for (size_t k = 0; k < sizeof(map); k++)
			sum += map[k];
		assert_int_equal(byte_ranges_bytes(&cov), sum);
		assert_int_equal(byte_ranges_is_whole(&cov, 200), sum == 200);
	}
	byte_ranges_fini(&cov);
}

TEST(a_reader_who_jumps_about_costs_no_memory)
{
	struct byte_ranges cov = { 0 };

	for (uint64_t i = 0; i < 100000; i++)
		byte_ranges_add(&cov, i * 2, 1);
	assert_int_equal(cov.count, BYTE_RANGES_MAX_PIECES);
	assert_int_equal(byte_ranges_bytes(&cov), BYTE_RANGES_MAX_PIECES);
	byte_ranges_add(&cov, 0, 200000);
	assert_true(byte_ranges_is_whole(&cov, 200000));
	byte_ranges_fini(&cov);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
