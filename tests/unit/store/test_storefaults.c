/* SPDX-License-Identifier: ISC */
/*
 * Every call of the store to the system fails once in every way, and kills
 * the process: what was there before, or what was to be, is there afterwards.
 * With QUICK in the environment few processes are killed: where memory is
 * watched a new process takes long.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/store/store.h"

#include "unit/broken.h"
#include "unit/test.h"

#define ID    "1000a05bf6"
#define OTHER "1000000001"
#define SHA   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SHA2  "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OLD   1
#define NEW   2
#define LATER 3

/* clang-format off */
static const struct broken_fault faults[] = {
	/* name			  errno   part   stay   die */
	{ "EIO",		  EIO,	  false, false, false },
	{ "ENOSPC",		  ENOSPC, false, false, false },
	{ "EROFS",		  EROFS,  false, false, false },
	{ "EMFILE",		  EMFILE, false, false, false },
	{ "EINTR",		  EINTR,  false, false, false },
	{ "EIO for good",	  EIO,	  false, true,	false },
	{ "ENOSPC for good",	  ENOSPC, true,	 true,	false },
	{ "EROFS for good",	  EROFS,  false, true,	false },
	{ "half",		  0,	  true,	 false, false },
	{ "kill",		  0,	  false, false, true },
	{ "kill at half",	  0,	  true,	 false, true },
};
/* clang-format on */
#define FEW    23 /* with QUICK: one call of so many */
#define FAULTS (COUNT(faults))

/* What the process that may have died has to say. */
struct outcome {
	bool ok;      /* it was told that it was done */
	bool renamed; /* something took its new name */
};

struct scenario {
	const char *name;
	void (*prepare)(struct store *);
	bool (*act)(struct store *); /* NULL: opening it is the act */
	void (*check)(struct store *, const struct outcome *);
	void (*again)(struct store *); /* what must succeed when all is well */
};

static char dir[40];
static const char *where = "";
static unsigned points;

#define HOLDS(condition)                                                       \
	do {                                                                   \
		if (!(condition))                                              \
			fail_msg("%s, after \"%s\": %s does not hold", where,  \
			    broken_calls(), #condition);                       \
	} while (0)

static void
empty(const char *folder)
{
	DIR *open_dir = opendir(folder);
	struct dirent *entry;
	char path[512];

	while (open_dir != NULL && (entry = readdir(open_dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_type != DT_DIR)
			unlink(path);
	}
	if (open_dir != NULL)
		closedir(open_dir);
}

static void
wipe(void)
{
	static const char *const folders[] = { "devices", "kept" };
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		empty(path);
		rmdir(path);
	}
	empty(dir);
}

static struct store *
reopen(void)
{
	struct error err = { 0 };
	struct store *store = store_open(dir, &err);

	HOLDS(store != NULL);
	return store;
}

static unsigned
count_descriptors(void)
{
	DIR *fds = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(fds) != NULL)
		n++;
	closedir(fds);
	return n;
}

static void
put(const char *name, const char *text, size_t hole)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)hole, SEEK_SET), 0);
	fputs(text, f);
	fclose(f);
}

static bool
save(struct store *store, const char *id, int n)
{
	json_auto_t *root = json_pack("{s:i}", "n", n);
	struct error err = { 0 };
	bool ok = store_save(store, id, root, &err);

	HOLDS(ok == (err.text[0] == '\0'));
	return ok;
}

/* What was loaded, and what was set aside. */
struct seen {
	json_int_t id, other; /* -1: none */
	unsigned bad;
};

static bool
on_loaded(const char *id, const json_t *root, void *ctx, struct error *err)
{
	struct seen *seen = ctx;
	json_int_t n = json_integer_value(json_object_get(root, "n"));

	(void)err;
	if (strcmp(id, ID) == 0)
		seen->id = n;
	else if (strcmp(id, OTHER) == 0)
		seen->other = n;
	return true;
}

static void
on_bad(const char *file, const char *why, void *ctx)
{
	struct seen *seen = ctx;

	HOLDS(file[0] != '\0' && why[0] != '\0');
	seen->bad++;
}

