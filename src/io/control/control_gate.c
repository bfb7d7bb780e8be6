/* SPDX-License-Identifier: ISC */
/* Accepts control connections while there are descriptors to spare. */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/control/control_parts.h"
#include "io/timer.h"

#define RESERVE	 8  /* descriptors left to the rest of the daemon */
#define PER_TURN 16 /* connections */
#define PAUSE_MS 500

struct control_gate {
	struct control *control; /* borrowed */
	int fd;
	struct event *accept_event; /* owned */
	struct timer *pause;	    /* owned */
};

/* Return true if RESERVE descriptors would be left after one more. */
static bool
has_descriptors(int fd)
{
	int spare[RESERVE + 1], n = 0;
	bool is_enough;

	while (
	    n < RESERVE + 1 && (spare[n] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) != -1)
		n++;
	is_enough = n == RESERVE + 1;
	while (n > 0)
		close(spare[--n]);
	return is_enough;
}

/* Accept one connection.  Returns false, with errno, if there is none. */
static bool
accept_one(struct control_gate *gate)
{
	int fd;

	if (!has_descriptors(gate->fd)) {
		errno = EMFILE;
		return false;
	}
	fd = accept4(gate->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return errno == EINTR || errno == ECONNABORTED;
	control_admit(gate->control, fd);
	return true;
}

static void
pause_gate(struct control_gate *gate)
{
	event_del(gate->accept_event);
	timer_set(gate->pause, PAUSE_MS);
}

static void
open_gate(void *ctx)
{
	struct control_gate *gate = ctx;

	if (event_add(gate->accept_event, NULL) != 0)
		pause_gate(gate);
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct control_gate *gate = arg;

	(void)fd;
	(void)what;
	for (int n = 0; n < PER_TURN; n++) {
		if (accept_one(gate))
			continue;
		if (errno == EAGAIN)
			return;
		/*
		 * Stop watching the listener: as long as connections wait, it
		 * would be reported in each turn.
		 */
		control_complain(
		    gate->control, CONTROL_NO_DESCRIPTORS, geteuid());
		pause_gate(gate);
		return;
	}
}

struct control_gate *
control_gate_new(struct event_base *base, int fd, struct control *control)
{
	struct control_gate *gate = xcalloc(1, sizeof(*gate));

	gate->control = control;
	gate->fd = fd;
	gate->accept_event =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_accept, gate);
	gate->pause = timer_new(base, open_gate, gate);
	open_gate(gate);
	return gate;
}

void
control_gate_free(struct control_gate *gate)
{
	if (gate == NULL)
		return;
	event_free(gate->accept_event);
	timer_free(gate->pause);
	close(gate->fd);
	free(gate);
}
