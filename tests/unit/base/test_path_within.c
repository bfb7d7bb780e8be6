/* SPDX-License-Identifier: ISC */
/* Whether a path leads into a folder. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path_within.h"

#include "unit/test.h"

TEST(paths_are_compared_part_by_part)
{
	static const struct {
		const char *path, *folder;
		bool is;
	} cases[] = {
		{ "/nowhere/a", "/nowhere", true },
		{ "/nowhere/a/b", "/nowhere", true },
		{ "/nowhere", "/nowhere", true },
		{ "/nowhere/a", "/nowhere/", true },
		{ "/nowhere2", "/nowhere", false },
		{ "/nowhere", "/nowhere/a", false },
		{ "/other", "/nowhere", false },
		{ "/nowhere", "/", true },
		{ "/etc/passwd", "/", true },
		{ "/etc/passwd", "/etc", true },
		{ "/usr/../etc/passwd", "/etc", true },
		{ "/etc/passwd", "/usr/../etc", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s in %s\n", cases[i].path, cases[i].folder);
		assert_int_equal(
		    path_within(cases[i].path, cases[i].folder), cases[i].is);
	}
}

TEST(a_link_is_where_it_leads)
{
	char top[] = "/tmp/test_within.XXXXXX", link[40];

	assert_non_null(mkdtemp(top));
	snprintf(link, sizeof(link), "%s/link", top);
	assert_int_equal(symlink("/etc", link), 0);
	assert_true(path_within(link, "/etc"));
	assert_false(path_within(link, top));
	assert_true(path_within("/etc/passwd", link));
	unlink(link);
	rmdir(top);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
