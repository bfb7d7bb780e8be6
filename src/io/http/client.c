/* SPDX-License-Identifier: ISC */
/*
 * Queues the calls to each device, which serves one connection at a time and
 * needs a pause between two.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "io/http/client_parts.h"
#include "io/timer.h"

#define MAX_TRIES 10 /* a busy device resets for a second or two */

static const char *const end_words[] = {
#define X(symbol, word) [CLIENT_##symbol] = word,
	CLIENT_ENDS(X)
#undef X
};

const char *
client_end_word(enum client_end end)
{
	return end_words[end];
}

static void
peer_free(struct peer *peer)
{
	HASH_DEL(peer->client->peers, peer);
	timer_free(peer->timer);
	free(peer);
}

void
client_peer_wake(struct peer *peer)
{
	uint64_t now = clock_awake_ms();

	timer_set(peer->timer,
	    peer->rest_until_ms > now ? peer->rest_until_ms - now : 0);
}

void
client_peer_rest(struct peer *peer)
{
	peer->rest_until_ms = clock_awake_ms() + CLIENT_GAP_MS + 1;
}

static void
on_peer(void *ctx)
{
	struct peer *peer = ctx;

	if (clock_awake_ms() < peer->rest_until_ms)
		client_peer_wake(peer);
	else if (peer->calls == NULL)
		peer_free(peer);
	else if (peer->calls->bev == NULL)
		client_call_start(peer->calls);
}

static struct peer *
get_peer(struct client *client, struct in_addr address)
{
	struct peer *peer;

	HASH_FIND(hh, client->peers, &address, sizeof(address), peer);
	if (peer != NULL)
		return peer;
	peer = xcalloc(1, sizeof(*peer));
	peer->address = address;
	peer->client = client;
	peer->rest_until_ms = client->rest_until_ms;
	peer->timer = timer_new(client->base, on_peer, peer);
	HASH_ADD(hh, client->peers, address, sizeof(address), peer);
	return peer;
}

struct client *
client_new(struct event_base *base, client_why_not *why_not, void *ctx)
{
	struct client *client = xcalloc(1, sizeof(*client));

	client->base = base;
	client->why_not = why_not;
	client->ctx = ctx;
	return client;
}

void
client_come_back(struct client *client)
{
	client->rest_until_ms = clock_awake_ms() + CLIENT_GAP_MS + 1;
}

void
client_free(struct client *client)
{
	struct peer *peer, *next_peer;
	struct client_call *call, *next_call;

	if (client == NULL)
		return;
	HASH_ITER (hh, client->peers, peer, next_peer) {
		DL_FOREACH_SAFE (peer->calls, call, next_call)
			client_call_free(call);
		peer_free(peer);
	}
	free(client);
}

static void
call_enter(struct client_call *call)
{
	struct client_call *before = NULL, *other;

	if (!call->is_urgent) {
		DL_APPEND(call->peer->calls, call);
		return;
	}
	DL_FOREACH (call->peer->calls, other)
		if (other->is_urgent || client_call_has_begun(other))
			before = other;
	DL_APPEND_ELEM(call->peer->calls, before, call);
}

static char *
copy_raw(const struct client_request *req, size_t *len)
{
	*len = req->raw_len;
	return memcpy(xcalloc(1, req->raw_len + 1), req->raw, req->raw_len);
}

struct client_call *
client_send(struct client *client, const struct client_request *req,
    client_cb *cb, void *ctx)
{
	struct client_call *call = xcalloc(1, sizeof(*call));

	call->peer = get_peer(client, req->http.address);
	call->cb = cb;
	call->ctx = ctx;
	call->is_enough = req->is_enough;
	call->request = req->raw != NULL
	    ? copy_raw(req, &call->request_len)
	    : httpreq_build(&req->http, &call->request_len);
	call->timeout_ms = req->timeout_ms;
	call->tries_left = req->may_repeat ? MAX_TRIES - 1 : 0;
	call->port = req->http.port;
	call->is_urgent = req->is_urgent;
	call->asked_ms = clock_now_ms();
	call->deadline = timer_new(client->base, client_call_on_deadline, call);
	call_enter(call);
	client_peer_wake(call->peer);
	return call;
}

void
client_cancel(struct client_call *call)
{
	if (call == NULL)
		return;
	client_call_leave(call);
	client_call_free(call);
}
