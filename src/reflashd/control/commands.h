/* SPDX-License-Identifier: ISC */
/*
 * commands -- what each request on the control socket does.
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
struct identify;
struct netdiag_log;
struct outage;
struct persist;
struct registry;
struct scheduler;

/* What a reload has found; commands end it. */
struct commands_reload {
	struct problems mistakes; /* for which it was refused */
	struct problems faults;	  /* a policy can flash nothing because of it */
	struct problems doubts;	  /* it can hardly be meant so */
	char *summary;		  /* what it means for the devices, or NULL */
};

/* What commands tell their maker. */
struct commands_ops {
	/* Read the configuration again; *out is zeroed. */
	bool (*reload)(struct commands_reload *out, struct error *, void *ctx);
};

/* All borrowed until commands_free(); a reload may change the settings. */
struct commands_parts {
	struct event_base *base;
	const struct setup *setup;
	unsigned port; /* of the file server */
	struct registry *registry;
	struct campaign *campaign;
	struct persist *keep;
	struct outage *outage;
	struct netdiag_log *firewall;
	struct events *events;
	struct scheduler *scheduler;
	struct discovery *discovery;
	struct identify *identify;
	const struct commands_ops *ops;
	void *ctx;
};

struct commands *commands_new(const struct commands_parts *);

/* After the control socket, which knows them.  NULL is fine. */
void commands_free(struct commands *);

/* There are other policies now: count the devices of each again. */
void commands_policies_changed(struct commands *);

/* For control_new(), with the commands as its ctx. */
extern const struct control_ops commands_control_ops;

#endif
