/* SPDX-License-Identifier: ISC */
/*
 * commands -- carries out the requests of reflashctl on the control socket.
 */
#ifndef REFLASHD_COMMANDS_H
#define REFLASHD_COMMANDS_H

#include "base/problems.h"
#include "io/conffiles.h"
#include "io/control/control.h"

struct campaign;
struct commands;
struct discovery;
struct event_base;
struct events;
struct hooks;
struct identify;
struct image_cache;
struct netdiag_log;
struct outage;
struct persist;
struct registry;
struct scheduler;
struct server;

/* What a reload has found; commands free it. */
struct commands_reload {
	struct problems mistakes; /* why it was refused */
	struct problems faults;	  /* why a policy can flash nothing */
	struct problems doubts;	  /* what is probably not meant so */
	char *summary;		  /* the effect on the devices, or NULL */
};

/* What commands ask of the daemon. */
struct commands_ops {
	/* Read the configuration again; *out is zeroed. */
	bool (*reload)(struct commands_reload *out, struct error *, void *ctx);
};

/* All borrowed until commands_free(); a reload may change the settings. */
struct commands_parts {
	struct event_base *base;
	const struct setup *setup;
	unsigned port; /* of the file server */
	const struct server *server;
	const struct hooks *hooks;
	struct registry *registry;
	struct campaign *campaign;
	struct image_cache *images;
	struct persist *persist;
	struct outage *outage;
	struct netdiag_log *netdiag_log;
	struct events *events;
	struct scheduler *scheduler;
	struct discovery *discovery;
	struct identify *identify;
	const struct commands_ops *ops;
	void *ctx;
};

struct commands *commands_new(const struct commands_parts *);

/* End them after the control socket, which calls them.  NULL is fine. */
void commands_free(struct commands *);

/* Count the devices of each policy again, as the policies have changed. */
void commands_policies_changed(struct commands *);

/* For control_new(), with the commands as its ctx. */
extern const struct control_ops commands_control_ops;

#endif
