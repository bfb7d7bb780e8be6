/* SPDX-License-Identifier: ISC */
/* Which bytes are a character, and which characters can be seen. */
#include "config.h"

#include "base/utf8.h"

#include "unit/test.h"

TEST(a_character_has_its_number_and_its_length)
{
	static const struct {
		const char *text;
		uint32_t want;
		size_t len;
	} cases[] = {
		{ "a", 'a', 1 },
		{ "\x7f", 0x7f, 1 },
		{ "\xc2\x80", 0x80, 2 },
		{ "\xc3\xbc", 0xfc, 2 },
		{ "\xdf\xbf", 0x7ff, 2 },
		{ "\xe0\xa0\x80", 0x800, 3 },
		{ "\xed\x9f\xbf", 0xd7ff, 3 },
		{ "\xee\x80\x80", 0xe000, 3 },
		{ "\xef\xbf\xbd", 0xfffd, 3 },
		{ "\xf0\x90\x80\x80", 0x10000, 4 },
		{ "\xf0\x9f\x92\xa1", 0x1f4a1, 4 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t c = 0;

		assert_int_equal(utf8_char(cases[i].text, &c), cases[i].len);
		assert_int_equal(c, cases[i].want);
	}
}

TEST(other_bytes_are_no_character)
{
	static const char *const cases[] = { "", "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2x", "\xc2\xc3", "\xe0\x80\x80",
		"\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82x", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x92", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t c;

		assert_int_equal(utf8_char(cases[i], &c), 0);
	}
}

TEST(what_cannot_be_seen_is_told_from_what_can)
{
	static const uint32_t seen[] = { ' ', '~', 0xa0, 0xac, 0xae, 0x61b,
		0x61d, 0x200a, 0x2010, 0x2027, 0x202f, 0x205f, 0x2070, 0xfefe,
		0xff00, 0xfff8, 0xfffd, 0x1f4a1, 0xdfffd, 0xe0080 };
	static const uint32_t unseen[] = { 0, 0x1f, 0x7f, 0x85, 0x9f, 0xad,
		0x61c, 0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x2066, 0x206f,
		0xfeff, 0xfff9, 0xfffb, 0xfffe, 0xffff, 0x1fffe, 0xe0001,
		0xe007f, 0x10ffff };

	for (size_t i = 0; i < COUNT(seen); i++)
		assert_true(utf8_is_visible(seen[i]));
	for (size_t i = 0; i < COUNT(unseen); i++)
		assert_false(utf8_is_visible(unseen[i]));
}

TEST(a_text_is_checked_with_a_sentence)
{
	static const struct {
		const char *text, *want; /* NULL: it is good */
	} cases[] = {
		{ "", NULL },
		{ "abcd", NULL },
		{ "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", NULL },
		{ "abcde", "it is longer than 4 characters" },
		{ "a\xff", "it is not UTF-8 text" },
		{ "a\tb", "it has a character that cannot be seen (U+0009)" },
		{ "\xe2\x80\xae",
		    "it has a character that cannot be seen "
		    "(U+202E)" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = { 0 };

		assert_int_equal(utf8_check("it", cases[i].text, 4, &err),
		    cases[i].want == NULL);
		if (cases[i].want != NULL)
			assert_string_equal(err.text, cases[i].want);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
