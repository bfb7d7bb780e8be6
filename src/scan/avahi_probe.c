/* SPDX-License-Identifier: ISC */
/*
 * Asks in a short-lived child process whether avahi-daemon answers, so that
 * reflash-scan itself never hangs.
 */
#include "config.h"

#include <avahi-client/client.h>
#include <avahi-common/simple-watch.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "scan/alarm_timer.h"
#include "scan/avahi_probe.h"

#define PATIENCE_SEC 3

struct avahi_probe {
	const AvahiPoll *poll; /* borrowed */
	avahi_probe_fn *fn;
	void *ctx; /* borrowed */
	struct alarm_timer
	    *failed; /* tells that the child could not be started */
	AvahiWatch *watch;
	int fd;
	pid_t pid; /* 0 = not under way */
};

static void
on_state(AvahiClient *client, AvahiClientState state, void *ctx)
{
	(void)client;
	(void)state;
	(void)ctx;
}

static bool
is_usable(AvahiClientState state)
{
	return state == AVAHI_CLIENT_S_RUNNING ||
	    state == AVAHI_CLIENT_S_REGISTERING ||
	    state == AVAHI_CLIENT_S_COLLISION;
}

/*
 * Ask avahi-daemon, in the child, which ends here.  An alarm clock ends it if
 * the call hangs.
 */
static void
ask_and_exit(int fd)
{
	AvahiSimplePoll *poll;
	AvahiClient *client;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGALRM, SIG_DFL);
	alarm(PATIENCE_SEC);
	poll = avahi_simple_poll_new();
	client = avahi_client_new(
	    avahi_simple_poll_get(poll), 0, on_state, NULL, NULL);
	if (client != NULL && is_usable(avahi_client_get_state(client)) &&
	    avahi_client_get_version_string(client) != NULL &&
	    write(fd, "y", 1) == 1)
		_exit(0);
	_exit(1);
}

/*
 * Take in the child's end: it has answered, or its alarm clock has ended it.
 * It cannot be killed, as the sandbox lets no signal out.
 */
static void
finish(struct avahi_probe *p)
{
	p->poll->watch_free(p->watch);
	close(p->fd);
	while (waitpid(p->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	p->pid = 0;
}

static void
on_answer(AvahiWatch *watch, int fd, AvahiWatchEvent event, void *ctx)
{
	struct avahi_probe *p = ctx;
	char c;
	bool answers = read(fd, &c, 1) == 1;

	(void)watch;
	(void)event;
	finish(p);
	p->fn(answers, p->ctx);
}

static void
on_failed(void *ctx)
{
	struct avahi_probe *p = ctx;

	p->fn(false, p->ctx);
}

struct avahi_probe *
avahi_probe_new(const AvahiPoll *poll, avahi_probe_fn *fn, void *ctx)
{
	struct avahi_probe *p = xcalloc(1, sizeof(*p));

	p->poll = poll;
	p->fn = fn;
	p->ctx = ctx;
	p->failed = alarm_timer_new(poll, on_failed, p);
	return p;
}

void
avahi_probe_free(struct avahi_probe *p)
{
	if (p == NULL)
		return;
	if (p->pid > 0) { /* its alarm clock ends the child, or our own end */
		p->poll->watch_free(p->watch);
		close(p->fd);
	}
	alarm_timer_free(p->failed);
	free(p);
}

/* Start the child.  Returns false if there is no process, or no pipe to it. */
static bool
ask(struct avahi_probe *p)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return false;
	p->pid = fork();
	if (p->pid == 0)
		ask_and_exit(fds[1]);
	close(fds[1]);
	if (p->pid == -1) {
		close(fds[0]);
		p->pid = 0;
		return false;
	}
	p->fd = fds[0];
	p->watch =
	    p->poll->watch_new(p->poll, p->fd, AVAHI_WATCH_IN, on_answer, p);
	return true;
}

void
avahi_probe_start(struct avahi_probe *p)
{
	if (p->pid == 0 && !ask(p))
		alarm_timer_set(p->failed, 0);
}
