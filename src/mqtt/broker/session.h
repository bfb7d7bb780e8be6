/* SPDX-License-Identifier: ISC */
/*
 * session -- the connection to the broker, which is made again and again.
 *
 *	off --start--> resolving --addresses--> connecting --CONNACK--> online
 *	                  ^                         |                     |
 *	                  +--- back-off --- waiting <----- lost() --------+
 *
 * It has no thread, and nothing in it blocks.  Each connection has a client of
 * libmosquitto of its own, so that nothing is sent late that was meant for an
 * earlier one: after "up", the owner publishes the present.  Whatever the way
 *in which a connection is lost, it goes through one function, once.
 */
#ifndef REFLASHD_SESSION_H
#define REFLASHD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqtt/mqtt_config.h"

struct event_base;
struct session;

/* Which part of a connection has failed. */
enum session_fault {
	SESSION_NAME,	     /* of the broker is not known */
	SESSION_NETWORK,     /* it cannot be reached, or answers nothing */
	SESSION_CERTIFICATE, /* its certificate, or ours */
	SESSION_LOGIN,	     /* user, password, client id */
	SESSION_PROTOCOL,    /* of MQTT */
};

/* No member is NULL.  The callbacks may not free the session. */
struct session_ops {
	/* is_news: it is to be logged; most tries are not worth a line. */
	void (*up)(bool is_news, void *ctx);
	/* The connection is lost, or could not be made. */
	void (*down)(
	    enum session_fault, const struct error *, bool is_news, void *ctx);
	void (*message)(const char *topic, const void *payload, size_t len,
	    bool is_retained, void *ctx);
	/* A message has arrived at the broker, or was refused by it. */
	void (*acknowledged)(bool is_refused, void *ctx);
	/* The broker has answered a subscription. */
	void (*subscribed)(int id, bool is_granted, void *ctx);
	/* After session_end(). */
	void (*ended)(void *ctx);
};

/* The message that the broker publishes when the connection is lost. */
struct session_will {
	const char *topic, *payload;
};

/* All is borrowed for the life of the session.  It begins to connect soon. */
struct session *session_new(struct event_base *, const struct mqtt_config *,
    const struct session_will *, const struct session_ops *, void *ctx);
void session_free(struct session *); /* NULL is fine */

bool session_is_up(const struct session *);

/*
 * Publish with QoS 1; the payload has no end mark that counts.  Returns false
 * while the connection is away.
 */
bool session_publish(
    struct session *, const char *topic, const char *payload, bool is_retained);

/* Return how many messages the broker has not acknowledged yet. */
size_t session_in_flight(const struct session *);

/* Subscribe; the id, which is not 0, comes back in "subscribed".  0: away. */
int session_subscribe(struct session *, const char *filter, int qos);
void session_unsubscribe(struct session *, const char *filter);

/* Take leave of the broker, so that it does not publish the will. */
void session_end(struct session *);

#endif
