/* SPDX-License-Identifier: ISC */
/* The lines, sections and values of a configuration file. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/config/ini.h"

#include "unit/test.h"

/* Everything that was called back, one "line [section] key=value|" each. */
static void
on_entry(const struct ini_entry *entry, void *ctx)
{
	char **seen = ctx, *old = *seen;

	if (entry->key == NULL)
		*seen =
		    xasprintf("%s%u[%s]|", old, entry->line, entry->section);
	else
		*seen = xasprintf("%s%u[%s]%s=%s|", old, entry->line,
		    entry->section, entry->key, entry->value);
	free(old);
}

static void
check(const char *text, size_t len, const char *want, const char *mistake)
{
	struct problems problems = { 0 };
	char *seen = xstrdup("");

	ini_parse(text, len, "f", on_entry, &seen, &problems);
	assert_string_equal(seen, want);
	if (mistake == NULL)
		assert_int_equal(problems.count, 0);
	else {
		assert_int_equal(problems.count, 1);
		assert_string_equal(problems.text[0], mistake);
	}
	free(seen);
	problems_fini(&problems);
}

TEST(files_are_read_as_systemd_reads_them)
{
	static const struct {
		const char *text, *seen;
	} cases[] = {
		{ "", "" },
		{ "\n\n# only\n; comments\n", "" },
		{ "[A]\nk=v\n", "1[A]|2[A]k=v|" },
		{ "[A]\nk=v", "1[A]|2[A]k=v|" },
		{ "\xef\xbb\xbf[A]\r\nk=v\r\n", "1[A]|2[A]k=v|" },
		{ "  [A]  \n\t k \t=  v w  \n", "1[A]|2[A]k=v w|" },
		{ "[A]\nk=\n", "1[A]|2[A]k=|" },
		{ "[A]\nk=>=3.5 <3.9\n", "1[A]|2[A]k=>=3.5 <3.9|" },
		{ "[A]\nk=v # no comment\n", "1[A]|2[A]k=v # no comment|" },
		{ "[A]\nk=a\\\n  b\\\nc\nl=d\n", "1[A]|2[A]k=a b c|5[A]l=d|" },
		{ "[A]\nk=a\\\n# in between\nb\n", "1[A]|2[A]k=a b|" },
		{ "[A]\nk=a\\\n\nl=b\n", "1[A]|2[A]k=a|4[A]l=b|" },
		{ "[A]\nk=a\\\\\nl=b\n", "1[A]|2[A]k=a\\\\|3[A]l=b|" },
		{ "[A]\nk=a\\\\\\\nl=b\n", "1[A]|2[A]k=a\\\\ l=b|" },
		{ "[A]\nk=a\\\\\\\\\nl=b\n", "1[A]|2[A]k=a\\\\\\\\|3[A]l=b|" },
		{ "[A]\nk=1\n[B]\nk=2\n[A]\nk=3\n",
		    "1[A]|2[A]k=1|3[B]|4[B]k=2|5[A]|6[A]k=3|" },
		{ "\xef\xbb\xbf", "" },
		{ "[A]\nk=~\tv\n", "1[A]|2[A]k=~\tv|" },
		{ "[A]\nk=gr\xc3\xbc\xc3\x9f\n",
		    "1[A]|2[A]k=gr\xc3\xbc\xc3\x9f|" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check(
		    cases[i].text, strlen(cases[i].text), cases[i].seen, NULL);
}

TEST(a_mistake_is_told_and_the_rest_is_read)
{
	static const struct {
		const char *text, *seen, *mistake;
	} cases[] = {
		{ "[A\nk=v\n[B]\nl=w\n", "3[B]|4[B]l=w|",
		    "f:1: [A: the ] after the section's name is missing; write "
		    "for example [Flash]" },
		{ "[]\nk=v\n", "",
		    "f:1: []: the section has no name; write for example "
		    "[Flash]" },
		{ "[A] # why\nk=v\n", "",
		    "f:1: [A] # why: nothing may follow the ]; a comment needs "
		    "a line of its own" },
		{ "k=v\n[A]\n", "2[A]|",
		    "f:1: k=v: outside of any section; put a line such as "
		    "[Flash] above it" },
		{ "[A]\nword\nk=v\n", "1[A]|3[A]k=v|",
		    "f:2: word: neither [Section] nor Key=value; a comment "
		    "begins with #" },
		{ "[A]\n =v\nk=v\n", "1[A]|3[A]k=v|",
		    "f:2: =v: there is no key before the =; write for example "
		    "Action=flash" },
		{ "[A]\nk=\xff\n", "1[A]|",
		    "f:2: the line is not valid UTF-8; save the file as "
		    "UTF-8" },
		{ "[A]\nk=\xc0\xaf\n", "1[A]|",
		    "f:2: the line is not valid UTF-8; save the file as "
		    "UTF-8" },
		{ "[A]\nk=\033[31m\n", "1[A]|",
		    "f:2: there is a control character in the line; type the "
		    "line anew" },
		{ "[A]\n\x01k=v\nk=w\n", "1[A]|3[A]k=w|",
		    "f:2: there is a control character in the line; type the "
		    "line anew" },
		{ "[A]\nk=\x1fv\n", "1[A]|",
		    "f:2: there is a control character in the line; type the "
		    "line anew" },
		{ "[A]\nk=\x7fv\n", "1[A]|",
		    "f:2: there is a control character in the line; type the "
		    "line anew" },
		{ "[A]\nx", "1[A]|",
		    "f:2: x: neither [Section] nor Key=value; a comment begins "
		    "with #" },
		{ "\\", "",
		    "f:1: the last line ends in a \\, but no line follows; "
		    "delete the \\" },
		{ "[A]\n# \xff in a comment\nk=v\\", "1[A]|",
		    "f:3: the last line ends in a \\, but no line follows; "
		    "delete the \\" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check(cases[i].text, strlen(cases[i].text), cases[i].seen,
		    cases[i].mistake);
	check("[A]\nk=\0v\n", 9, "",
	    "f:1: this is not a text file: there is a NUL byte at offset 6; "
	    "save it as plain text");
}

TEST(what_stands_behind_the_end_is_not_read)
{
	check("[A]\nk=v\n  x=y", 9, "1[A]|2[A]k=v|", NULL);
	/* A blank line ends what was to be continued; a comment would not. */
	check("[A]\nk=v\\\n #", 10, "1[A]|2[A]k=v|", NULL);
}

TEST(a_line_may_have_4096_bytes_and_no_more)
{
	static char text[2 * INI_MAX_LINE], want[2 * INI_MAX_LINE];
	int n;

	n = snprintf(text, sizeof(text), "[A]\nk=%0*d\n", INI_MAX_LINE - 2, 0);
	snprintf(want, sizeof(want), "1[A]|2[A]k=%0*d|", INI_MAX_LINE - 2, 0);
	check(text, (size_t)n, want, NULL);
	n = snprintf(text, sizeof(text), "[A]\nk=%0*d\n", INI_MAX_LINE - 1, 0);
	check(text, (size_t)n, "1[A]|",
	    "f:2: the line is longer than 4096 bytes");
	n = snprintf(text, sizeof(text), "[A]\nk=%0*d\\\n%0*d\n",
	    INI_MAX_LINE / 2, 0, INI_MAX_LINE / 2, 0);
	check(text, (size_t)n, "1[A]|",
	    "f:2: the line is longer than 4096 bytes");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