static struct seen
load(struct store *store)
{
	static const struct store_load_ops ops = { on_loaded, on_bad };
	struct seen seen = { -1, -1, 0 };

	store_load(store, &ops, &seen);
	return seen;
}

static void
prepare_old(struct store *store)
{
	HOLDS(save(store, ID, OLD));
	HOLDS(save(store, OTHER, OLD));
}

static bool
act_save(struct store *store)
{
	return save(store, ID, NEW);
}

/* The other one is never touched, and nothing is in a bad state. */
static json_int_t
check_records(struct store *store)
{
	struct seen seen = load(store);

	HOLDS(seen.bad == 0);
	HOLDS(seen.other == OLD);
	return seen.id;
}

static void
check_saved(struct store *store, const struct outcome *out)
{
	json_int_t n = check_records(store);

	HOLDS(n == OLD || n == NEW);
	HOLDS(!out->ok || n == NEW);
	HOLDS(out->renamed || n == OLD);
}

static void
prepare_none(struct store *store)
{
	HOLDS(save(store, OTHER, OLD));
}

static void
check_first(struct store *store, const struct outcome *out)
{
	json_int_t n = check_records(store);

	HOLDS(n == -1 || n == NEW);
	HOLDS(!out->ok || n == NEW);
}

static bool
act_remove(struct store *store)
{
	struct error err;

	return store_remove(store, ID, &err);
}

static void
check_removed(struct store *store, const struct outcome *out)
{
	json_int_t n = check_records(store);

	HOLDS(n == -1 || n == OLD);
	HOLDS(!out->ok || n == -1);
}

static void
check_old(struct store *store, const struct outcome *out)
{
	(void)out;
	HOLDS(check_records(store) == OLD);
}

static void
again_save(struct store *store)
{
	HOLDS(save(store, ID, LATER));
}

static void
prepare_torn(struct store *store)
{
	prepare_old(store);
	put("devices/2000000002.json", "{\"n\":", 0);
	put("devices/2000000002.json.unreadable-1", "older", 0);
}

static bool
act_load(struct store *store)
{
	load(store);
	/* What could not be read must not be overwritten now either. */
	save(store, "2000000002", NEW);
	return true;
}

/* Is there a file of devices/ that begins so and holds exactly this? */
static bool
is_somewhere(const char *name, const char *text)
{
	char path[512], buf[64];
	struct dirent *entry;
	bool found = false;
	DIR *devices;

	snprintf(path, sizeof(path), "%s/devices", dir);
	devices = opendir(path);
	while (!found && (entry = readdir(devices)) != NULL) {
		FILE *f;

		if (strncmp(entry->d_name, name, strlen(name)) != 0)
			continue;
		snprintf(
		    path, sizeof(path), "%s/devices/%s", dir, entry->d_name);
		f = fopen(path, "r");
		buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
		fclose(f);
		found = strcmp(buf, text) == 0;
	}
	closedir(devices);
	return found;
}

static void
check_set_aside(struct store *store, const struct outcome *out)
{
	(void)store;
	(void)out;
	HOLDS(is_somewhere(ID ".json", "{\n  \"n\": 1\n}"));
	HOLDS(is_somewhere(OTHER ".json", "{\n  \"n\": 1\n}"));
	HOLDS(is_somewhere("2000000002.json", "{\"n\":"));
	HOLDS(is_somewhere("2000000002.json", "older"));
}

static bool
act_load_daemon(struct store *store)
{
	struct error err;
	json_t *root = store_load_daemon(store, &err);

	json_decref(root);
	return root != NULL;
}

static bool
act_save_daemon(struct store *store)
{
	json_auto_t *root = json_pack("{s:i}", "n", NEW);
	struct error err;

	return store_save_daemon(store, root, &err);
}

static void
prepare_daemon(struct store *store)
{
	json_auto_t *root = json_pack("{s:i}", "n", OLD);
	struct error err;

	HOLDS(store_save_daemon(store, root, &err));
}

static void
check_daemon(struct store *store, const struct outcome *out)
{
	struct error err;
	json_auto_t *root = store_load_daemon(store, &err);
	json_int_t n = json_integer_value(json_object_get(root, "n"));

	HOLDS(n == OLD || n == NEW);
	HOLDS(!out->ok || n == NEW);
}

