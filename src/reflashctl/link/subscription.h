/* SPDX-License-Identifier: ISC */
/*
 * subscription -- the devices as they are and every change of them, over a
 * connection of its own that is made again when the daemon was restarted.
 *
 * A subscription first subscribes and then asks for the present, so no change
 * can fall in between.  The devices that are there come first, as if they had
 * changed.
 */
#ifndef REFLASHD_REFLASHCTL_SUBSCRIPTION_H
#define REFLASHD_REFLASHCTL_SUBSCRIPTION_H

#include <jansson.h>

#include "base/error.h"

enum subscription_what {
	SUBSCRIPTION_CHANGES, /* from now on */
	SUBSCRIPTION_ALL,     /* first all devices */
	SUBSCRIPTION_ONE,     /* first this device; then all changes as well */
};

enum subscription_end {
	SUBSCRIPTION_EVENT,  /* *event is the next one, yours */
	SUBSCRIPTION_LISTED, /* what was there at the start has been told */
	SUBSCRIPTION_IDLE,   /* the time is up, or a signal came */
	SUBSCRIPTION_DOWN,   /* no daemon, as the error says; ask again later */
};

struct subscription;

/* socket and id (with SUBSCRIPTION_ONE) are borrowed for the subscription's
 * life. */
struct subscription *
subscription_new(const char *socket, enum subscription_what, const char *id);
void subscription_free(struct subscription *);

/* Wait for the next, timeout_ms as for conn_receive(). */
enum subscription_end subscription_next(
    struct subscription *, int timeout_ms, json_t **event, struct error *);

/*
 * Ask for this device once more, between changes: how far a download has come
 * is told only now and then.  Nothing while there is no daemon.
 */
void subscription_ask(struct subscription *, const char *id);

/* To poll for input; -1 while there is no daemon. */
int subscription_fd(const struct subscription *);

#endif
