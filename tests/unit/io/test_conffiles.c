/* SPDX-License-Identifier: ISC */
/* Which configuration files are read, and in which order. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/conffiles.h"

#include "unit/test.h"

/* A folder of its own for each test, entered. */
static char root[] = "/tmp/reflashd-test-conffiles-XXXXXX";
static char *home;

static int
enter(void **unused)
{
	char *dir;

	(void)unused;
	memset(root + strlen(root) - 6, 'X', 6);
	dir = mkdtemp(root);
	if (dir == NULL)
		return -1;
	home = getcwd(NULL, 0);
	return home == NULL ? -1 : chdir(dir);
}

static int
leave(void **unused)
{
	char *command = xasprintf("rm -rf '%s'", root);
	int status = chdir(home) == 0 ? system(command) : -1;

	(void)unused;
	free(command);
	free(home);
	return status;
}

#define FOLDER_TEST(name) TEST_WITH(name, enter, leave)

static void
put(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

/* A main file whose policies are in one and two, here. */
static void
put_main(const char *more)
{
	char *text = xasprintf(
	    "[Paths]\nPolicyDirectories=%s/one %s/two\n%s", root, root, more);

	put("c.conf", text);
	free(text);
	mkdir("c.conf.d", 0755);
	mkdir("one", 0755);
	mkdir("two", 0755);
}

static struct setup
loaded(void)
{
	struct problems problems = { 0 };
	struct setup setup;
	bool ok = setup_load("c.conf", &setup, &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_true(ok);
	assert_int_equal(problems.count, 0);
	return setup;
}

/* The names of the policies, one word each. */
static void
assert_names(const struct setup *setup, const char *want)
{
	char *names = xstrdup(""), *longer;

	for (size_t i = 0; i < setup->policies->count; i++) {
		longer =
		    xasprintf("%s%s ", names, setup->policies->items[i]->name);
		free(names);
		names = longer;
	}
	assert_string_equal(names, want);
	free(names);
}

static void
assert_problem(const char *want)
{
	struct problems problems = { 0 };
	struct setup setup;

	assert_false(setup_load("c.conf", &setup, &problems));
	assert_null(setup.config);
	assert_null(setup.policies);
	assert_int_equal(problems.count, 1);
	assert_string_equal(problems.text[0], want);
	problems_fini(&problems);
}

FOLDER_TEST(drop_ins_are_read_in_byte_order)
{
	struct setup setup;

	put_main("[Server]\nPort=1\n");
	put("c.conf.d/10-a.conf", "[Server]\nPort=2\nMaxConnections=99\n");
	put("c.conf.d/9-b.conf", "[Server]\nPort=3\n");
	put("c.conf.d/B.conf", "[Discovery]\nInterfaces=b\n");
	put("c.conf.d/a.conf", "[Discovery]\nInterfaces=a\n");
	put("c.conf.d/.hidden.conf", "[Server]\nPort=4\n");
	put("c.conf.d/z.conf~", "[Server]\nPort=5\n");
	put("c.conf.d/empty.conf", "");
	assert_int_equal(symlink("/dev/null", "c.conf.d/off.conf"), 0);
	setup = loaded();
	assert_int_equal(setup.config->port, 3);
	assert_int_equal(setup.config->max_connections, 99);
	assert_string_equal(setup.config->interfaces.items[0], "b");
	assert_string_equal(setup.config->interfaces.items[1], "a");
	setup_fini(&setup);
}

FOLDER_TEST(policies_are_one_list_in_which_later_folders_replace)
{
	struct setup setup;

	put_main("");
	put("one/50-b.policy", "[Match]\nType=one\n");
	put("one/60-c.policy", "[Match]\nType=one\n");
	put("one/70-masked.policy", "[Match]\nType=one\n");
	put("one/80-masked.policy", "[Match]\nType=one\n");
	put("one/90-masked.policy", "[Match]\nType=one\n");
	put("one/notes.txt", "nonsense");
	put("one/.policy", "nonsense");
	put("two/10-a.policy", "[Match]\nType=two\n");
	put("two/60-c.policy", "[Match]\nType=two\n");
	put("two/70-masked.policy", "");
	assert_int_equal(symlink("/dev/null", "two/80-masked.policy"), 0);
	put("two/90-masked.policy", "# [Match]\n");
	setup = loaded();
	assert_names(&setup, "10-a 50-b 60-c ");
	assert_string_equal(setup.policies->items[2]->types.items[0], "two");
	setup_fini(&setup);
}

FOLDER_TEST(a_mask_does_not_reach_into_later_folders)
{
	struct setup setup;

	put_main("");
	put("one/50-a.policy", "");
	put("two/50-a.policy", "[Match]\nType=two\n");
	setup = loaded();
	assert_names(&setup, "50-a ");
	setup_fini(&setup);
}

FOLDER_TEST(a_folder_that_is_missing_is_fine)
{
	struct setup setup;

	put_main("");
	assert_int_equal(rmdir("one"), 0);
	assert_int_equal(rmdir("two"), 0);
	assert_int_equal(rmdir("c.conf.d"), 0);
	setup = loaded();
	assert_int_equal(setup.policies->count, 0);
	setup_fini(&setup);
}

FOLDER_TEST(a_main_file_that_was_named_must_be_there)
{
	assert_problem("c.conf: there is no such file");
}

FOLDER_TEST(mistakes_of_all_files_are_told_together)
{
	struct problems problems = { 0 };
	struct setup setup;

	put_main("[Server]\nPort=x\n");
	put("c.conf.d/a.conf", "[Server]\nPort=y\n");
	put("one/a.policy", "[Flash]\nAction=flash\n");
	put("one/good.policy", "[Match]\nType=x\n");
	put("two/b.policy", "[Match]\nTyp=x\nTip=y\n");
	assert_false(setup_load("c.conf", &setup, &problems));
	assert_int_equal(problems.count, 5);
	assert_memory_equal(problems.text[0], "c.conf:4: ", 10);
	assert_memory_equal(problems.text[1], "c.conf.d/a.conf:2: ", 19);
	assert_contains(problems.text[2], "/one/a.policy:2: ");
	assert_contains(problems.text[3], "/two/b.policy:2: ");
	assert_contains(problems.text[4], "/two/b.policy:3: ");
	problems_fini(&problems);
}

FOLDER_TEST(what_is_no_file_is_a_problem)
{
	char *want;

	put_main("");
	mkdir("one/dir.policy", 0755);
	want = xasprintf(
	    "%s/one/dir.policy: this is a directory, not a file", root);
	assert_problem(want);
	free(want);
	rmdir("one/dir.policy");

	/* Nobody writes to it: reading must not wait. */
	assert_int_equal(mkfifo("one/fifo.policy", 0644), 0);
	want =
	    xasprintf("%s/one/fifo.policy: this is not a regular file", root);
	assert_problem(want);
	free(want);
	unlink("one/fifo.policy");

	assert_int_equal(symlink("nowhere", "one/link.policy"), 0);
	want = xasprintf("%s/one/link.policy: this link leads nowhere", root);
	assert_problem(want);
	free(want);
	unlink("one/link.policy");

	rmdir("two");
	put("two", "");
	want = xasprintf("%s/two: %s/two is a file, not a folder; correct the "
			 "path, or move that file away",
	    root, root);
	assert_problem(want);
	free(want);
}

FOLDER_TEST(a_file_may_have_256_KiB_and_no_more)
{
	struct setup setup;
	char *want;

	put_main("");
	put("one/a.policy", "");
	assert_int_equal(truncate("one/a.policy", 256 * 1024 + 1), 0);
	want = xasprintf("%s/one/a.policy: this file is too large; 256 KiB are"
			 " the limit",
	    root);
	assert_problem(want);
	free(want);
	assert_int_equal(truncate("one/a.policy", 0), 0);
	setup = loaded();
	setup_fini(&setup);
}

FOLDER_TEST(a_file_that_cannot_be_read_is_a_problem)
{
	const struct passwd *user = getpwuid(geteuid());
	char *want =
	    xasprintf("the daemon may not read %s/one/a.policy, as user %s; "
		      "correct it with: sudo chmod u+r %s/one/a.policy",
		root, user != NULL ? user->pw_name : "?", root);

	if (geteuid() == 0) {
		free(want);
		skip_because("root may do everything");
	}
	put_main("");
	put("one/a.policy", "[Match]\nType=x\n");
	assert_int_equal(chmod("one/a.policy", 0), 0);
	assert_problem(want);
	free(want);
}

FOLDER_TEST(a_file_or_folder_that_others_may_write_to_is_a_problem)
{
	char *file = xasprintf("everybody may write to %s/one/a.policy; "
			       "correct it with: chmod o-w %s/one/a.policy",
	    root, root);
	char *folder = xasprintf(
	    "everybody may write to %s/one; correct it with: chmod o-w %s/one",
	    root, root);

	put_main("");
	put("one/a.policy", "[Match]\nType=x\n");
	assert_int_equal(chmod("one/a.policy", 0646), 0);
	assert_problem(file);
	assert_int_equal(chmod("one/a.policy", 0644), 0);
	assert_int_equal(chmod("one", 0777), 0);
	assert_problem(folder);
	free(file);
	free(folder);
}

FOLDER_TEST(a_link_stays_in_its_folder)
{
	char *out = xasprintf("%s/one/b.policy: this link leads out of its "
			      "folder; put the file itself there",
	    root);
	struct setup setup;

	put_main("");
	put("kept", "[Match]\nType=x\n");
	put("one/kept", "[Match]\nType=x\n");
	assert_int_equal(symlink("kept", "one/a.policy"), 0);
	setup = loaded();
	assert_names(&setup, "a ");
	setup_fini(&setup);
	assert_int_equal(symlink("../kept", "one/b.policy"), 0);
	assert_problem(out);
	free(out);
}

FOLDER_TEST(the_main_file_may_be_a_link_to_anywhere)
{
	struct setup setup;

	put_main("[Server]\nPort=7\n");
	assert_int_equal(mkdir("else", 0755), 0);
	assert_int_equal(rename("c.conf", "else/c.conf"), 0);
	assert_int_equal(symlink("else/c.conf", "c.conf"), 0);
	setup = loaded();
	assert_int_equal(setup.config->port, 7);
	setup_fini(&setup);
}

/* The kernel makes up what is in there, and has no size for it. */
FOLDER_TEST(a_file_that_is_not_as_long_as_told_is_a_problem)
{
	assert_int_equal(symlink("/proc/version", "c.conf"), 0);
	assert_problem(
	    "/proc/version: this file changed while it was read; try again");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
