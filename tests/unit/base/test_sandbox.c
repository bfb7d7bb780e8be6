/* SPDX-License-Identifier: ISC */
/* The sandbox: what a process in it can and cannot do. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"

#include "unit/test.h"

/* Each try is made in a process of its own, which is in the sandbox for good.
 */
struct world {
	char top[64], inside[80], outside[80];
	bool has_landlock, has_tcp, has_seccomp;
};

static struct world w;

/* 0, or the errno of what failed. */
typedef int attempt(void);

static char *
path_in(char dst[120], const char *folder, const char *name)
{
	snprintf(dst, 120, "%s/%s", folder, name);
	return dst;
}

static int
outcome(int rc)
{
	return rc == -1 ? errno : 0;
}

static void
enter(bool tight, char said[SANDBOX_TEXT_SIZE])
{
	const char *const writable[] = { w.inside, "/nowhere/at/all" };
	const struct sandbox_rules rules = {
		.writable = writable,
		.writable_count = 2,
		.may_fork = !tight,
		.may_connect = !tight,
	};

	sandbox_enter(&rules, said);
}

static int
try_in(bool tight, attempt *what)
{
	char said[SANDBOX_TEXT_SIZE];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		enter(tight, said);
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* In a sandbox like the daemon's, or in a tight one. */
#define tried(what)	  try_in(false, what)
#define tried_tight(what) try_in(true, what)

static void
make_file(const char *folder, const char *name)
{
	char path[120];
	int fd = open(path_in(path, folder, name), O_CREAT | O_WRONLY, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static void
look_what_there_is(void)
{
	char said[SANDBOX_TEXT_SIZE] = "";
	int ends[2], abi = 0, status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		enter(true, said);
		_exit(write(ends[1], said, sizeof(said)) != sizeof(said));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], said, sizeof(said)), sizeof(said));
	close(ends[0]);
	waitpid(pid, &status, 0);
	printf("sandboxed: %s\n", said);
	sscanf(said, "Landlock ABI %d", &abi);
	w.has_landlock = abi > 0;
	w.has_tcp = abi >= 4;
	w.has_seccomp = strstr(said, ", seccomp") != NULL;
}

static int
set_up(void **state)
{
	(void)state;
	snprintf(w.top, sizeof(w.top), "/tmp/test_sandbox.XXXXXX");
	assert_non_null(mkdtemp(w.top));
	snprintf(w.inside, sizeof(w.inside), "%s/in", w.top);
	snprintf(w.outside, sizeof(w.outside), "%s/out", w.top);
	assert_int_equal(mkdir(w.inside, 0700), 0);
	assert_int_equal(mkdir(w.outside, 0700), 0);
	make_file(w.inside, "old");
	make_file(w.outside, "old");
	look_what_there_is();
	return 0;
}

static int
tear_down(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", w.top);
	return system(command);
}

static int
create_in(const char *folder)
{
	char path[120];

	return outcome(
	    open(path_in(path, folder, "new"), O_CREAT | O_WRONLY, 0600));
}

static int
change_in(const char *folder)
{
	char path[120];

	return outcome(open(path_in(path, folder, "old"), O_WRONLY));
}

static int
rename_in(const char *folder)
{
	char from[120], to[120];

	return outcome(
	    rename(path_in(from, folder, "old"), path_in(to, folder, "old")));
}

static int
create_inside(void)
{
	return create_in(w.inside);
}

static int
change_inside(void)
{
	return change_in(w.inside);
}

static int
rename_inside(void)
{
	return rename_in(w.inside);
}

static int
create_outside(void)
{
	return create_in(w.outside);
}

static int
change_outside(void)
{
	return change_in(w.outside);
}

static int
make_folder_outside(void)
{
	char path[120];

	return outcome(mkdir(path_in(path, w.outside, "folder"), 0700));
}

static int
remove_outside(void)
{
	char path[120];

	return outcome(unlink(path_in(path, w.outside, "old")));
}

static int
read_outside(void)
{
	char path[120];

	return outcome(open(path_in(path, w.outside, "old"), O_RDONLY));
}

TEST(what_is_ours_can_be_written_and_nothing_else)
{
	if (!w.has_landlock)
		skip_because("no Landlock here");
	assert_int_equal(tried(create_inside), 0);
	assert_int_equal(tried(change_inside), 0);
	assert_int_equal(tried(rename_inside), 0);
	assert_int_equal(tried(create_outside), EACCES);
	assert_int_equal(tried(change_outside), EACCES);
	assert_int_equal(tried(make_folder_outside), EACCES);
	assert_int_equal(tried(remove_outside), EACCES);
}

TEST(everything_can_still_be_read)
{
	assert_int_equal(tried(read_outside), 0);
}

static int
run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

TEST(no_program_can_be_run)
{
	int code = tried(run_program);

	if (!w.has_landlock && !w.has_seccomp)
		skip_because("no Landlock and no seccomp here");
	assert_true(code == EPERM || code == EACCES);
}

TEST(no_process_can_be_made_unless_that_is_needed)
{
	assert_int_equal(tried(make_process), 0);
	if (w.has_seccomp)
		assert_int_equal(tried_tight(make_process), EPERM);
}

static int
listen_on_tcp(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	return outcome(bind(socket(AF_INET, SOCK_STREAM, 0),
	    (struct sockaddr *)&any, sizeof(any)));
}

/* Refused, unless it is forbidden: nobody listens on port 9. */
static int
connect_by_tcp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return outcome(connect(socket(AF_INET, SOCK_STREAM, 0),
	    (struct sockaddr *)&to, sizeof(to)));
}

static int
open_odd_socket(void)
{
	return outcome(socket(AF_PACKET, SOCK_DGRAM, 0));
}

static int
open_unix_socket(void)
{
	return outcome(socket(AF_UNIX, SOCK_DGRAM, 0));
}

TEST(nobody_listens_on_tcp_from_now_on)
{
	if (!w.has_tcp)
		skip_because("no Landlock for TCP here");
	assert_int_equal(tried(listen_on_tcp), EACCES);
	assert_int_not_equal(tried(connect_by_tcp), EACCES);
	assert_int_equal(tried_tight(connect_by_tcp), EACCES);
}

TEST(sockets_are_of_the_families_that_are_used)
{
	assert_int_equal(tried(open_unix_socket), 0);
	if (!w.has_seccomp || SANDBOX_HAS_SOCKETCALL)
		skip_because("no seccomp for sockets here");
	assert_int_equal(tried(open_odd_socket), EAFNOSUPPORT);
}

static int
has_no_new_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

/* Under the address sanitizer it can be. */
static int
can_be_dumped(void)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

static int
become_oneself(void)
{
	return outcome(setuid(getuid()));
}

static int
share_everything(void)
{
	return outcome(unshare(0));
}

static int
ask_for_personality(void)
{
	/* Not by personality(3), which takes no answer for an error on i386. */
	return outcome((int)syscall(SYS_personality, 0xffffffffUL));
}

TEST(no_privilege_can_be_gained)
{
	assert_int_equal(tried(has_no_new_privileges), 0);
	if (!w.has_seccomp)
		skip_because("no seccomp here");
	assert_int_equal(tried(become_oneself), EPERM);
	assert_int_equal(tried(share_everything), EPERM);
	assert_int_equal(tried(ask_for_personality), EPERM);
}

TEST(nobody_of_the_same_user_can_look_into_it)
{
	if (!w.has_seccomp)
		skip_because("no seccomp here");
	assert_int_equal(tried(can_be_dumped), 0);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
