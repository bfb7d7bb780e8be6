/* SPDX-License-Identifier: ISC */
/* Accepts connections of browsers, and ends those that take too long. */
#include "config.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/timer.h"
#include "web/http/web_server.h"

#define MAX_SOCKETS  8
#define MAX_UNREAD   (WEB_SERVER_MAX_HEADERS + WEB_SERVER_MAX_BODY)
#define MAX_FRESH    32	   /* accepted, and not looked at yet */
#define MAX_STREAMS  64	   /* of all */
#define MAX_FROM_ONE 8	   /* streams from one address that is not ours */
#define REQUEST_MS   15000 /* from accept, or from the last reply */
#define READ_MS	     30000 /* for a whole reply */
#define TICK_MS	     1000
#define SMALL_REPLY  (8 * 1024)
#define MAX_UNSENT   (4 * 1024 * 1024)

enum visit_state {
	VISIT_AWAITED,	/* its request is to come */
	VISIT_ASKED,	/* its request waits for an answer */
	VISIT_ANSWERED, /* the reply goes out */
	VISIT_STREAM,
};

struct visit {
	struct web_visit is; /* first: callers have this part */
	struct web_server *server;
	struct bufferevent *bev;	 /* borrowed from evcon */
	struct evhttp_connection *evcon; /* borrowed until on_closed() */
	enum visit_state state;
	uint64_t until_ms;
	size_t unsent; /* bytes of the reply that goes out */
	void (*gone)(void *stream);
	void *stream;
	struct visit *prev, *next;
};

struct web_server {
	struct event_base *base; /* borrowed */
	const struct web_server_ops *ops;
	void *ctx;
	struct evhttp *http;
	struct evconnlistener *listeners[MAX_SOCKETS]; /* borrowed from http */
	size_t listener_count;
	struct event *arrived;
	struct timer *tick;
	struct visit *fresh, *visits;
	unsigned fresh_count, visit_count;
	size_t unsent; /* of all visits */
	bool is_paused;
	struct web_server *next;
};

/*
 * The error callback of a listener is only given evhttp's object, so the
 * servers are kept in a list to find theirs.
 */
static struct web_server *servers;

static void
pause_listening(struct web_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		evconnlistener_disable(server->listeners[i]);
	server->is_paused = true;
	if (!timer_is_set(server->tick))
		timer_set(server->tick, TICK_MS);
}

static void
resume_listening(struct web_server *server)
{
	server->is_paused = false;
	for (size_t i = 0; i < server->listener_count; i++)
		if (evconnlistener_enable(server->listeners[i]) != 0)
			server->is_paused = true;
}

/*
 * End a stream.  Where the browser has closed the connection, evhttp has let go
 * of the request, which nobody else frees.
 */
static void
end_stream(struct visit *visit)
{
	struct evhttp_request *request = visit->is.request;

	if (evhttp_request_get_connection(request) == NULL)
		evhttp_request_free(request);
	visit->gone(visit->stream);
}

static void
on_closed(struct evhttp_connection *evcon, void *arg)
{
	struct visit *visit = arg;

	(void)evcon;
	DL_DELETE(visit->server->visits, visit);
	visit->server->visit_count--;
	visit->server->unsent -= visit->unsent;
	if (visit->state == VISIT_STREAM)
		end_stream(visit);
	free(visit);
}

/* Write an address as text; "" for that of a Unix socket. */
static bool
write_address(const struct sockaddr_storage *from, char *dst)
{
	const struct sockaddr_in6 *sin6 = (const void *)from;
	const struct sockaddr_in *sin = (const void *)from;
	struct in_addr mapped;

	dst[0] = '\0';
	if (from->ss_family == AF_INET) {
		inet_ntop(AF_INET, &sin->sin_addr, dst, WEB_SERVER_ADDRESS);
		return ntohl(sin->sin_addr.s_addr) >> 24 == 127;
	}
	if (from->ss_family != AF_INET6)
		return true;
	if (!IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {
		inet_ntop(AF_INET6, &sin6->sin6_addr, dst, WEB_SERVER_ADDRESS);
		return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
	}
	memcpy(&mapped, &sin6->sin6_addr.s6_addr[12], sizeof(mapped));
	inet_ntop(AF_INET, &mapped, dst, WEB_SERVER_ADDRESS);
	return ntohl(mapped.s_addr) >> 24 == 127;
}

static void
find_addresses(struct visit *visit)
{
	int fd = bufferevent_getfd(visit->bev);
	struct sockaddr_storage at = { 0 };
	socklen_t size = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &size) == 0)
		write_address(&at, visit->is.local);
	at = (struct sockaddr_storage){ 0 };
	size = sizeof(at);
	if (getpeername(fd, (struct sockaddr *)&at, &size) == 0)
		visit->is.is_near = write_address(&at, visit->is.peer);
}

