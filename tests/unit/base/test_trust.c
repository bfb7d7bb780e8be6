/* SPDX-License-Identifier: ISC */
/* Which files are trusted, in a folder that is made for each test. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path_error.h"
#include "base/remedy.h"
#include "base/trust.h"

#include "unit/test.h"

#define OTHER 65534 /* somebody else, also to root */

/* In a folder of the test's own, which has "in", "in/sub" and "out". */
static char top[64];

static void
put(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	close(fd);
}

static int
enter(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/test_trust.XXXXXX");
	assert_non_null(mkdtemp(top));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(mkdir("in", 0755), 0);
	assert_int_equal(mkdir("in/sub", 0755), 0);
	assert_int_equal(mkdir("out", 0755), 0);
	put("in/a");
	put("in/sub/b");
	put("out/c");
	return 0;
}

static int
leave(void **state)
{
	char command[100];

	(void)state;
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

#define FOLDER_TEST(name) TEST_WITH(name, enter, leave)

/* 0, or the code of the error; for a name below "in" */
static int
opened(const char *name, struct error *err)
{
	struct stat st;
	int fd = trust_open("in", name, &st, err);

	if (fd == -1)
		return err->code;
	close(fd);
	return 0;
}

static int
open_code(const char *name)
{
	struct error err;

	return opened(name, &err);
}

FOLDER_TEST(names_lead_to_files_of_the_folder)
{
	struct stat st;
	struct error err;
	int fd = trust_open(NULL, "out/c", &st, &err);

	assert_int_equal(open_code("a"), 0);
	assert_int_equal(open_code("sub/b"), 0);
	assert_int_equal(open_code("none"), ENOENT);
	assert_int_equal(open_code("none/b"), ENOENT);
	assert_int_not_equal(fd, -1);
	close(fd);
}

FOLDER_TEST(no_name_and_no_link_leads_out_of_it)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/out/c", top);
	assert_int_equal(symlink("a", "in/within"), 0);
	assert_int_equal(symlink("../out/c", "in/beside"), 0);
	assert_int_equal(symlink(path, "in/absolute"), 0);
	assert_int_equal(symlink("../../out", "in/sub/folder"), 0);
	assert_int_equal(symlink("nowhere", "in/dangling"), 0);
	assert_int_equal(open_code("within"), 0);
	assert_int_equal(open_code("beside"), EXDEV);
	assert_int_equal(open_code("absolute"), EXDEV);
	assert_int_equal(open_code("sub/folder/c"), EXDEV);
	assert_int_equal(open_code("../out/c"), EXDEV);
	assert_int_equal(open_code("dangling"), ELOOP);
}

/* Each message names the part of the path that is at fault. */
FOLDER_TEST(what_is_wrong_with_a_path_is_named)
{
	static const struct {
		const char *name, *says;
		int code;
	} cases[] = {
		{ "../out/c", "in/../out/c: \"..\" leads out of the folder",
		    EXDEV },
		{ "sub/../../out/c", "\"..\" leads out of the folder", EXDEV },
		{ "..", "\"..\" leads out of the folder", EXDEV },
		{ "beside", "in/beside: this link leads out of its folder",
		    EXDEV },
		{ "sub/../beside", "this link leads out of its folder", EXDEV },
		{ "./beside", "this link leads out of its folder", EXDEV },
		{ "a/b", "in/a/b: in/a is a file, not a folder", ENOTDIR },
		{ "round", "in/round: the link in/round leads back to itself",
		    ELOOP },
		{ "round/x/y", "in/round/x/y: the link in/round leads back",
		    ELOOP },
	};
	char name[300];
	struct error err;

	assert_int_equal(symlink("../out/c", "in/beside"), 0);
	assert_int_equal(symlink("round", "in/round"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(opened(cases[i].name, &err), cases[i].code);
		assert_contains(err.text, cases[i].says);
	}
	assert_int_equal(open_code("sub/../a"), 0);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(opened(name, &err), ENAMETOOLONG);
	assert_false(trust_folder("in/a", &err));
	assert_contains(err.text, "in/a is a file, not a folder");
}

FOLDER_TEST(what_a_system_call_says_of_a_path_is_explained)
{
	static const struct {
		int code;
		const char *path, *text;
	} cases[] = {
		{ ENAMETOOLONG, "x",
		    "x: a name in this path has more than 255 letters, or all "
		    "of it more than 4095; use shorter names" },
		{ ELOOP, "in/link",
		    "in/link: this is a link, and links are not followed here; "
		    "put the folder or file itself there" },
		{ ELOOP, "in/a", "in/a: Too many levels of symbolic links" },
		{ ENOTDIR, "in/sub", "in/sub: Not a directory" },
		{ ENOTDIR, "in//a/x/y",
		    "in//a/x/y: in//a is a file, not a folder; correct the "
		    "path, or move that file away" },
		{ EIO, "in/a", "in/a: Input/output error" },
	};
	struct error err;

	assert_int_equal(symlink("sub", "in/link"), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(path_error(&err, cases[i].code, cases[i].path));
		assert_int_equal(err.code, cases[i].code);
		assert_string_equal(err.text, cases[i].text);
	}
}

FOLDER_TEST(what_others_may_write_to_is_refused)
{
	static const struct {
		const char *path;
		const char *opens;
	} cases[] = { { "in/a", "a" }, { "in/sub/b", "sub/b" }, { "in", "a" },
		{ "in/sub", "sub/b" } };
	struct error err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(chmod(cases[i].path, 0757), 0);
		assert_int_equal(opened(cases[i].opens, &err), EBADMSG);
		assert_contains(err.text, "everybody may write to ");
		assert_int_equal(chmod(cases[i].path, 0755), 0);
		assert_int_equal(opened(cases[i].opens, &err), 0);
	}
}

