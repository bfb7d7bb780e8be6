/* SPDX-License-Identifier: ISC */
/*
 * client -- one small HTTP request to a device, and how it ended.
 *
 * A device serves one connection at a time and resets any other, so there is a
 * queue for each address: a call starts no sooner than 200 ms after the one
 * before it ended.  Calls to different addresses run side by side.  Urgent
 * calls go before the others, but never interrupt one that has begun.  A
 * request leaves in one piece, on a connection of its own.  Its deadline counts
 * from its start, and a trickle of bytes does not extend it.
 *
 * Each call ends exactly once: with its callback, which may start, cancel or
 * free anything here, or by client_cancel() or client_free(), which call
 * nothing.  Within its callback a call is over already.  No callback runs
 * before client_send() has returned.
 */
#ifndef REFLASHD_CLIENT_H
#define REFLASHD_CLIENT_H

#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/http/httpreq.h"

#define CLIENT_RAW_MAX 4096

#define CLIENT_GAP_MS 200 /* Sonoff's document asks for it */

/*
 * An urgent call that has waited for so long beyond its timeout, also while the
 * machine slept, is not begun: its is_ours is true.  What made it right, such
 * as which device has the address, may have changed meanwhile.
 */
#define CLIENT_LATE_MS 30000

/* clang-format off */
#define CLIENT_ENDS(X) \
	X(OK,          "ok")          /* a whole HTTP reply, of any status */ \
	X(REFUSED,     "refused")     /* the port is closed, or the device busy */ \
	X(UNREACHABLE, "unreachable") /* no way there, or none out of here */ \
	X(TIMEOUT,     "timeout")     /* the deadline came first */ \
	X(RESET,       "reset")       /* connected, then cut off */ \
	X(EMPTY,       "empty")       /* closed without a byte of a reply */ \
	X(BAD,         "bad")         /* no HTTP, too large, cut short */ \
	X(FORBIDDEN,   "forbidden")   /* the address may not be and was not contacted */
/* clang-format on */

enum client_end {
#define X(symbol, word) CLIENT_##symbol,
	CLIENT_ENDS(X)
#undef X
};

struct client;
struct client_call;
struct httpmsg;

/* Return true if the bytes so far are enough.  Gets the ctx of the callback. */
typedef bool client_enough(const char *data, size_t len, void *ctx);

struct client_request {
	struct httpreq http; /* copied */
	/*
	 * Send these bytes of another protocol instead, to the address and port
	 * of http.  The body of the result is then all that came before the
	 * end, whatever the end was: at most CLIENT_RAW_MAX bytes.
	 */
	const char *raw; /* copied; NULL: it is HTTP */
	size_t raw_len;
	client_enough *is_enough; /* with raw */
	unsigned timeout_ms;
	/*
	 * The request does no harm if sent twice: it is tried again if reset or
	 * refused without an answer.
	 */
	bool may_repeat;
	/* The request belongs to a job, and goes before the others. */
	bool is_urgent;
};

/* The result is borrowed for the time of the callback. */
struct client_result {
	enum client_end end;
	bool sent;	  /* the request may have reached the device */
	bool is_ours;	  /* this machine could not even try, or forbids it */
	uint64_t due_ms;  /* CLOCK_MONOTONIC: its end was due; 0 not begun */
	int status;	  /* of a reply that is OK, else 0 */
	const char *body; /* the same; never NULL, with a NUL after it */
	size_t body_len;  /* may be 0 */
	const char *why;  /* a sentence, "" if OK */
	const struct httpmsg *reply; /* for its headers; NULL unless OK */
};

typedef void client_cb(const struct client_result *, void *ctx);

const char *client_end_word(enum client_end);

/*
 * Return why this address may not be contacted, as a text that is good until
 * the next call; NULL: it may be.
 */
typedef const char *client_why_not(struct in_addr, bool is_urgent, void *ctx);

/*
 * Make a client.  The base is borrowed and must outlive it. why_not is asked
 * before each connection, whatever that is for; NULL: all addresses may be
 * contacted.
 */
struct client *
client_new(struct event_base *, client_why_not *why_not, void *ctx);
void client_free(struct client *); /* NULL is fine */

/*
 * Delay all calls by the pause that a device needs after a call: a daemon that
 * died a moment ago may have called any of them.
 */
void client_come_back(struct client *);

/* Queue a call, which is borrowed from the client until it has ended. */
struct client_call *client_send(
    struct client *, const struct client_request *, client_cb *, void *ctx);
void client_cancel(struct client_call *); /* NULL is fine */

#endif