/* If it could not be read it was set aside, whole. */
static void
check_daemon_loaded(struct store *store, const struct outcome *out)
{
	struct error err;
	json_auto_t *root = store_load_daemon(store, &err);
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/daemon.json.unreadable-1", dir);
	HOLDS(err.code == 0);
	HOLDS(root != NULL || stat(path, &st) == 0);
	HOLDS(root != NULL || !out->ok);
}

static void
again_save_daemon(struct store *store)
{
	HOLDS(act_save_daemon(store));
}

static void
prepare_progress(struct store *store)
{
	store_progress(store, ID, 4096);
}

static bool
act_progress(struct store *store)
{
	store_progress(store, ID, 8192);
	return true;
}

static void
check_progress(struct store *store, const struct outcome *out)
{
	uint64_t n = store_progress_read(store, ID);

	(void)out;
	HOLDS(n == 4096 || n == 8192);
}

static void
check_first_progress(struct store *store, const struct outcome *out)
{
	uint64_t n = store_progress_read(store, ID);

	(void)out;
	HOLDS(n == 0 || n == 8192);
}

static void
again_progress(struct store *store)
{
	act_progress(store);
	HOLDS(store_progress_read(store, ID) == 8192);
}

static bool
keep(struct store *store, const char *sha)
{
	struct error err;

	return store_keep(store, sha, "an image", 8, &err);
}

static bool
is_kept(struct store *store, const char *sha)
{
	struct error err;
	char buf[16];
	int fd = store_kept(store, sha, &err);
	ssize_t n;

	if (fd == -1) {
		HOLDS(err.code == ENOENT);
		return false;
	}
	n = read(fd, buf, sizeof(buf));
	close(fd);
	HOLDS(n == 8 && memcmp(buf, "an image", 8) == 0);
	return true;
}

static void
prepare_kept(struct store *store)
{
	HOLDS(keep(store, SHA2));
}

static bool
act_keep(struct store *store)
{
	return keep(store, SHA) && keep(store, SHA2);
}

static void
check_kept(struct store *store, const struct outcome *out)
{
	HOLDS(is_kept(store, SHA) || !out->ok);
	HOLDS(is_kept(store, SHA2));
}

static void
again_keep(struct store *store)
{
	HOLDS(act_keep(store));
	HOLDS(is_kept(store, SHA));
}

static void
prepare_two_kept(struct store *store)
{
	HOLDS(act_keep(store));
}

static bool
act_drop(struct store *store)
{
	const char *const needed[] = { SHA2 };

	store_drop_kept_except(store, needed, 1);
	return false;
}

static void
again_drop(struct store *store)
{
	act_drop(store);
	HOLDS(!is_kept(store, SHA));
}

static bool
add(struct store *store, int n)
{
	json_auto_t *root = json_pack("{s:i}", "n", n);
	struct error err;

	return store_history_add(store, root, &err);
}

static void
prepare_history(struct store *store)
{
	HOLDS(add(store, 11) && add(store, 12));
}

static void
prepare_torn_history(struct store *store)
{
	(void)store;
	put("history.jsonl", "{\"n\":11}\n{\"n\":12}\n{\"n\":99,\"rea", 0);
}

/* The next line does not fit into it; the hole is a line too long. */
static void
prepare_full_history(struct store *store)
{
	(void)store;
	put("history.jsonl.2", "{\"n\":9}\n", 0);
	put("history.jsonl.1", "{\"n\":10}\n", 0);
	put("history.jsonl", "\n{\"n\":11}\n{\"n\":12}\n", 1024 * 1024 - 19);
}

static void
prepare_all_history(struct store *store)
{
	prepare_full_history(store);
	put("history.jsonl.4", "{\"n\":7}\n", 0); /* to be lost */
	put("history.jsonl.3", "{\"n\":8}\n", 0);
}

static bool
act_add(struct store *store)
{
	return add(store, 13);
}

static void
on_entry(const json_t *root, void *ctx)
{
	unsigned *count = ctx;
	json_int_t n = json_integer_value(json_object_get(root, "n"));

	HOLDS(n > 0 && n < 20);
	for (json_int_t i = n + 1; i < 20; i++)
		HOLDS(count[i] == 0);
	count[n]++;
}

