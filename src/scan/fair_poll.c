/* SPDX-License-Identifier: ISC */
/*
 * Lets Avahi's loop serve all its descriptors in turn, so that a flood on one
 * does not starve the others.
 */
#include "config.h"

#include <stdbool.h>
#include <stddef.h>

#include "scan/fair_poll.h"

/*
 * Return true if descriptor a comes before b in turn, after `last` was served.
 */
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

	/* The first is no watch, but wakes the loop itself. */
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
