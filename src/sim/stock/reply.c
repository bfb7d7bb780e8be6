/* SPDX-License-Identifier: ISC */
/* Makes the replies of the stock firmware, and spoils them by faults. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/stock/reply.h"

#define JSON_TYPE "application/json; charset=utf-8"

static void
set_text(struct reply *r, enum reply_how how, const char *text)
{
	free(r->text);
	r->how = how;
	r->text = xstrdup(text);
}

static void
set_body(
    struct reply *r, const char *status, const char *type, const char *body)
{
	free(r->text);
	r->text = xasprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\n"
			    "Content-Length: %zu\r\nConnection: close\r\n"
			    "\r\n%s",
	    status, type, strlen(body), body);
}

void
reply_json(struct reply *r, const struct device *d, int error, json_t *data)
{
	json_t *root =
	    json_pack("{s:i, s:i}", "seq", (int)d->seq, "error", error);
	char *text;

	if (data != NULL)
		json_object_set_new(root, "data", data);
	text = json_dumps(root, JSON_COMPACT);
	set_body(r, "200 OK", JSON_TYPE, text);
	free(text);
	json_decref(root);
}

/* Faults that answer every call with the same body. */
static const struct {
	enum fault fault;
	const char *status, *type, *body;
} bodies[] = {
	{ FAULT_NOT_JSON, "200 OK", JSON_TYPE, "error=0" },
	{ FAULT_NOT_OBJECT, "200 OK", JSON_TYPE, "[0]" },
	{ FAULT_NO_ERROR_KEY, "200 OK", JSON_TYPE, "{\"seq\":2}" },
	{ FAULT_ERROR_STRING, "200 OK", JSON_TYPE,
	    "{\"seq\":2,\"error\":\"0\"}" },
	{ FAULT_NO_DATA, "200 OK", JSON_TYPE, "{\"seq\":2,\"error\":0}" },
	{ FAULT_HTML, "404 Not Found", "text/html",
	    "<html><body>Not found</body></html>" },
	{ FAULT_HTTP_500, "500 Internal Server Error", "text/plain", "" },
	{ FAULT_ALL_400, "200 OK", JSON_TYPE, "{\"seq\":2,\"error\":400}" },
	{ FAULT_ALL_401, "200 OK", JSON_TYPE, "{\"seq\":2,\"error\":401}" },
	{ FAULT_ALL_404, "200 OK", JSON_TYPE, "{\"seq\":2,\"error\":404}" },
	{ FAULT_ALL_422, "200 OK", JSON_TYPE, "{\"seq\":2,\"error\":422}" },
};

/* Faults that answer without proper HTTP, or not at all. */
static const struct {
	enum fault fault;
	enum reply_how how;
	const char *text, *more;
} manners[] = {
	{ FAULT_RST, REPLY_RESET, "", NULL },
	{ FAULT_EMPTY_REPLY, REPLY_SEND, "", NULL },
	{ FAULT_NO_ANSWER, REPLY_HANG, "", NULL },
	{ FAULT_PAIRED, REPLY_HANG, "", NULL },
	{ FAULT_NOT_HTTP, REPLY_SEND, "SSH-2.0-dropbear\r\n", NULL },
	{ FAULT_SHORT_BODY, REPLY_SEND,
	    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"seq\":2,", NULL },
	{ FAULT_ENDLESS_BODY, REPLY_FLOOD, "HTTP/1.1 200 OK\r\n\r\n{\"seq\":",
	    "1111111111111111111111111111111111111111111111111111111111111" },
	{ FAULT_ENDLESS_HEADER, REPLY_FLOOD, "HTTP/1.1 200 OK\r\n",
	    "X-Padding: 11111111111111111111111111111111111111111111111\r\n" },
	{ FAULT_ENDLESS_100, REPLY_FLOOD, "", "HTTP/1.1 100 Continue\r\n\r\n" },
};

bool
reply_instead(struct reply *r, struct device *d, enum fault_on on)
{
	struct fault_set *faults = &d->spec.faults;

	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		if (!fault_strikes(faults, manners[i].fault, on))
			continue;
		set_text(r, manners[i].how, manners[i].text);
		r->more = manners[i].more;
		if (r->how == REPLY_HANG)
			r->delay_ms = d->spec.hang_ms;
		return true;
	}
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		if (!fault_strikes(faults, bodies[i].fault, on))
			continue;
		set_body(r, bodies[i].status, bodies[i].type, bodies[i].body);
		return true;
	}
	return false;
}

/* Replace the head of the answer by another one, which is good HTTP, too. */
static void
change_head(struct reply *r, struct fault_set *faults, enum fault_on on)
{
	const char *body = strstr(r->text, "\r\n\r\n") + 4;
	size_t len = strlen(body);
	char *text = NULL;

	if (fault_strikes(faults, FAULT_NO_LENGTH, on))
		text = xasprintf("HTTP/1.1 200 OK\r\n\r\n%s", body);
	else if (fault_strikes(faults, FAULT_HTTP_1_0, on))
		text = xasprintf("HTTP/1.0 200 OK\r\n\r\n%s", body);
	else if (fault_strikes(faults, FAULT_CHUNKED, on))
		text = xasprintf("HTTP/1.1 200 OK\r\ntransfer-encoding: "
				 "chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
		    len, body);
	else if (fault_strikes(faults, FAULT_TEXT_HTML, on))
		text =
		    xasprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			      "Content-Length: %zu\r\n\r\n%s",
			len, body);
	if (text == NULL)
		return;
	free(r->text);
	r->text = text;
}

void
reply_spoil(struct reply *r, struct device *d, enum fault_on on)
{
	struct fault_set *faults = &d->spec.faults;

	if (r->how != REPLY_SEND)
		return;
	if (fault_strikes(faults, FAULT_SLOW, on))
		r->delay_ms = REPLY_SLOW_MS;
	if (fault_strikes(faults, FAULT_BYTE_A_SECOND, on))
		r->how = REPLY_DRIP;
	if (fault_strikes(faults, FAULT_KEEP_OPEN, on))
		r->how = REPLY_STAY;
	if (r->text[0] != '\0')
		change_head(r, faults, on);
}
