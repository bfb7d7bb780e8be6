/* SPDX-License-Identifier: ISC */
/* Serves a binary protocol at the address of a device, a callback each read. */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/esphome/talk.h"
#include "sim/sim.h"

struct talk_conn {
	struct talk *talk; /* borrowed */
	struct bufferevent *bev;
	struct talk_conn *prev, *next;
	bool ends; /* with the last byte of its answer */
};

struct talk {
	struct device *device; /* borrowed, as ctx is */
	uint16_t port;
	talk_fn *fn;
	void *ctx;
	struct evconnlistener *listener;
	struct talk_conn *conns;
};

static void
hang_up(struct talk_conn *c)
{
	DL_DELETE(c->talk->conns, c);
	bufferevent_free(c->bev);
	free(c);
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct talk_conn *c = ctx;
	struct evbuffer *out = bufferevent_get_output(bev);

	if (c->ends)
		return;
	c->ends = c->talk->fn(c->talk->ctx, bufferevent_get_input(bev), out) ==
	    TALK_CLOSE;
	if (c->ends && evbuffer_get_length(out) == 0)
		hang_up(c);
}

static void
on_drained(struct bufferevent *bev, void *ctx)
{
	struct talk_conn *c = ctx;

	(void)bev;
	if (c->ends)
		hang_up(c);
}

static void
on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	hang_up(ctx);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx)
{
	struct talk *talk = ctx;
	struct talk_conn *c = xcalloc(1, sizeof(*c));

	(void)listener;
	(void)from;
	(void)len;
	c->talk = talk;
	c->bev = bufferevent_socket_new(talk->device->sim->base, fd,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	DL_APPEND(talk->conns, c);
	bufferevent_setcb(c->bev, on_read, on_drained, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

struct talk *
talk_new(struct device *d, uint16_t port, talk_fn *fn, void *ctx)
{
	struct talk *talk = xcalloc(1, sizeof(*talk));

	talk->device = d;
	talk->port = port;
	talk->fn = fn;
	talk->ctx = ctx;
	return talk;
}

bool
talk_open(struct talk *talk, struct error *err)
{
	struct device *d = talk->device;
	int fd;

	if (talk->listener != NULL)
		return true;
	fd = lan_socket(&d->port, SOCK_STREAM, talk->port, err);
	if (fd < 0)
		return false;
	talk->listener = evconnlistener_new(
	    d->sim->base, on_accept, talk, LEV_OPT_CLOSE_ON_FREE, 8, fd);
	if (talk->listener != NULL)
		return true;
	close(fd);
	return error_errno(err, errno, "listen");
}

void
talk_close(struct talk *talk)
{
	if (talk->listener != NULL)
		evconnlistener_free(talk->listener);
	talk->listener = NULL;
	while (talk->conns != NULL)
		hang_up(talk->conns);
}

void
talk_free(struct talk *talk)
{
	if (talk == NULL)
		return;
	talk_close(talk);
	free(talk);
}
