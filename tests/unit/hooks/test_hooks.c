/* SPDX-License-Identifier: ISC */
/* Hooks: real programs in a folder that is made for each test. */
#include "config.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/starter.h"
#include "core/control/hookenv.h"
#include "io/hooks/hooks.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define GIVE_UP_SEC 20

struct world {
	char top[64], folder[80]; /* hooks write into top */
	struct event_base *base;
	struct starter *starter;
	struct hooks *hooks;
	int stderr_fd;
};

static struct world w;

static void
in_top(char *dst, size_t size, const char *name)
{
	snprintf(dst, size, "%s/%s", w.top, name);
}

static void
put_mode(const char *name, const char *script, mode_t mode)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", w.folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\ntop=%s\n%s\n", w.top, script);
	fclose(file);
	chmod(path, mode);
}

static void
put(const char *name, const char *script)
{
	put_mode(name, script, 0755);
}

/* The text of a file below top; "" if there is none. */
static const char *
text_of(const char *name)
{
	static char text[1 << 16];
	char path[160];
	size_t len = 0;
	FILE *file;

	in_top(path, sizeof(path), name);
	file = fopen(path, "r");
	if (file != NULL) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	return text;
}

static unsigned
count_in(const char *text, const char *needle)
{
	unsigned count = 0;

	while ((text = strstr(text, needle)) != NULL) {
		text += strlen(needle);
		count++;
	}
	return count;
}

static unsigned
logged(const char *needle)
{
	return count_in(text_of("log"), needle);
}

static int
set_up_times(unsigned run_ms, unsigned end_ms)
{
	struct hooks_config config = { NULL, w.folder, run_ms, end_ms };
	struct error err;
	char path[160];
	int fd;

	snprintf(w.top, sizeof(w.top), "/tmp/test_hooks.XXXXXX");
	assert_non_null(mkdtemp(w.top));
	in_top(w.folder, sizeof(w.folder), "hooks.d");
	assert_int_equal(mkdir(w.folder, 0755), 0);
	in_top(path, sizeof(path), "log");
	fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	w.stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(fd, STDERR_FILENO);
	close(fd);
	w.starter = config.starter = starter_new(NULL, NULL, &err);
	assert_non_null(w.starter);
	w.base = event_base_new();
	w.hooks = hooks_new(w.base, &config);
	return 0;
}

static int
set_up(void **state)
{
	(void)state;
	return set_up_times(10000, 1000);
}

static int
set_up_hasty(void **state)
{
	(void)state;
	return set_up_times(300, 200);
}

