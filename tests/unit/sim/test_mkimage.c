/* SPDX-License-Identifier: ISC */
/* The firmware files that the simulation makes, good and bad. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sim/image/mkimage.h"
#include "sim/image/spoil.h"

#include "unit/test.h"

/* The XOR over the data of an image, and the byte that is stored for it. */
static bool
xor_is_right(const unsigned char *image, size_t start, unsigned char allowance)
{
	unsigned char sum = 0xef;
	size_t p = start + 8;

	for (unsigned i = 0; i < image[start + 1]; i++) {
		size_t end = p + 8 + get_le32(image + p + 4);

		for (p += 8; p < end; p++)
			sum ^= image[p];
	}
	return (sum ^ allowance) == image[start + ((p - start) | 15)];
}

static unsigned char
crc_allowance(const unsigned char *image, size_t len)
{
	unsigned char sum = 0;

	if (get_le32(image + 0x1010) != len)
		return 0;
	for (size_t i = 0; i < 8; i++)
		sum ^= image[0x1010 + i];
	return sum;
}

static unsigned char *
make(const char *kind, size_t *len)
{
	unsigned char *image;

	assert_true(mkimage(kind, 0, 1, &image, len));
	return image;
}

static bool
sums_are_right(const unsigned char *image, size_t len, size_t start)
{
	return xor_is_right(
	    image, start, start == 0 ? 0 : crc_allowance(image, len));
}

TEST(whole_images_have_right_sums)
{
	static const char *kinds[] = { "valid", "valid-core3", "valid-old",
		"esphome", "edge", "too-large", "full", "small", "minimal" };
	size_t len;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		unsigned char *image = make(kinds[i], &len);

		assert_int_equal(len % 16, 0);
		assert_int_equal(image[0], 0xe9);
		assert_int_equal(image[0x1000], 0xe9);
		assert_memory_equal(image + 2, "\3\x20", 2);
		assert_memory_equal(image + 0x1002, "\3\x20", 2);
		assert_true(sums_are_right(image, len, 0));
		assert_true(sums_are_right(image, len, 0x1000));
		free(image);
	}
}

TEST(each_bad_sum_is_the_only_one)
{
	static const struct {
		const char *kind;
		bool eboot, app;
	} rows[] = {
		{ "bad-eboot-xor", false, true },
		{ "bad-app-xor", true, false },
		{ "bad-app-xor-core3", true, false },
		{ "bad-crc", true, true },
		{ "bad-crc-core3", true, true },
		{ "app-dio", true, true },
		{ "flipped", true, false },
		{ "trailing", true, true },
	};
	size_t len;

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char *image = make(rows[i].kind, &len);

		assert_int_equal(sums_are_right(image, len, 0), rows[i].eboot);
		assert_int_equal(
		    sums_are_right(image, len, 0x1000), rows[i].app);
		free(image);
	}
}

TEST(the_crc_stands_where_each_core_puts_it)
{
	size_t len;
	unsigned char *image = make("valid", &len);

	assert_int_equal(get_le32(image + 0xff8), len);
	free(image);
	image = make("valid-core3", &len);
	assert_int_equal(get_le32(image + 0x1010), len);
	assert_int_equal(get_le32(image + 0xff8), 0xaaaaaaaa);
	free(image);
	image = make("valid-old", &len);
	assert_int_not_equal(get_le32(image + 0xff8), len);
	free(image);
}

TEST(foreign_formats_look_foreign)
{
	size_t len;
	unsigned char *image = make("gz", &len);

	assert_memory_equal(image, "\x1f\x8b\x08", 3);
	free(image);
	image = make("esp32", &len);
	assert_int_equal(get_le32(image + 4), 0x40084310);
	free(image);
	image = make("user1", &len);
	assert_memory_equal(image, "\xea\4", 2);
	free(image);
	image = make("empty", &len);
	assert_int_equal(len, 0);
	free(image);
}

static bool
contains(const unsigned char *image, size_t len, const char *text)
{
	return memmem(image, len, text, strlen(text)) != NULL;
}

TEST(the_strings_tell_the_payload)
{
	size_t len;
	unsigned char *image = make("valid", &len);

	assert_true(contains(image, len, "StatusFWR"));
	assert_true(contains(image, len, "%s-minimal%s"));
	assert_non_null(memmem(image, len, "\0lite\0", 6));
	free(image);
	image = make("minimal", &len);
	assert_true(contains(image, len, "StatusFWR"));
	assert_false(contains(image, len, "%s-minimal%s"));
	free(image);
	image = make("esphome", &len);
	assert_true(contains(image, len, "ESPHome version 2024.10.3 comp"));
	free(image);
	assert_true(mkimage_with("valid", "esphome", 0x8000, 1, &image, &len));
	assert_int_equal(len, 0x8000);
	assert_true(contains(image, len, "_esphomelib"));
	free(image);
}

TEST(every_kind_can_be_made_and_is_always_the_same)
{
	const char *kind, *help;

	for (size_t i = 0; mkimage_kind(i, &kind, &help); i++) {
		size_t len, again;
		unsigned char *a = make(kind, &len), *b = make(kind, &again);

		assert_int_equal(len, again);
		assert_memory_equal(a, b, len);
		free(a);
		free(b);
	}
}

TEST(what_cannot_be_made_is_refused)
{
	unsigned char *image;
	size_t len;

	assert_false(mkimage("no-such-kind", 0, 1, &image, &len));
	assert_false(mkimage("valid", 100, 1, &image, &len));
	assert_false(mkimage("valid", 1 << 30, 1, &image, &len));
	assert_false(mkimage_with("valid", "nothing", 0, 1, &image, &len));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
