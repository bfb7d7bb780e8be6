/* SPDX-License-Identifier: ISC */
/*
 * Decides which connections to the HTTP server are accepted and how long they
 * stay, so that strangers cannot exhaust it.
 */
#include "config.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#include "io/http/server_parts.h"

#include "base/memory.h"

/*
 * The bytes that a connection may send before they are handled. evhttp waits
 * for a whole body, and more than a head and a body is never of use.
 */
#define MAX_UNREAD (SERVER_MAX_HEADERS + SERVER_MAX_BODY)
/* libevent writes 16 KiB by default, which is eight times slower. */
#define MAX_WRITE (1024 * 1024)
/* The connections that may be accepted but not looked at yet. */
#define MAX_FRESH 64

/*
 * Cut the connection, but leave its end to evhttp, which may be writing a reply
 * to it: evhttp sees the end of the input, or a write that fails, and frees it.
 */
void
server_cut(struct visitor *visitor)
{
	struct conn *conn = (struct conn *)visitor;

	shutdown(bufferevent_getfd(conn->bev), SHUT_RDWR);
}

/* Return true if evhttp reads; it stops while it answers a request. */
static bool
is_reading(struct conn *conn)
{
	return (bufferevent_get_enabled(conn->bev) & EV_READ) != 0;
}

/*
 * Return true if the input is full of one line that never ends. evhttp accepts
 * a line of any length in front of a chunk.  With its input full, it would not
 * see the end of the connection either, and try that line again and again.
 */
static bool
is_stuck(struct conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);

	return is_reading(conn) && evbuffer_get_length(in) >= MAX_UNREAD;
}

/* Have a stuck connection ended soon: evhttp is working on it now. */
static void
on_growth(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *conn = arg;

	(void)in;
	if (info->n_added > 0 && is_stuck(conn))
		event_active(conn->watch, EV_TIMEOUT, 0);
}

static void
on_closed(struct evhttp_connection *evcon, void *arg)
{
	struct conn *conn = arg;

	(void)evcon;
	HASH_DEL(conn->server->conns, conn);
	evbuffer_remove_cb(bufferevent_get_input(conn->bev), on_growth, conn);
	event_free(conn->watch);
	conn_limit_leave(&conn->server->admission, &conn->visitor);
	free(conn);
}

/* Return the client's IPv4 address; 0.0.0.0 for IPv6. */
static struct in_addr
peer_of(struct evhttp_connection *evcon)
{
	const struct sockaddr *sa = evhttp_connection_get_addr(evcon);
	struct in_addr peer = { 0 };

	if (sa == NULL)
		return peer;
	if (sa->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	if (sa->sa_family == AF_INET6) {
		const struct in6_addr *in6 =
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

		if (IN6_IS_ADDR_V4MAPPED(in6))
			memcpy(&peer, &in6->s6_addr[12], sizeof(peer));
	}
	return peer;
}

/*
 * Stop watching while evhttp does not read: unread input would wake the event
 * loop again and again.  End the connection if its input is stuck.
 */
static void
on_input(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	if (is_stuck(conn))
		evhttp_connection_free(conn->evcon); /* on_closed() tells */
	else if (!is_reading(conn))
		server_must(event_del(conn->watch));
}

/*
 * Watch the input besides evhttp, which stops reading for each request and
 * begins again after it.  As long as this event is on the same socket, that
 * costs no system call.
 */
static void
watch_input(struct conn *conn)
{
	conn->watch = event_new(bufferevent_get_base(conn->bev),
	    bufferevent_getfd(conn->bev), EV_READ | EV_PERSIST, on_input, conn);
	if (conn->watch == NULL)
		abort();
	server_must(event_add(conn->watch, NULL));
	if (evbuffer_add_cb(
		bufferevent_get_input(conn->bev), on_growth, conn) == NULL)
		abort();
}

/*
 * Take in a connection that was accepted a moment ago. evhttp reports no
 * connection before its first complete request, but by now it has set itself as
 * the argument of the bufferevent's callbacks.
 */
static void
receive(struct server *server, struct conn *conn)
{
	struct visitor *gives_way;
	struct in_addr from;
	void *evcon;

	bufferevent_getcb(conn->bev, NULL, NULL, NULL, &evcon);
	if (evcon == NULL) { /* gone already */
		bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
		bufferevent_decref(conn->bev);
		free(conn);
		return;
	}
	assert(evhttp_connection_get_bufferevent(evcon) == conn->bev);
	from = peer_of(evcon);
	conn->evcon = evcon;
	conn->visitor.from = from;
	if (server->ops->came != NULL)
		server->ops->came(server->ctx, from);
	if (!conn_limit_enter(&server->admission, &conn->visitor,
		server_job_reserve(server, from), server_now(), &gives_way)) {
		bufferevent_decref(conn->bev);
		evhttp_connection_free(evcon); /* not counted */
		free(conn);
		server_stray_came(server, SERVER_STRAY_REFUSED, from);
		return;
	}
	if (gives_way != NULL)
		server_cut(gives_way);
	bufferevent_decref(conn->bev); /* on_closed() will tell */
	watch_input(conn);
	HASH_ADD_PTR(server->conns, evcon, conn);
	evhttp_connection_set_closecb(evcon, on_closed, conn);
	server_tick_soon(server);
}

void
server_on_arrived(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;
	bool was_full = server->fresh_count >= MAX_FRESH;
	struct conn *conn, *tmp;

	(void)fd;
	(void)what;
	DL_FOREACH_SAFE (server->fresh, conn, tmp) {
		DL_DELETE(server->fresh, conn);
		server->fresh_count--;
		receive(server, conn);
	}
	if (was_full)
		server_resume(server);
}

/* Prepare a connection.  Its address can be read only a moment later. */
struct bufferevent *
server_on_accept(struct event_base *base, void *arg)
{
	struct server *server = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
	struct conn *conn;

	if (bev == NULL)
		abort();
	bufferevent_set_max_single_write(bev, MAX_WRITE);
	/*
	 * Otherwise the socket is watched for writing at once and then not any
	 * more: two needless system calls.
	 */
	bufferevent_disable(bev, EV_WRITE);
	bufferevent_setwatermark(bev, EV_READ, 0, MAX_UNREAD);
	bufferevent_incref(bev);

	conn = xcalloc(1, sizeof(*conn));
	conn->server = server;
	conn->bev = bev;
	DL_APPEND(server->fresh, conn);
	if (++server->fresh_count == MAX_FRESH)
		server_pause(server);
	event_active(server->arrived, EV_TIMEOUT, 0);
	return bev;
}

/*
 * Report the end of the shortage if no connection had to wait for a whole tick.
 */
static void
end_starvation(struct server *server)
{
	bool ends = server->is_starved && !server->has_failed;

	server->has_failed = false;
	if (!ends)
		return;
	server->is_starved = false;
	if (server->ops->starved != NULL)
		server->ops->starved(server->ctx, 0);
}

void
server_on_tick(void *ctx)
{
	struct server *server = ctx;
	struct visitor *late = NULL;
	uint64_t now = server_now();

	while ((late = conn_limit_overdue(&server->admission, late, now)))
		server_cut(late);
	end_starvation(server);
	server_resume(server);
	if (server->conns != NULL || server->is_starved)
		server_tick_soon(server);
}
