/* SPDX-License-Identifier: ISC */
/*
 * signals -- signals as events of the loop, by signalfd(2).
 *
 * libevent uses a handler that writes to a socket and does not check whether it
 * could (evsig_handler(), 2.1.12): a signal may be lost.  Here the kernel keeps
 * a signal until it has been read, and no system call of ours is ever
 * interrupted.
 */
#ifndef REFLASHD_SIGNALS_H
#define REFLASHD_SIGNALS_H

#include <stddef.h>

#include "base/error.h"

struct event_base;
struct signals;

/*
 * Block these signals from now on, and report them.  They stay blocked after
 * signals_free(): the end of the program must not be interrupted.
 */
struct signals *
signals_new(struct event_base *, const int *numbers, size_t count,
    void (*tell)(int number, void *ctx), void *ctx, struct error *);
void signals_free(struct signals *); /* or NULL */

#endif
