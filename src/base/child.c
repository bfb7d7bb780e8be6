/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"

#define POLL_MS 5

/* In the child: what a program may expect of its start. */
static void
run(char *const argv[], int fd, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && dup2(fd, STDIN_FILENO) != -1 &&
	    dup2(fd, STDOUT_FILENO) != -1) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		execv(argv[0], argv);
	}
	_exit(127);
}

pid_t
child_start(char *const argv[], int *fd, struct error *err)
{
	int pair[2];
	pid_t parent = getpid(), pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		error_errno(err, errno, "socket pair");
		return -1;
	}
	pid = fork();
	if (pid == 0)
		run(argv, pair[1], parent);
	if (pid == -1)
		error_errno(err, errno, "fork");
	close(pair[1]);
	if (pid == -1) {
		close(pair[0]);
		return -1;
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*fd = pair[0];
	return pid;
}

pid_t
child_spawn(
    const char *path, char *const env[], int in, int out, struct error *err)
{
	char *const argv[] = { (char *)(uintptr_t)path, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	pid_t pid;
	int why;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawn_file_actions_addchdir_np(&files, "/");
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes,
	    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
		POSIX_SPAWN_SETSIGMASK);
	why = posix_spawn(&pid, path, &files, &attributes, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	if (why == 0)
		return pid;
	error_errno(err, why, "cannot be run");
	return -1;
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
