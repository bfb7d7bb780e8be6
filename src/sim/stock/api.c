/* SPDX-License-Identifier: ISC */
/* The HTTP server of the stock firmware, which notes each bad request. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sim/device.h"
#include "sim/sim.h"
#include "sim/stock/api.h"
#include "sim/stock/reply.h"
#include "sim/stock/request.h"
#include "sim/stock/zeroconf.h"
#include "sim/timer.h"
#include "sim/web/tcp_server.h"

#define GAP_MS	 200 /* between two requests, by the vendor's document */
#define GRACE_MS 100 /* each process has its own idea of the end */
#define SEGMENT	 1400
#define STAY_MS	 30000 /* how long an answered connection stays open */
#define FLOOD_MS 5
#define AFTER_MS 50 /* until the answer has left */

struct api {
	struct device *device; /* borrowed */
	struct evconnlistener *listener;
	struct bufferevent *conn; /* the only one, or NULL */
	struct event *timer, *later;
	struct reply reply;
	void (*after)(struct device *);
	bool answering, finished, peer_left;
	size_t sent;	   /* bytes sent of a reply that is sent in parts */
	uint64_t last_end; /* when the other side could know of the end */
};

static void
set_reset(evutil_socket_t fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* End the connection; what the call has to cause comes soon after. */
static void
hang_up_conn(struct api *a)
{
	if (a->conn == NULL)
		return;
	a->after = a->reply.after;
	if (a->after != NULL)
		timer_set(a->later, AFTER_MS);
	bufferevent_free(a->conn);
	a->conn = NULL;
	event_del(a->timer);
	free(a->reply.text);
	memset(&a->reply, 0, sizeof(a->reply));
	if (!a->finished && !a->peer_left)
		a->last_end = clock_awake_ms();
}

static void
on_later(evutil_socket_t fd, short what, void *ctx)
{
	struct api *a = ctx;

	(void)fd;
	(void)what;
	a->after(a->device);
}

static void
on_drained(struct bufferevent *bev, void *ctx)
{
	struct api *a = ctx;

	(void)bev;
	if (a->finished)
		hang_up_conn(a);
}

static void
send_text(struct api *a, const char *text, size_t len, bool last)
{
	a->finished = last;
	a->last_end = clock_awake_ms();
	bufferevent_write(a->conn, text, len);
	/* With nothing left to send, on_drained() is not called. */
	if (last && evbuffer_get_length(bufferevent_get_output(a->conn)) == 0)
		hang_up_conn(a);
}

static void
send_byte(struct api *a)
{
	size_t len = strlen(a->reply.text);

	a->sent++;
	timer_set(a->timer, 1000);
	send_text(a, a->reply.text + a->sent - 1, 1, a->sent == len);
}

/* Answer at once, and close late: the device waits for another request. */
static void
send_and_stay(struct api *a)
{
	if (a->sent++ > 0) {
		hang_up_conn(a);
		return;
	}
	timer_set(a->timer, STAY_MS);
	send_text(a, a->reply.text, strlen(a->reply.text), false);
}

static void
send_flood(struct api *a)
{
	struct evbuffer *out = bufferevent_get_output(a->conn);

	if (a->sent++ == 0)
		bufferevent_write(
		    a->conn, a->reply.text, strlen(a->reply.text));
	if (evbuffer_get_length(out) < 65536)
		for (int i = 0; i < 16; i++)
			evbuffer_add(out, a->reply.more, strlen(a->reply.more));
	timer_set(a->timer, FLOOD_MS);
}

/* Send the reply, or its next part. */
static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct api *a = ctx;

	(void)fd;
	(void)what;
	if (a->conn == NULL)
		return;
	switch (a->reply.how) {
	case REPLY_SEND:
		send_text(a, a->reply.text, strlen(a->reply.text), true);
		break;
	case REPLY_STAY:
		send_and_stay(a);
		break;
	case REPLY_DRIP:
		send_byte(a);
		break;
	case REPLY_FLOOD:
		send_flood(a);
		break;
	case REPLY_RESET:
		set_reset(bufferevent_getfd(a->conn));
		hang_up_conn(a);
		break;
	case REPLY_HANG:
	case REPLY_STUCK:
		hang_up_conn(a);
		break;
	case REPLY_LAST:
		break;
	}
}

static void
take_breaches(struct device *d, struct problems *found)
{
	for (size_t i = 0; i < found->count; i++)
		device_breach(d, "%s", found->text[i]);
	problems_fini(found);
}

static void
answer_request(
    struct api *a, const char *data, size_t len, const struct request *r)
{
	struct problems found = { 0 };

