/* SPDX-License-Identifier: ISC */
/*
 * control_parts -- what the files of control share among themselves.
 *
 *   control_gate.c    accepts, as long as there are descriptors to spare
 *   control.c         which clients may connect; the limits; broadcasts
 *   control_client.c  one client: its requests, its answers
 *   control_reader.c  the lines of a client, and descriptors with them
 */
#ifndef REFLASHD_CONTROL_PARTS_H
#define REFLASHD_CONTROL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/ratelimit.h"
#include "base/time_slice.h"
#include "base/unixsock.h"
#include "io/control/control.h"

struct bufferevent;
struct event;
struct timer;

/* Accepts on a descriptor (taken); each connection is handed on, taken. */
struct control_gate;

struct control_gate *
control_gate_new(struct event_base *, int fd, struct control *);
void control_gate_free(struct control_gate *); /* NULL is fine */

enum control_complaint {
	CONTROL_TOO_MANY,
	CONTROL_NOT_READING,
	CONTROL_NO_DESCRIPTORS,
	CONTROL_COMPLAINTS
};

struct control_client {
	struct control *control;       /* borrowed */
	struct bufferevent *stream;    /* owned; for what is written */
	struct control_reader *reader; /* owned */
	struct unixsock_peer peer;
	bool may_change;
	bool is_busy;	 /* a request is out and not answered yet */
	bool is_waiting; /* for a turn that has time for its requests */
	bool is_subscribed;
	bool is_refused; /* what it sends is not read any more */
	bool is_dead;	 /* to be freed */
	struct control_client *prev, *next;
};

struct control {
	struct event_base *base;       /* borrowed */
	const struct control_ops *ops; /* borrowed */
	void *ctx;		       /* borrowed */
	char *path;		       /* owned; NULL: inherited */
	struct stat st;		       /* of path */
	gid_t group;
	char *missing;		   /* owned; that group is not there; NULL */
	struct control_gate *gate; /* owned */
	struct event *reap_event;  /* owned */
	struct timer *turn;	   /* owned: the next one has come */
	struct time_slice slice;   /* of this turn, for all requests */
	struct control_client *clients; /* in order; the last served is last */
	size_t subscribers;
	struct ratelimit complaints[CONTROL_COMPLAINTS];
};

/* Handle a new connection; the descriptor is taken. */
void control_admit(struct control *, int fd);

/* Warn of a client's user, but of each kind of fault only now and then. */
void control_complain(struct control *, enum control_complaint, uid_t);

/* After more output for this client: drop the client that is too far behind. */
void control_bound_output(struct control *);

/* Return true if this turn has time left for a request of any client. */
bool control_has_time(struct control *);

/* Serve this client when there is time. */
void control_serve_later(struct control_client *);

struct control_client *control_client_new(
    struct control *, int fd, const struct unixsock_peer *, bool may_change);
void control_client_free(struct control_client *); /* tells closed() */

/* Serve the requests of the client. */
void control_client_serve(struct control_client *);

/* Take note that the client sends no more; it may still read. */
void control_client_ended(struct control_client *);

/* Free the client in a later turn of the loop. */
void control_client_doom(struct control_client *);

void control_client_write(struct control_client *, const char *, size_t len);
size_t control_client_unread(const struct control_client *);

/* Return true if nothing more is read of the client: it may still read. */
bool control_client_sends_no_more(const struct control_client *);

/* Return true if the far end has closed wholly, and not only its half. */
bool control_client_is_gone(const struct control_client *);

/*
 * Reads lines from a descriptor, which is borrowed, and has the client served
 * when some have come.  One descriptor may come with each line; the kernel
 * closes those of a client whose parcels are not taken.
 */
struct control_reader *control_reader_new(
    struct event_base *, int fd, bool takes_parcels, struct control_client *);
void control_reader_free(struct control_reader *);

/* Begin to read; false: it cannot. */
bool control_reader_start(struct control_reader *);

/* Read no more; clear also forgets what was read. */
void control_reader_stop(struct control_reader *);
void control_reader_clear(struct control_reader *);

/* Return true once the client sends no more. */
bool control_reader_is_at_end(const struct control_reader *);

/* Return true if what has come without a newline is too long for a line. */
bool control_reader_is_full(const struct control_reader *);

/*
 * Take the next line, to be freed; after the last newline, what is left.  NULL:
 * there is none.  After it was handled, control_reader_end_line() closes the
 * descriptor that came with it, unless control_reader_take() has taken it.
 */
char *control_reader_line(struct control_reader *, size_t *len);
void control_reader_end_line(struct control_reader *);

/*
 * Take the descriptor that came with the last line.  Returns -1 if there was
 * not exactly one.
 */
int control_reader_take(struct control_reader *, struct error *);

/* Close the descriptor that waits, whichever line it came with. */
void control_reader_drop(struct control_reader *);

#endif
