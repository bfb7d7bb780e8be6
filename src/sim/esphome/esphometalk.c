/* SPDX-License-Identifier: ISC */
/*
 * Answers as ESPHome does, as far as a greeting goes: its native API in plain
 * text or refusing it, its page, and its port for updates up to the features,
 * behind which nobody has any business.
 */
#include "config.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/booted.h"
#include "sim/device.h"
#include "sim/esphome/esphome.h"
#include "sim/esphome/esphometalk.h"
#include "sim/esphome/talk.h"
#include "sim/tasmota/web.h"
#include "sim/tasmota/webreply.h"
#include "sim/tasmota/webrequest.h"

#define OTA_PORT     8266
#define OTA_VERSION  2
#define HELLO	     1 /* api.proto: HelloRequest */
#define HELLO_ANSWER 2

struct esphometalk {
	struct device *device; /* borrowed */
	struct talk *api, *ota;
	struct web *web;
};

static bool
has_fault(const struct esphometalk *t, enum fault fault)
{
	return fault_has(&t->device->spec.faults, fault);
}

/* ---- the native API ---------------------------------------------------- */

/* APINoiseFrameHelper::send_explicit_handshake_reject_() */
static void
reject(struct evbuffer *out)
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

/* APIConnection::hello() */
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

/* One frame at a time, of fewer than 128 bytes, as a hello is. */
static enum talk_next
on_api(void *ctx, struct evbuffer *in, struct evbuffer *out)
{
	const struct esphometalk *t = ctx;
	size_t len = evbuffer_get_length(in);
	unsigned char head[3];

	if (has_fault(t, FAULT_ESPHOME_MUTE) || len == 0)
		return TALK_STAY;
	evbuffer_copyout(in, head, sizeof(head));
	if (has_fault(t, FAULT_ESPHOME_ENCRYPTED) && head[0] != 1) {
		reject(out);
		return TALK_CLOSE;
	}
	if (head[0] != 0) {
		/* APIPlaintextFrameHelper::read_packet() */
		evbuffer_add(out, "\0Bad indicator byte", 19);
		return TALK_CLOSE;
	}
	if (len < 3 || len < 3U + head[1])
		return TALK_STAY;
	evbuffer_drain(in, 3U + head[1]);
	if (head[2] != HELLO)
		return TALK_CLOSE;
	answer_hello(t->device, out);
	return TALK_STAY;
}

/* ---- updates ----------------------------------------------------------- */

/* ESPHomeOTAComponent::handle_() */
static enum talk_next
on_ota(void *ctx, struct evbuffer *in, struct evbuffer *out)
{
	static const unsigned char magic[] = { 0x6c, 0x26, 0xf7, 0x5c, 0x45 };
	static const unsigned char yes[] = { 0, OTA_VERSION };
	static const unsigned char no[] = { 0x80 }; /* ERROR_MAGIC */
	const struct esphometalk *t = ctx;
	unsigned char data[sizeof(magic)];

	if (has_fault(t, FAULT_ESPHOME_MUTE) ||
	    evbuffer_get_length(in) < sizeof(magic))
		return TALK_STAY;
	evbuffer_remove(in, data, sizeof(data));
	if (memcmp(data, magic, sizeof(magic)) != 0) {
		evbuffer_add(out, no, sizeof(no));
		return TALK_CLOSE;
	}
	evbuffer_add(out, yes, sizeof(yes));
	return TALK_STAY;
}

/* ---- its web server ---------------------------------------------------- */

/* build_index_html() of components/web_server/__init__.py, version 2 */
static void
on_web(void *ctx, const struct webrequest *r, struct webreply *reply)
{
	static const char page[] =
	    "<!DOCTYPE html><html><head><meta charset=UTF-8>"
	    "<link rel=icon href=data:></head><body><esp-app></esp-app>"
	    "<script src=\"https://oi.esphome.io/v2/www.js\"></script>"
	    "</body></html>";
	const struct esphometalk *t = ctx;

	if (has_fault(t, FAULT_ESPHOME_MUTE) || r == NULL)
		return;
	if (strcmp(r->path, "/") == 0)
		webreply_set(
		    reply, "200 OK", WEBREPLY_HTML, "", r->http11, page);
	else
		webreply_set(
		    reply, "404 Not Found", "text/plain", "", r->http11, "");
}

/* ------------------------------------------------------------------------ */

struct esphometalk *
esphometalk_new(struct device *d)
{
	struct esphometalk *t = xcalloc(1, sizeof(*t));

	t->device = d;
	t->api = talk_new(d, ESPHOME_API_PORT, on_api, t);
	t->ota = talk_new(d, OTA_PORT, on_ota, t);
	t->web = web_new(d, 0, on_web, t);
	return t;
}

void
esphometalk_free(struct esphometalk *t)
{
	if (t == NULL)
		return;
	talk_free(t->api);
	talk_free(t->ota);
	web_free(t->web);
	free(t);
}

bool
esphometalk_open(struct esphometalk *t, struct error *err)
{
	bool only_ota = has_fault(t, FAULT_ESPHOME_ONLY_OTA);
	bool has_web = has_fault(t, FAULT_ESPHOME_WEB) ||
	    has_fault(t, FAULT_ESPHOME_NO_API);

	if (!only_ota && !has_web && !talk_open(t->api, err))
		return false;
	if (!only_ota && has_web && !web_open(t->web, err))
		return false;
	return talk_open(t->ota, err);
}

void
esphometalk_close(struct esphometalk *t)
{
	talk_close(t->api);
	talk_close(t->ota);
	web_close(t->web);
}