/* How often each is there; how many lines were not whole. */
static size_t
read_history(struct store *store, unsigned count[20])
{
	struct store_past *past = store_history_open(store);

	while (store_past_next(past, 1, on_entry, count))
		;
	return store_past_close(past);
}

/* All from first to 12 are there once, in order, and maybe the new one. */
static void
check_history(struct store *store, const struct outcome *out, int first)
{
	unsigned count[20] = { 0 };

	HOLDS(read_history(store, count) <= 2);
	for (int n = first; n <= 12; n++)
		HOLDS(count[n] == 1);
	HOLDS(count[13] <= 1);
	HOLDS(!out->ok || count[13] == 1);
}

static void
check_lines(struct store *store, const struct outcome *out)
{
	check_history(store, out, 11);
}

static void
check_full(struct store *store, const struct outcome *out)
{
	check_history(store, out, 9);
}

static void
check_all(struct store *store, const struct outcome *out)
{
	check_history(store, out, 8);
}

static void
again_add(struct store *store)
{
	unsigned count[20] = { 0 };

	HOLDS(add(store, 14));
	(void)read_history(store, count);
	HOLDS(count[11] == 1 && count[12] == 1 && count[14] == 1);
}

static const struct scenario opening = { "opening", prepare_old, NULL,
	check_old, again_save };

/* clang-format off */
static const struct scenario scenarios[] = {
	{ "a record is replaced", prepare_old, act_save, check_saved,
	  again_save },
	{ "a first record", prepare_none, act_save, check_first, again_save },
	{ "a record is removed", prepare_old, act_remove, check_removed,
	  again_save },
	{ "loading", prepare_torn, act_load, check_set_aside, again_save },
	{ "daemon.json is replaced", prepare_daemon, act_save_daemon,
	  check_daemon, again_save_daemon },
	{ "daemon.json is loaded", prepare_daemon, act_load_daemon,
	  check_daemon_loaded, again_save_daemon },
	{ "progress", prepare_progress, act_progress, check_progress,
	  again_progress },
	{ "first progress", prepare_none, act_progress,
	  check_first_progress, again_progress },
	{ "an image is kept", prepare_kept, act_keep, check_kept,
	  again_keep },
	{ "an image is dropped", prepare_two_kept, act_drop, check_kept,
	  again_drop },
	{ "an entry", prepare_history, act_add, check_lines, again_add },
	{ "an entry behind a torn one", prepare_torn_history, act_add,
	  check_lines, again_add },
	{ "an entry in a new file", prepare_full_history, act_add,
	  check_full, again_add },
	{ "an entry after which the oldest are lost", prepare_all_history,
	  act_add, check_all, again_add },
};
/* clang-format on */
#define SCENARIOS (COUNT(scenarios))

/* Are there files that were not finished? */
static bool
has_leftovers(void)
{
	static const char *const folders[] = { ".", "devices", "kept" };
	struct dirent *entry;
	bool found = false;
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		DIR *folder = opendir(path);

		while ((entry = readdir(folder)) != NULL)
			found |= strstr(entry->d_name, ".new") != NULL;
		closedir(folder);
	}
	return found;
}

/* Do it with the fault at that call.  Was it met? */
static bool
run(const struct scenario *scenario, const struct broken_fault *fault,
    unsigned at, struct outcome *out)
{
	struct error err = { 0 };
	struct store *store = scenario->act != NULL ? reopen() : NULL;
	bool met;

	broken_start(fault, at);
	if (scenario->act != NULL)
		out->ok = scenario->act(store);
	else {
		store = store_open(dir, &err);
		out->ok = store != NULL;
		HOLDS(out->ok == (err.text[0] == '\0'));
	}
	out->renamed = broken_renamed();
	met = broken_stop();
	HOLDS(fault->stay || !has_leftovers());
	store_close(store);
	return met;
}

