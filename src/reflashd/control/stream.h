/* SPDX-License-Identifier: ISC */
/*
 * stream -- long answers, a part of one of them in each turn of the event loop.
 *
 * A client may ask for any number of lists: together they take a few
 * milliseconds of a turn, and a new one waits behind the others.
 */
#ifndef REFLASHD_STREAM_H
#define REFLASHD_STREAM_H

#include <stdbool.h>

struct control_client;
struct event_base;
struct streams;

/* A long answer: the first member of a struct that its module knows. */
struct stream {
	/* Return true if it can go on; NULL: it always can. */
	bool (*ready)(struct stream *);
	/*
	 * Send a part, in two or three milliseconds.  Returns false after the
	 * last.  NULL: there is none.  The client is NULL if it is gone.
	 */
	bool (*part)(struct stream *, struct control_client *);
	/* End the answer: all parts are sent. */
	void (*done)(struct stream *, struct control_client *);
	void (*free)(struct stream *);
	bool goes_on; /* even if its client is gone: it changes something */
};

/* The base is borrowed. */
struct streams *streams_new(struct event_base *);
void streams_free(struct streams *); /* NULL is fine */

/* Answer the request of a client with the stream, which is taken. */
void stream_start(struct streams *, struct control_client *, struct stream *);

/* Look at once which streams can go on. */
void stream_hurry(struct streams *);

/* Stop the streams of a client that is gone. */
void stream_stop(struct streams *, const struct control_client *);

#endif
