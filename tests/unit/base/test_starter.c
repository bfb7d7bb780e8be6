/* SPDX-License-Identifier: ISC */
/* The process that starts programs for the daemon, with real programs. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "base/starter.h"

#include "unit/test.h"

/* What a program says, and how it is asked to. */
struct run {
	char said[400];
	int status; /* -1: it was not run */
	struct error err;
};

static void
read_all(int fd, char *dst, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (
	    used + 1 < size && (n = read(fd, dst + used, size - 1 - used)) > 0)
		used += (size_t)n;
	dst[used] = '\0';
}

static void
run(struct starter *starter, struct starter_program *program, struct run *out)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	program->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	program->out = ends[1];
	pid = starter_run(starter, program, &out->err);
	close(program->in);
	close(ends[1]);
	read_all(ends[0], out->said, sizeof(out->said));
	close(ends[0]);
	out->status = -1;
	if (pid != -1)
		assert_int_equal(waitpid(pid, &out->status, 0), pid);
}

static void
run_shell(struct starter *starter, const char *script, struct run *out)
{
	char *const argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
		(char *)(uintptr_t)script, NULL };
	struct starter_program program = { .path = "/bin/sh", .argv = argv };

	run(starter, &program, out);
}

static struct starter *
start(starter_may_fn *may, void *ctx)
{
	struct error err;
	struct starter *starter = starter_new(may, ctx, &err);

	assert_non_null(starter);
	return starter;
}

TEST(a_program_is_our_child_and_gets_what_it_was_given)
{
	char *const argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
		(char *)(uintptr_t)"echo $1 $A $PPID; pwd; exit 3",
		(char *)(uintptr_t)"sh", (char *)(uintptr_t)"one two", NULL };
	char *const env[] = { (char *)(uintptr_t)"A=three", NULL };
	struct starter_program program = { .path = "/bin/sh",
		.argv = argv,
		.env = env,
		.out_is_err = true,
		.is_on_its_own = true };
	struct starter *starter = start(NULL, NULL);
	char want[60];
	struct run r;

	run(starter, &program, &r);
	snprintf(want, sizeof(want), "one two three %ld\n/\n", (long)getpid());
	assert_string_equal(r.said, want);
	assert_int_equal(WEXITSTATUS(r.status), 3);
	starter_free(starter);
}

TEST(it_has_no_descriptor_of_ours)
{
	int fd = open("/dev/null", O_RDONLY); /* not closed on exec */
	struct starter *starter = start(NULL, NULL);
	struct run r;

	/* The listing itself has one. */
	run_shell(starter, "cd /proc/self/fd && echo *", &r);
	assert_string_equal(r.said, "0 1 2 3\n");
	close(fd);
	starter_free(starter);
}

TEST(what_the_service_manager_said_is_not_for_it)
{
	struct starter *starter;
	struct run r;

	setenv("NOTIFY_SOCKET", "/run/notify", 1);
	setenv("OTHER", "yes", 1);
	starter = start(NULL, NULL);
	run_shell(starter, "echo $NOTIFY_SOCKET/$OTHER", &r);
	assert_string_equal(r.said, "/yes\n");
	unsetenv("NOTIFY_SOCKET");
	starter_free(starter);
}

static bool
may_only(struct starter_program *program, void *ctx, struct error *err)
{
	return strcmp(program->path, ctx) == 0 ||
	    error_set(err, EPERM, "not that one");
}

TEST(only_what_may_be_started_is)
{
	char allowed[] = "/bin/sh";
	struct starter *starter = start(may_only, allowed);
	struct starter_program other = { .path = "/bin/true" };
	struct run r;

	run_shell(starter, "echo yes", &r);
	assert_string_equal(r.said, "yes\n");
	strcpy(allowed, "/no"); /* what we change it does not see */
	run_shell(starter, "echo yes", &r);
	assert_string_equal(r.said, "yes\n");
	run(starter, &other, &r);
	assert_int_equal(r.status, -1);
	assert_int_equal(r.err.code, EPERM);
	assert_string_equal(r.err.text, "not that one");
	starter_free(starter);
}

static bool
may_otherwise(struct starter_program *program, void *ctx, struct error *err)
{
	static char *const env[] = { (char *)(uintptr_t)"A=of the starter",
		NULL };

	(void)ctx;
	(void)err;
	program->env = env;
	program->is_on_its_own = true;
	return true;
}

TEST(how_it_is_started_the_starter_decides)
{
	char *const argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
		(char *)(uintptr_t)"echo $A$B; pwd", NULL };
	char *const env[] = { (char *)(uintptr_t)"A=ours",
		(char *)(uintptr_t)"B=ours", NULL };
	struct starter_program program = {
		.path = "/bin/sh", .argv = argv, .env = env
	};
	struct starter *starter = start(may_otherwise, NULL);
	struct run r;

	run(starter, &program, &r);
	assert_string_equal(r.said, "of the starter\n/\n");
	starter_free(starter);
}

