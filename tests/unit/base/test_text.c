/* SPDX-License-Identifier: ISC */
/* Texts and numbers: escaping, reading, and what is printed for people. */
#include "config.h"

#include <string.h>

#include "base/text.h"

#include "unit/test.h"

TEST(foreign_bytes_are_escaped_and_cut)
{
	static const struct {
		const char *in;
		size_t len, size;
		const char *out;
	} cases[] = {
		{ "plain", 5, 16, "plain" },
		{ "a\nb", 3, 16, "a\\x0ab" },
		{ "\033[31m", 5, 16, "\\x1b[31m" },
		{ "a\\b", 3, 16, "a\\\\b" },
		{ "a\0b", 3, 16, "a\\x00b" },
		{ "\377", 1, 16, "\\xff" },
		{ "12345678", 8, 9, "12345678" },
		{ "123456789", 9, 9, "12345..." },
		{ "\n\n\n", 3, 8, "\\x0a..." },
		{ "", 0, 4, "" },
		{ "abcdef", 6, 4, "..." },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[16];

		text_escape(out, cases[i].size, cases[i].in, cases[i].len);
		assert_string_equal(out, cases[i].out);
	}
}

TEST(only_whole_numbers_in_range_are_numbers)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "0x1",
		"1.0", "18446744073709551616", "99999999999999999999", "101" };
	uint64_t n = 7;

	assert_true(text_number("0", 0, 100, &n) && n == 0);
	assert_true(text_number("100", 0, 100, &n) && n == 100);
	assert_true(text_number("18446744073709551615", 0, UINT64_MAX, &n));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(text_number(bad[i], 0, 100, &n));
}

TEST(words_are_split_at_blanks)
{
	char line[] = "  one\ttwo  three ";
	char *rest = line;

	assert_string_equal(text_word(&rest), "one");
	assert_string_equal(text_word(&rest), "two");
	assert_string_equal(text_word(&rest), "three");
	assert_null(text_word(&rest));
}

TEST(hex_and_times_have_one_form)
{
	char hex[9], when[TEXT_TIME_SIZE];

	text_hex(hex, (const unsigned char *)"\x00\x0f\xA5\xff", 4);
	assert_string_equal(hex, "000fa5ff");
	assert_true(text_is_hex("00Ff", 4));
	assert_false(text_is_hex("00Ff", 3));
	assert_false(text_is_hex("00F", 4));
	assert_string_equal(text_time(when, 0), "1970-01-01T00:00:00Z");
}

TEST(lengths_of_time_are_rough)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 119, "119 s" },
		{ 120, "2 min" },
		{ 7199, "119 min" },
		{ 7200, "2 h" },
		{ 172799, "47 h" },
		{ 172800, "2 d" },
		{ 86400 * 400, "400 d" },
	};
	char text[32];

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    text_seconds(text, sizeof(text), cases[i].seconds),
		    cases[i].text);
}

TEST(a_duration_is_told_in_two_units)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 1, "1 s" },
		{ 119, "119 s" },
		{ 120, "2 min" },
		{ 125, "2 min 5 s" },
		{ 3599, "59 min 59 s" },
		{ 3600, "1 h" },
		{ 3659, "1 h" },
		{ 7800, "2 h 10 min" },
		{ 86399, "23 h 59 min" },
		{ 86400, "1 d" },
		{ 86400 * 3 + 3600 * 4 + 59, "3 d 4 h" },
	};
	char text[32];

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    text_duration(text, sizeof(text), cases[i].seconds),
		    cases[i].text);
	assert_string_equal(text_duration(text, 4, 7800), "2 h");
	assert_string_equal(text_duration(text, 2, 7800), "2");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
