/* SPDX-License-Identifier: ISC */
/*
 * Accepts and limits the clients of the control socket, and decides which of
 * them may change anything.
 */
#include "config.h"

#include <assert.h>
#include <event2/event.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/control/control_parts.h"
#include "io/timer.h"

#define MAX_PER_UID    32	 /* connections of one user */
#define MAX_CLIENTS    128	 /* of all users but root and our own */
#define MAX_READERS    96	 /* of these, clients that may change nothing */
#define MAX_OUTPUT     (8 << 20) /* bytes that one client has not read */
#define MAX_OUTPUT_ALL (16 << 20)
#define TURN_MS	       3 /* for requests; the rest wait for the next turn */

#define NO_GROUP (~(gid_t)0)

/*
 * Log a complaint about a client's user, but not more often than a limit: a
 * client could fill the log by connecting in a loop.
 */
void
control_complain(
    struct control *control, enum control_complaint kind, uid_t uid)
{
	static const char *const texts[CONTROL_COMPLAINTS] = {
		[CONTROL_TOO_MANY] = "has too many connections, one is refused",
		[CONTROL_NOT_READING] =
		    "does not read its answers, and is dropped",
		[CONTROL_NO_DESCRIPTORS] =
		    "has no descriptors left, connections wait",
	};
	struct ratelimit *quota = &control->complaints[kind];
	uint64_t now_ms = clock_awake_ms();
	unsigned count;

	log_debug("control", "ctl: uid %u %s", (unsigned)uid, texts[kind]);
	ratelimit_take(quota, 0, now_ms);
	count = ratelimit_tell(quota, now_ms);
	if (count == 1)
		log_warning("ctl: uid %u %s", (unsigned)uid, texts[kind]);
	else if (count > 1)
		log_warning("ctl: uid %u %s; as %u times before", (unsigned)uid,
		    texts[kind], count - 1);
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
			control_client_free(client);
}

/*
 * Drop the client that is furthest behind if too much output waits in all: a
 * client that does not read must not cost the others their answers.
 */
void
control_bound_output(struct control *control)
{
	struct control_client *client, *worst = NULL;
	size_t sum = 0;

	DL_FOREACH (control->clients, client) {
		if (client->is_dead)
			continue;
		sum += control_client_unread(client);
		if (worst == NULL ||
		    control_client_unread(client) >
			control_client_unread(worst))
			worst = client;
	}
	if (worst == NULL ||
	    (sum <= MAX_OUTPUT_ALL &&
		control_client_unread(worst) <= MAX_OUTPUT))
		return;
	control_complain(control, CONTROL_NOT_READING, worst->peer.uid);
	control_client_doom(worst);
}

/* Begin a turn, and its slice of time, unless one has begun. */
static void
begin_turn(struct control *control)
{
	if (timer_is_set(control->turn))
		return;
	time_slice_begin(&control->slice, TURN_MS);
	timer_set(control->turn, 0);
}

bool
control_has_time(struct control *control)
{
	begin_turn(control);
	return !time_slice_is_over(&control->slice);
}

void
control_serve_later(struct control_client *client)
{
	client->is_waiting = true;
	begin_turn(client->control);
}

static struct control_client *
next_waiting(const struct control *control)
{
	struct control_client *client;

	DL_FOREACH (control->clients, client)
		if (client->is_waiting && !client->is_dead)
			return client;
	return NULL;
}

static void
on_turn(void *ctx)
{
	struct control *control = ctx;
	struct control_client *client;

	while ((client = next_waiting(control)) != NULL &&
	    control_has_time(control)) {
		client->is_waiting = false;
		DL_DELETE(control->clients, client);
		DL_APPEND(control->clients, client);
		control_client_serve(client);
	}
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
			control_client_write(client, text, strlen(text));
	free(text);
	json_decref(event);
}

/* Doom half-closed clients that have closed wholly: the kernel is silent. */
static void
sweep(struct control *control)
{
	struct control_client *client;

	DL_FOREACH (control->clients, client)
		if (control_client_sends_no_more(client) &&
		    control_client_is_gone(client))
			control_client_doom(client);
}

