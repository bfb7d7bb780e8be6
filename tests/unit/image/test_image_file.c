/* SPDX-License-Identifier: ISC */
/* Names that the file of an image may have, and those taken from URLs. */
#include "config.h"

#include "core/image/image_file.h"

#include "unit/test.h"

TEST(usual_names_are_good)
{
	static const char longest[] =
	    "a23456789012345678901234567890123456789012345678901234567890"
	    "123";
	static const char *const names[] = { "tasmota-lite.bin", "a",
		"tasmota.bin.gz", "ESP_8266+dout-1.0.bin", "9", longest };
	struct error err;

	for (size_t i = 0; i < COUNT(names); i++)
		assert_true(image_file_check(names[i], &err));
}

TEST(other_names_are_refused_with_a_reason)
{
	static const char *const cases[][2] = {
		{ "", "needs a name" },
		{ ".", "does not begin with '.'" },
		{ "..", "does not begin with '.'" },
		{ ".hidden", "does not begin with '.'" },
		{ "-rf", "does not begin with '-'" },
		{ "../a.bin", "does not begin with '.'" },
		{ "sub/a.bin", "has only letters" },
		{ "/a.bin", "has only letters" },
		{ "a b.bin", "a b.bin: the name of an image has only" },
		{ "a\n.bin", "a\\x0a.bin: the name of an image has only" },
		{ "a%20.bin", "has only letters" },
		{ "caf\xc3\xa9.bin", "has only letters" },
		{ "a$b", "has only letters" },
		{ "a2345678901234567890123456789012345678901234567890123456789"
		  "01234",
		    "at most 63 letters" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = { 0 };

		assert_false(image_file_check(cases[i][0], &err));
		assert_contains(err.text, cases[i][1]);
	}
}

TEST(the_last_part_of_a_path_or_url_is_the_name)
{
	static const char *const cases[][2] = {
		{ "a.bin", "a.bin" },
		{ "/home/anna/a.bin", "a.bin" },
		{ "http://h/tasmota/release-9.5.0/tasmota-lite.bin",
		    "tasmota-lite.bin" },
		{ "http://h/a.bin?v=1/2#x", "a.bin" },
		{ "http://h/a.bin#x?y/z", "a.bin" },
		{ "http://h/", "" },
		{ "http://h/folder/", "" },
		{ "", "" },
		{ "?a/b", "" },
	};
	char name[IMAGE_FILE_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++) {
		image_file_of(cases[i][0], name);
		assert_string_equal(name, cases[i][1]);
	}
}

TEST(a_name_too_long_for_an_image_is_cut)
{
	char url[200], name[IMAGE_FILE_SIZE];

	memset(url, 'x', sizeof(url));
	url[sizeof(url) - 1] = '\0';
	image_file_of(url, name);
	assert_int_equal(strlen(name), IMAGE_FILE_SIZE - 1);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
