/* SPDX-License-Identifier: ISC */
/*
 * stream -- answers that are long, a part of one of them in each turn of the
 * event loop.
 *
 * Whoever may open the control socket may ask for lists, as often as he likes:
 * all of them together take a few milliseconds of a turn, and who asks for
 * another waits behind the others.
 */
#ifndef REFLASHD_STREAM_H
#define REFLASHD_STREAM_H

#include <stdbool.h>

struct control_client;
struct event_base;
struct listings;

/* What is listed: the first member of who knows more of it. */
struct listing {
	/* Can it go on?  NULL: always. */
	bool (*ready)(struct listing *);
	/*
	 * Send a part, in two or three milliseconds; false: it was the last.
	 * NULL: there is only an answer.  Without a client if it goes on so.
	 */
	bool (*part)(struct listing *, struct control_client *);
	/* All is sent: answer the request. */
	void (*done)(struct listing *, struct control_client *);
	void (*free)(struct listing *);
	bool goes_on; /* without its client: it changes something */
};

/* The base is borrowed. */
struct listings *listings_new(struct event_base *);
void listings_free(struct listings *); /* NULL is fine */

/* Answer the client's request with it, which is taken. */
void
listing_start(struct listings *, struct control_client *, struct listing *);

/* What some of them wait for has come. */
void listing_hurry(struct listings *);

/* The client is gone. */
void listing_stop(struct listings *, const struct control_client *);

#endif
