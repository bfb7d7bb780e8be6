/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdbool.h>
#include <stddef.h>

#include "scan/fair_poll.h"

/* Is a's turn before b's, if the last one was somebody else's? */
static bool
is_before(int a, int b, int last)
{
	if ((a > last) != (b > last))
		return a > last;
	return a < b;
}

int
fair_poll(struct pollfd *fds, unsigned count, int timeout, void *ctx)
{
	struct fair_poll *turns = ctx;
	struct pollfd *next = NULL;
	int ready = poll(fds, count, timeout);

	/* The first is no watch but the loop's own, to be woken up. */
	for (unsigned i = 1; ready > 0 && i < count; i++)
		if (fds[i].revents != 0 &&
		    (next == NULL ||
			is_before(fds[i].fd, next->fd, turns->last)))
			next = &fds[i];
	for (unsigned i = 1; next != NULL && i < count; i++)
		if (&fds[i] != next)
			fds[i].revents = 0;
	if (next != NULL)
		turns->last = next->fd;
	return ready;
}
