/* SPDX-License-Identifier: ISC */
/*
 * Sends one small HTTP request at a time to each device, and reports exactly
 * once how it ended.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/forbidden.h"
#include "base/memory.h"
#include "core/http/httpmsg.h"
#include "io/http/client.h"

#define MAX_TRIES 10 /* a busy device resets for a second or two */
/* How many bytes are buffered before the parser sees them. */
#define READ_AT_ONCE CLIENT_RAW_MAX

/* An address and its queue of calls, of which the first may be at work. */
struct peer {
	struct in_addr address;
	struct client *client;	   /* borrowed */
	struct client_call *calls; /* owned */
	struct event *timer;	   /* starts the next call, or ends the peer */
	uint64_t rest_until_ms;	   /* no connection before */
	UT_hash_handle hh;
};

struct client {
	struct event_base *base; /* borrowed */
	client_why_not *why_not; /* NULL: any address */
	const void *ctx;	 /* borrowed; of why_not */
	struct peer *peers;	 /* owned, by address */
	uint64_t rest_until_ms;	 /* no connection before */
};

struct client_call {
	struct peer *peer; /* borrowed; NULL once the call has ended */
	struct client_call *prev, *next;
	client_cb *cb;
	void *ctx; /* borrowed */
	char *request;
	size_t request_len;
	unsigned timeout_ms;
	unsigned tries_left;
	in_port_t port;
	struct event *deadline;
	struct bufferevent *bev; /* NULL while there is no connection */
	struct httpmsg *reply;
	client_enough *is_enough; /* NULL: it is HTTP */
	char *heard;		  /* the answer that is not HTTP, at the end */
	size_t heard_len;
	bool is_urgent;
	bool connected;
	bool sent;
	bool is_ours;
	uint64_t due_ms; /* by clock_awake_ms(): the deadline */
	struct in_addr local;
};

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
set_timer(struct event *timer, uint64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	evtimer_add(timer, &tv);
}

/* Return true if the call has begun; it may be pausing between two tries. */
static bool
has_begun(const struct client_call *call)
{
	return evtimer_pending(call->deadline, NULL);
}

static void
peer_free(struct peer *peer)
{
	HASH_DEL(peer->client->peers, peer);
	event_free(peer->timer);
	free(peer);
}

/* Look at the peer's calls again as soon as its pause is over. */
static void
peer_wake(struct peer *peer)
{
	uint64_t now = clock_awake_ms();

	set_timer(peer->timer,
	    peer->rest_until_ms > now ? peer->rest_until_ms - now : 0);
}

static void
peer_rest(struct peer *peer)
{
	peer->rest_until_ms = clock_awake_ms() + CLIENT_GAP_MS + 1;
}

static void
call_hang_up(struct client_call *call)
{
	struct evbuffer *out;

	if (call->bev == NULL)
		return;
	out = bufferevent_get_output(call->bev);
	if (call->connected && evbuffer_get_length(out) < call->request_len)
		call->sent = true;
	bufferevent_free(call->bev);
	call->bev = NULL;
	call->connected = false;
	peer_rest(call->peer);
}

/* Take the call out of its queue.  It belongs to the caller afterwards. */
static void
call_leave(struct client_call *call)
{
	struct peer *peer = call->peer;

	call_hang_up(call);
	evtimer_del(call->deadline);
	DL_DELETE(peer->calls, call);
	call->peer = NULL;
	peer_wake(peer);
}

static void
call_free(struct client_call *call)
{
	if (call->bev != NULL)
		bufferevent_free(call->bev);
	event_free(call->deadline);
	httpmsg_free(call->reply);
	free(call->heard);
	free(call->request);
	free(call);
}

/*
 * Keep what came in on a call that is not HTTP: it is still in the buffer of
 * the connection.
 */
static void
keep_heard(struct client_call *call)
{
	struct evbuffer *in;

	if (call->is_enough == NULL || call->bev == NULL)
		return;
	in = bufferevent_get_input(call->bev);
	call->heard_len = evbuffer_get_length(in);
	call->heard = xcalloc(1, call->heard_len + 1);
	evbuffer_remove(in, call->heard, call->heard_len);
}

