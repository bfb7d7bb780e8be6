/* SPDX-License-Identifier: ISC */
/* Which programs the daemon may start, and how they are started. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/starter.h"
#include "core/control/hookenv.h"
#include "core/sonoff/announce.h"
#include "reflashd/exec_policy.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define MAX_WORDS 40

/* What the daemon asks for. */
struct wish {
	char *path; /* owned */
	const char *argv[MAX_WORDS], *env[MAX_WORDS];
	bool has_env, is_on_its_own;
	int in, out; /* owned; -1: none yet */
	int answer;  /* the end that is ours; owned */
};

struct world {
	char top[64], scan[80], conf[80];
	struct exec_policy programs;
	struct starter *starter;
	struct error err;   /* why the last was not run */
	char said[1 << 16]; /* an environment may be large */
};

static struct world w;

static char *
in_top(const char *name)
{
	return xasprintf("%s/%s", w.top, name);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	char *path = in_top(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static void
put_folder(const char *name)
{
	char *path = in_top(name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static void
put_configuration(const char *hooks, const char *state)
{
	char *text = xasprintf("[Paths]\nPolicyDirectories=%s/policy.d\n"
			       "HookDirectory=%s/%s\nStateDirectory=%s/%s\n"
			       "ImageDirectory=%s/images\n"
			       "ControlSocket=%s/run/control\n",
	    w.top, w.top, hooks, w.top, state, w.top, w.top);

	put("conf", text, 0644);
	free(text);
}

/* Both say with what they were started. */
static const char script[] =
    "#!/bin/sh\n"
    "echo \"name $0\"; for arg; do echo \"arg $arg\"; done\n"
    "read -r line; echo \"in $line\"\n"
    "read -r _ _ _ _ _ session _ </proc/$$/stat\n"
    "[ $session = $$ ] && echo \"its own session\"\n"
    "pwd; env; echo complaint >&2\n";

static int
set_up(void **unused)
{
	struct error err;

	(void)unused;
	memset(&w, 0, sizeof(w));
	snprintf(w.top, sizeof(w.top), "/tmp/test_programs.XXXXXX");
	assert_non_null(mkdtemp(w.top));
	snprintf(w.scan, sizeof(w.scan), "%s/reflash-scan", w.top);
	snprintf(w.conf, sizeof(w.conf), "%s/conf", w.top);
	put_folder("policy.d");
	put_folder("hooks.d");
	put_folder("state");
	put_folder("run");
	put_folder("images");
	put_configuration("hooks.d", "state");
	put("reflash-scan", script, 0755);
	put("hooks.d/10-one", script, 0755);
	w.programs.conf_file = w.conf;
	w.programs.scan_program = w.scan;
	setenv("OF_THE_STARTER", "yes", 1);
	w.starter = starter_new(exec_policy_may_start, &w.programs, &err);
	unsetenv("OF_THE_STARTER");
	assert_non_null(w.starter);
	return 0;
}

static int
tear_down(void **unused)
{
	char *command = xasprintf("rm -rf %s", w.top);

	(void)unused;
	starter_free(w.starter);
	assert_int_equal(system(command), 0);
	free(command);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

static struct wish
a_hook(const char *name)
{
	struct wish wish = { .has_env = true, .is_on_its_own = true };
	int ends[2];

	wish.path = in_top(name);
	wish.argv[0] = wish.path;
	wish.in = memfd_create("hook", MFD_CLOEXEC);
	assert_int_equal(write(wish.in, "record\n", 7), 7);
	lseek(wish.in, 0, SEEK_SET);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	wish.answer = ends[0];
	wish.out = ends[1];
	return wish;
}

static struct wish
a_scan(void)
{
	struct wish wish = { .path = xstrdup(w.scan) };
	int pair[2];

	wish.argv[0] = wish.path;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(write(pair[0], "word\n", 5), 5);
	wish.in = wish.out = pair[1];
	wish.answer = pair[0];
	return wish;
}

static void
read_answer(int fd)
{
	size_t used = 0;
	ssize_t n;

	while (used + 1 < sizeof(w.said) &&
	    (n = read(fd, w.said + used, sizeof(w.said) - 1 - used)) > 0)
		used += (size_t)n;
	w.said[used] = '\0';
}

/* The wish is used up.  What it said is in w.said; false: w.err. */
static bool
grant(struct wish *wish)
{
	const struct starter_program program = { .path = wish->path,
		.argv = (char *const *)(uintptr_t)wish->argv,
		.env =
		    wish->has_env ? (char *const *)(uintptr_t)wish->env : NULL,
		.in = wish->in,
		.out = wish->out,
		.out_is_err = wish->is_on_its_own,
		.is_on_its_own = wish->is_on_its_own };
	pid_t pid = starter_run(w.starter, &program, &w.err);

	close(wish->in);
	if (wish->out != wish->in)
		close(wish->out);
	w.said[0] = '\0';
	if (pid != -1) {
		read_answer(wish->answer);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	close(wish->answer);
	free(wish->path);
	return pid != -1;
}

static void
assert_granted(struct wish wish)
{
	if (!grant(&wish))
		fail_msg("not run: %s", w.err.text);
}

static void
assert_refused(struct wish wish, const char *why)
{
	assert_false(grant(&wish));
	if (strstr(w.err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", w.err.text, why);
}

static bool
says(const char *line)
{
	char *whole = xasprintf("\n%s\n", line);
	bool ok = strstr(w.said, whole) != NULL;

	free(whole);
	return ok;
}

WORLD_TEST(the_scan_program_gets_the_options_that_it_knows)
{
	static const char *const asked[] = { "--service", ANNOUNCE_EWELINK,
		"--service", ANNOUNCE_ESPHOME, "--service", ANNOUNCE_HTTP,
		"--backend", "auto", "--requery", "60", "--max", "4096",
		"--interface", "eth0", "--interface", "wlan0.7" };
	struct wish wish = a_scan();

	memcpy(&wish.argv[1], asked, sizeof(asked));
	assert_granted(wish);
	assert_true(says("arg " ANNOUNCE_HTTP));
	assert_true(says("arg wlan0.7"));
	assert_true(says("in word"));
}

WORLD_TEST(and_no_others)
{
	static const char *const bad[][2] = { { "--json", NULL },
		{ "--help", NULL }, { "eth0", NULL }, { "--max", NULL },
		{ "--time", "1" }, { "--max=5", NULL }, { "--max", "0" },
		{ "--max", "1000000" }, { "--requery", "86401" },
		{ "--requery", "-1" }, { "--backend", "none" },
		{ "--service", "_ssh._tcp" }, { "--interface", "" },
		{ "--interface", "sixteen-letters." } };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct wish wish = a_scan();

		wish.argv[1] = bad[i][0];
		wish.argv[2] = bad[i][1];
		assert_refused(wish, "may not be run with such options");
	}
}

WORLD_TEST(its_environment_is_that_of_the_starter)
{
	struct wish wish = a_scan();

	assert_granted(wish);
	assert_true(says("OF_THE_STARTER=yes"));
	wish = a_scan();
	wish.has_env = true;
	wish.env[0] = "LD_PRELOAD=/var/lib/reflashd/evil.so";
	assert_refused(wish, "may not be run in another environment");
	wish = a_scan();
	wish.has_env = true;
	assert_refused(wish, "may not be run in another environment");
}

WORLD_TEST(it_has_one_name_and_a_socket)
{
	struct wish wish = a_scan();

	wish.argv[0] = "busybox";
	assert_refused(wish, "may not be run under another name");
	wish = a_scan();
	wish.argv[0] = NULL;
	assert_refused(wish, "may not be run under another name");
	wish = a_hook("reflash-scan");
	wish.has_env = false;
	assert_refused(wish, "at the end of a socket only");
}

WORLD_TEST(a_hook_gets_what_the_manual_promises)
{
	struct wish wish = a_hook("hooks.d/10-one");

	wish.env[0] = "REFLASHD_DEVICE=1000a05bf6";
	wish.env[1] = "REFLASHD_DETAIL=";
	assert_granted(wish);
	assert_contains(w.said, "/hooks.d/10-one\nin record\n");
	assert_true(says("/"));
	assert_true(says("complaint"));
	assert_true(says("REFLASHD_DEVICE=1000a05bf6"));
	assert_true(says("REFLASHD_DETAIL="));
	assert_true(says("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			 "/usr/bin:/sbin:/bin"));
	assert_false(says("OF_THE_STARTER=yes"));
}

WORLD_TEST(all_that_is_told_of_a_device_may_be_told)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	struct wish wish = a_hook("hooks.d/10-one");
	struct strlist env = { 0 };

	hookenv_make(device, STATE_SEEN, &env);
	assert_int_equal(env.count, EXEC_POLICY_VARIABLES);
	memcpy(wish.env, env.items, env.count * sizeof(env.items[0]));
	assert_granted(wish);
	assert_true(says("REFLASHD_DEVICE=" FIXTURE_ID));
	strlist_fini(&env);
}

WORLD_TEST(no_other_variable_is_for_a_hook)
{
	static const char *const bad[] = { "LD_PRELOAD=/evil.so",
		"BASH_ENV=/evil", "ENV=/evil", "PATH=/evil", "REFLASHD_SCAN=x",
		"REFLASHD_DEVICE", "REFLASHD_DEVICES=x", "REFLASHD_=x",
		"BASH_FUNC_cat%%=() { :; }", "" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct wish wish = a_hook("hooks.d/10-one");

		wish.env[0] = "REFLASHD_DEVICE=1000a05bf6";
		wish.env[1] = bad[i];
		assert_refused(wish, "may not be run with other variables");
	}
}

WORLD_TEST(too_many_variables_are_refused)
{
	struct wish wish = a_hook("hooks.d/10-one");

	for (size_t i = 0; i <= EXEC_POLICY_VARIABLES; i++)
		wish.env[i] = "REFLASHD_MAC=";
	assert_refused(wish, "may not be run with other variables");
}

WORLD_TEST(a_hook_has_no_arguments)
{
	struct wish wish = a_hook("hooks.d/10-one");

	wish.argv[1] = "-c";
	assert_refused(wish, "may not be run with arguments");
	wish = a_hook("hooks.d/10-one");
	wish.argv[0] = "-sh";
	assert_refused(wish, "may not be run with arguments");
}

WORLD_TEST(a_hook_reads_a_file_and_writes_to_a_pipe)
{
	struct wish wish = a_hook("hooks.d/10-one");

	close(wish.in);
	wish.in = open(w.top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_refused(wish, "between a file and a pipe only");
	wish = a_hook("hooks.d/10-one");
	close(wish.out);
	wish.out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_refused(wish, "between a file and a pipe only");
}

WORLD_TEST(whose_session_it_is_in_is_not_for_the_daemon_to_say)
{
	struct wish wish = a_hook("hooks.d/10-one");

	wish.is_on_its_own = false;
	assert_granted(wish);
	assert_true(says("its own session"));
	assert_true(says("complaint"));
	wish = a_scan();
	wish.is_on_its_own = true;
	assert_granted(wish);
	assert_false(says("its own session"));
	assert_false(says("complaint"));
}

WORLD_TEST(a_file_that_others_may_change_is_not_run)
{
	char *folder = in_top("hooks.d");

	put("hooks.d/20-open", script, 0757);
	assert_refused(a_hook("hooks.d/20-open"), "not run: everybody may wri");
	chmod(folder, 0777);
	assert_refused(a_hook("hooks.d/10-one"), "/hooks.d; correct it with: ");
	free(folder);
}

WORLD_TEST(nor_a_link_into_a_folder_where_they_may)
{
	char *folder = in_top("open"), *to = in_top("open/hook");
	char *link = in_top("hooks.d/20-link");

	put_folder("open");
	put("open/hook", script, 0755);
	assert_int_equal(symlink(to, link), 0);
	assert_granted(a_hook("hooks.d/20-link"));
	assert_contains(w.said, "/hooks.d/20-link\n");
	chmod(folder, 0777);
	assert_refused(a_hook("hooks.d/20-link"), "/open; correct it with: ");
	free(folder);
	free(to);
	free(link);
}

WORLD_TEST(nothing_that_the_daemon_could_have_written_is_run)
{
	static const char *const places[] = { "state/evil", "run/evil",
		"images/evil" };
	char *link = in_top("hooks.d/20-link");

	for (size_t i = 0; i < COUNT(places); i++) {
		char *to = in_top(places[i]);

		put(places[i], script, 0755);
		assert_int_equal(symlink(to, link), 0);
		assert_refused(
		    a_hook("hooks.d/20-link"), "reflashd itself may write");
		assert_refused(a_hook(places[i]), "neither reflash-scan nor");
		unlink(link);
		free(to);
	}
	free(link);
}

WORLD_TEST(where_hooks_are_may_change_where_the_daemon_writes_does_not)
{
	char *to = in_top("state/evil"), *link = in_top("others.d/20-link");

	put_folder("others.d");
	put("others.d/10-one", script, 0755);
	put("state/evil", script, 0755);
	assert_int_equal(symlink(to, link), 0);
	assert_granted(a_hook("hooks.d/10-one"));
	assert_refused(a_hook("others.d/10-one"), "neither reflash-scan nor");
	put_configuration("others.d", "elsewhere");
	assert_granted(a_hook("others.d/10-one"));
	assert_refused(a_hook("hooks.d/10-one"), "neither reflash-scan nor");
	assert_refused(a_hook("others.d/20-link"), "reflashd itself may write");
	free(to);
	free(link);
}

WORLD_TEST(what_is_neither_is_refused)
{
	struct wish wish = a_hook("hooks.d/10-one");

	free(wish.path);
	wish.path = xstrdup("/bin/sh");
	wish.argv[0] = wish.path;
	assert_refused(wish, "neither reflash-scan nor a hook");
	assert_refused(a_hook("hooks.d/../reflash-scan"), "neither");
	assert_refused(a_hook("hooks.d/.hidden"), "neither");
	assert_refused(a_hook("hooks.d/30-gone"), "not run: No such file");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
