/* SPDX-License-Identifier: ISC */
/*
 * io/http/client for the world: brings the daemon's requests to the devices, or
 * loses them on the way, and keeps the pause between two of them.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/http/httpmsg.h"
#include "io/http/client.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"

#define MAX_TRIES 10
#define MAX_CALLS 256

struct client {
	client_why_not *why_not;
	void *ctx;
	struct client_call *calls;
	struct peer {
		uint64_t free_ms; /* no connection before */
		struct client_call *at_work;
		uint64_t next;
		struct client *client;
		unsigned last;
	} peers[256];
	uint64_t rest_until_ms;
};

struct client_call {
	struct client *client;
	struct peer *peer;
	client_cb *cb;
	void *ctx;
	char *method, *path, *body, *raw;
	size_t raw_len;
	client_enough *is_enough;
	unsigned port, timeout_ms, tries;
	bool may_repeat, is_urgent, is_sent;
	uint64_t asked_ms, due_ms, event;
	enum client_end end; /* that comes by the event */
	bool is_ours;
	const char *why;
	struct answer answer;
	struct in_addr address;
	struct client_call *prev, *next;
};

static const char *const words[] = {
#define X(symbol, word) word,
	CLIENT_ENDS(X)
#undef X
};

const char *
client_end_word(enum client_end end)
{
	return words[end];
}

static void begin_next(void *ctx);

static void
plan_next(struct client *client, struct peer *peer)
{
	uint64_t at = peer->free_ms > client->rest_until_ms
	    ? peer->free_ms
	    : client->rest_until_ms;

	if (peer->next == 0 && peer->at_work == NULL)
		peer->next = world_at_of_daemon(at, begin_next, peer);
}

static void
call_free(struct client_call *call)
{
	struct peer *peer = call->peer;

	world_cancel(call->event);
	if (peer->at_work == call) {
		peer->at_work = NULL;
		peer->free_ms = world_ms() + CLIENT_GAP_MS;
		plan_next(call->client, peer);
	}
	DL_DELETE(call->client->calls, call);
	free(call->method);
	free(call->path);
	free(call->body);
	free(call->raw);
	free(call);
}

/* The reply as the daemon's own parser reads it. */
static struct httpmsg *
reply_of(const struct answer *answer)
{
	struct httpmsg *reply = httpmsg_new();
	char head[256];
	struct error err;
	int len = snprintf(head, sizeof(head),
	    "HTTP/1.1 %u X\r\n%s%s%sContent-Length: %zu\r\n\r\n",
	    answer->status, answer->server[0] != '\0' ? "Server: " : "",
	    answer->server, answer->server[0] != '\0' ? "\r\n" : "",
	    answer->len);

	httpmsg_feed(reply, head, (size_t)len, &err);
	httpmsg_feed(reply, answer->body, answer->len, &err);
	return reply;
}

static void
call_end(struct client_call *call)
{
	struct client_result result = { .end = call->end,
		.sent = call->is_sent,
		.is_ours = call->is_ours,
		.due_ms = call->due_ms > 0
		    ? clock_awake_ms() - world_ms() + call->due_ms
		    : 0,
		.body = "",
		.why = call->why != NULL ? call->why : "" };
	struct httpmsg *reply = NULL;
	client_cb *cb = call->cb;
	void *ctx = call->ctx;
	char *raw = NULL;

	if (call->end == CLIENT_OK)
		thing_has_answered(call->address);
	if (call->end == CLIENT_OK && call->raw == NULL) {
		reply = reply_of(&call->answer);
		result.status = httpmsg_status(reply);
		result.body = httpmsg_body(reply, &result.body_len);
		result.reply = reply;
	} else if (call->raw != NULL && call->answer.kind == ANSWER_RAW) {
		raw = xmalloc(call->answer.len + 1);
		memcpy(raw, call->answer.body, call->answer.len);
		raw[call->answer.len] = '\0';
		result.body = raw;
		result.body_len = call->answer.len;
	}
	call_free(call);
	cb(&result, ctx);
	httpmsg_free(reply);
	free(raw);
}

static void
on_end(void *ctx)
{
	struct client_call *call = ctx;

	call->event = 0;
	if ((call->end == CLIENT_RESET || call->end == CLIENT_REFUSED) &&
	    call->may_repeat && ++call->tries < MAX_TRIES &&
	    world_ms() + CLIENT_GAP_MS < call->due_ms) {
		call->peer->at_work = NULL;
		call->peer->free_ms = world_ms() + CLIENT_GAP_MS;
		plan_next(call->client, call->peer);
		return;
	}
	call_end(call);
}

static void
end_in(
    struct client_call *call, uint64_t ms, enum client_end end, const char *why)
{
	uint64_t at = world_ms() + ms;

	call->end = end;
	call->why = why;
	if (at > call->due_ms) {
		at = call->due_ms;
		call->end = CLIENT_TIMEOUT;
		call->why = "no answer";
	}
	call->event = world_at_of_daemon(at, on_end, call);
}

