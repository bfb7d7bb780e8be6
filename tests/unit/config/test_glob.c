/* SPDX-License-Identifier: ISC */
/* The patterns of [Match] for names. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/config/glob.h"

#include "unit/test.h"

static struct strlist
words_of(const char *text)
{
	struct strlist list = { 0 };
	char copy[128], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			strlist_add(&list, word);
	return list;
}

TEST(globs_take_in_and_leave_out)
{
	static const struct {
		const char *globs, *subject;
		bool fits;
	} cases[] = {
		{ "", "1000a05bf6", true },
		{ "1000a05bf6", "1000a05bf6", true },
		{ "1000a05bf6", "1000a05bf60", false },
		{ "1000a0*", "1000a05bf6", true },
		{ "1000a0* !1000a05bf6", "1000a05bf6", false },
		{ "!1000a05bf6 1000a0*", "1000a05bf6", false },
		{ "1000a0* !1000a05bf6", "1000a05bf7", true },
		{ "1000a0* !1000a05bf6", "1000b05bf7", false },
		{ "!1000a05bf6", "1000b05bf7", true },
		{ "!1000a05bf6", "1000a05bf6", false },
		{ "1000A0*", "1000a05bf6", true },
		{ "!1000A0*", "1000a05bf6", false },
		{ "a b c", "c", true },
		{ "100?a[0-9]*", "1000a05bf6", true },
		{ "[", "1000a05bf6", false },
		{ "*", "", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct strlist globs = words_of(cases[i].globs);

		assert_int_equal(
		    globs_fit(&globs, cases[i].subject), cases[i].fits);
		strlist_fini(&globs);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
