/* SPDX-License-Identifier: ISC */
/*
 * listing -- all devices for a client of the control socket, some at a time.
 *
 * A few thousand of them take longer than anybody else should have to wait
 * for his turn in the event loop.  Listed is who is known when it begins and
 * still is when it is his turn.
 */
#ifndef REFLASHD_LISTING_H
#define REFLASHD_LISTING_H

#include <jansson.h>

#include "reflashd/daemon.h"

struct control_client;

/* Sends what the list has of one device. */
typedef void
listing_item(struct daemon *, struct control_client *, const struct device *);

/* What else the reply has; a new object. */
typedef json_t *listing_extra(struct daemon *);

/* Answers the client's request; later, and to its end.  extra: NULL, nothing.
 */
void listing_start(
    struct daemon *, struct control_client *, listing_item *, listing_extra *);

/* The client is gone. */
void listing_stop(struct daemon *, const struct control_client *);

#endif