/* A network that loses, delays, doubles and cuts what it carries. */
static bool
loses(struct client_call *call, struct thing *thing, const struct asked *asked)
{
	unsigned percent =
	    world_ms() < thing->noise_until_ms ? thing->noise_percent : 0;

	if (!world_chance("noise", thing->n, percent))
		return false;
	switch (world_draw("noise kind", thing->n, 5)) {
	case 0: /* the request is lost */
		end_in(call, UINT32_MAX, CLIENT_TIMEOUT, "no answer");
		return true;
	case 1: /* the reply is lost */
		call->is_sent = true;
		thing_asked(thing, asked, &call->answer);
		end_in(call, UINT32_MAX, CLIENT_TIMEOUT, "no answer");
		return true;
	case 2:
		end_in(call, 50, CLIENT_RESET, "reset");
		return true;
	case 3: /* the reply is cut */
		call->is_sent = true;
		thing_asked(thing, asked, &call->answer);
		end_in(call, 100, CLIENT_EMPTY, "closed without a reply");
		return true;
	default: /* the reply is slow */
		call->is_sent = true;
		thing_asked(thing, asked, &call->answer);
		call->answer.delay_ms += 4000;
		end_in(call, call->answer.delay_ms,
		    call->answer.kind == ANSWER_HTTP ? CLIENT_OK
						     : CLIENT_REFUSED,
		    "");
		return true;
	}
}

static void
bring(struct client_call *call, struct thing *thing)
{
	const struct asked asked = { .method = call->method,
		.path = call->path,
		.body = call->body != NULL ? call->body : "",
		.port = call->port,
		.raw = call->raw,
		.raw_len = call->raw_len,
		.from = lan_own() };

	if (world_ms() < thing->busy_until_ms) {
		end_in(call, 20, CLIENT_RESET, "reset");
		return;
	}
	if (loses(call, thing, &asked))
		return;
	call->is_sent = true;
	thing_asked(thing, &asked, &call->answer);
	switch (call->answer.kind) {
	case ANSWER_HTTP:
	case ANSWER_RAW:
		end_in(call, 20 + call->answer.delay_ms, CLIENT_OK, "");
		break;
	case ANSWER_REFUSED:
		call->is_sent = false;
		end_in(call, 5, CLIENT_REFUSED, "refused");
		break;
	case ANSWER_HANGS:
		end_in(call, UINT32_MAX, CLIENT_TIMEOUT, "no answer");
		break;
	}
}

static void
begin(struct client_call *call)
{
	const char *why = call->client->why_not != NULL
	    ? call->client->why_not(
		  call->address, call->is_urgent, call->client->ctx)
	    : NULL;
	struct thing *thing = thing_at(call->address);

	if (call->due_ms == 0)
		call->due_ms = world_ms() + call->timeout_ms;
	if (why != NULL) {
		end_in(call, 0, CLIENT_FORBIDDEN, why);
	} else if (call->is_urgent &&
	    world_ms() - call->asked_ms > call->timeout_ms + CLIENT_LATE_MS) {
		call->is_ours = true;
		end_in(call, 0, CLIENT_TIMEOUT,
		    "this machine slept or was too busy for too long");
	} else if (!lan_is_up()) {
		call->is_ours = true;
		end_in(call, 0, CLIENT_UNREACHABLE, "no way there");
	} else if (thing == NULL) {
		end_in(call, 3000, CLIENT_UNREACHABLE, "no route to host");
	} else {
		bring(call, thing);
	}
}

static void
begin_next(void *ctx)
{
	struct peer *peer = ctx;
	struct client_call *call, *chosen = NULL;

	peer->next = 0;
	if (world_ms() < peer->free_ms ||
	    world_ms() < peer->client->rest_until_ms) {
		plan_next(peer->client, peer);
		return;
	}
	DL_FOREACH (peer->client->calls, call)
		if (call->peer == peer &&
		    (chosen == NULL || (call->is_urgent && !chosen->is_urgent)))
			chosen = call;
	if (chosen == NULL)
		return;
	peer->at_work = chosen;
	begin(chosen);
}

struct client *
client_new(struct event_base *base, client_why_not *why_not, void *ctx)
{
	struct client *client = xcalloc(1, sizeof(*client));

	(void)base;
	client->why_not = why_not;
	client->ctx = ctx;
	for (unsigned i = 0; i < 256; i++) {
		client->peers[i].client = client;
		client->peers[i].last = i;
	}
	return client;
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	while (client->calls != NULL)
		call_free(client->calls);
	for (unsigned i = 0; i < 256; i++)
		world_cancel(client->peers[i].next);
	free(client);
}

void
client_come_back(struct client *client)
{
	client->rest_until_ms = world_ms() + CLIENT_GAP_MS;
}

struct client_call *
client_send(struct client *client, const struct client_request *request,
    client_cb *cb, void *ctx)
{
	struct client_call *call = xcalloc(1, sizeof(*call)), *other;
	unsigned waiting = 0;

	call->client = client;
	call->asked_ms = world_ms();
	call->address = request->http.address;
	call->peer = &client->peers[ntohl(request->http.address.s_addr) & 255];
	call->cb = cb;
	call->ctx = ctx;
	call->port = request->http.port;
	call->timeout_ms = request->timeout_ms;
	call->may_repeat = request->may_repeat;
	call->is_urgent = request->is_urgent;
	if (request->raw != NULL) {
		call->raw = xmalloc(request->raw_len + 1);
		memcpy(call->raw, request->raw, request->raw_len);
		call->raw_len = request->raw_len;
		call->method = xstrdup("");
		call->path = xstrdup("");
	} else {
		call->method = xstrdup(request->http.method);
		call->path = xstrdup(request->http.path);
	}
	if (request->http.body != NULL)
		call->body =
		    xstrndup(request->http.body, request->http.body_len);
	DL_APPEND(client->calls, call);
	DL_COUNT(client->calls, other, waiting);
	if (waiting > MAX_CALLS)
		world_fail("more than %d calls to devices wait", MAX_CALLS);
	plan_next(client, call->peer);
	return call;
}

void
client_cancel(struct client_call *call)
{
	if (call != NULL)
		call_free(call);
}

void
client_world_reset(void)
{
	/* The calls of the dead daemon are memory that nobody looks at. */
}
