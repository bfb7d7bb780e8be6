/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

#include "io/control.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/unixsock.h"
#include "core/ctlproto.h"

#define MAX_PER_UID	  32	    /* connections of one user */
#define MAX_CLIENTS	  128	    /* of all users but root and our own */
#define MAX_OUTPUT	  (8 << 20) /* bytes that one client has not read */
#define MAX_OUTPUT_ALL	  (16 << 20)
#define RESERVE		  8 /* descriptors left to the rest of the daemon */
#define ACCEPTS_PER_TURN  16
#define REQUESTS_PER_TURN 8
#define STUCK_SEC	  30 /* a client that reads nothing for so long goes */
#define PAUSE_MS	  500
#define COMPLAIN_SEC	  600

#define NO_GROUP ((gid_t)-1)

enum complaint { TOO_MANY, NOT_READING, NO_DESCRIPTORS, COMPLAINTS };

struct control_client {
	struct control *control;    /* borrowed */
	struct bufferevent *stream; /* owned */
	struct unixsock_peer peer;
	bool may_change;
	bool is_busy; /* a request is out and not answered yet */
	bool is_subscribed;
	bool is_half_closed; /* it sends no more, but may still read */
	bool is_dead;	     /* to be freed */
	struct control_client *prev, *next;
};

struct control {
	struct event_base *base;       /* borrowed */
	const struct control_ops *ops; /* borrowed */
	void *ctx;		       /* borrowed */
	char *path;		       /* owned; NULL: inherited */
	struct stat st;		       /* of path */
	int fd;
	gid_t group;
	struct event *accept_event, *resume_event, *reap_event;
	struct control_client *clients;
	size_t count, subscribers;
	time_t quiet_until[COMPLAINTS]; /* monotonic */
};

/* Nobody may fill the log by connecting in a loop. */
static void
complain(struct control *control, enum complaint kind, uid_t uid)
{
	static const char *const texts[COMPLAINTS] = {
		[TOO_MANY] = "has too many connections, one is refused",
		[NOT_READING] = "does not read its answers, and is dropped",
		[NO_DESCRIPTORS] = "has no descriptors left, connections wait",
	};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < control->quiet_until[kind]) {
		log_debug(
		    "control", "ctl: uid %u %s", (unsigned)uid, texts[kind]);
		return;
	}
	control->quiet_until[kind] = now.tv_sec + COMPLAIN_SEC;
	log_warning("ctl: uid %u %s", (unsigned)uid, texts[kind]);
}

static void
doom(struct control_client *client)
{
	if (client->is_dead)
		return;
	client->is_dead = true;
	bufferevent_disable(client->stream, EV_READ | EV_WRITE);
	event_active(client->control->reap_event, 0, 0);
}

static void
free_client(struct control_client *client)
{
	struct control *control = client->control;

	DL_DELETE(control->clients, client);
	control->count--;
	control->subscribers -= client->is_subscribed;
	bufferevent_free(client->stream);
	if (control->ops->closed != NULL)
		control->ops->closed(client, control->ctx);
	free(client);
}

static void
on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	struct control_client *client, *next;

	(void)fd;
	(void)what;
	DL_FOREACH_SAFE (control->clients, client, next)
		if (client->is_dead)
			free_client(client);
}

static size_t
unread(const struct control_client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->stream));
}

/* One client that does not read must not cost the others their answers. */
static void
bound_output(struct control *control)
{
	struct control_client *client, *worst = NULL;
	size_t sum = 0;

	DL_FOREACH (control->clients, client) {
		if (client->is_dead)
			continue;
		sum += unread(client);
		if (worst == NULL || unread(client) > unread(worst))
			worst = client;
	}
	if (worst == NULL ||
	    (sum <= MAX_OUTPUT_ALL && unread(worst) <= MAX_OUTPUT))
		return;
	complain(control, NOT_READING, worst->peer.uid);
	doom(worst);
}

static void
write_line(struct control_client *client, const char *line, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(client->stream);

	if (client->is_dead)
		return;
	evbuffer_add(out, line, len);
	evbuffer_add(out, "\n", 1);
	/* Below this, all clients together stay below the limit as well. */
	if (unread(client) > MAX_OUTPUT_ALL / (2 * MAX_CLIENTS))
		bound_output(client->control);
}

/* message is taken. */
static void
write_json(struct control_client *client, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);

	assert(text != NULL);
	write_line(client, text, strlen(text));
	free(text);
	json_decref(message);
}