/*
 * Take in a connection that was accepted a moment ago.  evhttp tells of none
 * before its first request, but by now it is the argument of the callbacks of
 * the bufferevent.
 */
static void
receive(struct web_server *server, struct visit *visit)
{
	void *evcon;

	bufferevent_getcb(visit->bev, NULL, NULL, NULL, &evcon);
	if (evcon == NULL) { /* gone already */
		bufferevent_disable(visit->bev, EV_READ | EV_WRITE);
		bufferevent_decref(visit->bev);
		free(visit);
		return;
	}
	bufferevent_decref(visit->bev);
	if (server->visit_count >= WEB_SERVER_MAX_VISITS) {
		evhttp_connection_free(evcon);
		free(visit);
		return;
	}
	visit->evcon = evcon;
	find_addresses(visit);
	visit->until_ms = clock_now_ms() + REQUEST_MS;
	DL_APPEND(server->visits, visit);
	server->visit_count++;
	evhttp_connection_set_closecb(evcon, on_closed, visit);
	if (!timer_is_set(server->tick))
		timer_set(server->tick, TICK_MS);
}

static void
on_arrived(evutil_socket_t fd, short what, void *arg)
{
	struct web_server *server = arg;
	bool was_full = server->fresh_count >= MAX_FRESH;
	struct visit *visit, *next;

	(void)fd;
	(void)what;
	DL_FOREACH_SAFE (server->fresh, visit, next) {
		DL_DELETE(server->fresh, visit);
		server->fresh_count--;
		receive(server, visit);
	}
	if (was_full)
		resume_listening(server);
}

/* Prepare a connection; its address is known only a moment later. */
static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct web_server *server = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
	struct visit *visit;

	if (bev == NULL)
		abort(); /* as when any memory is out */
	bufferevent_setwatermark(bev, EV_READ, 0, MAX_UNREAD);
	bufferevent_incref(bev);
	visit = xcalloc(1, sizeof(*visit));
	visit->server = server;
	visit->bev = bev;
	DL_APPEND(server->fresh, visit);
	if (++server->fresh_count == MAX_FRESH)
		pause_listening(server);
	event_active(server->arrived, EV_TIMEOUT, 0);
	return bev;
}

/* End what is overdue, but nothing that waits for an answer of ours. */
static void
on_tick(void *ctx)
{
	struct web_server *server = ctx;
	uint64_t now = clock_now_ms();
	struct visit *visit, *next;

	DL_FOREACH_SAFE (server->visits, visit, next)
		if ((visit->state == VISIT_AWAITED ||
			visit->state == VISIT_ANSWERED) &&
		    now >= visit->until_ms)
			evhttp_connection_free(visit->evcon);
	if (server->is_paused && server->fresh_count < MAX_FRESH)
		resume_listening(server);
	if (server->visits != NULL || server->is_paused)
		timer_set(server->tick, TICK_MS);
}

static struct visit *
find_visit(struct web_server *server, const struct evhttp_connection *evcon)
{
	struct visit *visit;

	DL_FOREACH (server->visits, visit)
		if (visit->evcon == evcon)
			return visit;
	return NULL;
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct web_server *server = arg;
	struct visit *visit =
	    find_visit(server, evhttp_request_get_connection(request));

	if (visit == NULL) { /* not looked at yet */
		evhttp_send_error(request, 503, "Service Unavailable");
		return;
	}
	visit->state = VISIT_ASKED;
	visit->is.request = request;
	server->ops->request(&visit->is, server->ctx);
}

/*
 * No descriptor is left: libevent would try again at once, without end.  The
 * next tick tries again, and the kernel keeps waiting browsers until then.
 */