	a->answering = true;
	request_check(data, len, r, &found);
	take_breaches(a->device, &found);
	device_say(a->device, "%s %s", r->method, r->path);
	/* A browser's GET is reset (Sonoff_Devices_DIY_Tools#103). */
	if (strcmp(r->method, "POST") != 0)
		a->reply.how = REPLY_RESET;
	else
		zeroconf_answer(a->device, r, &a->reply);
	if (a->reply.how != REPLY_LAST)
		timer_set(a->timer, a->reply.delay_ms);
}

static void
on_read(struct bufferevent *bev, void *ctx)
{
	struct api *a = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	const char *data = (const char *)evbuffer_pullup(in, -1);
	struct request r;

	if (a->answering) {
		device_breach(a->device, "%zu bytes after the request", len);
		evbuffer_drain(in, len);
		return;
	}
	switch (request_read(data, len, &r)) {
	case REQUEST_MORE:
		if (len < SEGMENT)
			device_breach(a->device,
			    "the header came in more than one piece");
		break;
	case REQUEST_BODY:
		if (r.head_len + r.body_len < SEGMENT)
			device_breach(
			    a->device, "the header came without its body");
		break;
	case REQUEST_BROKEN:
		device_breach(a->device, "not a request: %.60s", data);
		set_reset(bufferevent_getfd(bev));
		hang_up_conn(a);
		break;
	case REQUEST_WHOLE:
		answer_request(a, data, len, &r);
		evbuffer_drain(in, len);
		break;
	}
}

/* Return true if the call was over earlier, when its answer was sent. */
static bool
has_stayed(const struct api *a)
{
	return a->answering && a->reply.how == REPLY_STAY && a->sent > 0;
}

static void
on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct api *a = ctx;

	(void)what;
	if (!a->peer_left && !a->finished && !has_stayed(a))
		a->last_end = clock_awake_ms();
	a->peer_left = true;
	if (a->answering && a->reply.how == REPLY_STUCK) {
		/* The device does not notice: its call to the cloud hangs. */
		bufferevent_disable(a->conn, EV_READ | EV_WRITE);
		return;
	}
	/* A caller may give up on a slow connection after its bytes. */
	if (!a->answering &&
	    evbuffer_get_length(bufferevent_get_input(bev)) > 0)
		device_breach(a->device, "closed before the request was whole");
	hang_up_conn(a);
}

static void
refuse_conn(struct api *a, evutil_socket_t fd)
{
	bool crowded = a->conn != NULL && !a->peer_left && !a->finished;

	if (crowded)
		device_breach(
		    a->device, "a second connection while the first is open");
	a->device->tally.refused++;
	set_reset(fd);
	close(fd);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx)
{
	struct api *a = ctx;
	struct device *d = a->device;
	uint64_t now = clock_awake_ms();

	(void)listener;
	(void)from;
	(void)len;
	if (a->conn != NULL ||
	    fault_strikes(&d->spec.faults, FAULT_BUSY, ON_ALL)) {
		refuse_conn(a, fd);
		return;
	}
	if (a->last_end != 0 && now + GRACE_MS < a->last_end + GAP_MS)
		device_breach(d, "a call %u ms after the end of the last one",
		    (unsigned)(now - a->last_end));
	a->conn = bufferevent_socket_new(
	    d->sim->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	a->answering = a->finished = a->peer_left = false;
	a->sent = 0;
	bufferevent_setcb(a->conn, on_read, on_drained, on_event, a);
	bufferevent_enable(a->conn, EV_READ | EV_WRITE);
}

struct api *
api_new(struct device *d)
{
	struct api *a = xcalloc(1, sizeof(*a));

	a->device = d;
	a->timer = evtimer_new(d->sim->base, on_timer, a);
	a->later = evtimer_new(d->sim->base, on_later, a);
	return a;
}

bool
api_open(struct api *a, struct error *err)
{
	a->listener = tcp_server_listen(
	    a->device, (uint16_t)a->device->spec.port, on_accept, a, err);
	return a->listener != NULL;
}

void
api_close(struct api *a)
{
	a->reply.after = NULL;
	hang_up_conn(a);
	event_del(a->later);
	if (a->listener != NULL)
		evconnlistener_free(a->listener);
	a->listener = NULL;
	a->last_end = 0;
}

void
api_release(struct api *a, int verdict)
{
	int code = 0;

	if (a->conn == NULL || !a->answering || a->reply.how != REPLY_LAST)
		return;
	if (verdict != 0 && a->device->pre_download != 0)
		code = a->device->pre_download;
	else if (verdict != 0)
		code = 408;
	reply_json(&a->reply, a->device, code, NULL);
	a->reply.how = REPLY_SEND;
	timer_set(a->timer, 0);
}

void
api_free(struct api *a)
{
	if (a == NULL)
		return;
	api_close(a);
	event_free(a->timer);
	event_free(a->later);
	free(a);
}
