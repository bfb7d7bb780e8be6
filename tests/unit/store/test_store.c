/* SPDX-License-Identifier: ISC */
/* The state directory, on a real disk. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/store/store.h"

#include "unit/test.h"

#define SHA  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEPT "kept/" SHA
#define SHA2 "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A directory of its own for each test. */
struct place {
	char dir[64];
	struct store *store;
};

/* What store_load() told. */
struct told {
	unsigned loaded, bad;
	char id[32], file[64], why[400];
	json_int_t value;
	bool refuse;
};

static bool
on_loaded(const char *id, const json_t *root, void *ctx, struct error *err)
{
	struct told *told = ctx;

	if (told->refuse)
		return error_set(err, EPROTO, "\"state\": no such state");
	told->loaded++;
	told->value = json_integer_value(json_object_get(root, "n"));
	snprintf(told->id, sizeof(told->id), "%s", id);
	return true;
}

static void
on_bad(const char *file, const char *why, void *ctx)
{
	struct told *told = ctx;

	told->bad++;
	snprintf(told->file, sizeof(told->file), "%s", file);
	snprintf(told->why, sizeof(told->why), "%s", why);
}

static struct told
reload(struct place *place, bool refuse)
{
	static const struct store_load_ops ops = { on_loaded, on_bad };
	struct told told = { .refuse = refuse };
	struct error err;

	store_close(place->store);
	place->store = store_open(place->dir, &err);
	assert_non_null(place->store);
	store_load(place->store, &ops, &told);
	return told;
}

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct error err;

	strcpy(place->dir, "test_store.XXXXXX");
	if (mkdtemp(place->dir) == NULL)
		return -1;
	place->store = store_open(place->dir, &err);
	*state = place;
	return place->store != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct place *place = *state;
	char command[128];
	int rc;

	store_close(place->store);
	snprintf(command, sizeof(command), "rm -rf %s", place->dir);
	rc = system(command);
	free(place);
	return rc;
}

#define FOLDER_TEST(name) TEST_WITH(name, setup, teardown)

static const char *
path_of(const struct place *place, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	return path;
}

static bool
exists(const struct place *place, const char *name)
{
	struct stat st;

	return lstat(path_of(place, name), &st) == 0;
}

