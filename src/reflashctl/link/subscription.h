/* SPDX-License-Identifier: ISC */
/*
 * subscription -- the devices and every change of them, over a connection of
 * its own, which is made again after a restart of the daemon.
 *
 * A subscription first subscribes and then asks for the present, so that no
 * change is missed.  The present devices come first, as if they had changed.
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
	SUBSCRIPTION_LISTED, /* all devices of the start have been told */
	SUBSCRIPTION_IDLE,   /* the time is up, or a signal came */
	SUBSCRIPTION_DOWN,   /* no daemon, as the error says; ask again later */
};

struct subscription;

/* Subscribe; socket and id (of SUBSCRIPTION_ONE) are borrowed. */
struct subscription *
subscription_new(const char *socket, enum subscription_what, const char *id);
void subscription_free(struct subscription *);

/* Wait for the next event; timeout_ms is as for conn_receive(). */
enum subscription_end subscription_next(
    struct subscription *, int timeout_ms, json_t **event, struct error *);

/*
 * Ask for this device again, for the daemon reports the progress of a download
 * only now and then.  Without a daemon it does nothing.
 */
void subscription_ask(struct subscription *, const char *id);

/*
 * Ask for the status; its answer comes as an event "status" with the key
 * "status".
 */
void subscription_ask_status(struct subscription *);

/* Return the descriptor, to poll for input; -1: there is no daemon. */
int subscription_fd(const struct subscription *);

#endif
