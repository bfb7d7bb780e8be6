/* SPDX-License-Identifier: ISC */
/* Answers at the ports of ESPHome as far as a greeting goes: API, page, OTA. */
#include "config.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/esphome/esphome.h"
#include "sim/esphome/esphome_talk.h"
#include "sim/web/tcp_server.h"
#include "sim/web/web.h"
#include "sim/web/web_reply.h"
#include "sim/web/web_request.h"

#define OTA_PORT     8266
#define OTA_VERSION  2
#define HELLO	     1 /* api.proto: HelloRequest */
#define HELLO_ANSWER 2

struct esphome_talk {
	struct device *device; /* borrowed */
	struct tcp_server *api, *ota;
	struct web *web;
};

static bool
has_fault(const struct esphome_talk *t, enum fault fault)
{
	return fault_has(&t->device->spec.faults, fault);
}

/* Refuse as APINoiseFrameHelper::send_explicit_handshake_reject_() does. */
static void
send_reject(struct evbuffer *out)
{
	static const char reason[] = "Bad indicator byte";
	const unsigned char head[] = { 1, 0, sizeof(reason), 1 };

	evbuffer_add(out, head, sizeof(head));
	evbuffer_add(out, reason, sizeof(reason) - 1);
}

static void
add_text(struct evbuffer *out, unsigned char field, const char *text)
{
	const unsigned char head[] = { (unsigned char)(field << 3 | 2),
		(unsigned char)strlen(text) };

	evbuffer_add(out, head, sizeof(head));
	evbuffer_add(out, text, strlen(text));
}

/* Answer a hello, as APIConnection::hello() does. */
static void
answer_hello(const struct device *d, struct evbuffer *out)
{
	static const unsigned char versions[] = { 1 << 3, 1, 2 << 3, 10 };
	struct evbuffer *body = evbuffer_new();
	char name[32], info[80];
	unsigned char head[3] = { 0, 0, HELLO_ANSWER };

	esphome_instance(d, name, sizeof(name));
	snprintf(
	    info, sizeof(info), "%s (esphome v%s)", name, esphome_version(d));
	evbuffer_add(body, versions, sizeof(versions));
	add_text(body, 3, info);
	add_text(body, 4, name);
	head[1] = (unsigned char)evbuffer_get_length(body);
	evbuffer_add(out, head, sizeof(head));
	evbuffer_add_buffer(out, body);
	evbuffer_free(body);
}

/* Answer one frame at a time, of fewer than 128 bytes, as a hello is. */
static enum tcp_server_next
on_api(void *ctx, struct evbuffer *in, struct evbuffer *out, unsigned *delay_ms)
{
	const struct esphome_talk *t = ctx;
	size_t len = evbuffer_get_length(in);
	unsigned char head[3];

	(void)delay_ms;
	if (has_fault(t, FAULT_ESPHOME_MUTE) || len == 0)
		return TCP_SERVER_STAY;
	evbuffer_copyout(in, head, sizeof(head));
	if (has_fault(t, FAULT_ESPHOME_ENCRYPTED) && head[0] != 1) {
		send_reject(out);
		return TCP_SERVER_CLOSE;
	}
	if (head[0] != 0) {
		/* APIPlaintextFrameHelper::read_packet() */
		evbuffer_add(out, "\0Bad indicator byte", 19);
		return TCP_SERVER_CLOSE;
	}
	if (len < 3 || len < 3U + head[1])
		return TCP_SERVER_STAY;
	evbuffer_drain(in, 3U + head[1]);
	if (head[2] != HELLO)
		return TCP_SERVER_CLOSE;
	answer_hello(t->device, out);
	return TCP_SERVER_STAY;
}

/* Answer the start of an update, as ESPHomeOTAComponent::handle_() does. */
static enum tcp_server_next
on_ota(void *ctx, struct evbuffer *in, struct evbuffer *out, unsigned *delay_ms)
{
	static const unsigned char magic[] = { 0x6c, 0x26, 0xf7, 0x5c, 0x45 };
	static const unsigned char yes[] = { 0, OTA_VERSION };
	static const unsigned char no[] = { 0x80 }; /* ERROR_MAGIC */
	const struct esphome_talk *t = ctx;
	unsigned char data[sizeof(magic)];

	(void)delay_ms;
	if (has_fault(t, FAULT_ESPHOME_MUTE) ||
	    evbuffer_get_length(in) < sizeof(magic))
		return TCP_SERVER_STAY;
	evbuffer_remove(in, data, sizeof(data));
	if (memcmp(data, magic, sizeof(magic)) != 0) {
		evbuffer_add(out, no, sizeof(no));
		return TCP_SERVER_CLOSE;
	}
	evbuffer_add(out, yes, sizeof(yes));
	return TCP_SERVER_STAY;
}

/* Send the page of build_index_html() in components/web_server/__init__.py. */
static void
on_web(void *ctx, const struct web_request *r, struct web_reply *reply)
{
	static const char page[] =
	    "<!DOCTYPE html><html><head><meta charset=UTF-8>"
	    "<link rel=icon href=data:></head><body><esp-app></esp-app>"
	    "<script src=\"https://oi.esphome.io/v2/www.js\"></script>"
	    "</body></html>";
	const struct esphome_talk *t = ctx;

	if (has_fault(t, FAULT_ESPHOME_MUTE) || r == NULL)
		return;
	if (strcmp(r->path, "/") == 0)
		web_reply_set(
		    reply, "200 OK", WEB_REPLY_HTML, "", r->http11, page);
	else
		web_reply_set(
		    reply, "404 Not Found", "text/plain", "", r->http11, "");
}

struct esphome_talk *
esphome_talk_new(struct device *d)
{
	struct esphome_talk *t = xcalloc(1, sizeof(*t));

	t->device = d;
	t->api = tcp_server_new(d, on_api, t);
	t->ota = tcp_server_new(d, on_ota, t);
	t->web = web_new(d, on_web, t);
	return t;
}

void
esphome_talk_free(struct esphome_talk *t)
{
	if (t == NULL)
		return;
	tcp_server_free(t->api);
	tcp_server_free(t->ota);
	web_free(t->web);
	free(t);
}

bool
esphome_talk_open(struct esphome_talk *t, struct error *err)
{
	bool only_ota = has_fault(t, FAULT_ESPHOME_ONLY_OTA);
	bool has_web = has_fault(t, FAULT_ESPHOME_WEB) ||
	    has_fault(t, FAULT_ESPHOME_NO_API);

	if (!only_ota && !has_web &&
	    !tcp_server_open(t->api, ESPHOME_API_PORT, err))
		return false;
	if (!only_ota && has_web && !web_open(t->web, err))
		return false;
	return tcp_server_open(t->ota, OTA_PORT, err);
}

void
esphome_talk_close(struct esphome_talk *t)
{
	tcp_server_close(t->api);
	tcp_server_close(t->ota);
	web_close(t->web);
}
