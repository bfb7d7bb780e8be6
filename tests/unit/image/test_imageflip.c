/* SPDX-License-Identifier: ISC */
/*
 * Every single bit, every length: what damage is let through?  With QUICK in
 * the environment some of them, as a slow build has no time for all.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/image/image.h"
#include "sim/image/mkimage.h"

#include "unit/test.h"

#define SMALL 0x3000 /* the least that the maker can make */
#define SOME  61     /* a prime: all bits of a byte have their turn */

/* How far it is from one place to the next. */
static size_t
step(void)
{
	return getenv("QUICK") != NULL ? SOME : 1;
}

/*
 * Where a flipped bit does not lead to a refusal in an image without CRC: in
 * each of the bytes from..to, the bits of mask.  What is not loaded is warned
 * about; what is left are entry points that still are in what is loaded, and a
 * length that takes in some of the zeros behind the last segment.
 */
struct hole {
	size_t from, to;
	unsigned char mask;
	bool warned;
};

/* clang-format off */
static const struct hole old_holes[] = {
	{ 0x0003, 0x0003, 0x03, true },	 /* flash clock */
	{ 0x0004, 0x0004, 0xfc, false }, /* entry point */
	{ 0x0005, 0x0005, 0x04, false },
	{ 0x000c, 0x000c, 0x07, false }, /* length of eboot, in front of zeros */
	{ 0x0578, 0x057e, 0xff, true },	 /* these zeros */
	{ 0x0580, 0x0fff, 0xff, true },	 /* fill */
	{ 0x1003, 0x1003, 0x03, true },
	{ 0x1004, 0x1004, 0xfc, false },
	{ 0x1005, 0x1005, 0x03, false },
};
/* clang-format on */

static const struct hole *
find_hole(size_t at, unsigned bit)
{
	for (size_t i = 0; i < COUNT(old_holes); i++)
		if (at >= old_holes[i].from && at <= old_holes[i].to &&
		    (old_holes[i].mask >> bit & 1))
			return &old_holes[i];
	return NULL;
}

static void
try_all_bits(const char *kind, bool has_crc)
{
	struct image_report report;
	unsigned char *data;
	size_t size, notes;

	assert_true(mkimage(kind, SMALL, 7, &data, &size));
	image_check(data, size, &report);
	assert_int_not_equal(report.verdict, IMAGE_REFUSE);
	notes = report.note_count;
	for (size_t n = 0; n < 8 * size; n += step()) {
		size_t at = n / 8;
		unsigned bit = n % 8;
		const struct hole *hole = has_crc ? NULL : find_hole(at, bit);

		data[at] ^= (unsigned char)(1u << bit);
		image_check(data, size, &report);
		data[at] ^= (unsigned char)(1u << bit);
		if ((report.verdict == IMAGE_REFUSE) == (hole != NULL))
			fail_msg("%s: 0x%04zx bit %u", kind, at, bit);
		if (hole != NULL && hole->warned)
			assert_true(report.note_count > notes);
	}
	free(data);
}

TEST(with_a_crc_every_flipped_bit_is_refused)
{
	try_all_bits("small", true);
	try_all_bits("valid-core3", true);
}

TEST(without_a_crc_every_flipped_bit_that_is_loaded_is_refused)
{
	try_all_bits("valid-old", false);
}

TEST(every_shorter_file_is_refused)
{
	static const char *const kinds[] = { "small", "valid-core3",
		"valid-old" };

	for (size_t k = 0; k < COUNT(kinds); k++) {
		unsigned char *data;
		size_t size;

		assert_true(mkimage(kinds[k], SMALL, 7, &data, &size));
		for (size_t cut = 0; cut < size; cut += step()) {
			/* Its own block: a sanitizer sees one byte too far. */
			unsigned char *part = malloc(cut + 1);
			struct image_report report;

			assert_non_null(part);
			part = realloc(part, cut == 0 ? 1 : cut);
			memcpy(part, data, cut);
			image_check(part, cut, &report);
			assert_int_equal(report.verdict, IMAGE_REFUSE);
			free(part);
		}
		free(data);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