/*
 * End the call and tell its owner.  The callback may free the client, so
 * nothing but the call is touched afterwards.
 */
static void
call_end(struct client_call *call, enum client_end end, const char *why)
{
	struct client_result result = { .end = end, .body = "", .why = why };

	keep_heard(call);
	call_leave(call);
	result.sent = call->sent;
	result.is_ours = call->is_ours;
	result.due_ms = call->due_ms;
	result.local = call->local;
	if (call->heard != NULL) {
		result.body = call->heard;
		result.body_len = call->heard_len;
	} else if (end == CLIENT_OK) {
		result.reply = call->reply;
		result.status = httpmsg_status(call->reply);
		result.body = httpmsg_body(call->reply, &result.body_len);
	}
	call->cb(&result, call->ctx);
	call_free(call);
}

/*
 * Handle a failed connection: try again if that is safe and may help, else end
 * the call.
 */
static void
call_fail(struct client_call *call, enum client_end end, const char *why)
{
	bool unheard = end == CLIENT_REFUSED ||
	    (end == CLIENT_RESET && httpmsg_is_empty(call->reply));

	if (!unheard || call->tries_left == 0) {
		call_end(call, end, why);
		return;
	}
	call->tries_left--;
	call_hang_up(call);
	peer_rest(call->peer);
	peer_wake(call->peer);
}

/*
 * End the call if this machine itself forbids it, for example by a firewall.
 * Returns true if it has ended.
 */
static bool
call_end_forbidden(struct client_call *call, int code)
{
	int fd = call->bev != NULL ? bufferevent_getfd(call->bev) : -1;
	const char *why = NULL;

	if (!call->connected)
		why = forbidden_why(fd, code);
	if (why == NULL)
		return false;
	call->is_ours = true;
	call_end(call, CLIENT_UNREACHABLE, why);
	return true;
}

static void
call_fail_errno(struct client_call *call, int code)
{
	if (call_end_forbidden(call, code))
		return;
	switch (code) {
	case ECONNREFUSED:
		call_fail(call, CLIENT_REFUSED, "the connection was refused");
		break;
	case ECONNRESET:
	case EPIPE:
		call_fail(call, CLIENT_RESET, "the connection was reset");
		break;
	case ETIMEDOUT:
		call_fail(call, CLIENT_TIMEOUT, "the connection timed out");
		break;
	default:
		call_fail(call, CLIENT_UNREACHABLE, strerror(code));
		break;
	}
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct client_call *call = arg;

	(void)fd;
	(void)what;
	if (call->bev != NULL && call_end_forbidden(call, ETIMEDOUT))
		return;
	if (call->bev == NULL)
		call_end(call, CLIENT_TIMEOUT, "refused or reset each time");
	else if (!call->connected)
		call_end(call, CLIENT_TIMEOUT, "no connection in time");
	else if (httpmsg_is_empty(call->reply))
		call_end(call, CLIENT_TIMEOUT, "no answer in time");
	else
		call_end(call, CLIENT_TIMEOUT, "no whole answer in time");
}

static void
read_raw(struct client_call *call, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);

	if (len >= CLIENT_RAW_MAX ||
	    call->is_enough(
		(const char *)evbuffer_pullup(in, -1), len, call->ctx))
		call_end(call, CLIENT_OK, "");
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct client_call *call = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	enum httpmsg_end end = HTTPMSG_MORE;
	struct error err;
	size_t len;

	if (call->is_enough != NULL) {
		read_raw(call, in);
		return;
	}
	while (end == HTTPMSG_MORE &&
	    (len = evbuffer_get_contiguous_space(in)) > 0) {
		end = httpmsg_feed(call->reply,
		    evbuffer_pullup(in, (ev_ssize_t)len), len, &err);
		evbuffer_drain(in, len);
	}
	if (end == HTTPMSG_DONE)
		call_end(call, CLIENT_OK, "");
	else if (end == HTTPMSG_BAD)
		call_end(call, CLIENT_BAD, err.text);
}

