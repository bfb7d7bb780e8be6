/* SPDX-License-Identifier: ISC */
/*
 * daemon_link -- the devices of the daemon and each change of them, and orders
 * to it, for a program with an event loop.
 *
 * The link subscribes to the changes first and asks for the present devices
 * then, so that no change is missed.  Each device comes as a whole.  It
 *connects again by itself after a restart of the daemon, and starts anew then:
 *
 *	listing      the daemon answers; forget what was known
 *	device       a device, as it is now; any number of times
 *	listed       all devices have come once
 *	device, forgotten    changes, from then on and also in between
 *	down         the daemon does not answer; listing comes again later
 *
 * The callbacks may not free the link.
 */
#ifndef REFLASHD_DAEMON_LINK_H
#define REFLASHD_DAEMON_LINK_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "core/control/ctlproto.h"

struct event_base;
struct daemon_link;

/* The arguments are borrowed for the call.  No member is NULL. */
struct daemon_link_ops {
	void (*listing)(void *ctx);
	void (*device)(const json_t *device, void *ctx);
	void (*forgotten)(const char *id, void *ctx);
	void (*listed)(void *ctx);
	/* Once for each time that the daemon is lost, and if it is not there.
	 */
	void (*down)(const struct error *, void *ctx);
};

/* path and ops are borrowed for the life of the link.  Connects soon. */
struct daemon_link *daemon_link_new(struct event_base *, const char *path,
    const struct daemon_link_ops *, void *ctx);

/* Orders that are under way are answered with NULL.  NULL is fine. */
void daemon_link_free(struct daemon_link *);

/* Return true between listed and down. */
bool daemon_link_is_listed(const struct daemon_link *);

/*
 * The function that takes the {"ok":...} of the daemon, borrowed; NULL: the
 * daemon was lost before it answered, and nobody knows whether it acted.
 */
typedef void daemon_link_answer_fn(const json_t *reply, void *ctx);

/* The function that takes each item of an answer before its reply, borrowed. */
typedef void daemon_link_item_fn(const json_t *item, void *ctx);

/*
 * Send a request; args is taken, and NULL for none.  The answer comes later and
 * exactly once.  Returns false, and no answer comes, while the daemon is away
 * or too much is under way.  Items of an answer are dropped.
 */
bool daemon_link_ask(struct daemon_link *, enum ctl_id, json_t *args,
    daemon_link_answer_fn *, void *ctx);

/* The same for an answer that has items. */
bool daemon_link_list(struct daemon_link *, enum ctl_id, json_t *args,
    daemon_link_item_fn *, daemon_link_answer_fn *, void *ctx);

#endif