/* Look at the client's buffer again, in another turn of the loop. */
static void
serve_later(struct control_client *client)
{
	bufferevent_trigger(client->stream, EV_READ,
	    BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

/* reply is taken. */
static void
finish(struct control_client *client, json_t *reply)
{
	assert(client->is_busy);
	client->is_busy = false;
	write_json(client, reply);
	serve_later(client);
}

void
control_send_item(struct control_client *client, json_t *item)
{
	write_json(client, ctl_item_new(item));
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

bool
control_has_subscribers(const struct control *control)
{
	return control->subscribers > 0;
}

void
control_broadcast(struct control *control, json_t *event)
{
	struct control_client *client;
	char *text = json_dumps(event, JSON_COMPACT);

	assert(text != NULL);
	DL_FOREACH (control->clients, client)
		if (client->is_subscribed)
			write_line(client, text, strlen(text));
	free(text);
	json_decref(event);
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

/* The next line; after the last newline, what is left. */
static char *
take_line(struct control_client *client, size_t *len)
{
	struct evbuffer *in = bufferevent_get_input(client->stream);
	char *line = evbuffer_readln(in, len, EVBUFFER_EOL_LF);

	if (line != NULL || !client->is_half_closed)
		return line;
	*len = evbuffer_get_length(in);
	if (*len == 0)
		return NULL;
	line = xcalloc(*len + 1, 1);
	evbuffer_remove(in, line, *len);
	return line;
}

/* What follows cannot be told apart any more: answer, then close. */
static void
refuse_long_line(struct control_client *client)
{
	struct error err;

	error_set(
	    &err, EMSGSIZE, "a request is at most %d bytes long", CTL_MAX_LINE);
	client->is_busy = true;
	control_fail(client, &err);
	client->is_half_closed = true;
	bufferevent_disable(client->stream, EV_READ);
	evbuffer_drain(bufferevent_get_input(client->stream), SIZE_MAX);
}

/* False if the rest has to wait for another call. */
static bool
serve_lines(struct control_client *client)
{
	char *line;
	size_t len;

	for (int n = 0; !client->is_busy && !client->is_dead; n++) {
		if (unread(client) > CTL_MAX_LINE)
			return false; /* called again once it has drained */
		if (n == REQUESTS_PER_TURN) {
			serve_later(client);
			return false;
		}
		line = take_line(client, &len);
		if (line == NULL)
			return true;
		handle(client, line, len);
		free(line);
	}
	return false;
}

/*
 * Requests wait while an answer is due or is still to be read, so that a
 * client that sends without reading costs one answer and one buffer, no more.
 */
static void
serve(struct control_client *client)
{
	struct evbuffer *in = bufferevent_get_input(client->stream);

	if (!serve_lines(client))
		return;
	if (evbuffer_get_length(in) > CTL_MAX_LINE)
		refuse_long_line(client);
	else if (client->is_half_closed && !client->is_subscribed &&
	    unread(client) == 0)
		doom(client);
}

static void
on_readable(struct bufferevent *stream, void *arg)
{
	(void)stream;
	serve(arg);
}

static void
on_drained(struct bufferevent *stream, void *arg)
{
	(void)stream;
	serve(arg);
}

/* Has the far end gone for good, not only stopped sending? */
static bool
is_gone(const struct control_client *client)
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
		complain(client->control, NOT_READING, client->peer.uid);
	if (!(what & BEV_EVENT_EOF) || is_gone(client)) {
		doom(client);
		return;
	}
	client->is_half_closed = true;
	serve(client);
}

/* The kernel does not report that a half-closed listener closed wholly. */
static void
sweep(struct control *control)
{
	struct control_client *client;

	DL_FOREACH (control->clients, client)
		if (client->is_half_closed && is_gone(client))
			doom(client);
}

static bool
has_room(const struct control *control, uid_t uid)
{
	bool is_trusted = uid == 0 || uid == geteuid();
	const struct control_client *client;
	size_t same = 0, all = 0;

	DL_FOREACH (control->clients, client) {
		all += !client->is_dead;
		same += !client->is_dead && client->peer.uid == uid;
	}
	return same < MAX_PER_UID && (is_trusted || all < MAX_CLIENTS);
}

/* Say why, if it fits into the empty socket buffer, and hang up. */
static void
turn_away(int fd)
{
	static const char text[] =
	    "{\"ok\":false,\"code\":\"EAGAIN\",\"error\":"
	    "\"too many connections to the control socket, close some\"}\n";

	(void)!send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void
add_client(struct control *control, int fd, const struct unixsock_peer *peer)
{
	struct control_client *client = xcalloc(1, sizeof(*client));
	struct timeval stuck = { STUCK_SEC, 0 };

	client->control = control;
	client->peer = *peer;
	client->may_change = peer->uid == 0 || peer->uid == geteuid() ||
	    (control->group != NO_GROUP &&
		unixsock_peer_has_group(fd, peer, control->group));
	client->stream =
	    bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	assert(client->stream != NULL);
	bufferevent_setcb(
	    client->stream, on_readable, on_drained, on_event, client);
	/* The longest line with its newline, and a byte that tells more. */
	bufferevent_setwatermark(client->stream, EV_READ, 0, CTL_MAX_LINE + 2);
	bufferevent_set_timeouts(client->stream, NULL, &stuck);
	DL_APPEND(control->clients, client);
	control->count++;
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
}

static void
admit(struct control *control, int fd)
{
	struct unixsock_peer peer;
	struct error err;

	if (!unixsock_peer(fd, &peer, &err)) {
		close(fd);
		return;
	}
	if (!has_room(control, peer.uid))
		sweep(control);
	if (has_room(control, peer.uid)) {
		add_client(control, fd, &peer);
		return;
	}
	complain(control, TOO_MANY, peer.uid);
	turn_away(fd);
}

/* Would RESERVE descriptors be left after one more? */
static bool
has_descriptors(int fd)
{
	int spare[RESERVE + 1], n = 0;
	bool is_enough;

	while (
	    n < RESERVE + 1 && (spare[n] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) != -1)
		n++;
	is_enough = n == RESERVE + 1;
	while (n > 0)
		close(spare[--n]);
	return is_enough;
}

/* False when there is nothing more to accept, or not now. */
static bool
accept_one(struct control *control)
{
	int fd;

	if (!has_descriptors(control->fd)) {
		errno = EMFILE;
		return false;
	}
	fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return errno == EINTR || errno == ECONNABORTED;
	admit(control, fd);
	return true;
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	struct timeval delay = { 0, PAUSE_MS * 1000 };

	(void)fd;
	(void)what;
	for (int n = 0; n < ACCEPTS_PER_TURN; n++) {
		if (accept_one(control))
			continue;
		if (errno == EAGAIN)
			return;
		/* The listener is level-triggered: it would spin here. */
		complain(control, NO_DESCRIPTORS, geteuid());
		event_del(control->accept_event);
		evtimer_add(control->resume_event, &delay);
		return;
	}
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;

	(void)fd;
	(void)what;
	event_add(control->accept_event, NULL);
}

void
control_set_group(struct control *control, const char *name)
{
	const struct group *group;

	control->group = NO_GROUP;
	if (name == NULL || name[0] == '\0')
		return;
	group = getgrnam(name);
	if (group == NULL) {
		log_info("ctl: there is no group %s: only root and the "
			 "daemon's own user may change things",
		    name);
		return;
	}
	control->group = group->gr_gid;
}

static bool
open_socket(struct control *control, const struct control_config *config,
    struct error *err)
{
	if (config->fd != -1) {
		control->fd = config->fd;
		return unixsock_inherit(config->fd, err);
	}
	control->fd = unixsock_listen(config->path, 0666, control->group, err);
	if (control->fd == -1)
		return false;
	control->path = xstrdup(config->path);
	return lstat(control->path, &control->st) == 0 ||
	    error_errno(err, errno, "%s", control->path);
}

struct control *
control_new(struct event_base *base, const struct control_config *config,
    const struct control_ops *ops, void *ctx, struct error *err)
{
	struct control *control = xcalloc(1, sizeof(*control));

	control->base = base;
	control->ops = ops;
	control->ctx = ctx;
	control_set_group(control, config->group);
	if (!open_socket(control, config, err)) {
		error_prefix(err, "control socket");
		control_free(control);
		return NULL;
	}
	control->reap_event = event_new(base, -1, 0, on_reap, control);
	control->resume_event = evtimer_new(base, on_resume, control);
	control->accept_event = event_new(
	    base, control->fd, EV_READ | EV_PERSIST, on_accept, control);
	event_add(control->accept_event, NULL);
	return control;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void
control_free(struct control *control)
{
	struct control_client *client, *next;

	if (control == NULL)
		return;
	DL_FOREACH_SAFE (control->clients, client, next)
		free_client(client);
	free_event(control->accept_event);
	free_event(control->resume_event);
	free_event(control->reap_event);
	if (control->fd != -1)
		close(control->fd);
	if (control->path != NULL)
		unixsock_remove(control->path, &control->st);
	free(control->path);
	free(control);
}
