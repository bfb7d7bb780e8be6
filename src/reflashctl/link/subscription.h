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

enum feed_what {
	FEED_CHANGES, /* from now on */
	FEED_ALL,     /* first all devices */
	FEED_ONE,     /* first this device; then all changes as well */
};

enum feed_end {
	FEED_EVENT,  /* *event is the next one, yours */
	FEED_LISTED, /* what was there at the start has been told */
	FEED_IDLE,   /* the time is up, or a signal came */
	FEED_DOWN,   /* no daemon, as the error says; ask again later */
};

struct feed;

/* socket and id (with FEED_ONE) are borrowed for the subscription's life. */
struct feed *feed_new(const char *socket, enum feed_what, const char *id);
void feed_free(struct feed *);

/* Wait for the next, timeout_ms as for conn_receive(). */
enum feed_end
feed_next(struct feed *, int timeout_ms, json_t **event, struct error *);

/*
 * Ask for this device once more, between changes: how far a download has come
 * is told only now and then.  Nothing while there is no daemon.
 */
void feed_ask(struct feed *, const char *id);

/* To poll for input; -1 while there is no daemon. */
int feed_fd(const struct feed *);

#endif