static void
put(const struct place *place, const char *name, const char *text, size_t len)
{
	int fd = open(path_of(place, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static void
save(struct place *place, const char *id, int n)
{
	json_auto_t *root = json_pack("{s:i}", "n", n);
	struct error err;

	assert_true(store_save(place->store, id, root, &err));
}

FOLDER_TEST(what_was_saved_is_loaded)
{
	struct place *place = *state;
	struct told told;

	save(place, "1000a05bf6", 1);
	save(place, "1000a05bf6", 2);
	told = reload(place, false);
	assert_int_equal(told.loaded, 1);
	assert_int_equal(told.bad, 0);
	assert_string_equal(told.id, "1000a05bf6");
	assert_int_equal(told.value, 2);
}

/* What was written there would be lost to who comes next. */
FOLDER_TEST(what_is_not_in_its_place_any_more_is_not_written_to)
{
	static const struct {
		const char *command, *needle;
	} cases[] = {
		{ "mv $D $D.old", "was removed while reflashd was running" },
		{ "cp -a $D.old $D", "was replaced by another while" },
		{ "rm -rf $D && mv $D.old $D", NULL },
		{ "rm -rf $D/devices", "devices was removed while" },
	};
	struct place *place = *state;
	json_auto_t *root = json_pack("{s:i}", "n", 1);

	setenv("D", place->dir, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err;
		bool saved;

		assert_int_equal(system(cases[i].command), 0);
		saved = store_save(place->store, "1000a05bf6", root, &err);
		assert_int_equal(saved, cases[i].needle == NULL);
		if (!saved)
			assert_contains(err.text, cases[i].needle);
	}
}

FOLDER_TEST(all_files_are_for_their_owner_only)
{
	static const char *const names[] = { "devices", "kept", "lock",
		"devices/1000a05bf6.json", "devices/1000a05bf6.progress", KEPT,
		"history.jsonl", "daemon.json", "labels.json" };
	struct place *place = *state;
	json_auto_t *root = json_object();
	struct error err;
	struct stat st;

	save(place, "1000a05bf6", 1);
	store_progress(place->store, "1000a05bf6", 4096);
	assert_true(store_keep(place->store, SHA, "abc", 3, &err));
	assert_true(store_history_add(place->store, root, &err));
	assert_true(store_save_daemon(place->store, root, &err));
	assert_true(store_save_labels(place->store, root, &err));
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(stat(path_of(place, names[i]), &st), 0);
		assert_int_equal(st.st_mode & 077, 0);
	}
}

FOLDER_TEST(an_id_that_is_no_plain_name_is_refused)
{
	static const char *const ids[] = { "", "..", "a/b", "../lock", "a.b",
		"123456789012345678901234567890123", "a b", "\xc3\xa4", "a\n" };
	struct place *place = *state;
	json_auto_t *root = json_object();
	struct error err;

	for (size_t i = 0; i < COUNT(ids); i++) {
		assert_false(store_save(place->store, ids[i], root, &err));
		assert_int_equal(err.code, EINVAL);
		assert_false(store_remove(place->store, ids[i], &err));
		store_progress(place->store, ids[i], 1);
		assert_int_equal(store_progress_read(place->store, ids[i]), 0);
	}
	assert_true(store_save(place->store, "1234567890_aB-zZ", root, &err));
	assert_true(store_save(
	    place->store, "12345678901234567890123456789012", root, &err));
}

FOLDER_TEST(a_second_daemon_is_told_who_has_the_directory)
{
	struct place *place = *state;
	struct error err;
	char pid[24];

	assert_null(store_open(place->dir, &err));
	assert_int_equal(err.code, EWOULDBLOCK);
	snprintf(pid, sizeof(pid), "process %ld:", (long)getpid());
	assert_contains(err.text, pid);
	assert_contains(err.text, place->dir);
}

FOLDER_TEST(the_lock_of_the_dead_is_no_hindrance)
{
	struct place *place = *state;
	int status;
	pid_t pid;

	store_close(place->store);
	place->store = NULL;
	pid = fork();
	if (pid == 0) {
		struct error err;

		_exit(store_open(place->dir, &err) != NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	reload(place, false);
}

/* Whether a process has the lock of the directory open. */
static bool
has_lock_open(pid_t pid, const char *dir)
{
	char folder[64], path[400];
	struct stat lock, other;
	bool found = false;
	struct dirent *entry;
	DIR *list;

	snprintf(path, sizeof(path), "%s/lock", dir);
	snprintf(folder, sizeof(folder), "/proc/%ld/fd", (long)pid);
	list = opendir(folder);
	if (list == NULL || stat(path, &lock) != 0)
		return false;
	while (!found && (entry = readdir(list)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		found = stat(path, &other) == 0 && other.st_ino == lock.st_ino;
	}
	closedir(list);
	return found;
}

FOLDER_TEST(a_child_of_the_dead_is_waited_for)
{
	struct place *place = *state;
	pid_t parent = getpid(), pid;
	char byte;
	int go[2];

	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		/* Inherited, and kept until the next one wants it. */
		close(go[1]);
		(void)!read(go[0], &byte, 1);
		while (
		    getppid() == parent && !has_lock_open(parent, place->dir))
			sched_yield();
		_exit(0);
	}
	store_close(place->store);
	place->store = NULL;
	close(go[0]);
	close(go[1]);
	reload(place, false);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

FOLDER_TEST(a_second_daemon_leaves_what_the_first_is_writing)
{
	struct place *place = *state;
	struct error err;

	put(place, "devices/1000a05bf6.json.new", "{", 1);
	assert_null(store_open(place->dir, &err));
	assert_true(exists(place, "devices/1000a05bf6.json.new"));
	reload(place, false);
	assert_false(exists(place, "devices/1000a05bf6.json.new"));
}

FOLDER_TEST(records_that_cannot_be_read_are_set_aside_and_told)
{
	static const struct {
		const char *text;
		size_t len;
		const char *why;
	} cases[] = {
		{ "", 0, "not JSON" },
		{ "{\"n\":1", 6, "not JSON" },
		{ "[1]", 3, "no object" },
		{ "\0\0\0\0", 4, "not JSON" },
		{ "{\"n\":1,\"n\":2}", 13, "duplicate" },
		{ "{\x1b[2J}", 6, "not JSON" },
	};
	struct place *place = *state;
	char aside[64];

	save(place, "1000000001", 7);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct told told;

		put(place, "devices/1000a05bf6.json", cases[i].text,
		    cases[i].len);
		told = reload(place, false);
		assert_int_equal(told.bad, 1);
		assert_int_equal(told.loaded, 1);
		assert_string_equal(told.file, "1000a05bf6.json");
		assert_contains(told.why, cases[i].why);
		assert_null(strchr(told.why, '\x1b'));
		snprintf(aside, sizeof(aside),
		    "devices/1000a05bf6.json.unreadable-%zu", i + 1);
		assert_true(exists(place, aside));
		assert_false(exists(place, "devices/1000a05bf6.json"));
		assert_int_equal(reload(place, false).bad, 0);
	}
}

FOLDER_TEST(a_record_that_is_too_large_is_set_aside)
{
	struct place *place = *state;
	char *text = malloc(STORE_MAX_RECORD + 1);
	struct told told;

	memset(text, ' ', STORE_MAX_RECORD + 1);
	memcpy(text, "{}", 2);
	put(place, "devices/1000a05bf6.json", text, STORE_MAX_RECORD);
	assert_int_equal(reload(place, false).loaded, 1);
	put(place, "devices/1000a05bf6.json", text, STORE_MAX_RECORD + 1);
	told = reload(place, false);
	assert_int_equal(told.loaded, 0);
	assert_contains(told.why, "65536 bytes; set aside as ");
	free(text);
}

FOLDER_TEST(a_record_is_never_saved_that_could_not_be_loaded)
{
	struct place *place = *state;
	char *text = calloc(1, STORE_MAX_RECORD + 1);
	json_auto_t *large = json_object();
	json_auto_t *array = json_array();
	struct error err;

	memset(text, 'x', STORE_MAX_RECORD);
	json_object_set_new(large, "n", json_string(text));
	save(place, "1000a05bf6", 3);
	assert_false(store_save(place->store, "1000a05bf6", large, &err));
	assert_int_equal(err.code, EFBIG);
	assert_false(store_save(place->store, "1000a05bf6", array, &err));
	assert_int_equal(reload(place, false).value, 3);
	free(text);
}

FOLDER_TEST(a_record_that_the_caller_refuses_is_set_aside)
{
	struct place *place = *state;
	struct told told;

	save(place, "1000a05bf6", 1);
	told = reload(place, true);
	assert_string_equal(told.why,
	    "\"state\": no such state; "
	    "set aside as 1000a05bf6.json.unreadable-1");
	assert_int_equal(reload(place, false).loaded, 0);
}

FOLDER_TEST(a_link_in_the_place_of_a_record_is_not_followed)
{
	struct place *place = *state;
	struct told told;

	put(place, "outside", "{}", 2);
	assert_int_equal(
	    symlink("../outside", path_of(place, "devices/1000a05bf6.json")),
	    0);
	told = reload(place, false);
	assert_int_equal(told.loaded, 0);
	assert_int_equal(told.bad, 1);
	assert_contains(told.why, "is a link");
}

FOLDER_TEST(a_link_in_the_place_of_what_is_written_is_not_followed)
{
	struct place *place = *state;
	json_auto_t *root = json_object();
	struct error err;
	struct stat st;

	put(place, "outside", "", 0);
	assert_int_equal(symlink("../outside",
			     path_of(place, "devices/1000a05bf6.json.new")),
	    0);
	assert_int_equal(symlink("../outside",
			     path_of(place, "devices/1000a05bf6.progress")),
	    0);
	assert_int_equal(
	    symlink("outside", path_of(place, "history.jsonl")), 0);
	save(place, "1000a05bf6", 1);
	store_progress(place->store, "1000a05bf6", 4096);
	assert_false(store_history_add(place->store, root, &err));
	assert_int_equal(stat(path_of(place, "outside"), &st), 0);
	assert_int_equal(st.st_size, 0);
}

FOLDER_TEST(what_others_may_write_to_is_not_believed)
{
	struct place *place = *state;
	struct told told;
	struct error err;

	save(place, "1000a05bf6", 1);
	assert_int_equal(
	    chmod(path_of(place, "devices/1000a05bf6.json"), 0666), 0);
	told = reload(place, false);
	assert_int_equal(told.loaded, 0);
	assert_int_equal(told.bad, 1);
	assert_contains(told.why, "everybody may write to ");
	store_close(place->store);
	assert_int_equal(chmod(path_of(place, "devices"), 0777), 0);
	place->store = store_open(place->dir, &err);
	assert_null(place->store);
	assert_int_equal(err.code, EBADMSG);
}

FOLDER_TEST(other_things_among_the_records_are_left_alone)
{
	struct place *place = *state;
	struct told told;

	put(place, "devices/1000a05bf6.json.unreadable-1", "x", 1);
	put(place, "devices/copy of 1000a05bf6.json", "x", 1);
	put(place, "devices/.json", "x", 1);
	put(place, "devices/123456789012345678901234567890123.json", "x", 1);
	assert_int_equal(
	    mkfifo(path_of(place, "devices/1000000001.json"), 0600), 0);
	told = reload(place, false);
	assert_int_equal(told.loaded, 0);
	assert_int_equal(told.bad, 1); /* the FIFO, and we did not hang */
	assert_true(exists(place, "devices/copy of 1000a05bf6.json"));
}

FOLDER_TEST(progress_outlives_a_death)
{
	struct place *place = *state;
	struct error err;
	int status;
	pid_t pid;

	store_close(place->store);
	place->store = NULL;
	pid = fork();
	if (pid == 0) {
		struct store *store = store_open(place->dir, &err);

		for (unsigned i = 1; store != NULL && i <= 100; i++)
			store_progress(store, "1000a05bf6", 4096 * i);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	reload(place, false);
	assert_int_equal(
	    store_progress_read(place->store, "1000a05bf6"), 409600);
	assert_true(store_progress_end(place->store, "1000a05bf6", &err));
	assert_int_equal(store_progress_read(place->store, "1000a05bf6"), 0);
}

FOLDER_TEST(many_downloads_at_a_time_need_few_descriptors)
{
	struct place *place = *state;
	int before = dup(0), after;
	char id[16];

	close(before);
	for (unsigned round = 1; round <= 3; round++)
		for (unsigned i = 0; i < 50; i++) {
			snprintf(id, sizeof(id), "%010x", i);
			store_progress(place->store, id, i * 10 + round);
		}
	after = dup(0);
	close(after);
	assert_in_range(after - before, 0, 16);
	for (unsigned i = 0; i < 50; i++) {
		snprintf(id, sizeof(id), "%010x", i);
		assert_int_equal(
		    store_progress_read(place->store, id), i * 10 + 3);
	}
}

FOLDER_TEST(a_removed_device_is_gone_with_its_progress)
{
	struct place *place = *state;
	struct error err;

	save(place, "1000a05bf6", 1);
	store_progress(place->store, "1000a05bf6", 4096);
	assert_true(store_remove(place->store, "1000a05bf6", &err));
	assert_true(store_remove(place->store, "1000a05bf6", &err));
	assert_int_equal(store_progress_read(place->store, "1000a05bf6"), 0);
	assert_int_equal(reload(place, false).loaded, 0);
}

static void
check_kept(struct place *place, const char *sha, const char *text)
{
	char buf[32] = "";
	struct error err;
	int fd = store_kept(place->store, sha, &err);

	if (text == NULL) {
		assert_int_equal(fd, -1);
		assert_int_equal(err.code, ENOENT);
		return;
	}
	assert_int_not_equal(fd, -1);
	assert_int_equal(read(fd, buf, sizeof(buf) - 1), strlen(text));
	assert_string_equal(buf, text);
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
}

FOLDER_TEST(images_are_kept_until_nobody_needs_them)
{
	const char *const needed[] = { SHA };
	struct place *place = *state;
	struct error err;

	check_kept(place, SHA, NULL);
	assert_true(store_keep(place->store, SHA, "image", 5, &err));
	assert_true(store_keep(place->store, SHA2, "other", 5, &err));
	reload(place, false);
	check_kept(place, SHA, "image");
	store_drop_kept_except(place->store, needed, 1);
	check_kept(place, SHA, "image");
	check_kept(place, SHA2, NULL);
	store_drop_kept_except(place->store, NULL, 0);
	check_kept(place, SHA, NULL);
}

FOLDER_TEST(a_copy_is_made_once_and_again_if_it_went_bad)
{
	struct place *place = *state;
	struct stat one, two;
	struct error err;

	assert_true(store_keep(place->store, SHA, "image", 5, &err));
	assert_int_equal(stat(path_of(place, KEPT), &one), 0);
	assert_true(store_keep(place->store, SHA, "image", 5, &err));
	assert_int_equal(stat(path_of(place, KEPT), &two), 0);
	assert_int_equal(one.st_ino, two.st_ino);
	put(place, KEPT, "imagE", 5);
	assert_true(store_keep(place->store, SHA, "image", 5, &err));
	check_kept(place, SHA, "image");
	assert_false(store_keep(place->store, "../lock", "x", 1, &err));
	assert_int_equal(store_kept(place->store, "../lock", &err), -1);
	assert_int_equal(err.code, EINVAL);
}

FOLDER_TEST(the_daemon_has_a_record_of_its_own)
{
	struct place *place = *state;
	json_auto_t *root = json_pack("{s:[s]}", "paused", "sonoff");
	json_t *back;
	struct error err;

	assert_null(store_load_daemon(place->store, &err));
	assert_int_equal(err.code, 0);
	assert_true(store_save_daemon(place->store, root, &err));
	back = store_load_daemon(place->store, &err);
	assert_true(json_equal(back, root));
	json_decref(back);
	put(place, "daemon.json", "{\"paused\":", 10);
	assert_null(store_load_daemon(place->store, &err));
	assert_int_not_equal(err.code, 0);
	assert_contains(err.text, "; set aside as daemon.json.unreadable-1");
	assert_null(store_load_daemon(place->store, &err));
	assert_int_equal(err.code, 0);
}

FOLDER_TEST(labels_have_a_file_that_is_larger_than_a_record_may_be)
{
	struct place *place = *state;
	json_auto_t *root = json_object(), *back = NULL;
	struct error err;
	char id[16];

	assert_null(store_load_labels(place->store, &err));
	assert_int_equal(err.code, 0);
	for (int i = 0; i < 3000; i++) {
		snprintf(id, sizeof(id), "1000%06d", i);
		json_object_set_new(
		    root, id, json_string("the lamp above the table"));
	}
	assert_true(store_save_labels(place->store, root, &err));
	back = store_load_labels(place->store, &err);
	assert_true(json_equal(back, root));
}

FOLDER_TEST(what_was_set_aside_last_can_be_read_and_removed)
{
	struct place *place = *state;
	json_auto_t *root = NULL;
	struct error err;

	assert_null(store_load_aside(place->store, "1000a05bf6", &err));
	assert_int_equal(err.code, ENOENT);
	assert_null(store_load_aside(place->store, "../a", &err));
	assert_int_equal(err.code, EINVAL);
	put(place, "devices/1000a05bf6.json.unreadable-1", "x", 1);
	put(place, "devices/1000a05bf6.json.unreadable-2", "{\"n\":2}", 7);
	root = store_load_aside(place->store, "1000a05bf6", &err);
	assert_int_equal(json_integer_value(json_object_get(root, "n")), 2);
	assert_true(store_drop_aside(place->store, "1000a05bf6", &err));
	assert_null(store_load_aside(place->store, "1000a05bf6", &err));
	assert_int_equal(err.code, EPROTO); /* the one before it */
}

/* Entries are {"n":1}, {"n":2} and so on. */
struct past {
	json_int_t first, last, count;
	bool in_order;
};

static void
on_entry(const json_t *root, void *ctx)
{
	struct past *past = ctx;
	json_int_t n = json_integer_value(json_object_get(root, "n"));

	if (past->count++ == 0)
		past->first = n;
	else if (n <= past->last)
		past->in_order = false;
	past->last = n;
}

static struct past
read_past(struct place *place, size_t skipped_expected)
{
	struct past past = { .in_order = true };
	struct store_past *in = store_history_open(place->store);
	json_int_t before;

	do
		before = past.count;
	while (store_past_next(in, 3, on_entry, &past) &&
	    past.count <= before + 3);
	assert_false(store_past_next(in, 3, on_entry, &past));
	assert_int_equal(store_past_close(in), skipped_expected);
	assert_true(past.in_order);
	return past;
}

static void
add(struct place *place, int n, size_t padding)
{
	json_auto_t *root = json_pack("{s:i}", "n", n);
	char *text = calloc(1, padding + 1);
	struct error err;

	memset(text, 'x', padding);
	json_object_set_new(root, "padding", json_string(text));
	assert_true(store_history_add(place->store, root, &err));
	free(text);
}

FOLDER_TEST(history_is_read_as_it_was_written)
{
	struct place *place = *state;

	assert_int_equal(read_past(place, 0).count, 0);
	for (int n = 1; n <= 5; n++)
		add(place, n, 0);
	reload(place, false);
	assert_int_equal(read_past(place, 0).count, 5);
}

FOLDER_TEST(history_keeps_five_files_of_a_mebibyte)
{
	struct place *place = *state;
	struct past past;
	struct stat st;

	for (int n = 1; n <= 6 * 32; n++)
		add(place, n, 33000);
	past = read_past(place, 0);
	assert_int_equal(past.last, 6 * 32);
	assert_int_equal(past.count, past.last - past.first + 1);
	assert_in_range(past.count, 4 * 31, 5 * 32);
	for (int part = 1; part <= 4; part++) {
		char name[32];

		snprintf(name, sizeof(name), "history.jsonl.%d", part);
		assert_int_equal(stat(path_of(place, name), &st), 0);
		assert_in_range(st.st_size, 1000000, 1024 * 1024);
	}
	assert_false(exists(place, "history.jsonl.5"));
}

/* One entry after the other, while more and more are written. */
FOLDER_TEST(who_reads_slowly_misses_nothing_that_is_left)
{
	struct place *place = *state;
	struct past past = { .in_order = true }, other = past;
	struct store_past *in, *late;

	for (int n = 1; n <= 40; n++)
		add(place, n, 33000);
	in = store_history_open(place->store);
	for (int n = 41; n <= 4 * 32; n++) {
		assert_true(store_past_next(in, 1, on_entry, &past));
		add(place, n, 33000);
	}
	assert_int_equal(past.count, 88);
	assert_int_equal(past.last, 88);
	late = store_history_open(place->store);
	assert_true(store_past_next(late, 1, on_entry, &other));
	assert_int_equal(other.last, 1);
	for (int n = 4 * 32 + 1; n <= 6 * 32; n++)
		add(place, n, 33000);
	while (store_past_next(in, 2, on_entry, &past))
		continue;
	while (store_past_next(late, 2, on_entry, &other))
		continue;
	assert_int_equal(store_past_close(in), 0);
	assert_int_equal(store_past_close(late), 0);
	assert_int_equal(past.last, 6 * 32);
	assert_int_equal(past.count, 6 * 32);
	assert_true(past.in_order && other.in_order);
	assert_int_equal(other.last, 6 * 32); /* the oldest were lost to it */
	assert_in_range(other.count, 4 * 31, 5 * 32 + 1);
}

FOLDER_TEST(a_torn_line_costs_no_other)
{
	struct place *place = *state;

	put(place, "history.jsonl", "{\"n\":1}\n{\"n\":2,\"re", 18);
	assert_int_equal(read_past(place, 1).count, 1);
	add(place, 3, 0);
	add(place, 4, 0);
	assert_int_equal(read_past(place, 1).count, 3);
}

FOLDER_TEST(a_line_that_lacks_only_its_end_is_whole)
{
	struct place *place = *state;

	put(place, "history.jsonl", "{\"n\":1}\n{\"n\":2}", 15);
	add(place, 3, 0);
	assert_int_equal(read_past(place, 0).count, 3);
}

FOLDER_TEST(what_is_no_history_is_skipped_and_counted)
{
	struct place *place = *state;
	size_t size = 200 * 1024;
	char *text = malloc(size);

	memset(text, 'x', size);
	memcpy(text, "{\"n\":1}\n\n\n[1]\n\0\0\n{\"n\":2}\n", 25);
	put(place, "history.jsonl", text, size);
	add(place, 3, 0);
	assert_int_equal(read_past(place, 3).count, 3);
	free(text);
}

FOLDER_TEST(an_entry_that_could_not_be_read_is_not_written)
{
	struct place *place = *state;
	char *text = calloc(1, 64 * 1024 + 1);
	json_auto_t *root = json_object();
	struct error err;

	memset(text, 'x', 64 * 1024);
	json_object_set_new(root, "n", json_string(text));
	assert_false(store_history_add(place->store, root, &err));
	assert_int_equal(err.code, EFBIG);
	add(place, 1, 64 * 1024 - 32);
	assert_int_equal(read_past(place, 0).count, 1);
	free(text);
}

FOLDER_TEST(a_directory_that_cannot_be_made_is_an_error)
{
	struct place *place = *state;
	struct error err;

	put(place, "file", "", 0);
	assert_null(store_open(path_of(place, "file"), &err));
	assert_int_equal(err.code, ENOTDIR);
	assert_null(store_open(path_of(place, "no/where"), &err));
	assert_int_equal(err.code, ENOENT);
	assert_contains(err.text, "no/where");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
