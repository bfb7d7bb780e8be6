/* SPDX-License-Identifier: ISC */
/* Turns signals into events of the loop with signalfd(2). */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "io/signals.h"
#include "base/memory.h"

struct signals {
	int fd;
	struct event *readable;
	void (*tell)(int number, void *ctx);
	void *ctx;
};

/* Read one signal.  If more are left, the descriptor stays readable. */
static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	const struct signals *signals = ctx;
	struct signalfd_siginfo info;

	(void)what;
	if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals->tell((int)info.ssi_signo, signals->ctx);
}

/* Block the signals and return a descriptor to read them from, or -1. */
static int
receive(const int *numbers, size_t count)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct signals *
signals_new(struct event_base *base, const int *numbers, size_t count,
    void (*tell)(int number, void *ctx), void *ctx, struct error *err)
{
	struct signals *signals = xcalloc(1, sizeof(*signals));

	signals->tell = tell;
	signals->ctx = ctx;
	signals->fd = receive(numbers, count);
	if (signals->fd != -1)
		signals->readable = event_new(base, signals->fd,
		    EV_READ | EV_PERSIST, on_readable, signals);
	if (signals->fd != -1 && event_add(signals->readable, NULL) == 0)
		return signals;
	error_errno(err, errno, "signals");
	signals_free(signals);
	return NULL;
}

void
signals_free(struct signals *signals)
{
	if (signals == NULL)
		return;
	if (signals->readable != NULL)
		event_free(signals->readable);
	if (signals->fd != -1)
		close(signals->fd);
	free(signals);
}
