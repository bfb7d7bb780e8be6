/* SPDX-License-Identifier: ISC */
/* Writes the replies to browsers. */
#include "config.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/http/web_reply.h"

#define JSON_TYPE "application/json"

/*
 * No script but our own, no frame, no form, nothing from elsewhere; nothing is
 * kept, and no other site may read it.
 */
#define POLICY                                                                 \
	"default-src 'none'; script-src 'self'; style-src 'self'; "            \
	"img-src 'self'; connect-src 'self'; form-action 'none'; "             \
	"base-uri 'none'; frame-ancestors "

static const char *const protection[][2] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cache-Control", "no-store" },
};

static const char *
words_of(int status)
{
	static const struct {
		int status;
		const char *words;
	} table[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 415, "Unsupported Media Type" },
		{ 421, "Misdirected Request" },
		{ 429, "Too Many Requests" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Error";
}

void
web_reply_header(struct web_visit *visit, const char *name, const char *value)
{
	evhttp_add_header(
	    evhttp_request_get_output_headers(visit->request), name, value);
}

static void
add_protection(struct web_visit *visit)
{
	web_reply_header(visit, "Content-Security-Policy",
	    visit->may_be_framed ? POLICY "'self'" : POLICY "'none'");
	for (size_t i = 0; i < sizeof(protection) / sizeof(protection[0]); i++)
		web_reply_header(visit, protection[i][0], protection[i][1]);
}

void
web_reply_buffer(struct web_visit *visit, int status, const char *type,
    struct evbuffer *body)
{
	struct evhttp_request *request = visit->request;
	bool is_head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
	size_t len = evbuffer_get_length(body);
	char length[24];

	if (!web_server_has_room(visit, len)) {
		web_reply_header(visit, "Retry-After", "5");
		web_reply_refuse(visit, 503, "EBUSY",
		    "too much is being sent already; try again in a moment");
		return;
	}
	snprintf(length, sizeof(length), "%zu", len);
	add_protection(visit);
	web_reply_header(visit, "Content-Type", type);
	web_reply_header(visit, "Content-Length", length);
	evhttp_send_reply(
	    request, status, words_of(status), is_head ? NULL : body);
	web_server_answered(visit, len);
}

void
web_reply_bytes(struct web_visit *visit, int status, const char *type,
    const void *body, size_t len)
{
	struct evbuffer *buffer = evbuffer_new();

	if (buffer == NULL || evbuffer_add(buffer, body, len) != 0)
		abort(); /* as when any memory is out */
	web_reply_buffer(visit, status, type, buffer);
	evbuffer_free(buffer);
}

void
web_reply_json(struct web_visit *visit, int status, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (text == NULL)
		abort(); /* as when any memory is out */
	web_reply_bytes(visit, status, JSON_TYPE, text, strlen(text));
	free(text);
}

void
web_reply_refuse(
    struct web_visit *visit, int status, const char *code, const char *sentence)
{
	web_reply_json(visit, status,
	    json_pack(
		"{s:b, s:s, s:s}", "ok", 0, "code", code, "error", sentence));
}

void
web_reply_begin_stream(struct web_visit *visit)
{
	add_protection(visit);
	web_reply_header(visit, "Content-Type", "text/event-stream");
	web_reply_header(visit, "X-Accel-Buffering", "no");
	evhttp_send_reply_start(visit->request, 200, "OK");
}
