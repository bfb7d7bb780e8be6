/* SPDX-License-Identifier: ISC */
/*
 * fair_poll -- poll(2) for AvahiSimplePoll, so that each descriptor has its
 * turn.
 *
 * Of several that are ready the loop always serves the one that was added last:
 * packets that come faster than they are read would keep every timer, and our
 * own output, waiting for ever.
 */
#ifndef REFLASHD_SCAN_FAIR_POLL_H
#define REFLASHD_SCAN_FAIR_POLL_H

#include <poll.h>

struct fair_poll {
	int last; /* the descriptor that was served */
};

/* For avahi_simple_poll_set_func(); turns is a struct fair_poll. */
int fair_poll(struct pollfd *, unsigned count, int timeout, void *turns);

#endif
