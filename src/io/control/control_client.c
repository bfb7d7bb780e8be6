/* SPDX-License-Identifier: ISC */
/* Serves the requests of one client line by line, and writes the answers. */
#include "config.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "io/control/control_parts.h"

#define STUCK_SEC	 30 /* a client that reads nothing for so long goes */
#define REQUESTS_AT_ONCE 8  /* then it is the next client's turn */
#define ROOM		 (256 * 1024) /* bytes that the client has not read */

/* With libevent's 16 KiB a list of 1000 devices took 44 turns. */
#define MAX_WRITE (1 << 20)

void
control_client_doom(struct control_client *client)
{
	if (client->is_dead)
		return;
	client->is_dead = true;
	control_reader_stop(client->reader);
	bufferevent_disable(client->stream, EV_WRITE);
	event_active(client->control->reap_event, 0, 0);
}

void
control_client_free(struct control_client *client)
{
	struct control *control = client->control;

	DL_DELETE(control->clients, client);
	control->subscribers -= client->is_subscribed;
	control_reader_free(client->reader);
	bufferevent_free(client->stream);
	if (control->ops->closed != NULL)
		control->ops->closed(client, control->ctx);
	free(client);
}

size_t
control_client_unread(const struct control_client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->stream));
}

void
control_client_write(
    struct control_client *client, const char *line, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(client->stream);

	if (client->is_dead)
		return;
	evbuffer_add(out, line, len);
	evbuffer_add(out, "\n", 1);
	control_bound_output(client->control);
}

/* Write a message, which is taken. */
static void
write_json(struct control_client *client, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);

	assert(text != NULL);
	control_client_write(client, text, strlen(text));
	free(text);
	json_decref(message);
}

/* Write the last line of an answer, taken, and go on. */
static void
finish(struct control_client *client, json_t *reply)
{
	assert(client->is_busy);
	client->is_busy = false;
	write_json(client, reply);
	control_serve_later(client);
}

void
control_send_item(struct control_client *client, json_t *item)
{
	write_json(client, ctl_item_new(item));
}

bool
control_has_room(const struct control_client *client)
{
	return control_client_unread(client) < ROOM;
}

void
control_done(struct control_client *client, json_t *extra)
{
	finish(client, ctl_done_new(extra));
}

void
control_fail_with(
    struct control_client *client, const struct error *why, json_t *extra)
{
	finish(client, ctl_fail_new(why, extra));
}

void
control_fail(struct control_client *client, const struct error *why)
{
	control_fail_with(client, why, NULL);
}

void
control_subscribe(struct control_client *client)
{
	client->control->subscribers += !client->is_subscribed;
	client->is_subscribed = true;
}

int
control_client_take_fd(struct control_client *client, struct error *err)
{
	return control_reader_take(client->reader, err);
}

uid_t
control_client_uid(const struct control_client *client)
{
	return client->peer.uid;
}

static bool
check_right(const struct control_client *client,
    const struct ctl_command *command, struct error *err)
{
	if (!command->admin || client->may_change)
		return true;
	if (client->peer.uid == geteuid())
		return error_set(err, EPERM,
		    "%s is not for the user of the daemon (uid %u), as which "
		    "hooks run, too: do it as root, or as a member of the "
		    "control group",
		    command->word, (unsigned)client->peer.uid);
	return error_set(err, EPERM,
	    "%s is for root and the members of the control group; you are "
	    "uid %u",
	    command->word, (unsigned)client->peer.uid);
}

static void
handle(struct control_client *client, const char *line, size_t len)
{
	struct control *control = client->control;
	struct ctl_request request;
	struct error err;

	client->is_busy = true;
	if (!ctl_request_parse(line, len, &request, &err)) {
		control_fail(client, &err);
		return;
	}
	if (!check_right(client, request.command, &err))
		control_fail(client, &err);
	else
		control->ops->request(
		    client, request.command, request.args, control->ctx);
	ctl_request_fini(&request);
}

/*
 * Answer a line that is too long, then close: the requests after it cannot be
 * told apart any more.
 */
static void
refuse_long_line(struct control_client *client)
{
	struct error err;

	error_set(
	    &err, EMSGSIZE, "a request is at most %d bytes long", CTL_MAX_LINE);
	client->is_busy = true;
	control_fail(client, &err);
	client->is_refused = true;
	control_reader_clear(client->reader);
}

/* Serve the lines that have come.  False: the rest waits for a call. */
static bool
serve_lines(struct control_client *client)
{
	char *line;
	size_t len;

	for (int n = 0; !client->is_busy && !client->is_dead; n++) {
		if (control_client_unread(client) > CTL_MAX_LINE)
			return false; /* called again once it has drained */
		if (n == REQUESTS_AT_ONCE ||
		    !control_has_time(client->control)) {
			control_serve_later(client);
			return false;
		}
		line = control_reader_line(client->reader, &len);
		if (line == NULL)
			return true;
		handle(client, line, len);
		control_reader_end_line(client->reader);
		free(line);
	}
	return false;
}

bool
control_client_sends_no_more(const struct control_client *client)
{
	return client->is_refused || control_reader_is_at_end(client->reader);
}

/*
 * Serve the client.  Its requests wait while an answer is due or was not read
 * yet, so that a client that sends without reading costs one answer and one
 * buffer at most.
 */
void
control_client_serve(struct control_client *client)
{
	if (!serve_lines(client))
		return;
	if (control_reader_is_full(client->reader))
		refuse_long_line(client);
	else if (control_client_sends_no_more(client) &&
	    !client->is_subscribed && control_client_unread(client) == 0)
		control_client_doom(client);
}

void
control_client_ended(struct control_client *client)
{
	if (control_client_is_gone(client))
		control_client_doom(client);
	else
		control_client_serve(client);
}

static void
on_drained(struct bufferevent *stream, void *arg)
{
	(void)stream;
	control_client_serve(arg);
}

bool
control_client_is_gone(const struct control_client *client)
{
	struct pollfd pfd = { .fd = bufferevent_getfd(client->stream) };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & (POLLHUP | POLLERR));
}

static void
on_event(struct bufferevent *stream, short what, void *arg)
{
	struct control_client *client = arg;

	(void)stream;
	if (what & BEV_EVENT_TIMEOUT)
		control_complain(
		    client->control, CONTROL_NOT_READING, client->peer.uid);
	control_client_doom(client);
}

struct control_client *
control_client_new(struct control *control, int fd,
    const struct unixsock_peer *peer, bool may_change)
{
	struct control_client *client = xcalloc(1, sizeof(*client));
	struct timeval stuck = { STUCK_SEC, 0 };

	client->control = control;
	client->peer = *peer;
	client->may_change = may_change;
	client->stream =
	    bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	assert(client->stream != NULL);
	client->reader =
	    control_reader_new(control->base, fd, may_change, client);
	bufferevent_setcb(client->stream, NULL, on_drained, on_event, client);
	bufferevent_set_timeouts(client->stream, NULL, &stuck);
	bufferevent_set_max_single_write(client->stream, MAX_WRITE);
	DL_APPEND(control->clients, client);
	if (bufferevent_disable(client->stream, EV_READ) != 0 ||
	    bufferevent_enable(client->stream, EV_WRITE) != 0 ||
	    !control_reader_start(client->reader))
		control_client_doom(
		    client); /* the client would wait for ever */
	return client;
}