TEST(what_cannot_be_run_is_told_and_leaves_no_child)
{
	struct starter_program missing = { .path = "/nonexistent/program" };
	struct starter *starter = start(NULL, NULL);
	struct run r;

	run(starter, &missing, &r);
	assert_int_equal(r.status, -1);
	assert_int_equal(r.err.code, ENOENT);
	starter_free(starter);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(too_much_is_refused)
{
	static char *words[STARTER_MAX_WORDS + 2];
	struct starter_program program = { .path = "/bin/true", .argv = words };
	struct starter *starter = start(NULL, NULL);
	char *large = calloc(1, STARTER_MAX_BYTES + 1);
	struct run r;

	for (size_t i = 0; i <= STARTER_MAX_WORDS; i++)
		words[i] = (char *)(uintptr_t)"x";
	run(starter, &program, &r);
	assert_int_equal(r.err.code, E2BIG);
	words[STARTER_MAX_WORDS] = NULL;
	run(starter, &program, &r);
	assert_int_equal(r.status, 0);
	memset(large, 'x', STARTER_MAX_BYTES);
	words[0] = large;
	words[1] = NULL;
	run(starter, &program, &r);
	assert_int_equal(r.err.code, E2BIG);
	run_shell(starter, "echo fine", &r);
	assert_string_equal(r.said, "fine\n");
	free(large);
	starter_free(starter);
}

/* Shared with the starter, which has a copy of all else. */
static _Atomic int *signals;

static void
on_signal(int number)
{
	(void)number;
	++*signals;
}

/* In the starter, while we wait for what it says. */
static bool
may_if_interrupted(
    struct starter_program *program, void *ctx, struct error *err)
{
	const struct timespec step = { .tv_nsec = 1000000 };
	pid_t us = *(pid_t *)ctx;

	for (int seen = *signals, n = 0; n < 20; n++) {
		kill(us, SIGUSR1);
		while (*signals == seen)
			nanosleep(&step, NULL);
		seen = *signals;
	}
	(void)err;
	return program->path != NULL;
}

TEST(a_signal_meanwhile_does_no_harm)
{
	struct sigaction action = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART };
	pid_t us = getpid();
	struct starter *starter;
	struct run r;

	signals = mmap(NULL, sizeof(*signals), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGUSR1, &action, NULL);
	starter = start(may_if_interrupted, &us);
	run_shell(starter, "echo fine", &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(*signals, 20);
	starter_free(starter);
	signal(SIGUSR1, SIG_DFL);
	munmap((void *)(uintptr_t)signals, sizeof(*signals));
}

/* In a process of its own, from which there is no way back. */
static void
write_from_a_sandbox(const char *path)
{
	const struct sandbox_rules rules = { 0 };
	struct starter *starter = start(NULL, NULL);
	char said[SANDBOX_TEXT_SIZE], script[120];
	struct run r;

	sandbox_enter(&rules, said);
	snprintf(script, sizeof(script), "echo x >%s", path);
	run_shell(starter, script, &r);
	_exit(r.status != 0);
}

TEST(what_it_starts_is_not_in_our_sandbox)
{
	char path[] = "/tmp/test_starter.XXXXXX";
	struct stat st;
	int status;
	pid_t pid;

	close(mkstemp(path));
	pid = fork();
	if (pid == 0)
		write_from_a_sandbox(path);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2);
	unlink(path);
}

/* We die at once, with a program that would run on, and its starter. */
static void
leave_orphans(void)
{
	char *const argv[] = { (char *)(uintptr_t)"sleep",
		(char *)(uintptr_t)"1000", NULL };
	struct starter_program program = { .path = "/bin/sleep",
		.argv = argv,
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO };
	struct error err;

	_exit(starter_run(start(NULL, NULL), &program, &err) == -1);
}

TEST(all_ends_with_us)
{
	pid_t pid;
	int status;

	alarm(60);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0)
		leave_orphans();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* Its orphans are ours now: the starter, and what it has started. */
	assert_int_not_equal(waitpid(-1, &status, 0), -1);
	assert_int_not_equal(waitpid(-1, &status, 0), -1);
	assert_int_equal(waitpid(-1, &status, 0), -1);
}

TEST(a_starter_that_is_stopped_ends_as_well)
{
	struct starter *starter = start(NULL, NULL);
	FILE *children = fopen("/proc/thread-self/children", "r");
	int pid;

	alarm(60);
	assert_non_null(children);
	assert_int_equal(fscanf(children, "%d", &pid), 1);
	fclose(children);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	starter_free(starter);
	assert_int_equal(kill(pid, 0), -1);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
