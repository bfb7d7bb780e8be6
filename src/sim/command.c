/* SPDX-License-Identifier: ISC */
/* Runs COMMAND at its end of the virtual LAN, and ends all that it leaves. */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/command.h"
#include "sim/lan/lan.h"

#define EXIT_NOT_FOUND 127
#define SWEEP_MS       2000

/* Report a step to the other process; an error with code 0 means success. */
static bool
send_result(int channel, const struct error *what)
{
	return send(channel, what, sizeof(*what), MSG_NOSIGNAL) ==
	    (ssize_t)sizeof(*what);
}

static bool
receive_result(int channel, struct error *err)
{
	struct error heard = { 0 };
	ssize_t n = recv(channel, &heard, sizeof(heard), 0);

	if (n != (ssize_t)sizeof(heard))
		return error_set(err, EPIPE, "the other process is gone");
	if (heard.code == 0)
		return true;
	*err = heard;
	return false;
}

static _Noreturn void
exec_command(char *const argv[])
{
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	fprintf(stderr, "reflash-sim: %s: %s\n", argv[0], strerror(errno));
	_exit(EXIT_NOT_FOUND);
}

static _Noreturn void
run_child(int channel, const struct lan *lan, char *const argv[])
{
	struct error done = { 0 }, ignored;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (!lan->loopback && unshare(CLONE_NEWNET) < 0)
		error_errno(&done, errno, "a network namespace");
	if (!send_result(channel, &done) || !receive_result(channel, &ignored))
		_exit(EXIT_FAILURE);
	if (!lan->loopback)
		lan_setup_server(lan, &done);
	if (!send_result(channel, &done) || !receive_result(channel, &ignored))
		_exit(EXIT_FAILURE);
	exec_command(argv);
}

bool
command_prepare(struct command *c, const struct lan *lan, char *const argv[],
    struct error *err)
{
	int ends[2];

	/* Adopt what COMMAND leaves running, for command_sweep(). */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, errno, "socketpair");
	c->pid = fork();
	if (c->pid < 0)
		return error_errno(err, errno, "fork");
	if (c->pid == 0) {
		close(ends[0]);
		run_child(ends[1], lan, argv);
	}
	close(ends[1]);
	c->channel = ends[0];
	return receive_result(c->channel, err);
}

bool
command_connect(struct command *c, struct error *err)
{
	struct error go = { 0 };

	return send_result(c->channel, &go) && receive_result(c->channel, err);
}

bool
command_run(struct command *c, struct error *err)
{
	struct error go = { 0 };

	if (!send_result(c->channel, &go))
		return error_set(err, EPIPE, "the command is gone");
	close(c->channel);
	c->channel = -1;
	return true;
}

int
command_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* Signal all children of this process.  Returns how many there are. */
static int
signal_children(int signo)
{
	char path[64];
	int count = 0, pid;
	FILE *f;

	snprintf(
	    path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (fscanf(f, "%d", &pid) == 1) {
		kill((pid_t)pid, signo);
		count++;
	}
	fclose(f);
	return count;
}

void
command_sweep(void)
{
	const struct timespec step = { .tv_nsec = 10 * 1000 * 1000 };

	for (int waited = 0; waited < 2 * SWEEP_MS; waited += 10) {
		int signo = waited == 0	 ? SIGTERM
		    : waited >= SWEEP_MS ? SIGKILL
					 : 0;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (signal_children(signo) == 0)
			return;
		nanosleep(&step, NULL);
	}
}
