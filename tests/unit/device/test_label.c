/* SPDX-License-Identifier: ISC */
/* What a device can be called, and who can order something. */
#include "config.h"

#include "core/device/label.h"

#include "unit/test.h"

#define TEN  "abcdefghij"
#define LONG TEN TEN TEN TEN TEN TEN "mnop" /* 64 characters */
#define BULB "\xf0\x9f\x92\xa1"		    /* U+1F4A1 */

/* Fail unless the text is taken, or refused in those words. */
static void
assert_checked(const char *text, const char *want)
{
	struct error err = { 0 };
	bool ok = label_check(text, &err);

	if (want == NULL) {
		assert_true(ok);
		return;
	}
	assert_false(ok);
	assert_contains(err.text, want);
}

TEST(a_label_is_what_a_person_can_see_and_say)
{
	static const char *const good[] = { "Hall",
		"K\xc3\xbc"
		"che",
		"living room 2", "1000", "cafe", "a.b", "1.2.3", "0x1f",
		"Hall's \"lamp\" <b>", LONG, BULB, "1000a05bf", "zzzzzzzzzz" };

	for (size_t i = 0; i < COUNT(good); i++)
		assert_checked(good[i], NULL);
}

TEST(a_label_is_refused_for_a_reason)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "at least one character" },
		{ " Hall", "no blank" },
		{ "Hall ", "no blank" },
		{ " ", "no blank" },
		{ "-a", "as options do" },
		{ "--all", "as options do" },
		{ "1000a05bf6", "the id of a device" },
		{ "1000A05BF6", "the id of a device" },
		{ "100000000050432030333633", "the id of a device" },
		{ "192.168.1.23", "not an address" },
		{ "fe80::1", "not an address" },
		{ "::ffff:10.0.0.1", "not an address" },
		{ LONG "q", "longer than 64" },
		{ "a\nb", "cannot be seen (U+000A)" },
		{ "a\x7f", "cannot be seen (U+007F)" },
		{ "\xc2\x9b"
		  "31m",
		    "cannot be seen (U+009B)" },
		{ "a\xe2\x80\xae"
		  "b",
		    "cannot be seen (U+202E)" },
		{ "a\xe2\x81\xa6"
		  "b",
		    "cannot be seen (U+2066)" },
		{ "\xff", "not UTF-8" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_checked(cases[i].text, cases[i].want);
}

TEST(the_longest_label_fits)
{
	char text[LABEL_SIZE] = "";

	for (size_t i = 0; i < LABEL_MAX; i++)
		strcat(text, BULB);
	assert_int_equal(strlen(text), LABEL_SIZE - 1);
	assert_checked(text, NULL);
}

TEST(who_orders_something_may_be_called_anything_that_can_be_seen)
{
	struct error err;

	assert_true(label_check_who("", &err));
	assert_true(label_check_who("web:alice", &err));
	assert_true(label_check_who("1000a05bf6", &err));
	assert_true(label_check_who(LONG, &err));
	assert_false(label_check_who(LONG "q", &err));
	assert_string_equal(err.text, "who is longer than 64 characters");
	assert_false(label_check_who("a\033[2J", &err));
	assert_contains(err.text, "U+001B");
}

TEST(case_makes_no_other_label)
{
	assert_true(label_is_same("Hall", "hALL"));
	assert_false(label_is_same("Hall", "Hal"));
	assert_false(label_is_same("Hall", "Hall 2"));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
