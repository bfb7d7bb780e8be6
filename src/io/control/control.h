/* SPDX-License-Identifier: ISC */
/*
 * control -- the daemon's end of the control socket.
 *
 * Every user who may open the socket may look.  Root and the members of one
 * group, as the kernel reports them, may change things.  The daemon's own user
 * may do so only if there is no such group, as reflash-scan and hooks run as
 * that user, too.  A request is handed out when it is well formed and its
 * sender has the right to it.  The owner answers now or later: any number of
 * items, then done or fail exactly once.  The next request of the same client
 * waits for that.
 *
 * A client may vanish at any moment; closed() tells, and afterwards its pointer
 * means nothing.  No function but control_free() frees a client: it is only
 * marked, and goes in a later turn of the event loop.  The process must ignore
 * SIGPIPE: libevent writes without MSG_NOSIGNAL.
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
	const char *group; /* its members may change things; NULL or "": none */
};

/*
 * Open the control socket. config is borrowed for the call, ops and ctx for
 * good.  A group that does not exist is reported in the log and grants nothing.
 */
struct control *control_new(struct event_base *, const struct control_config *,
    const struct control_ops *, void *ctx, struct error *);

/* Close every client, with closed() for each, and remove the socket. */
void control_free(struct control *);

/* Use another group after a reload, for clients that connect from now on. */
void control_set_group(struct control *, const char *group);

/* Send an answer. item and extra are taken; extra may be NULL. */
void control_send_item(struct control_client *, json_t *item);
/*
 * Return true if the client has read most of what it was sent.  A client that
 * does not read is cut off.
 */
bool control_has_room(const struct control_client *);
void control_done(struct control_client *, json_t *extra);
void control_fail(struct control_client *, const struct error *);
void
control_fail_with(struct control_client *, const struct error *, json_t *extra);

/*
 * Send this client what is broadcast from now on, besides its answers.  Events
 * need not be made while there are no subscribers.
 */
void control_subscribe(struct control_client *);
bool control_has_subscribers(const struct control *);
void control_broadcast(struct control *, json_t *event); /* event is taken */

uid_t control_client_uid(const struct control_client *);

/*
 * Take the descriptor that came with the request; call it in request() itself.
 * Returns -1 if there was not exactly one.  One that is not taken is closed.
 */
int control_client_take_fd(struct control_client *, struct error *);

#endif
