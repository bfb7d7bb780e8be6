/* SPDX-License-Identifier: ISC */
/* Opens the sockets of the HTTP server for images, and runs its clock. */
#include "config.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "io/http/server_parts.h"

#include "base/clock.h"
#include "base/listen.h"
#include "base/memory.h"
#include "io/timer.h"

/*
 * The error callback of a listener is only given evhttp's object, so the
 * servers are kept in a list to find theirs.
 */
static struct server *servers;

uint64_t
server_now(void)
{
	return clock_awake_ms() / 1000;
}

void
server_must(int rc)
{
	if (rc != 0)
		abort();
}

void
server_stray_came(
    struct server *server, enum server_stray what, struct in_addr from)
{
	if (server->ops->stray != NULL)
		server->ops->stray(server->ctx, what, from);
}

void
server_tick_soon(struct server *server)
{
	if (!timer_is_set(server->tick))
		timer_set(server->tick, 1000);
}

void
server_pause(struct server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		evconnlistener_disable(server->listener[i]);
}

void
server_resume(struct server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		if (evconnlistener_enable(server->listener[i]) != 0)
			server_tick_soon(server);
}

/*
 * Pause because the process has no descriptor left: libevent would try again at
 * once, without end.  The kernel keeps waiting clients until the next tick
 * tries again.
 */
static void
on_accept_error(struct evconnlistener *listener, void *http)
{
	struct server *server = servers;
	int why = EVUTIL_SOCKET_ERROR();

	(void)listener;
	while (server->http != http)
		server = server->next;
	server_pause(server);
	server_tick_soon(server);
	server->is_starved = server->has_failed = true;
	if (server->ops->starved != NULL)
		server->ops->starved(server->ctx, why);
}

static void
listen_on(struct server *server, int fd)
{
	struct evhttp_bound_socket *bound =
	    evhttp_accept_socket_with_handle(server->http, fd);
	struct evconnlistener *listener;

	if (bound == NULL)
		abort();
	listener = evhttp_bound_socket_get_listener(bound);
	if (server->listener_count == 0)
		server->address = listen_address(fd);
	else if (server->address.s_addr != listen_address(fd).s_addr)
		server->address.s_addr = INADDR_ANY;
	evconnlistener_set_error_cb(listener, on_accept_error);
	server->listener[server->listener_count++] = listener;
	server_resume(server); /* evhttp does not tell if it could not accept */
	if (server->port == 0)
		server->port = listen_port(fd);
}

static bool
open_sockets(struct server *server, const struct server_config *config,
    struct error *err)
{
	int fd;

	if (config->fd_count > SERVER_MAX_SOCKETS)
		return error_set(err, EINVAL, "more than %d sockets inherited",
		    SERVER_MAX_SOCKETS);
	for (size_t i = 0; i < config->fd_count; i++) {
		if (!listen_adopt(config->fds[i], err))
			return false;
	}
	for (size_t i = 0; i < config->fd_count; i++)
		listen_on(server, config->fds[i]);
	if (config->fd_count == 0) {
		fd = listen_open(config->listen, config->port, err);
		if (fd == -1)
			return false;
		listen_on(server, fd);
	}
	if (server->port == 0)
		return error_set(err, EIO,
		    "cannot find out the port that devices download from");
	return true;
}

static void
init_http(struct server *server, struct event_base *base)
{
	server->http = evhttp_new(base);
	server->arrived = event_new(base, -1, 0, server_on_arrived, server);
	server->tick = timer_new(base, server_on_tick, server);
	if (server->http == NULL || server->arrived == NULL)
		abort();
	evhttp_set_bevcb(server->http, server_on_accept, server);
	evhttp_set_gencb(server->http, server_on_request, server);
	/* All methods: evhttp would answer 501 to others, and close. */
	evhttp_set_allowed_methods(server->http, 0xffff);
	evhttp_set_max_headers_size(server->http, SERVER_MAX_HEADERS);
	evhttp_set_max_body_size(server->http, SERVER_MAX_BODY);
	evhttp_set_default_content_type(server->http, NULL);
}

void
server_configure(struct server *server, const struct server_config *config)
{
	server->check_source = config->check_source;
	server->admission.request_sec = config->request_sec;
	server->admission.reply_sec = config->reply_sec;
	server->admission.max = config->max_connections;
	server->admission.max_per_address = config->max_connections_per_address;
}

struct server *
server_new(struct event_base *base, const struct server_config *config,
    const struct server_ops *ops, void *ctx, struct error *err)
{
	struct server *server = xcalloc(1, sizeof(*server));

	server->ops = ops;
	server->ctx = ctx;
	server_configure(server, config);
	init_http(server, base);
	LL_PREPEND(servers, server);
	if (!server_random_text(server->boundary, BOUNDARY_LEN)) {
		error_set(err, EIO, "no random numbers to be had");
		server_free(server);
		return NULL;
	}
	if (!open_sockets(server, config, err)) {
		server_free(server);
		return NULL;
	}
	return server;
}

void
server_free(struct server *server)
{
	struct conn *conn, *tmp;

	if (server == NULL)
		return;
	while (server->jobs != NULL)
		server_job_free(server->jobs);
	DL_FOREACH_SAFE (server->fresh, conn, tmp) {
		DL_DELETE(server->fresh, conn);
		bufferevent_decref(conn->bev);
		free(conn);
	}
	evhttp_free(server->http); /* on_closed() for each connection */
	event_free(server->arrived);
	timer_free(server->tick);
	LL_DELETE(servers, server);
	free(server);
}

struct in_addr
server_address(const struct server *server)
{
	return server->address;
}

const struct server_counts *
server_counts(const struct server *server)
{
	return &server->counts;
}

uint16_t
server_port(const struct server *server)
{
	return server->port;
}
