/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/tasmota/web.h"
#include "sim/tasmota/webreply.h"
#include "sim/tasmota/webrequest.h"
#include "sim/timer.h"

struct conn {
	struct web *web; /* borrowed */
	struct bufferevent *bev;
	struct event *timer;
	struct webreply reply;
	struct conn *next;
	bool answered, sent;
};

struct web {
	struct device *device; /* borrowed, as ctx is */
	uint16_t port;	       /* 0: that of web servers */
	web_answer_fn *answer;
	void *ctx;
	struct evconnlistener *listener;
	struct conn *conns;
};

static void
hang_up(struct conn *c)
{
	struct conn **at = &c->web->conns;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	bufferevent_free(c->bev);
	event_free(c->timer);
	free(c->reply.text);
	free(c);
}

static void
on_drained(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;

	(void)bev;
	if (c->sent)
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
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct conn *c = ctx;

	(void)fd;
	(void)what;
	if (c->reply.text == NULL || c->reply.text[0] == '\0') {
		hang_up(c);
		return;
	}
	c->sent = true;
	bufferevent_write(c->bev, c->reply.text, strlen(c->reply.text));
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct conn *c = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	const char *data = (const char *)evbuffer_pullup(in, -1);
	struct webrequest r;
	enum webrequest_state state;

	if (c->answered) {
		evbuffer_drain(in, len);
		return;
	}
	state = webrequest_read(data, len, &r);
	if (state == WEBREQUEST_MORE)
		return;
	c->answered = true;
	c->web->answer(
	    c->web->ctx, state == WEBREQUEST_WHOLE ? &r : NULL, &c->reply);
	evbuffer_drain(in, len);
	timer_set(c->timer, c->reply.delay_ms);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx)
{
	struct web *w = ctx;
	struct conn *c = xcalloc(1, sizeof(*c));

	(void)listener;
	(void)from;
	(void)len;
	c->web = w;
	c->bev = bufferevent_socket_new(w->device->sim->base, fd,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	c->timer = evtimer_new(w->device->sim->base, on_timer, c);
	c->next = w->conns;
	w->conns = c;
	bufferevent_setcb(c->bev, on_read, on_drained, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

struct web *
web_new(struct device *d, uint16_t port, web_answer_fn *answer, void *ctx)
{
	struct web *w = xcalloc(1, sizeof(*w));

	w->device = d;
	w->port = port;
	w->answer = answer;
	w->ctx = ctx;
	return w;
}

bool
web_open(struct web *w, struct error *err)
{
	struct device *d = w->device;
	uint16_t port = w->port != 0 ? w->port : (uint16_t)d->spec.web_port;
	int fd;

	if (w->listener != NULL)
		return true;
	fd = lan_socket(&d->port, SOCK_STREAM, port, err);
	if (fd < 0)
		return false;
	w->listener = evconnlistener_new(
	    d->sim->base, on_accept, w, LEV_OPT_CLOSE_ON_FREE, 8, fd);
	if (w->listener != NULL)
		return true;
	close(fd);
	return error_errno(err, errno, "listen");
}

void
web_close(struct web *w)
{
	if (w->listener != NULL)
		evconnlistener_free(w->listener);
	w->listener = NULL;
	while (w->conns != NULL)
		hang_up(w->conns);
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	web_close(w);
	free(w);
}
