/* SPDX-License-Identifier: ISC */
/*
 * signals -- signals as events of the loop, by signalfd(2).
 *
 * libevent's own are a handler that writes to a socket and does not look
 * whether it could (evsig_handler(), 2.1.12): what was sent then is lost.  Here
 * the kernel keeps a signal until it has been read, and no call of ours is ever
 * interrupted.
 */
#ifndef REFLASHD_SIGNALS_H
#define REFLASHD_SIGNALS_H

#include <stddef.h>

#include "base/error.h"

struct event_base;
struct signals;

/*
 * From now on these are blocked, and told.  They stay blocked after
 * signals_free(): what ends must not be ended in the midst of it.
 */
struct signals *
signals_new(struct event_base *, const int *numbers, size_t count,
    void (*tell)(int number, void *ctx), void *ctx, struct error *);
void signals_free(struct signals *); /* or NULL */

#endif
