/* SPDX-License-Identifier: ISC */
/*
 * client_parts -- what the files of the client share among themselves.
 *
 *  client.c       a queue of calls for each address, and its pauses
 *  client_call.c  one call, from its first try to its end
 */
#ifndef REFLASHD_CLIENT_PARTS_H
#define REFLASHD_CLIENT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "io/http/client.h"

struct bufferevent;
struct timer;

/* An address and its queue of calls, of which the first may be at work. */
struct peer {
	struct in_addr address;
	struct client *client;	   /* borrowed */
	struct client_call *calls; /* owned */
	struct timer *timer;	   /* starts the next call, or ends the peer */
	uint64_t rest_until_ms;	   /* no connection before */
	UT_hash_handle hh;
};

struct client {
	struct event_base *base; /* borrowed */
	client_why_not *why_not; /* NULL: any address */
	void *ctx;		 /* borrowed; of why_not */
	struct peer *peers;	 /* owned, by address */
	uint64_t rest_until_ms;	 /* no connection before */
};

struct client_call {
	struct peer *peer; /* borrowed; NULL once the call has ended */
	struct client_call *prev, *next;
	client_cb *cb;
	void *ctx; /* borrowed */
	char *request;
	size_t request_len;
	unsigned timeout_ms;
	unsigned tries_left;
	in_port_t port;
	struct timer *deadline;
	struct bufferevent *bev; /* NULL while there is no connection */
	struct httpmsg *reply;
	client_enough *is_enough; /* NULL: it is HTTP */
	char *heard;		  /* the answer that is not HTTP, at the end */
	size_t heard_len;
	bool is_urgent;
	bool connected;
	bool sent;
	bool is_ours;
	uint64_t due_ms;   /* by clock_awake_ms(): the deadline */
	uint64_t asked_ms; /* by clock_now_ms(): client_send() */
};

/* Look at the peer's calls again as soon as its pause is over. */
void client_peer_wake(struct peer *);
void client_peer_rest(struct peer *); /* begin its pause now */

/* Return true if the call has begun; it may be pausing between two tries. */
bool client_call_has_begun(const struct client_call *);

/* Begin a try.  It may end the call, whose callback may free the client. */
void client_call_start(struct client_call *);
void client_call_on_deadline(void *call);

/* Take the call out of its queue.  It belongs to the caller afterwards. */
void client_call_leave(struct client_call *);
void client_call_free(struct client_call *);

#endif