/* The same in a process that it kills. */
static bool
run_and_die(const struct scenario *scenario, const struct broken_fault *fault,
    unsigned at, struct outcome *out)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		run(scenario, fault, at, out);
		_exit(0);
	}
	HOLDS(waitpid(pid, &status, 0) == pid);
	HOLDS(WIFEXITED(status));
	HOLDS(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == BROKEN_DEAD);
	/* It could not tell any more what it had come to. */
	out->renamed = true;
	return WEXITSTATUS(status) == BROKEN_DEAD;
}

/* One point of the walk.  False behind the last call. */
static bool
visit(const struct scenario *scenario, const struct broken_fault *fault,
    unsigned at, struct outcome *out)
{
	unsigned descriptors = count_descriptors();
	struct store *store;
	char text[128];
	bool met;

	snprintf(text, sizeof(text), "%s, %s at call %u", scenario->name,
	    fault->name, at);
	where = text;
	wipe();
	store = reopen();
	scenario->prepare(store);
	store_close(store);
	*out = (struct outcome){ 0 };
	met = (fault->die ? run_and_die : run)(scenario, fault, at, out);
	store = reopen();
	scenario->check(store, out);
	scenario->again(store);
	store_close(store);
	HOLDS(count_descriptors() == descriptors);
	where = "";
	points += met;
	return met;
}

static void
walk(const struct scenario *scenario)
{
	struct outcome *out = mmap(NULL, sizeof(*out), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned before = points;

	assert_ptr_not_equal(out, MAP_FAILED);
	for (size_t i = 0; i < FAULTS; i++) {
		bool rarely = faults[i].die && getenv("QUICK") != NULL;

		for (unsigned at = 1; visit(scenario, &faults[i], at, out);)
			at += rarely ? FEW : 1;
	}
	munmap(out, sizeof(*out));
	print_message("%s: %u points\n", scenario->name, points - before);
	assert_true(points > before);
}

TEST(the_old_or_the_new_is_there_whatever_call_fails)
{
	walk(&opening);
	for (size_t i = 0; i < SCENARIOS; i++)
		walk(&scenarios[i]);
	print_message("%u points of failure walked\n", points);
}

/* Of what a power cut does, the order of the calls is all we can test. */
TEST(what_is_renamed_is_on_the_disk_and_its_name_is_afterwards)
{
	static const struct broken_fault none = { 0 };
	struct store *store;

	wipe();
	store = reopen();
	broken_start(&none, -1u);
	HOLDS(act_save(store));
	assert_string_equal(broken_calls(),
	    "stat fstat openat write fsync close renameat fsync ");
	broken_start(&none, -1u);
	HOLDS(add(store, 1));
	assert_string_equal(broken_calls(),
	    "stat fstat openat fstat write fdatasync fsync close ");
	broken_start(&none, -1u);
	HOLDS(add(store, 2));
	assert_string_equal(broken_calls(),
	    "stat fstat openat fstat pread write fdatasync close ");
	broken_start(&none, -1u);
	store_progress(store, ID, 4096);
	store_progress(store, ID, 8192);
	assert_string_equal(broken_calls(), "openat pwrite pwrite ");
	broken_stop();
	store_close(store);
}

TEST(what_is_there_can_be_read_on_a_read_only_disk)
{
	static const struct broken_fault read_only = { "EROFS", EROFS, false,
		true, false };
	struct error err = { 0 };
	struct store *store;
	struct seen seen;

	wipe();
	store = reopen();
	prepare_old(store);
	HOLDS(act_keep(store));
	store_close(store);
	/* From the third call on: before, the directory is only looked at. */
	broken_start(&read_only, 3);
	store = store_open(dir, &err);
	HOLDS(store != NULL);
	seen = load(store);
	HOLDS(seen.id == OLD && seen.other == OLD && seen.bad == 0);
	HOLDS(is_kept(store, SHA));
	HOLDS(!act_save(store));
	HOLDS(store_open(dir, &err) == NULL && err.code == EWOULDBLOCK);
	broken_stop();
	store_close(store);
}

static int
setup(void **state)
{
	(void)state;
	/* Memory is enough, and faster than a disk, where there is such. */
	strcpy(dir, "/dev/shm/test_storefaults.XXXXXX");
	if (mkdtemp(dir) != NULL)
		return 0;
	strcpy(dir, "test_storefaults.XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	wipe();
	return rmdir(dir);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, setup, teardown);
}