/*
 * Return true if the user may change anything without being in the group.  The
 * daemon's own user may only if there is no group, as reflash-scan and the
 * hooks run as that user, too.
 */
static bool
is_trusted(const struct control *control, uid_t uid)
{
	return uid == 0 || (uid == geteuid() && control->group == NO_GROUP);
}

static bool
may_change(
    const struct control *control, int fd, const struct unixsock_peer *peer)
{
	return is_trusted(control, peer->uid) ||
	    (control->group != NO_GROUP && peer->uid != geteuid() &&
		unixsock_peer_has_group(fd, peer, control->group));
}

/*
 * Return true if another client of this user may connect.  Some places are kept
 * for clients that may change things: a person may have many uids, and must not
 * lock those clients out.
 */
static bool
has_room(const struct control *control, uid_t uid, bool changes)
{
	const struct control_client *client;
	size_t same = 0, readers = 0, all = 0;

	DL_FOREACH (control->clients, client) {
		if (client->is_dead)
			continue;
		same += client->peer.uid == uid;
		readers += !client->may_change;
		all += !is_trusted(control, client->peer.uid);
	}
	if (same >= MAX_PER_UID)
		return false;
	return is_trusted(control, uid) ||
	    (all < MAX_CLIENTS && (changes || readers < MAX_READERS));
}

/* Write why, if that fits into the empty socket buffer, and hang up. */
static void
turn_away(int fd)
{
	static const char text[] =
	    "{\"ok\":false,\"code\":\"EAGAIN\",\"error\":"
	    "\"too many connections to the control socket, close some\"}\n";

	(void)!send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void
control_admit(struct control *control, int fd)
{
	struct unixsock_peer peer;
	struct error err;
	bool changes;

	if (!unixsock_peer(fd, &peer, &err)) {
		close(fd);
		return;
	}
	changes = may_change(control, fd, &peer);
	if (!has_room(control, peer.uid, changes))
		sweep(control);
	if (has_room(control, peer.uid, changes)) {
		control_client_new(control, fd, &peer, changes);
		return;
	}
	control_complain(control, CONTROL_TOO_MANY, peer.uid);
	turn_away(fd);
}

void
control_set_group(struct control *control, const char *name)
{
	const struct group *group;

	control->group = NO_GROUP;
	if (name == NULL || name[0] == '\0')
		return;
	group = getgrnam(name);
	if (group != NULL)
		control->group = group->gr_gid;
	else if (control->missing == NULL ||
	    strcmp(control->missing, name) != 0)
		log_info("ctl: there is no group %s: only root and the "
			 "daemon's own user may change things",
		    name);
	free(control->missing);
	control->missing = group == NULL ? xstrdup(name) : NULL;
}

static int
open_socket(struct control *control, const struct control_config *config,
    struct error *err)
{
	int fd = config->fd;

	if (fd != -1)
		return unixsock_inherit(fd, err) ? fd : -1;
	fd = unixsock_listen(config->path, 0666, control->group, err);
	if (fd != -1 && lstat(config->path, &control->st) == 0)
		control->path = xstrdup(config->path);
	return fd;
}

struct control *
control_new(struct event_base *base, const struct control_config *config,
    const struct control_ops *ops, void *ctx, struct error *err)
{
	struct control *control = xcalloc(1, sizeof(*control));
	int fd;

	control->base = base;
	control->ops = ops;
	control->ctx = ctx;
	control_set_group(control, config->group);
	fd = open_socket(control, config, err);
	if (fd == -1) {
		error_prefix(err, "control socket");
		control_free(control);
		return NULL;
	}
	control->reap_event = event_new(base, -1, 0, on_reap, control);
	control->turn = timer_new(base, on_turn, control);
	control->gate = control_gate_new(base, fd, control);
	return control;
}

void
control_free(struct control *control)
{
	struct control_client *client, *next;

	if (control == NULL)
		return;
	control_gate_free(control->gate);
	DL_FOREACH_SAFE (control->clients, client, next)
		control_client_free(client);
	if (control->reap_event != NULL)
		event_free(control->reap_event);
	timer_free(control->turn);
	if (control->path != NULL)
		unixsock_remove(control->path, &control->st);
	free(control->path);
	free(control->missing);
	free(control);
}
