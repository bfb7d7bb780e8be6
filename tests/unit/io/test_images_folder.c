/* SPDX-License-Identifier: ISC */
/* The files of ImageDirectory: what is listed, and how a new one comes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/images_folder.h"

#include "unit/test.h"

static char folder[64];
static int fail_fsync, fail_rename; /* an errno; 0: not */

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int, const char *, int, const char *);
int __wrap_renameat(int, const char *, int, const char *);
int __real_renameat2(int, const char *, int, const char *, unsigned);
int __wrap_renameat2(int, const char *, int, const char *, unsigned);

int
__wrap_fsync(int fd)
{
	if (fail_fsync == 0)
		return __real_fsync(fd);
	errno = fail_fsync;
	return -1;
}

int
__wrap_renameat(int from, const char *a, int to, const char *b)
{
	if (fail_rename == 0 || fail_rename == EINVAL)
		return __real_renameat(from, a, to, b);
	errno = fail_rename;
	return -1;
}

int
__wrap_renameat2(int from, const char *a, int to, const char *b, unsigned flags)
{
	if (fail_rename == 0)
		return __real_renameat2(from, a, to, b, flags);
	errno = fail_rename;
	return -1;
}

static char *
in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static void
put(const char *name, const char *text)
{
	char *path = in_folder(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

static void
assert_holds(const char *name, const char *text)
{
	char *path = in_folder(name), bytes[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(bytes, text);
	free(path);
}

/* Count all files, also those that are hidden. */
static int
count_all(void)
{
	char *command = xasprintf("ls -A %s | wc -l", folder);
	FILE *out = popen(command, "r");
	int n = -1;

	assert_int_equal(fscanf(out, "%d", &n), 1);
	pclose(out);
	free(command);
	return n;
}

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_folder.XXXXXX");
	fail_fsync = fail_rename = 0;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	char *command = xasprintf("chmod 700 %s && rm -rf %s", folder, folder);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

static bool
add(const char *name, const char *text, bool may_replace, struct error *err)
{
	const struct images_folder_file file = { name, text, strlen(text),
		may_replace };

	return images_folder_put(folder, &file, err);
}

WORLD_TEST(files_are_listed_in_order_and_nothing_else)
{
	struct strlist names;
	struct error err;
	char *sub = in_folder("sub"), *link = in_folder("d.bin"),
	     *lost = in_folder("lost"), *fifo = in_folder("fifo");

	put("b.bin", "b");
	put("a.bin", "a");
	put(".adding-12345678", "half");
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("a.bin", link), 0);
	assert_int_equal(symlink("nowhere", lost), 0);
	assert_true(images_folder_list(folder, &names, &err));
	assert_int_equal(names.count, 3);
	assert_string_equal(names.items[0], "a.bin");
	assert_string_equal(names.items[1], "b.bin");
	assert_string_equal(names.items[2], "d.bin");
	strlist_fini(&names);
	free(sub);
	free(link);
	free(lost);
	free(fifo);
}

WORLD_TEST(an_empty_folder_is_an_empty_list)
{
	struct strlist names;
	struct error err;

	assert_true(images_folder_list(folder, &names, &err));
	assert_int_equal(names.count, 0);
	strlist_fini(&names);
}

TEST(a_folder_that_is_not_there_is_an_error)
{
	const struct images_folder_file file = { "a.bin", "a", 1, false };
	struct strlist names;
	struct error err;

	assert_false(images_folder_list("/nowhere/images", &names, &err));
	assert_int_equal(err.code, ENOENT);
	assert_false(images_folder_put("/nowhere/images", &file, &err));
	assert_int_equal(err.code, ENOENT);
	images_folder_clean("/nowhere/images");
}

WORLD_TEST(a_new_file_is_whole_and_readable_for_the_group)
{
	char *path = in_folder("a.bin");
	mode_t mask = umask(0077);
	struct error err;
	struct stat st;

	assert_true(add("a.bin", "whole", false, &err));
	umask(mask);
	assert_holds("a.bin", "whole");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(count_all(), 1);
	free(path);
}

WORLD_TEST(what_is_there_is_replaced_only_where_that_is_asked_for)
{
	struct error err;

	put("a.bin", "old");
	assert_false(add("a.bin", "new", false, &err));
	assert_int_equal(err.code, EEXIST);
	assert_holds("a.bin", "old");
	assert_true(add("a.bin", "new", true, &err));
	assert_holds("a.bin", "new");
	assert_int_equal(count_all(), 1);
}

WORLD_TEST(a_file_system_without_such_a_rename_replaces_nothing_either)
{
	struct error err;

	fail_rename = EINVAL;
	put("a.bin", "old");
	assert_false(add("a.bin", "new", false, &err));
	assert_int_equal(err.code, EEXIST);
	assert_true(add("b.bin", "new", false, &err));
	assert_holds("a.bin", "old");
	assert_holds("b.bin", "new");
	assert_int_equal(count_all(), 2);
}

WORLD_TEST(a_failure_leaves_everything_as_it_was)
{
	static const struct {
		int *where, code;
		const char *why;
	} cases[] = {
		{ &fail_fsync, ENOSPC, "is full: make room" },
		{ &fail_fsync, EDQUOT, "quota" },
		{ &fail_fsync, EIO, "Input/output error" },
		{ &fail_rename, ENOSPC, "is full: make room" },
		{ &fail_rename, EROFS, "can only read" },
		{ &fail_rename, EACCES, "restart the daemon" },
	};

	put("a.bin", "old");
	for (size_t i = 0; i < COUNT(cases); i++)
		for (int replace = 0; replace < 2; replace++) {
			struct error err = { 0 };

			*cases[i].where = cases[i].code;
			assert_false(add(
			    replace ? "a.bin" : "b.bin", "new", replace, &err));
			*cases[i].where = 0;
			assert_contains(err.text, cases[i].why);
			assert_holds("a.bin", "old");
			assert_int_equal(count_all(), 1);
		}
}

WORLD_TEST(a_folder_that_may_not_be_written_to_is_named)
{
	struct error err = { 0 };

	if (geteuid() == 0)
		skip_because("root may do everything");
	assert_int_equal(chmod(folder, 0500), 0);
	assert_false(add("a.bin", "new", false, &err));
	assert_int_equal(err.code, EACCES);
	assert_contains(err.text, folder);
}

WORLD_TEST(a_folder_to_which_everybody_may_write_is_not_used)
{
	struct strlist names;
	struct error err = { 0 };

	assert_int_equal(chmod(folder, 0777), 0);
	assert_false(add("a.bin", "new", false, &err));
	assert_contains(err.text, "everybody may write");
	assert_false(images_folder_list(folder, &names, &err));
	assert_int_equal(count_all(), 0);
}

WORLD_TEST(what_a_dead_daemon_left_is_removed_and_nothing_else)
{
	put(".adding-12345678", "half");
	put(".adding-9abcdef0", "");
	put(".other", "x");
	put("adding-12345678", "x");
	images_folder_clean(folder);
	assert_int_equal(count_all(), 2);
	assert_holds(".other", "x");
	assert_holds("adding-12345678", "x");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
