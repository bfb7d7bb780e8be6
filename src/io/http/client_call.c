/* SPDX-License-Identifier: ISC */
/*
 * Carries out one call: connects to the device, sends the request, reads the
 * reply, and reports how it ended.
 */
#include "config.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/forbidden.h"
#include "base/memory.h"
#include "core/http/httpmsg.h"
#include "io/http/client_parts.h"
#include "io/timer.h"

/* The bytes that are buffered before the parser sees them. */
#define READ_AT_ONCE CLIENT_RAW_MAX

bool
client_call_has_begun(const struct client_call *call)
{
	return timer_is_set(call->deadline);
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
	client_peer_rest(call->peer);
}

void
client_call_leave(struct client_call *call)
{
	struct peer *peer = call->peer;

	call_hang_up(call);
	timer_stop(call->deadline);
	DL_DELETE(peer->calls, call);
	call->peer = NULL;
	client_peer_wake(peer);
}

void
client_call_free(struct client_call *call)
{
	if (call->bev != NULL)
		bufferevent_free(call->bev);
	timer_free(call->deadline);
	httpmsg_free(call->reply);
	free(call->heard);
	free(call->request);
	free(call);
}

/* Keep the answer to a call that is not HTTP; the buffer still has it. */
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
	client_call_leave(call);
	result.sent = call->sent;
	result.is_ours = call->is_ours;
	result.due_ms = call->due_ms;
	if (call->heard != NULL) {
		result.body = call->heard;
		result.body_len = call->heard_len;
	} else if (end == CLIENT_OK) {
		result.reply = call->reply;
		result.status = httpmsg_status(call->reply);
		result.body = httpmsg_body(call->reply, &result.body_len);
	}
	call->cb(&result, call->ctx);
	client_call_free(call);
}

/* Try again if that is safe and may help, else end the call. */
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
	client_peer_rest(call->peer);
	client_peer_wake(call->peer);
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

void
client_call_on_deadline(void *ctx)
{
	struct client_call *call = ctx;

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
	call->connected = true;
	forbidden_unwatch(bufferevent_getfd(call->bev));
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

/* Return true if the machine slept, say, since the call was wanted. */
static bool
is_out_of_date(const struct client_call *call)
{
	return call->is_urgent &&
	    clock_now_ms() - call->asked_ms > call->timeout_ms + CLIENT_LATE_MS;
}

void
client_call_start(struct client_call *call)
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
	if (is_out_of_date(call)) {
		call->is_ours = true;
		call_end(call, CLIENT_TIMEOUT,
		    "this machine slept or was too busy for too long");
		return;
	}
	if (!client_call_has_begun(call)) {
		call->due_ms = clock_awake_ms() + call->timeout_ms;
		timer_set(call->deadline, call->timeout_ms);
	}
	fd = open_socket(call);
	if (fd == -1) {
		/* No other host was asked yet, so the fault is ours. */
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
	/* Reading starts once connected, or it would take the error. */
	bufferevent_socket_connect(call->bev, NULL, 0);
}
