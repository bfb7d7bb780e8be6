/* SPDX-License-Identifier: ISC */
/* Serves TCP at the address of a device, for web servers and ESPHome. */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/timer.h"
#include "sim/web/tcp_server.h"

#define BACKLOG 8

struct conn {
	struct tcp_server *server; /* borrowed */
	struct bufferevent *bev;
	struct evbuffer *answer; /* owned; not sent yet */
	struct event *timer;	 /* when the answer leaves */
	struct conn *prev, *next;
	bool is_last; /* the connection ends with this answer */
};

struct tcp_server {
	struct device *device; /* borrowed, as ctx is */
	tcp_server_fn *fn;
	void *ctx;
	struct evconnlistener *listener;
	struct conn *conns;
};

static void
hang_up_conn(struct conn *c)
{
	DL_DELETE(c->server->conns, c);
	bufferevent_free(c->bev);
	evbuffer_free(c->answer);
	event_free(c->timer);
	free(c);
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	unsigned delay_ms = 0;

	if (c->is_last) {
		evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	c->is_last = c->server->fn(c->server->ctx, in, c->answer, &delay_ms) ==
	    TCP_SERVER_CLOSE;
	timer_set(c->timer, delay_ms);
}

static void
on_answer_due(evutil_socket_t fd, short what, void *ctx)
{
	struct conn *c = ctx;
	struct evbuffer *out = bufferevent_get_output(c->bev);

	(void)fd;
	(void)what;
	evbuffer_add_buffer(out, c->answer);
	if (c->is_last && evbuffer_get_length(out) == 0)
		hang_up_conn(c);
}

static void
on_drained(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;

	(void)bev;
	if (c->is_last && !evtimer_pending(c->timer, NULL))
		hang_up_conn(c);
}

static void
on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	hang_up_conn(ctx);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx)
{
	struct tcp_server *server = ctx;
	struct event_base *base = server->device->sim->base;
	struct conn *c = xcalloc(1, sizeof(*c));

	(void)listener;
	(void)from;
	(void)len;
	c->server = server;
	c->answer = evbuffer_new();
	c->bev = bufferevent_socket_new(
	    base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	c->timer = evtimer_new(base, on_answer_due, c);
	DL_APPEND(server->conns, c);
	bufferevent_setcb(c->bev, on_read, on_drained, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

struct tcp_server *
tcp_server_new(struct device *d, tcp_server_fn *fn, void *ctx)
{
	struct tcp_server *server = xcalloc(1, sizeof(*server));

	server->device = d;
	server->fn = fn;
	server->ctx = ctx;
	return server;
}

struct evconnlistener *
tcp_server_listen(const struct device *d, uint16_t port, evconnlistener_cb cb,
    void *ctx, struct error *err)
{
	int fd = lan_socket(&d->port, SOCK_STREAM, port, err);
	struct evconnlistener *listener;

	if (fd < 0)
		return NULL;
	listener = evconnlistener_new(
	    d->sim->base, cb, ctx, LEV_OPT_CLOSE_ON_FREE, BACKLOG, fd);
	if (listener == NULL) {
		error_errno(err, errno, "listen");
		close(fd);
	}
	return listener;
}

bool
tcp_server_open(struct tcp_server *server, uint16_t port, struct error *err)
{
	if (server->listener == NULL)
		server->listener = tcp_server_listen(
		    server->device, port, on_accept, server, err);
	return server->listener != NULL;
}

void
tcp_server_close(struct tcp_server *server)
{
	if (server->listener != NULL)
		evconnlistener_free(server->listener);
	server->listener = NULL;
	while (server->conns != NULL)
		hang_up_conn(server->conns);
}

void
tcp_server_free(struct tcp_server *server)
{
	if (server == NULL)
		return;
	tcp_server_close(server);
	free(server);
}