static void
on_connected(struct client_call *call)
{
	struct sockaddr_in local = { 0 };
	socklen_t len = sizeof(local);

	call->connected = true;
	forbidden_unwatch(bufferevent_getfd(call->bev));
	if (getsockname(bufferevent_getfd(call->bev), (struct sockaddr *)&local,
		&len) == 0)
		call->local = local.sin_addr;
	bufferevent_enable(call->bev, EV_READ);
}

static void
on_closed(struct client_call *call)
{
	struct error err;

	if (httpmsg_is_empty(call->reply))
		call_end(call, CLIENT_EMPTY,
		    "the connection was closed without an answer");
	else if (httpmsg_close(call->reply, &err) == HTTPMSG_DONE)
		call_end(call, CLIENT_OK, "");
	else
		call_end(call, CLIENT_BAD, err.text);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	int code = EVUTIL_SOCKET_ERROR();

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		on_connected(arg);
	else if (what & BEV_EVENT_EOF)
		on_closed(arg);
	else
		call_fail_errno(arg, code);
}

/*
 * Open a socket and begin to connect it to the device. libevent would open one
 * that child processes inherit.
 */
static int
open_socket(const struct client_call *call)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(call->port),
		.sin_addr = call->peer->address };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int code;

	if (fd == -1)
		return -1;
	forbidden_watch(fd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1 &&
	    errno != EINPROGRESS) {
		code = errno;
		close(fd);
		errno = code;
		return -1;
	}
	return fd;
}

/*
 * Begin a try.  The call may have ended on return, and its callback may have
 * freed the client.
 */
static void
call_start(struct client_call *call)
{
	const struct client *client = call->peer->client;
	const char *why = NULL;
	int fd;

	if (client->why_not != NULL)
		why = client->why_not(
		    call->peer->address, call->is_urgent, client->ctx);
	if (why != NULL) {
		call_end(call, CLIENT_FORBIDDEN, why);
		return;
	}
	if (!has_begun(call)) {
		call->due_ms = clock_awake_ms() + call->timeout_ms;
		set_timer(call->deadline, call->timeout_ms);
	}
	fd = open_socket(call);
	if (fd == -1) {
		/*
		 * No other host was asked yet, so the fault is ours, except for
		 * a refusal.
		 */
		call->is_ours = errno != ECONNREFUSED;
		call_fail_errno(call, errno);
		return;
	}
	httpmsg_free(call->reply);
	call->reply = httpmsg_new();
	call->bev = bufferevent_socket_new(
	    call->peer->client->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(call->bev, on_read, NULL, on_event, call);
	bufferevent_setwatermark(call->bev, EV_READ, 0, READ_AT_ONCE);
	bufferevent_write(call->bev, call->request, call->request_len);
	/*
	 * Reading starts once connected: it would swallow the connection's
	 * error.
	 */
	bufferevent_socket_connect(call->bev, NULL, 0);
}

static void
on_peer(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd;
	(void)what;
	if (clock_awake_ms() < peer->rest_until_ms)
		peer_wake(peer);
	else if (peer->calls == NULL)
		peer_free(peer);
	else if (peer->calls->bev == NULL)
		call_start(peer->calls);
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
	peer->timer = evtimer_new(client->base, on_peer, peer);
	HASH_ADD(hh, client->peers, address, sizeof(address), peer);
	return peer;
}

struct client *
client_new(struct event_base *base, client_why_not *why_not, const void *ctx)
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
			call_free(call);
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
		if (other->is_urgent || has_begun(other))
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
	call->deadline = evtimer_new(client->base, on_deadline, call);
	call_enter(call);
	peer_wake(call->peer);
	return call;
}

void
client_cancel(struct client_call *call)
{
	if (call == NULL)
		return;
	call_leave(call);
	call_free(call);
}
