/* SPDX-License-Identifier: ISC */
/*
 * admission -- which connections to the file server may come in, and how long
 * each may take.
 *
 * A visitor is awaited (his request is not complete yet) or answered (he is
 * taking the reply).  Both have an absolute end, which no trickle of bytes
 * moves.  Strangers may fill half of the house; the rest is kept for those
 * who are expected, the devices of live jobs.
 */
#ifndef REFLASHD_ADMISSION_H
#define REFLASHD_ADMISSION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * From accept, or from the last reply, to a complete request.  A stock
 * updater reconnects if it is dropped between two chunks, but only three
 * times in a whole download; it needs 30 s at least.
 */
#define ADMISSION_REQUEST_SEC 60
/* From a complete request to its last byte in the kernel. */
#define ADMISSION_REPLY_SEC 300

struct admission_source;

/* Embedded in what it stands for.  Plain; the links are admission's. */
struct visitor {
	struct in_addr from;
	uint64_t deadline_sec;
	struct admission_source *source; /* borrowed: all of that address */
	struct visitor *prev, *next;	 /* borrowed */
};

struct admission {
	unsigned max;
	unsigned max_per_address;
	unsigned request_sec; /* 0: ADMISSION_REQUEST_SEC */
	unsigned reply_sec;   /* 0: ADMISSION_REPLY_SEC */
	unsigned count;
	struct visitor *visitors;	  /* borrowed */
	struct admission_source *sources; /* owned, until the last has left */
};

/* False, and not linked: too many are here. */
bool admission_enter(
    struct admission *, struct visitor *, bool expected, uint64_t now_sec);
void admission_leave(struct admission *, struct visitor *);

void
admission_await(const struct admission *, struct visitor *, uint64_t now_sec);
void
admission_answer(const struct admission *, struct visitor *, uint64_t now_sec);

/* Whose time is up; NULL if nobody's.  after: NULL, or the last one got. */
struct visitor *admission_overdue(
    const struct admission *, struct visitor *after, uint64_t now_sec);

#endif
