/* SPDX-License-Identifier: ISC */
/*
 * What code in the sandbox of reflash-scan can still do.  Each try is made in a
 * process of its own, which enters that sandbox first; a table of all of them
 * is printed.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/scan_sandbox.h"

#include "unit/test.h"

static struct {
	char top[64];
	bool has_landlock, has_seccomp;
	int bus, control; /* listening sockets of this process */
} w;

static char *
path_of(char dst[108], const char *name)
{
	snprintf(dst, 108, "%s/%s", w.top, name);
	return dst;
}

static int
outcome(int rc)
{
	return rc == -1 ? errno : 0;
}

static int
try_open(const char *path, int flags)
{
	return outcome(open(path, flags, 0600));
}

static int
read_a_secret(void)
{
	char path[108];

	return try_open(path_of(path, "secret"), O_RDONLY);
}

static int
list_the_state(void)
{
	return try_open(w.top, O_RDONLY | O_DIRECTORY);
}

static int
read_policies(void)
{
	return try_open("/etc", O_RDONLY | O_DIRECTORY);
}

static int
read_another_process(void)
{
	return try_open("/proc/1/status", O_RDONLY);
}

static int
read_libraries(void)
{
	return try_open("/usr/lib", O_RDONLY | O_DIRECTORY);
}

static int
write_a_file(void)
{
	char path[108];

	return try_open(path_of(path, "new"), O_WRONLY | O_CREAT);
}

static int
run_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
connect_to(const char *name, socklen_t more)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	path_of(to.sun_path, name);
	return outcome(connect(fd, (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		strlen(to.sun_path) + more)));
}

static int
connect_to_control(void)
{
	return connect_to("control", 0);
}

static int
connect_to_the_bus(void)
{
	return connect_to("bus", 0);
}

static int
connect_to_an_abstract_name(void)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = "\0test_confine" };

	return outcome(connect(
	    socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&to, 20));
}

