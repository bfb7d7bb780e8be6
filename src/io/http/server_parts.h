/* SPDX-License-Identifier: ISC */
/*
 * server_parts -- what the files of the server share among themselves.
 *
 *  server.c          sockets, the evhttp, start and end
 *  server_conn.c     connections: which come in, how long they stay
 *  server_job.c      images, tokens, URLs
 *  server_request.c  what is asked for
 *  server_reply.c    what is sent
 */
#ifndef REFLASHD_SERVER_PARTS_H
#define REFLASHD_SERVER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "core/http/filereply.h"
#include "core/http/httpdate.h"
#include "core/net/conn_limit.h"
#include "io/http/server.h"

#define SERVER_MAX_SOCKETS 8
#define SERVER_MAX_HEADERS 4096 /* a device sends 150 bytes, Tasmota 600 */
#define SERVER_MAX_BODY	   8192 /* a verdict has 11 bytes */
#define BOUNDARY_LEN	   24
#define ETAG_DIGITS	   16

struct bufferevent;
struct event;
struct timer;
struct evconnlistener;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;

/* An image and what is said of it, kept until the last reply is out. */
struct file {
	unsigned refs;
	const void *data; /* borrowed until release() */
	struct filereply_file facts;
	char etag[ETAG_DIGITS + 3];
	char md5[33];
	void (*release)(void *owner);
	void *owner; /* borrowed */
};

struct server_job {
	struct server *server; /* borrowed */
	struct file *file;     /* one reference */
	struct in_addr device;
	struct in_addr expected; /* where it may turn up; 0.0.0.0: nowhere */
	char token[SERVER_TOKEN_LEN + 1];
	char name[SERVER_NAME_MAX + 1];
	const struct server_job_ops *ops; /* borrowed */
	void *ctx;			  /* borrowed */
	bool check_source;		  /* as configured when the job began */
	bool fetched;
	bool at_end; /* its last byte has been handed over */
	/*
	 * Reserved places for connections that have shown the token, and for
	 * those that have not yet, from either address of the device.
	 */
	struct conn_limit_reserve proven, at_device, at_expected;
	struct server_job *prev, *next;
};

struct conn {
	struct visitor visitor; /* first: conn_limit gives it back */
	struct server *server;	/* borrowed */
	struct bufferevent *bev;
	struct evhttp_connection *evcon;  /* borrowed until on_closed() */
	struct event *watch;		  /* owned; see watch_input() */
	struct server_job *job;		  /* of the reply under way, or NULL */
	struct range_set parts;		  /* of that reply */
	const char *connection;		  /* its Connection, or NULL */
	char token[SERVER_TOKEN_LEN + 1]; /* fetched here last; "" none */
	struct conn *prev, *next;	  /* among the fresh */
	UT_hash_handle hh;
};

struct server {
	struct evhttp *http;
	struct event *arrived; /* fresh connections wait */
	struct timer *tick;    /* each second while there are connections */
	/* borrowed from http */
	struct evconnlistener *listener[SERVER_MAX_SOCKETS];
	size_t listener_count;
	const struct server_ops *ops; /* borrowed */
	void *ctx;		      /* borrowed */
	struct server_job *jobs;
	struct conn *fresh;
	unsigned fresh_count;
	struct conn *conns; /* hash by evcon */
	struct conn_limit admission;
	bool check_source;
	uint16_t port;
	struct in_addr address; /* the one of all sockets, or 0.0.0.0 */
	char boundary[BOUNDARY_LEN + 1];
	char date[HTTPDATE_SIZE]; /* of date_at */
	time_t date_at;
	struct server_counts counts;
	bool is_starved; /* starved() was told so */
	bool has_failed; /* to accept a connection, since the last tick */
	struct server *next;
};

/* Return the monotonic time. */
uint64_t server_now(void);

/* Abort unless rc is 0: these calls fail only when memory is out. */
void server_must(int rc);

/* Tell the daemon.  This must be the last thing a callback does. */
void server_stray_came(struct server *, enum server_stray, struct in_addr from);

/* While paused, the kernel keeps clients; the next tick resumes. */
void server_pause(struct server *);
void server_resume(struct server *);
void server_tick_soon(struct server *);

/* For evhttp_set_bevcb(), and for the event and the timer of the server. */
struct bufferevent *server_on_accept(struct event_base *, void *server);
void server_on_arrived(int fd, short what, void *server);
void server_on_tick(void *server);

/* For evhttp_set_gencb(). */
void server_on_request(struct evhttp_request *, void *server);

void server_file_unref(struct file *);

/*
 * Make a random text of letters and digits; dst has room for len + 1.  Returns
 * false if there is no entropy.
 */
bool server_random_text(char *dst, size_t len);

/* Find the live job of that path for that peer; else return NULL and why. */
struct server_job *server_job_find(struct server *, const char *path,
    size_t len, struct in_addr from, enum server_stray *why);

/*
 * Return the reserved places for a connection that comes from there and has
 * shown no token yet: those of a live job whose device is there, or may be;
 * NULL: no such job.
 */
struct conn_limit_reserve *
server_job_reserve(struct server *, struct in_addr from);

/* Shut down the visitor's connection, which ends it soon. */
void server_cut(struct visitor *);

/*
 * Find the job whose device reports its verdict from this address.  Several
 * devices may share an address behind a range extender, or one may have got the
 * address that another one had: then the token of the last fetch on the
 * connection decides, or else which device is not known to be elsewhere, and
 * which job has had its last byte handed over.
 */
struct server_job *
server_job_reporting(struct server *, struct in_addr device, const char *token);

/* The bytes after a head. file holds them; NULL: they stay for ever. */
struct server_body {
	const void *data; /* borrowed */
	size_t len;
	struct file *file; /* borrowed */
};

/*
 * Send the head as given, with Date and Connection added.  Each of these is the
 * last call for a request: the connection may be gone after it.
 */
void server_send(struct conn *, struct evhttp_request *, struct httphead *,
    const struct server_body *);
void server_send_empty(struct conn *, struct evhttp_request *, int status);
void server_send_file(struct conn *, struct evhttp_request *,
    const struct conditional_headers *, struct server_job *);

#endif
