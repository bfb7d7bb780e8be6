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
struct streams;

/* What is listed: the first member of who knows more of it. */
struct stream {
	/* Can it go on?  NULL: always. */
	bool (*ready)(struct stream *);
	/*
	 * Send a part, in two or three milliseconds; false: it was the last.
	 * NULL: there is only an answer.  Without a client if it goes on so.
	 */
	bool (*part)(struct stream *, struct control_client *);
	/* All is sent: answer the request. */
	void (*done)(struct stream *, struct control_client *);
	void (*free)(struct stream *);
	bool goes_on; /* without its client: it changes something */
};

/* The base is borrowed. */
struct streams *streams_new(struct event_base *);
void streams_free(struct streams *); /* NULL is fine */

/* Answer the client's request with it, which is taken. */
void stream_start(struct streams *, struct control_client *, struct stream *);

/* What some of them wait for has come. */
void stream_hurry(struct streams *);

/* The client is gone. */
void stream_stop(struct streams *, const struct control_client *);

#endif