static int
tear_down(void **state)
{
	char command[100];

	(void)state;
	hooks_free(w.hooks);
	event_base_free(w.base);
	starter_free(w.starter);
	dup2(w.stderr_fd, STDERR_FILENO);
	close(w.stderr_fd);
	snprintf(command, sizeof(command), "rm -rf %s", w.top);
	assert_int_equal(system(command), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)
#define HASTY_TEST(name) TEST_WITH(name, set_up_hasty, tear_down)

static void
post_of(const char *what, bool is_known)
{
	struct strlist env = { 0 };
	char *word = xasprintf("WHAT=%s", what);

	strlist_add(&env, word);
	free(word);
	hooks_look(w.hooks);
	hooks_run(w.hooks, what, &env, "{\"id\":\"1000a05bf6\"}", is_known);
	assert_int_equal(env.count, 0);
}

static void
post(const char *what)
{
	post_of(what, true);
}

static void
on_give_up(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	fail_msg("hooks did not come to rest");
}

static void
wait_until_done(void)
{
	struct event *timer = evtimer_new(w.base, on_give_up, NULL);
	struct timeval tv = { GIVE_UP_SEC, 0 };

	evtimer_add(timer, &tv);
	while (hooks_pending(w.hooks) > 0)
		event_base_loop(w.base, EVLOOP_ONCE);
	event_free(timer);
}

WORLD_TEST(a_hook_reads_the_record_and_its_environment)
{
	put("10-one", "cat >$top/in; env >$top/env; pwd >$top/pwd");
	setenv("LEAK", "yes", 1);
	post("flashed");
	wait_until_done();
	assert_string_equal(text_of("in"), "{\"id\":\"1000a05bf6\"}");
	assert_string_equal(text_of("pwd"), "/\n");
	assert_int_equal(count_in(text_of("env"), "WHAT=flashed\n"), 1);
	assert_int_equal(count_in(text_of("env"), "LEAK="), 0);
	assert_string_equal(text_of("log"), "");
}

WORLD_TEST(a_hook_inherits_no_descriptor_and_no_signal_mask)
{
	int leak = open("/dev/null", O_RDONLY); /* not closed on exec */
	sigset_t all;

	put("10-one", "exec ls /proc/self/fd >$top/fds");
	put("20-two", "exec cat /proc/self/status >$top/st");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	post("seen");
	wait_until_done();
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	close(leak);
	/* 3 is what ls reads. */
	assert_string_equal(text_of("fds"), "0\n1\n2\n3\n");
	assert_contains(text_of("st"), "SigBlk:\t0000000000000000");
}

WORLD_TEST(the_fields_of_a_device_are_all_there)
{
	static const char *const expected[] = {
		"REFLASHD_DEVICE=1000a05bf6",
		"REFLASHD_NAME=",
		"REFLASHD_STATE=flashed",
		"REFLASHD_OLD_STATE=rebooting",
		"REFLASHD_REASON=",
		"REFLASHD_DETAIL=",
		NULL, /* the advice */
		"REFLASHD_ADDRESS=192.168.1.23",
		"REFLASHD_MAC=5c:cf:7f:62:e4:3f",
		"REFLASHD_FIRMWARE=3.6.0",
		"REFLASHD_POLICY=lite",
		"REFLASHD_IMAGE=lite.bin",
		"REFLASHD_SHA256=" SHA_A,
		"REFLASHD_ACCESS_POINT=tasmota_62E43F-1087",
		"REFLASHD_LABEL=Hall, upstairs",
	};
	device_auto *device = fixture_device(FIXTURE_ID);
	struct strlist env = { 0 };

	fixture_end(device, "lite", SHA_A, STATE_FLASHED, 1700000000);
	snprintf(
	    device->place.mac, sizeof(device->place.mac), "5c:cf:7f:62:e4:3f");
	xreplace(&device->label, "Hall, upstairs");
	hookenv_make(device, STATE_REBOOTING, &env);
	assert_int_equal(env.count, COUNT(expected));
	for (size_t i = 0; i < env.count; i++)
		if (expected[i] != NULL)
			assert_string_equal(env.items[i], expected[i]);
	strlist_fini(&env);

	device_restore(device, STATE_FAILED, 1700000000);
	device_blame(device, REASON_STALLED, "no byte in 60 s");
	hookenv_make(device, STATE_DOWNLOADING, &env);
	assert_string_equal(env.items[4], "REFLASHD_REASON=stalled");
	assert_string_equal(env.items[5], "REFLASHD_DETAIL=no byte in 60 s");
	assert_string_equal(env.items[13], "REFLASHD_ACCESS_POINT=");
	strlist_fini(&env);
}

WORLD_TEST(hooks_begin_in_byte_order_and_editors_leave_none)
{
	put("20-b", "echo b");
	put("10-a", "echo a");
	put("B", "echo B");
	put("a", "echo last");
	put("old~", "echo no");
	put(".hidden", "echo no");
	post("seen");
	/* All but the fifth have begun, and each is its own log line. */
	wait_until_done();
	assert_int_equal(logged("hook "), 4);
	assert_int_equal(logged("hook 10-a: seen: a\n"), 1);
	assert_int_equal(logged("hook a: seen: last\n"), 1);
	assert_int_equal(logged(": no\n"), 0);
}

WORLD_TEST(a_hook_never_runs_twice_at_a_time_and_keeps_the_order)
{
	char expected[200] = "", number[8];

	put("10-one",
	    "mkdir $top/lock || echo twice >>$top/out\n"
	    "echo $WHAT >>$top/out\nrmdir $top/lock");
	for (unsigned i = 0; i < 20; i++) {
		snprintf(number, sizeof(number), "%u", i);
		post(number);
		strcat(strcat(expected, number), "\n");
	}
	wait_until_done();
	assert_string_equal(text_of("out"), expected);
}

WORLD_TEST(at_most_four_run_at_a_time)
{
	static const char script[] =
	    "mkdir $top/run.$$; ls -d $top/run.* | wc -l >>$top/counts\n"
	    "while [ ! -e $top/go ]; do read -t 0.01 x </dev/null; done\n"
	    "rmdir $top/run.$$";
	char path[160];
	int go;

	for (char name[] = "10-a"; name[3] < 'i'; name[3]++)
		put(name, script);
	post("seen");
	assert_int_equal(hooks_pending(w.hooks), 8);
	/* The fifth cannot have begun, so these four wait for us. */
	while (count_in(text_of("counts"), "\n") < 4)
		event_base_loop(w.base, EVLOOP_NONBLOCK);
	in_top(path, sizeof(path), "go");
	go = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(go);
	wait_until_done();
	assert_int_equal(count_in(text_of("counts"), "\n"), 8);
	for (char bad[] = "5\n"; bad[0] < '9'; bad[0]++)
		assert_int_equal(count_in(text_of("counts"), bad), 0);
}

WORLD_TEST(a_slow_hook_loses_events_of_its_own_alone)
{
	put("10-slow", "exec sleep 100");
	for (unsigned i = 0; i < HOOKS_QUEUE + 50; i++)
		post("seen");
	assert_int_equal(hooks_pending(w.hooks), HOOKS_QUEUE);
	assert_int_equal(logged("runs of it wait already"), 1);
	put("20-good", "echo good");
	post("seen");
	while (hooks_pending(w.hooks) > HOOKS_QUEUE)
		event_base_loop(w.base, EVLOOP_ONCE);
	assert_int_equal(logged("hook 20-good: seen: good"), 1);
}

WORLD_TEST(strangers_leave_room_for_devices_that_are_known)
{
	put("10-slow", "exec sleep 100");
	for (unsigned i = 0; i < HOOKS_QUEUE; i++)
		post_of("seen", false);
	assert_int_equal(hooks_pending(w.hooks), HOOKS_STRANGERS);
	post("flashed");
	assert_int_equal(hooks_pending(w.hooks), HOOKS_STRANGERS + 1);
}

WORLD_TEST(no_folder_means_no_hooks_and_a_new_one_takes_effect)
{
	char other[160];

	in_top(other, sizeof(other), "nowhere");
	put("10-one", "echo $WHAT >>$top/out");
	post("old");
	hooks_set_directory(w.hooks, other);
	post("none");
	hooks_set_directory(w.hooks, w.folder);
	post("new");
	wait_until_done();
	assert_string_equal(text_of("out"), "old\nnew\n");
	assert_string_equal(text_of("log"), "");
}

/* So that a folder is as old as it has to be: see Makefile.am. */
static time_t ahead;

/* Where time_t has 64 bits, but long 32, the linker calls it __time64. */
#if __WORDSIZE == 32 && defined(__USE_TIME_BITS64)
time_t __real_time(time_t *) __asm__("__real___time64");
time_t __wrap_time(time_t *) __asm__("__wrap___time64");
#else
time_t __real_time(time_t *);
time_t __wrap_time(time_t *);
#endif

time_t
__wrap_time(time_t *where)
{
	time_t now = __real_time(where) + ahead;

	if (where != NULL)
		*where = now;
	return now;
}

WORLD_TEST(one_that_comes_into_a_folder_known_to_be_empty_is_seen)
{
	ahead = 10;
	assert_false(hooks_look(w.hooks));
	assert_false(hooks_look(w.hooks));
	ahead = 0;
	put("10-one", "echo $WHAT >>$top/out");
	assert_true(hooks_look(w.hooks));
	post("new");
	wait_until_done();
	assert_string_equal(text_of("out"), "new\n");
}

WORLD_TEST(a_hook_that_fails_is_told_of_once)
{
	put("10-bad", "exit 3");
	put("20-killed", "kill -9 $$");
	for (unsigned i = 0; i < 3; i++)
		post("seen");
	wait_until_done();
	assert_int_equal(
	    logged("hook 10-bad: seen: failed (exit status 3)\n"), 1);
	assert_int_equal(logged("hook 20-killed: seen: ended by signal 9"), 1);
	assert_int_equal(logged("\n"), 2);
	assert_int_equal(hooks_failures(w.hooks), 6); /* each counts */
	put("10-bad", "exit 4 # changed");
	post("seen");
	wait_until_done();
	assert_int_equal(
	    logged("hook 10-bad: seen: failed (exit status 4)"), 1);
}

WORLD_TEST(what_is_not_executable_is_told_of_once_and_not_run)
{
	put_mode("README", "echo no", 0644);
	put_mode("10-open", "echo no", 0757);
	put("20-good", "echo good");
	post("seen");
	post("held");
	wait_until_done();
	assert_int_equal(logged("hook README: not run: it is not exec"), 1);
	assert_int_equal(logged("hook 10-open: not run: everybody may"), 1);
	assert_int_equal(logged("hook 20-good: "), 2);
	assert_int_equal(logged("\n"), 4);
	put_mode("README", "echo yes", 0755);
	post("seen");
	wait_until_done();
	assert_int_equal(logged("hook README: seen: yes\n"), 1);
}

/* As reflashd -t asks, with the words of the log. */
WORLD_TEST(what_would_not_be_run_is_found_without_running_anything)
{
	struct problems found = { 0 };
	char path[160];

	put("20-good", "echo good");
	put(".hidden", "echo no");
	put_mode("90-old~", "echo no", 0644);
	snprintf(path, sizeof(path), "%s/40-folder", w.folder);
	assert_int_equal(mkdir(path, 0755), 0);
	hooks_find_unfit(w.folder, &found);
	assert_int_equal(found.count, 0);
	put_mode("README", "echo no", 0644);
	hooks_find_unfit(w.folder, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.text[0],
	    "hook README: not run: it is not executable (chmod +x, or move it "
	    "away)");
	in_top(path, sizeof(path), "hooks.d/README");
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/30-round", w.folder);
	assert_int_equal(symlink("30-round", path), 0);
	hooks_find_unfit(w.folder, &found);
	assert_int_equal(found.count, 2);
	assert_contains(found.text[1], "hook 30-round: not run: ");
	assert_contains(found.text[1], "leads back to itself");
	assert_int_equal(chmod(w.folder, 0777), 0);
	hooks_find_unfit(w.folder, &found);
	assert_int_equal(found.count, 3);
	assert_contains(found.text[2], "no hook is run: everybody may");
	hooks_find_unfit("/nowhere", &found);
	assert_int_equal(found.count, 3);
	problems_fini(&found);
}

WORLD_TEST(what_cannot_be_run_is_told_of_once)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/10-text", w.folder);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
	put("20-good", "echo good");
	snprintf(path, sizeof(path), "%s/30-dangling", w.folder);
	assert_int_equal(symlink("/nowhere", path), 0);
	post("seen");
	post("seen");
	wait_until_done();
	assert_int_equal(logged("hook 10-text: seen: cannot be run: Exec"), 1);
	assert_int_equal(logged("hook 30-dangling: not run: this link leads "
				"nowhere"),
	    1);
	assert_int_equal(logged("hook 20-good: seen: good"), 2);
}

