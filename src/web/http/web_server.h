/* SPDX-License-Identifier: ISC */
/*
 * web_server -- connections of browsers on evhttp, each with an absolute end,
 * and their requests.
 *
 * evhttp bounds neither how many connections there are, nor how long one takes
 * for its request or reads its reply: that is done here.  A stranger can hold a
 * place for some seconds, and no memory beyond one small request.
 */
#ifndef REFLASHD_WEB_SERVER_H
#define REFLASHD_WEB_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define WEB_SERVER_MAX_HEADERS 8192
#define WEB_SERVER_MAX_BODY    4096
#define WEB_SERVER_MAX_VISITS  128
#define WEB_SERVER_ADDRESS     64 /* room for an address as text */

struct event_base;
struct evhttp_request;
struct web_server;

/*
 * A connection, and the request on it that is to be answered.  Between the call
 * of request() and the answer it stays, whatever the browser does.
 */
struct web_visit {
	struct evhttp_request *request; /* NULL: none is to be answered */
	char local[WEB_SERVER_ADDRESS]; /* "": a Unix socket */
	char peer[WEB_SERVER_ADDRESS];	/* "": a Unix socket */
	bool is_near;	    /* from this machine: others cannot listen in */
	bool may_be_framed; /* the reply, by a page of the same place */
};

struct web_server_ops {
	/* Answer the request, now or later, by one call of web_reply.h. */
	void (*request)(struct web_visit *, void *ctx);
};

/* The ops and ctx are borrowed.  It listens nowhere yet. */
struct web_server *
web_server_new(struct event_base *, const struct web_server_ops *, void *ctx);

/* All requests must have been answered before.  NULL is fine. */
void web_server_free(struct web_server *);

/* Take a socket that listens, on which nothing waits any more. */
void web_server_listen(struct web_server *, int fd);

/* Return true if a stream more may be begun for this visit. */
bool web_server_may_stream(const struct web_server *, const struct web_visit *);

/*
 * The visit is a stream from now on: it has no end until gone() is called, once
 * and last, when the browser has left or the stream was ended.
 */
void
web_server_stream(struct web_visit *, void (*gone)(void *stream), void *stream);

/* End the connection of a stream; gone() is called within. */
void web_server_cut(struct web_visit *);

/*
 * Return true if a reply of so many bytes may be made: browsers that do not
 * read can make us hold only so much.
 */
bool web_server_has_room(const struct web_visit *, size_t len);

/* The reply goes out: from now on the browser has so long to read it. */
void web_server_answered(struct web_visit *, size_t len);

#endif
