/* SPDX-License-Identifier: ISC */
/*
 * Starts and ends child processes: reflash-scan, and the hooks of the operator.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/starter.h"

#define POLL_MS 5

pid_t
child_start(
    struct starter *starter, char *const argv[], int *fd, struct error *err)
{
	int pair[2];
	struct starter_program program = { .path = argv[0], .argv = argv };
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		error_errno(err, errno, "socket pair");
		return -1;
	}
	program.in = program.out = pair[1];
	pid = starter_run(starter, &program, err);
	close(pair[1]);
	if (pid == -1) {
		error_prefix(err, "%s", argv[0]);
		close(pair[0]);
		return -1;
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*fd = pair[0];
	return pid;
}

pid_t
child_spawn(struct starter *starter, const char *path, char *const env[],
    const int fds[2], struct error *err)
{
	char *const argv[] = { (char *)(uintptr_t)path, NULL };
	const struct starter_program program = {
		.path = path,
		.argv = argv,
		.env = env,
		.in = fds[0],
		.out = fds[1],
		.out_is_err = true,
		.is_on_its_own = true,
	};

	return starter_run(starter, &program, err);
}

static bool
has_ended(pid_t pid, unsigned wait_ms, int *status)
{
	const struct timespec step = { .tv_nsec = POLL_MS * 1000000L };

	for (unsigned waited = 0; waited <= wait_ms; waited += POLL_MS) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		if (waited < wait_ms)
			nanosleep(&step, NULL);
	}
	return false;
}

char *
child_end(pid_t pid, unsigned wait_ms, char *how, size_t size)
{
	int status = 0;

	if (wait_ms > 0)
		kill(pid, SIGTERM);
	if (!has_ended(pid, wait_ms, &status)) {
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
	}
	if (WIFSIGNALED(status))
		snprintf(how, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(how, size, "exit status %d", WEXITSTATUS(status));
	return how;
}
