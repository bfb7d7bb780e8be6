/* SPDX-License-Identifier: ISC */
/*
 * control_parts -- what the three files of control share among themselves.
 *
 *   control_gate.c    accepts, as long as there are descriptors to spare
 *   control.c         which clients may connect; the limits; broadcasts
 *   control_client.c  one client: its lines, its answers
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
	struct control *control;    /* borrowed */
	struct bufferevent *stream; /* owned */
	struct unixsock_peer peer;
	bool may_change;
	bool is_busy;	 /* a request is out and not answered yet */
	bool is_waiting; /* for a turn that has time for its requests */
	bool is_subscribed;
	bool is_half_closed; /* the client sends no more, but may still read */
	bool is_dead;	     /* to be freed */
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
	struct event *turn;	   /* owned: the next one has come */
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

/*
 * Return true if this turn of the loop has time left for a request of any
 * client.
 */
bool control_has_time(struct control *);

/* Serve this client when there is time. */
void control_serve_later(struct control_client *);

struct control_client *
control_client_new(struct control *, int fd, const struct unixsock_peer *);
void control_client_free(struct control_client *); /* tells closed() */

/* Serve the requests of the client. */
void control_client_serve(struct control_client *);

/* Free the client in a later turn of the loop. */
void control_client_doom(struct control_client *);

void control_client_write(struct control_client *, const char *, size_t len);
size_t control_client_unread(const struct control_client *);

/*
 * Return true if the far end has closed wholly, and has not only stopped
 * sending.
 */
bool control_client_is_gone(const struct control_client *);

#endif
