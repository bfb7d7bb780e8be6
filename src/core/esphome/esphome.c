/* SPDX-License-Identifier: ISC */
/*
 * Recognises an ESPHome by how it answers, as its source has it (2024.10:
 * components/api, components/web_server, components/esphome/ota).
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "core/esphome/esphome.h"

#define HELLO_RESPONSE 2   /* api.proto */
#define MAX_FRAME      512 /* a hello has fewer than 150 bytes */
#define MAX_REJECT     128 /* api_frame_helper: "only permit up to 128" */
#define AS_ANNOUNCED   "as it announces itself, and "

/* HelloRequest: client_info, api_version_major 1, api_version_minor 10. */
static const char hello[] = "\0\016\001"
			    "\012\010reflashd"
			    "\020\001\030\012";
static const char magic[] = "\x6c\x26\xf7\x5c\x45";
static const char page[] = "GET / HTTP/1.0\r\n\r\n";
static const char events[] =
    "GET /events HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n";

#define ASK(port, text) { port, text, sizeof(text) - 1 }

static const struct esphome_ask asks[ESPHOME_QUESTIONS] = {
	[ESPHOME_API] = ASK(6053, hello),
	[ESPHOME_WEB] = ASK(80, page),
	[ESPHOME_EVENTS] = ASK(80, events),
	[ESPHOME_OTA] = ASK(8266, magic),
};

const struct esphome_ask *
esphome_ask(enum esphome_question question)
{
	return &asks[question];
}

struct bytes {
	const unsigned char *at;
	size_t left;
};

static bool
read_varint(struct bytes *b, uint32_t *out)
{
	*out = 0;
	for (unsigned shift = 0; b->left > 0 && shift < 32; shift += 7) {
		unsigned char byte = *b->at++;

		b->left--;
		*out |= (uint32_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

/* Read the version from "sonoff-0a5bf6 (esphome v2024.10.3)". */
static void
read_version(const char *info, size_t len, char version[32])
{
	static const char mark[] = "(esphome v";
	const char *at = memmem(info, len, mark, sizeof(mark) - 1);
	const char *end;
	size_t n;

	if (at == NULL)
		return;
	at += sizeof(mark) - 1;
	end = memchr(at, ')', len - (size_t)(at - info));
	n = end != NULL ? (size_t)(end - at) : 0;
	if (n > 0 && n < 32)
		text_escape(version, 32, at, n);
}

/* Read the fields of a HelloResponse.  Returns false if it is none. */
static bool
read_hello(struct bytes body, char version[32])
{
	uint32_t key, value, major = 0;

	while (body.left > 0) {
		if (!read_varint(&body, &key) || !read_varint(&body, &value))
			return false;
		if (key == (1 << 3 | 0))
			major = value;
		if ((key & 7) == 0)
			continue;
		if ((key & 7) != 2 || value > body.left)
			return false;
		if (key == (3 << 3 | 2))
			read_version((const char *)body.at, value, version);
		body.at += value;
		body.left -= value;
	}
	return major == 1;
}

static enum esphome_verdict
judge_hello(struct bytes b, struct esphome_sign *sign)
{
	uint32_t len, type;

	if (!read_varint(&b, &len) || !read_varint(&b, &type))
		return b.left == 0 ? ESPHOME_MORE : ESPHOME_NO;
	if (len > MAX_FRAME || type != HELLO_RESPONSE)
		return ESPHOME_NO;
	if (b.left < len)
		return ESPHOME_MORE;
	b.left = len;
	if (!read_hello(b, sign->version))
		return ESPHOME_NO;
	sign->how = sign->version[0] != '\0' ? "as its native API says"
					     : AS_ANNOUNCED
	    "its native API answers";
	return ESPHOME_YES;
}

/* Judge a refusal: an encrypted ESPHome answers "Bad indicator byte". */
static enum esphome_verdict
judge_reject(struct bytes b, struct esphome_sign *sign)
{
	size_t len;

	if (b.left < 3)
		return ESPHOME_MORE;
	len = (size_t)b.at[0] << 8 | b.at[1];
	if (len < 2 || len > MAX_REJECT || b.at[2] != 1)
		return ESPHOME_NO;
	if (b.left < 2 + len)
		return ESPHOME_MORE;
	for (size_t i = 3; i < 2 + len; i++)
		if (!isprint(b.at[i]))
			return ESPHOME_NO;
	sign->how = AS_ANNOUNCED "its native API wants encryption";
	return ESPHOME_YES;
}

static enum esphome_verdict
judge_api(const char *data, size_t len, struct esphome_sign *sign)
{
	struct bytes b = { (const unsigned char *)data + 1, len - 1 };

	if (len == 0)
		return ESPHOME_MORE;
	if (data[0] == 0)
		return judge_hello(b, sign);
	return data[0] == 1 ? judge_reject(b, sign) : ESPHOME_NO;
}

static bool
has(const char *data, size_t len, const char *text)
{
	return memmem(data, len, text, strlen(text)) != NULL;
}

/*
 * Judge the page of the web server: version 1 loads its style from that host,
 * later ones have the element.
 */
static enum esphome_verdict
judge_web(const char *data, size_t len, struct esphome_sign *sign)
{
	if (!has(data, len, "//oi.esphome.io/") &&
	    !has(data, len, "<esp-app>") && !has(data, len, "ESPHome Web API"))
		return ESPHOME_MORE;
	sign->how = AS_ANNOUNCED "its web server has the page of ESPHome";
	return ESPHOME_YES;
}

/* Judge the first event of the web server: see get_config_json(). */
static enum esphome_verdict
judge_events(const char *data, size_t len, struct esphome_sign *sign)
{
	if (!has(data, len, "event: ping") || !has(data, len, "\"title\":") ||
	    !has(data, len, "\"ota\":"))
		return ESPHOME_MORE;
	sign->how = AS_ANNOUNCED "its web server has the events of ESPHome";
	return ESPHOME_YES;
}

/* Judge the port for updates: OTA_RESPONSE_OK, then protocol 1 or 2. */
static enum esphome_verdict
judge_ota(const char *data, size_t len, struct esphome_sign *sign)
{
	if (len < 2)
		return ESPHOME_MORE;
	if (len > 2 || data[0] != 0 || (data[1] != 1 && data[1] != 2))
		return ESPHOME_NO;
	sign->how = AS_ANNOUNCED "its port for updates answers as ESPHome does";
	return ESPHOME_YES;
}

enum esphome_verdict
esphome_judge(enum esphome_question question, const void *data, size_t len,
    struct esphome_sign *sign)
{
	static enum esphome_verdict (*const judges[ESPHOME_QUESTIONS])(
	    const char *, size_t, struct esphome_sign *) = {
		[ESPHOME_API] = judge_api,
		[ESPHOME_WEB] = judge_web,
		[ESPHOME_EVENTS] = judge_events,
		[ESPHOME_OTA] = judge_ota,
	};

	*sign = (struct esphome_sign){ .how = "" };
	return judges[question](data, len, sign);
}
