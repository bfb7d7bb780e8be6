/* SPDX-License-Identifier: ISC */
/*
 * control -- the daemon's end of the control socket.
 *
 * Everybody who may open the socket may look.  Changing is for root and the
 * members of one group, as the kernel vouches for them; for the daemon's own
 * user only where there is no such group, as reflash-scan and hooks are of that
 * user, too.  A request is handed out when it is well formed and its sender has
 * the right to it.  The owner answers now or later: any number of items, then
 * done or fail exactly once.  The next request of the same client waits for
 * that.
 *
 * A client may vanish at any moment; closed() tells, and afterwards its
 * pointer means nothing.  No function but control_free() frees a client: it
 * is only marked, and goes in a later turn of the event loop.  The process must
 * ignore SIGPIPE: libevent writes without MSG_NOSIGNAL.
 */
#ifndef REFLASHD_CONTROL_H
#define REFLASHD_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct control;
struct control_client;
struct ctl_command;
struct event_base;

struct control_ops {
	/* args is borrowed for the call; its names and types are checked. */
	void (*request)(struct control_client *, const struct ctl_command *,
	    json_t *args, void *ctx);
	void (*closed)(struct control_client *, void *ctx); /* may be NULL */
};

struct control_config {
	const char *path;  /* where to listen, unless fd is given */
	int fd;		   /* a listening socket, which is taken; or -1 */
	const char *group; /* who may change things; NULL or "": nobody else */
};

/*
 * config is borrowed for the call, ops and ctx for good.  A group that does
 * not exist is said in the log and grants nothing.
 */
struct control *control_new(struct event_base *, const struct control_config *,
    const struct control_ops *, void *ctx, struct error *);

/* Closes every client, with closed() for each, and removes the socket. */
void control_free(struct control *);

/* Another group, after a reload; for clients that connect from now on. */
void control_set_group(struct control *, const char *group);

/* The answers.  item and extra are taken; extra may be NULL. */
void control_send_item(struct control_client *, json_t *item);
/* Has it read most of what it was sent?  Who does not read is cut off. */
bool control_has_room(const struct control_client *);
void control_done(struct control_client *, json_t *extra);
void control_fail(struct control_client *, const struct error *);
void
control_fail_with(struct control_client *, const struct error *, json_t *extra);

/*
 * From now on this client gets what is broadcast, beside its answers.  Making
 * an event is only worth it while there is somebody to hear it.
 */
void control_subscribe(struct control_client *);
bool control_has_subscribers(const struct control *);
void control_broadcast(struct control *, json_t *event); /* event is taken */

uid_t control_client_uid(const struct control_client *);

#endif