static int
send_to_the_journal(void)
{
	return outcome(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int
connect_by_tcp(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int
send_by_udp(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return outcome((int)sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0,
	    (const struct sockaddr *)&to, sizeof(to)));
}

static int
ask_the_kernel_for_addresses(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
signal_the_daemon(void)
{
	return outcome(kill(getppid(), SIGCONT));
}

static int
signal_its_thread(void)
{
	return outcome((int)syscall(
	    SYS_tgkill, (long)getppid(), (long)getppid(), (long)SIGCONT));
}

static int
let_the_kernel_signal(void)
{
	return outcome(fcntl(STDIN_FILENO, F_SETOWN, getppid()));
}

/* The kernel looks at the lower half of the number of the command alone. */
static int
let_it_signal_by_a_longer_number(void)
{
	return outcome((int)syscall(SYS_fcntl, (long)STDIN_FILENO,
	    (long)(UINT64_C(0xffffffff00000000) | F_SETOWN), (long)getppid()));
}

static int
let_a_socket_signal(void)
{
	int daemon = getppid();

	return outcome(
	    ioctl(socket(AF_INET, SOCK_DGRAM, 0), FIOSETOWN, &daemon));
}

static int
limit_the_daemon(void)
{
	return outcome(prlimit(getppid(), RLIMIT_CPU, NULL, NULL));
}

static int
slow_the_daemon(void)
{
	return outcome(
	    setpriority(PRIO_PROCESS, (id_t)getppid(), 1)); /* upwards */
}

static int
abort_itself(void)
{
	return outcome((int)syscall(
	    SYS_tgkill, (long)getpid(), (long)getpid(), (long)SIGCONT));
}

static int
limit_itself(void)
{
	struct rlimit limit;

	return outcome(getrlimit(RLIMIT_NOFILE, &limit));
}

static int
fork_itself(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

/* SOCKETS: by seccomp, where it can look at what a socket is to be. */
enum means { LANDLOCK, SECCOMP, SOCKETS, BOTH, FREE };

static const struct {
	const char *what;
	int (*try)(void);
	enum means by;
} tries[] = {
	{ "read a secret of the same user", read_a_secret, LANDLOCK },
	{ "list the state directory", list_the_state, LANDLOCK },
	{ "read below /etc what is not named", read_policies, LANDLOCK },
	/* Landlock; but the address sanitizer, without seccomp, reads /proc. */
	{ "read what /proc has of others", read_another_process, BOTH },
	{ "write a file", write_a_file, LANDLOCK },
	{ "run a program", run_a_program, LANDLOCK },
	{ "connect to an abstract Unix socket", connect_to_an_abstract_name,
	    SOCKETS },
	{ "open a Unix datagram socket", send_to_the_journal, SOCKETS },
	{ "open a TCP socket", connect_by_tcp, SOCKETS },
	{ "signal the daemon", signal_the_daemon, SECCOMP },
	{ "signal a thread of the daemon", signal_its_thread, SECCOMP },
	{ "let the kernel signal it", let_the_kernel_signal, SECCOMP },
	{ "the same by a longer number", let_it_signal_by_a_longer_number,
	    SECCOMP },
	{ "let a socket signal it", let_a_socket_signal, SECCOMP },
	{ "change limits of the daemon", limit_the_daemon, SECCOMP },
	{ "change its priority", slow_the_daemon, SECCOMP },
	{ "read libraries", read_libraries, FREE },
	{ "connect to the system bus", connect_to_the_bus, FREE },
	{ "send by UDP", send_by_udp, FREE },
	{ "ask for addresses by netlink", ask_the_kernel_for_addresses, FREE },
	{ "abort", abort_itself, FREE },
	{ "ask for its own limits", limit_itself, FREE },
	{ "fork", fork_itself, FREE },
};

static int
try_inside(int (*what)(void))
{
	char said[SANDBOX_TEXT_SIZE];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		scan_sandbox_enter(said);
		_exit(what());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
is_held(enum means by)
{
	if (by == BOTH)
		return w.has_landlock && w.has_seccomp;
	if (by == SOCKETS)
		return w.has_seccomp && !SANDBOX_HAS_SOCKETCALL;
	return by == LANDLOCK ? w.has_landlock : w.has_seccomp;
}

TEST(it_may_do_what_it_needs_and_nothing_else)
{
	for (size_t i = 0; i < COUNT(tries); i++) {
		int code = try_inside(tries[i].try);

		printf("%-36s %s\n", tries[i].what,
		    code == 0 ? "yes" : strerror(code));
		if (tries[i].by == FREE)
			assert_int_equal(code, 0);
		else if (is_held(tries[i].by))
			assert_true(code == EACCES || code == EPERM);
	}
}

/* Its path is as long as that of the bus: the bus is what it gets. */
TEST(it_reaches_the_bus_whatever_it_asks_for)
{
	int fd;

	if (!is_held(SOCKETS))
		skip_because("no seccomp for sockets here");
	while ((fd = accept(w.bus, NULL, NULL)) != -1)
		close(fd); /* of the table */
	assert_int_equal(try_inside(connect_to_control), EACCES);
	assert_int_equal(accept(w.control, NULL, NULL), -1);
	assert_int_equal(accept(w.bus, NULL, NULL), -1);
	assert_int_equal(try_inside(connect_to_the_bus), 0);
	fd = accept(w.bus, NULL, NULL);
	assert_int_not_equal(fd, -1);
	close(fd);
}

static int
connect_to_its_double(void)
{
	return connect_to("ctl", 0);
}

TEST(nor_does_a_path_of_the_same_length_help)
{
	int fd, double_fd;
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (!is_held(SOCKETS))
		skip_because("no seccomp for sockets here");
	path_of(at.sun_path, "ctl");
	double_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
	    bind(double_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(double_fd, 5), 0);
	assert_int_equal(try_inside(connect_to_its_double), 0);
	assert_int_equal(accept(double_fd, NULL, NULL), -1);
	fd = accept(w.bus, NULL, NULL);
	assert_int_not_equal(fd, -1);
	close(fd);
	close(double_fd);
}

/* It holds a pipe of the process open until it has ended. */
TEST(its_connector_ends_with_it)
{
	int ends[2];
	char c;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	assert_int_equal(try_inside(connect_to_the_bus), 0);
	close(STDERR_FILENO);
	assert_int_equal(read(ends[0], &c, 1), 0);
	close(ends[0]);
}

static int
listen_at(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	path_of(at.sun_path, name);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 100), 0);
	return fd;
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
		scan_sandbox_enter(said);
		_exit(write(ends[1], said, sizeof(said)) != sizeof(said));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], said, sizeof(said)), sizeof(said));
	close(ends[0]);
	waitpid(pid, &status, 0);
	printf("in the sandbox of reflash-scan: %s\n", said);
	sscanf(said, "Landlock ABI %d", &abi);
	w.has_landlock = abi > 0;
	w.has_seccomp = strstr(said, ", seccomp") != NULL;
}

static int
set_up(void **state)
{
	char path[108], bus[140];
	int fd;

	(void)state;
	snprintf(w.top, sizeof(w.top), "/tmp/test_confine.XXXXXX");
	assert_non_null(mkdtemp(w.top));
	fd = open(path_of(path, "secret"), O_CREAT | O_WRONLY, 0600);
	assert_int_not_equal(fd, -1);
	close(fd);
	w.bus = listen_at("bus");
	w.control = listen_at("control");
	snprintf(
	    bus, sizeof(bus), "unix:path=%s,guid=1234", path_of(path, "bus"));
	setenv("DBUS_SYSTEM_BUS_ADDRESS", bus, 1);
	look_what_there_is();
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "secret", "bus", "control", "ctl",
		"new" };
	char path[108];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path_of(path, names[i]));
	return rmdir(w.top);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
