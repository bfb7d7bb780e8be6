/* SPDX-License-Identifier: ISC */
/* The entries of the catalogue of images. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/source/image_source.h"

#include "unit/test.h"

#define SHA256                                                                 \
	"5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"
#define URL  "http://ota.tasmota.com/tasmota/release-9.5.0/tasmota-lite.bin"
#define REST "Size=504848\nSha256=" SHA256 "\nUrl=" URL "\n"

static struct image_source *
parse(const char *text, struct problems *problems)
{
	*problems = (struct problems){ 0 };
	return image_source_parse(text, strlen(text), "x.image", problems);
}

TEST(a_whole_entry_is_read)
{
	struct problems problems;
	struct image_source *source =
	    parse("# from the project\n"
		  "[Image]\n"
		  "Name=tasmota-lite\n"
		  "Kind=tasmota\n"
		  "Version=9.5.0\n" REST "Url=https://other/b.bin\n"
		  "Note=A good first image\n",
		&problems);
	char file[IMAGE_FILE_SIZE], label[IMAGE_SOURCE_LABEL];

	assert_int_equal(problems.count, 0);
	assert_non_null(source);
	assert_string_equal(source->origin, "x.image");
	assert_string_equal(source->name, "tasmota-lite");
	assert_int_equal(source->kind, IMAGE_TASMOTA);
	assert_string_equal(source->version, "9.5.0");
	assert_int_equal(source->size, 504848);
	assert_string_equal(source->sha256, SHA256);
	assert_int_equal(source->urls.count, 2);
	assert_string_equal(source->urls.items[0], URL);
	assert_string_equal(source->note, "A good first image");
	assert_string_equal(
	    image_source_file(source, file), "tasmota-lite.bin");
	assert_string_equal(
	    image_source_label(source, label), "Tasmota 9.5.0 lite");
	assert_true(image_source_is_first(source));
	image_source_free(source);
}

TEST(the_heading_may_be_left_out)
{
	struct problems problems;
	struct image_source *source = parse("Name=a\n" REST, &problems);

	assert_int_equal(problems.count, 0);
	assert_non_null(source);
	assert_int_equal(source->kind, IMAGE_UNKNOWN);
	assert_null(source->version);
	assert_null(source->note);
	image_source_free(source);
}

TEST(a_checksum_may_be_in_capitals)
{
	struct problems problems;
	struct image_source *source =
	    parse("Name=a\nSize=1\nUrl=http://h/"
		  "a\nSha256=5C1AECD2A19A49AE1BEC0C863F69"
		  "B83EF40812145C8392EEBE5FD2677A6250CC\n",
		&problems);

	assert_non_null(source);
	assert_string_equal(source->sha256, SHA256);
	image_source_free(source);
}

TEST(an_empty_file_switches_an_entry_off)
{
	static const char *const texts[] = { "", "\n\n",
		"# nothing\n; more\n" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct problems problems;

		assert_null(parse(texts[i], &problems));
		assert_int_equal(problems.count, 0);
	}
}

TEST(every_mistake_has_its_line_and_its_sentence)
{
	static const struct {
		const char *text, *problem;
	} cases[] = {
		{ "Name=a\nSize=1\nSha256=" SHA256 "\n",
		    "x.image:1: Url= is missing below [Image]: without it it "
		    "cannot be downloaded" },
		{ REST, "x.image:1: Name= is missing" },
		{ "Name=a\nSha256=" SHA256 "\nUrl=" URL "\n",
		    "x.image:1: Size= is missing" },
		{ "Name=a\nSize=1\nUrl=" URL "\n",
		    "x.image:1: Sha256= is missing below [Image]: without it "
		    "any file could be taken for it" },
		{ "Name=a b\n" REST, "x.image:1: Name=a b: the name" },
		{ "Name=../a\n" REST, "x.image:1: Name=../a: the name" },
		{ "Name=a\nSize=0\n" REST, "x.image:2: Size=0:" },
		{ "Name=a\nSize=4194305\n" REST, "x.image:2: Size=4194305:" },
		{ "Name=a\nSize=big\n" REST, "x.image:2: Size=big:" },
		{ "Name=a\nKind=openwrt\n" REST, "x.image:2: Kind=openwrt:" },
		{ "Name=a\nSha256=5c1a\n" REST, "x.image:2: Sha256=5c1a:" },
		{ "Name=a\nUrl=ftp://h/a\n" REST,
		    "x.image:2: Url=ftp://h/a: it does not begin with http" },
		{ "Name=a\nUrl=file:///etc/passwd\n" REST,
		    "x.image:2: Url=file:///etc/passwd: it does not" },
		{ "Name=a\nUrl=http:///a\n" REST, "there is no host in it" },
		{ "Name=a\nUrl=http://h/a b\n" REST, "there is a blank" },
		{ "Name=a\nUrll=http://h/a\n" REST,
		    "x.image:2: there is no Urll= in [Image]; did you mean" },
		{ "[Imag]\nName=a\n" REST,
		    "x.image:1: there is no section [Imag]; did you mean" },
		{ "Name\n" REST, "x.image:1: Name: neither" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems;
		bool is_said = false;

		assert_null(parse(cases[i].text, &problems));
		for (size_t k = 0; k < problems.count; k++)
			is_said |=
			    strstr(problems.text[k], cases[i].problem) != NULL;
		if (!is_said)
			fail_msg("%s is not said, but: %s", cases[i].problem,
			    problems.count > 0 ? problems.text[0] : "nothing");
		problems_fini(&problems);
	}
}

TEST(what_is_missing_is_not_said_twice)
{
	struct problems problems;

	assert_null(parse(
	    "Name=a\nSize=x\nSha256=" SHA256 "\nUrl=" URL "\n", &problems));
	assert_int_equal(problems.count, 1);
	problems_fini(&problems);
}

TEST(the_file_has_the_name_of_the_url_or_its_own)
{
	static const char *const cases[][2] = {
		{ "http://h/x/tasmota-lite.bin", "tasmota-lite.bin" },
		{ "http://h/x/tasmota-lite.bin?v=2", "tasmota-lite.bin" },
		{ "http://h/", "name" },
		{ "http://h/download?file=tasmota-lite.bin", "download" },
		{ "http://h/a%20b.bin", "name" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems;
		char text[400], file[IMAGE_FILE_SIZE];
		struct image_source *source;

		snprintf(text, sizeof(text),
		    "Name=name\nSize=1\nSha256=" SHA256 "\nUrl=%s\n",
		    cases[i][0]);
		source = parse(text, &problems);
		assert_non_null(source);
		assert_string_equal(
		    image_source_file(source, file), cases[i][1]);
		image_source_free(source);
	}
}

TEST(what_is_large_or_packed_is_for_the_second_step)
{
	static const struct {
		unsigned size;
		const char *file;
		bool is_first;
	} cases[] = {
		{ 504848, "a.bin", true },
		{ 520192, "a.bin", true },
		{ 520193, "a.bin", false },
		{ 400000, "a.bin.gz", false },
		{ 400000, "a.bin.GZ", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems;
		struct image_source *source;
		char text[400];

		snprintf(text, sizeof(text),
		    "Name=a\nSize=%u\nSha256=" SHA256 "\nUrl=http://h/%s\n",
		    cases[i].size, cases[i].file);
		source = parse(text, &problems);
		assert_non_null(source);
		assert_int_equal(
		    image_source_is_first(source), cases[i].is_first);
		image_source_free(source);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
