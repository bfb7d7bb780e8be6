/* SPDX-License-Identifier: ISC */
/*
 * session_parts -- what the files of the session share; nothing else includes
 * it.
 *
 *  session.c		the states, and the one way to lose a connection
 *  session_client.c	a client of libmosquitto: makes it, hears its callbacks
 *  session_fault.c	what a failure means, in words
 */
#ifndef REFLASHD_SESSION_PARTS_H
#define REFLASHD_SESSION_PARTS_H

#include <mosquitto.h>

#include "mqtt/broker/backoff.h"
#include "mqtt/broker/resolver.h"
#include "mqtt/broker/session.h"
#include "mqtt/broker/tls.h"

enum session_state {
	SESSION_WAITING, /* the timer starts the next try */
	SESSION_RESOLVING,
	SESSION_CONNECTING, /* TCP, TLS, and then until CONNACK */
	SESSION_ONLINE,
	SESSION_ENDING, /* the last words are on their way */
	SESSION_ENDED,
};

struct session {
	struct event_base *base; /* borrowed, as are the next three */
	const struct mqtt_config *config;
	const struct session_will *will;
	const struct session_ops *ops;
	void *ctx;
	enum session_state state;

	struct timer *retry;   /* ends SESSION_WAITING */
	struct timer *limit;   /* of a state, or of an acknowledgement */
	struct timer *misc;    /* keeps the connection alive */
	struct timer *settle;  /* looks at a failure after a callback */
	struct timer *rewrite; /* writes again where nothing was writable */
	struct backoff backoff;

	struct resolver *resolver; /* owned; NULL unless resolving */
	struct resolver_answer found;
	size_t next_address;

	struct mosquitto *client; /* owned; NULL while there is none */
	struct tls_settings tls_settings;
	struct tls *tls; /* owned; NULL without TLS */
	struct event *readable, *writable;
	uint64_t up_ms; /* when it came online; 0: it did not */
	size_t in_flight;

	/* The failure that a callback of the library has noted, for lost(). */
	bool has_failed;
	enum session_fault fault;
	struct error failure;
	char library_said[200]; /* its last error in words */
};

/* Make the client and begin to connect it to the address. */
bool session_client_open(struct session *, const char *address,
    enum session_fault *, struct error *);
void session_client_close(struct session *);

/* Have the loop call the library when the socket is ready. */
void session_client_watch(struct session *);

/*
 * Look at the code that a call of the library has returned: it may have lost
 * the connection.
 */
void session_check(struct session *, int rc);

/* Note the first failure of a connection; session_check() acts on it. */
void session_note(struct session *, enum session_fault, const struct error *);

/* The broker has accepted the login. */
void session_accepted(struct session *);
void session_acknowledged(struct session *, bool is_refused);

/* Translate a code of the library, or of CONNACK, to words. */
enum session_fault session_fault_of_code(
    const struct session *, int rc, int saved_errno, struct error *);
enum session_fault
session_fault_of_connack(const struct session *, int code, struct error *);

#endif