static void
on_accept_error(struct evconnlistener *listener, void *http)
{
	struct web_server *server = servers;

	(void)listener;
	while (server->http != http)
		server = server->next;
	pause_listening(server);
}

struct web_server *
web_server_new(
    struct event_base *base, const struct web_server_ops *ops, void *ctx)
{
	struct web_server *server = xcalloc(1, sizeof(*server));

	server->base = base;
	server->ops = ops;
	server->ctx = ctx;
	server->http = evhttp_new(base);
	server->arrived = event_new(base, -1, 0, on_arrived, server);
	if (server->http == NULL || server->arrived == NULL)
		abort(); /* as when any memory is out */
	server->tick = timer_new(base, on_tick, server);
	LL_PREPEND(servers, server);
	evhttp_set_bevcb(server->http, on_accept, server);
	evhttp_set_gencb(server->http, on_request, server);
	/* All methods: evhttp would answer 501 to others. */
	evhttp_set_allowed_methods(server->http, 0xffff);
	evhttp_set_max_headers_size(server->http, WEB_SERVER_MAX_HEADERS);
	evhttp_set_max_body_size(server->http, WEB_SERVER_MAX_BODY);
	evhttp_set_default_content_type(server->http, NULL);
	return server;
}

void
web_server_free(struct web_server *server)
{
	struct visit *visit, *next;

	if (server == NULL)
		return;
	DL_FOREACH_SAFE (server->fresh, visit, next) {
		DL_DELETE(server->fresh, visit);
		bufferevent_decref(visit->bev);
		free(visit);
	}
	evhttp_free(server->http); /* on_closed() for each connection */
	event_free(server->arrived);
	timer_free(server->tick);
	LL_DELETE(servers, server);
	free(server);
}

void
web_server_listen(struct web_server *server, int fd)
{
	struct evhttp_bound_socket *bound =
	    evhttp_accept_socket_with_handle(server->http, fd);
	struct evconnlistener *listener;

	if (bound == NULL)
		abort(); /* as when any memory is out */
	listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(listener, on_accept_error);
	server->listeners[server->listener_count++] = listener;
	resume_listening(server); /* evhttp does not tell if it could not */
}

bool
web_server_may_stream(
    const struct web_server *server, const struct web_visit *asking)
{
	const struct visit *visit;
	unsigned all = 0, from_one = 0;

	DL_FOREACH (server->visits, visit) {
		if (visit->state != VISIT_STREAM)
			continue;
		all++;
		from_one += strcmp(visit->is.peer, asking->peer) == 0;
	}
	return all < MAX_STREAMS &&
	    (asking->is_near || from_one < MAX_FROM_ONE);
}

void
web_server_stream(
    struct web_visit *is, void (*gone)(void *stream), void *stream)
{
	struct visit *visit = (struct visit *)is;

	visit->state = VISIT_STREAM;
	visit->gone = gone;
	visit->stream = stream;
}

void
web_server_cut(struct web_visit *is)
{
	evhttp_connection_free(((struct visit *)is)->evcon);
}

/* The reply is out, and the browser may ask again. */
static void
on_sent(struct evhttp_request *request, void *arg)
{
	struct visit *visit = arg;

	(void)request;
	visit->server->unsent -= visit->unsent;
	visit->unsent = 0;
	visit->state = VISIT_AWAITED;
	visit->until_ms = clock_now_ms() + REQUEST_MS;
}

bool
web_server_has_room(const struct web_visit *is, size_t len)
{
	const struct visit *visit = (const struct visit *)is;

	return len <= SMALL_REPLY || visit->server->unsent == 0 ||
	    visit->server->unsent + len <= MAX_UNSENT;
}

void
web_server_answered(struct web_visit *is, size_t len)
{
	struct visit *visit = (struct visit *)is;

	evhttp_request_set_on_complete_cb(is->request, on_sent, visit);
	is->request = NULL;
	visit->unsent = len;
	visit->server->unsent += len;
	visit->state = VISIT_ANSWERED;
	visit->until_ms = clock_now_ms() + READ_MS;
	/* A browser that has ended its half of the connection still reads. */
	bufferevent_disable(visit->bev, EV_READ);
}