WORLD_TEST(a_folder_that_everybody_may_write_to_is_refused)
{
	put("10-one", "echo no");
	chmod(w.folder, 0777);
	post("seen");
	post("seen");
	wait_until_done();
	assert_int_equal(logged("no hook is run: everybody may write"), 1);
	assert_int_equal(logged("\n"), 1);
}

/* A zombie that nobody has reaped is dead, too. */
static bool
is_alive(long pid)
{
	char path[64], state = 'Z';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	if (fscanf(file, "%*d %*s %c", &state) != 1)
		state = 'Z';
	fclose(file);
	return state != 'Z' && state != 'X';
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A signal that is sent has not yet arrived. */
static void
await_death(long pid)
{
	uint64_t give_up = now_ms() + 1000 * GIVE_UP_SEC;

	assert_true(pid > 1);
	while (is_alive(pid))
		assert_true(now_ms() < give_up);
}

HASTY_TEST(a_hook_that_hangs_is_ended_with_all_it_started)
{
	uint64_t begun = now_ms();

	put("10-hang",
	    "trap '' TERM\n(trap '' TERM; exec sleep 100) &\necho $! "
	    ">$top/pid\n"
	    "while :; do wait; done");
	put("20-good", "echo good");
	post("seen");
	assert_true(now_ms() - begun < 250);
	post("held");
	wait_until_done();
	assert_int_equal(logged("hook 10-hang: seen: it hangs"), 1);
	assert_int_equal(logged("it hangs"), 1);
	assert_int_equal(logged("hook 20-good: held: good"), 1);
	assert_true(strstr(text_of("log"), "held: good") <
	    strstr(text_of("log"), "it hangs"));
	await_death(atol(text_of("pid")));
}

HASTY_TEST(a_hook_that_minds_sigterm_ends_itself)
{
	put("10-hang", "trap 'echo tidy; exit 0' TERM\nsleep 100 & wait");
	post("seen");
	wait_until_done();
	assert_int_equal(logged("hook 10-hang: seen: tidy"), 1);
	assert_int_equal(logged("it hangs"), 1);
}

WORLD_TEST(what_a_hook_leaves_running_is_ended_with_it)
{
	put("10-one", "sleep 100 & echo $! >$top/pid");
	post("seen");
	wait_until_done();
	await_death(atol(text_of("pid")));
}

WORLD_TEST(twenty_lines_are_shown_escaped_and_cut)
{
	put("10-talk",
	    "printf 'a\\033[31m\\n\\n'; seq 2 19 >&2; printf '%0400d\\nlost\\n'"
	    " 7");
	post("seen");
	post("seen");
	wait_until_done();
	assert_int_equal(logged("hook 10-talk: seen: a\\x1b[31m\n"), 2);
	assert_int_equal(logged("hook 10-talk: seen: 19\n"), 2);
	assert_int_equal(logged("000...\n"), 2);
	assert_int_equal(logged("lost"), 0);
	assert_int_equal(logged("more than 20 lines"), 1);
}

WORLD_TEST(the_last_words_need_no_newline)
{
	put("10-one", "printf bye");
	post("seen");
	wait_until_done();
	assert_string_equal(
	    text_of("log"), "reflashd: hook 10-one: seen: bye\n");
}

WORLD_TEST(a_hook_that_floods_is_not_listened_to)
{
	put("10-flood", "yes no; exit 0");
	put("20-silent", "exec head -c 3000000 /dev/zero");
	post("seen");
	post("seen");
	wait_until_done();
	assert_int_equal(logged("hook 10-flood: seen: no\n"), 40);
	assert_int_equal(logged("hook 10-flood: seen: it floods"), 1);
	assert_int_equal(logged("hook 20-silent: seen: it floods"), 1);
	assert_int_equal(logged("it hangs"), 0);
}

WORLD_TEST(a_hook_that_reads_nothing_is_in_nobodys_way)
{
	struct strlist env = { 0 };
	char *large = xcalloc(1 << 20, 1);

	memset(large, 'x', (1 << 20) - 1);
	put("10-deaf", "exit 0");
	assert_true(hooks_look(w.hooks));
	hooks_run(w.hooks, "seen", &env, large, true);
	free(large);
	wait_until_done();
	assert_string_equal(text_of("log"), "");
}

WORLD_TEST(the_end_takes_running_hooks_with_it)
{
	uint64_t begun = now_ms();
	long pid;

	put("10-one", "trap '' TERM; echo $$ >$top/pid; while :; do :; done");
	post("seen");
	post("seen");
	while (text_of("pid")[0] == '\0')
		event_base_loop(w.base, EVLOOP_NONBLOCK);
	pid = atol(text_of("pid"));
	hooks_free(w.hooks);
	w.hooks = NULL;
	assert_true(now_ms() - begun < 2000);
	assert_false(is_alive(pid));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