FOLDER_TEST(our_own_group_may_write_and_another_may_not)
{
	struct error err;

	assert_int_equal(chmod("in/a", 0664), 0);
	assert_int_equal(open_code("a"), 0);
	if (chown("in/a", (uid_t)-1, OTHER) != 0)
		skip_because("only root may give files away");
	assert_int_equal(chmod("in/a", 0644), 0);
	assert_int_equal(open_code("a"), 0);
	assert_int_equal(chmod("in/a", 0664), 0);
	assert_int_equal(opened("a", &err), EBADMSG);
	assert_contains(err.text, "group 65534 may write to in/a");
}

FOLDER_TEST(what_belongs_to_somebody_else_is_refused)
{
	struct error err;

	if (chown("in/a", OTHER, (gid_t)-1) != 0)
		skip_because("only root may give files away");
	assert_int_equal(opened("a", &err), EBADMSG);
	assert_contains(err.text, "belongs to user id 65534");
	assert_int_equal(chown("in/a", 0, (gid_t)-1), 0);
	assert_int_equal(chown("in", OTHER, (gid_t)-1), 0);
	assert_int_equal(open_code("a"), EBADMSG);
}

/* What a member of the group copies to a folder that is set-group-id. */
FOLDER_TEST(what_a_member_has_given_our_group_is_believed)
{
	gid_t mine = getegid();
	int given, other;

	if (chown("in/a", OTHER, 4242) != 0 || setegid(4242) != 0)
		skip_because("only root may give files away");
	given = open_code("a");
	other = chown("in/a", OTHER, OTHER) == 0 ? open_code("a") : -1;
	assert_int_equal(setegid(mine), 0);
	assert_int_equal(given, 0);
	assert_int_equal(other, EBADMSG);
}

FOLDER_TEST(a_pipe_is_opened_without_waiting)
{
	struct stat st;
	struct error err;
	int fd;

	assert_int_equal(mkfifo("in/pipe", 0600), 0);
	fd = trust_open("in", "pipe", &st, &err);
	assert_int_not_equal(fd, -1);
	assert_true(S_ISFIFO(st.st_mode));
	close(fd);
}

/* For a user 7 of the group 8, which is called "ours", and is in 9 too. */
TEST(a_command_puts_all_of_it_right)
{
	static const gid_t other[] = { 9 };
	static const struct trust_user user = { 7, 8, other, 1, "ours", false };
	static const struct {
		uid_t uid;
		gid_t gid;
		mode_t mode;
		enum remedy_need need;
		const char *path, *command;
	} cases[] = {
		{ 5, 5, S_IFREG | 0644, REMEDY_READ, "x", "chown root x" },
		{ 5, 5, S_IFREG | 0600, REMEDY_READ, "x",
		    "chown root:ours x && chmod g+r x" },
		{ 5, 9, S_IFREG | 0640, REMEDY_READ, "x", "chown root x" },
		{ 0, 0, S_IFREG | 0646, REMEDY_READ, "x", "chmod o-w x" },
		{ 0, 5, S_IFREG | 0666, REMEDY_READ, "x", "chmod o-w,g-w x" },
		{ 0, 0, S_IFREG | 0600, REMEDY_READ, "x",
		    "chgrp ours x && chmod g+r x" },
		{ 0, 9, S_IFREG | 0600, REMEDY_READ, "x", "chmod g+r x" },
		{ 7, 8, S_IFREG | 0060, REMEDY_READ, "x", "chmod u+r x" },
		{ 5, 8, S_IFREG | 0600, REMEDY_READ, "x", "chmod g+r x" },
		{ 0, 0, S_IFDIR | 0700, REMEDY_PASS, "/x y/it's",
		    "chgrp ours '/x y/it'\\''s' && chmod g+x '/x y/it'\\''s'" },
		{ 0, 8, S_IFDIR | 0710, REMEDY_LIST, "-x", "chmod g+rx '-x'" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stat st = { .st_uid = cases[i].uid,
			.st_gid = cases[i].gid,
			.st_mode = cases[i].mode };
		char *command =
		    remedy_command(&st, cases[i].path, &user, cases[i].need);

		if (geteuid() == 0)
			assert_string_equal(command, cases[i].command);
		else
			assert_int_equal(strncmp(command, "sudo ch", 7), 0);
		free(command);
	}
}

/* Whose mode is that of the whole machine, or of a person. */
TEST(nobody_is_told_to_change_a_folder_of_all)
{
	static const struct {
		const char *path;
		mode_t mode;
		bool is_common;
	} cases[] = {
		{ "/", 0755, true },
		{ "/etc", 0755, true },
		{ "/srv", 0755, true },
		{ "/tmp", 01777, true },
		{ "/anywhere/else", 01777, true },
		{ "/home/anna", 0700, true },
		{ "/root", 0700, true },
		{ "/var/lib", 0755, true },
		{ "/run/user/1000", 0700, true },
		{ "/home/anna/images", 0700, false },
		{ "/etc/reflashd", 0755, false },
		{ "/var/lib/reflashd", 0755, false },
		{ "images", 0755, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct stat st = { .st_mode = S_IFDIR | cases[i].mode };

		if (remedy_is_common(&st, cases[i].path) != cases[i].is_common)
			fail_msg("%s", cases[i].path);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
