/* SPDX-License-Identifier: ISC */
/*
 * conn_limit -- which connections to the file server may come in, and how long
 * each may take.
 *
 * A visitor is one connection.  The server awaits its request, then answers it.
 * Both have an absolute end, which no trickle of bytes moves.
 *
 * Anybody may fill half of the connections.  The other half is reserved for the
 * devices of live jobs: CONN_LIMIT_RESERVED places for each reserve of a job.
 * An address alone proves little, so a visitor that comes from the address of
 * a device holds a place of one reserve, and a visitor that has shown the
 * token of the job holds a place of another one.  Where a reserve is full, the
 * visitor that has held its place for the longest time gives way.
 */
#ifndef REFLASHD_CONN_LIMIT_H
#define REFLASHD_CONN_LIMIT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Seconds from accept, or from the last reply, to a complete request.  A stock
 * updater reconnects if it is dropped between two chunks, but only three times
 * in a whole download; it needs 30 s at least.
 */
#define CONN_LIMIT_REQUEST_SEC 60
/* Seconds from a complete request to its last byte in the kernel. */
#define CONN_LIMIT_REPLY_SEC 300

/* A device uses one connection, and a second one while the first one ends. */
#define CONN_LIMIT_RESERVED 2

struct conn_limit_source;

/* The reserved places of one kind for one job.  Plain; embedded in the job. */
struct conn_limit_reserve {
	unsigned count;
};

/*
 * A connection, embedded in the caller's struct.  The links belong to
 * conn_limit.
 */
struct visitor {
	struct in_addr from;
	uint64_t deadline_sec;
	struct conn_limit_source *source; /* borrowed: all of that address */
	/* Borrowed: the reserve whose place it holds; NULL: none. */
	struct conn_limit_reserve *reserve;
	struct visitor *prev, *next; /* borrowed */
};

struct conn_limit {
	unsigned max;
	unsigned max_per_address;
	unsigned request_sec; /* 0: CONN_LIMIT_REQUEST_SEC */
	unsigned reply_sec;   /* 0: CONN_LIMIT_REPLY_SEC */
	unsigned count;
	struct visitor *visitors;	   /* borrowed */
	struct conn_limit_source *sources; /* owned, until the last has left */
};

/*
 * Let a visitor in. reserve belongs to a job whose device may have that
 * address, or is NULL.  Returns false if there are too many; the visitor is not
 * linked then.  Otherwise *gives_way is the visitor that has lost its reserved
 * place to the new one and must be cut off, or NULL.
 */
bool conn_limit_enter(struct conn_limit *, struct visitor *,
    struct conn_limit_reserve *, uint64_t now_sec, struct visitor **gives_way);
void conn_limit_leave(struct conn_limit *, struct visitor *);

/*
 * The visitor has shown the token of a job: if it holds a reserved place, it
 * holds one of this reserve from now on.  Returns the visitor that has lost its
 * place to it and must be cut off, or NULL.
 */
struct visitor *conn_limit_prove(
    struct conn_limit *, struct visitor *, struct conn_limit_reserve *);

/* End a reserve.  Its visitors stay, without a reserved place. */
void conn_limit_dissolve(struct conn_limit *, struct conn_limit_reserve *);

void
conn_limit_await(const struct conn_limit *, struct visitor *, uint64_t now_sec);
void conn_limit_answer(
    const struct conn_limit *, struct visitor *, uint64_t now_sec);

/* Return the next overdue visitor after `after` (NULL: the first) or NULL. */
struct visitor *conn_limit_overdue(
    const struct conn_limit *, struct visitor *after, uint64_t now_sec);

#endif
