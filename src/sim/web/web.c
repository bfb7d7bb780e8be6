/* SPDX-License-Identifier: ISC */
/* Serves HTTP at the address of a device, a request for each connection. */
#include "config.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/web/tcp_server.h"
#include "sim/web/web.h"
#include "sim/web/web_reply.h"
#include "sim/web/web_request.h"

struct web {
	struct device *device; /* borrowed, as ctx is */
	struct tcp_server *server;
	web_answer_fn *answer;
	void *ctx;
};

static enum tcp_server_next
on_request(
    void *ctx, struct evbuffer *in, struct evbuffer *out, unsigned *delay_ms)
{
	struct web *w = ctx;
	size_t len = evbuffer_get_length(in);
	const char *data = (const char *)evbuffer_pullup(in, -1);
	struct web_reply reply = { 0 };
	struct web_request r;
	enum web_request_state state = web_request_read(data, len, &r);

	if (state == WEB_REQUEST_MORE)
		return TCP_SERVER_STAY;
	w->answer(w->ctx, state == WEB_REQUEST_WHOLE ? &r : NULL, &reply);
	evbuffer_drain(in, len);
	if (reply.text != NULL)
		evbuffer_add(out, reply.text, strlen(reply.text));
	free(reply.text);
	*delay_ms = reply.delay_ms;
	return TCP_SERVER_CLOSE;
}

struct web *
web_new(struct device *d, web_answer_fn *answer, void *ctx)
{
	struct web *w = xcalloc(1, sizeof(*w));

	w->device = d;
	w->server = tcp_server_new(d, on_request, w);
	w->answer = answer;
	w->ctx = ctx;
	return w;
}

bool
web_open(struct web *w, struct error *err)
{
	return tcp_server_open(
	    w->server, (uint16_t)w->device->spec.web_port, err);
}

void
web_close(struct web *w)
{
	tcp_server_close(w->server);
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	tcp_server_free(w->server);
	free(w);
}
