/* SPDX-License-Identifier: ISC */
/*
 * events -- what follows when something about a device has changed: it is
 * logged, saved, shown to who follows events, counted for the service manager,
 * and the hooks are run.
 */
#ifndef REFLASHD_EVENTS_H
#define REFLASHD_EVENTS_H

#include "core/device/device.h"
#include "core/policy/policy.h"

struct campaign;
struct control;
struct event_base;
struct events;
struct netdiag_log;
struct hooks;
struct persist;
struct registry;

/* For registry_new(), with the events as its ctx. */
extern const struct device_ops events_device_ops;

/* All borrowed until events_end(). */
struct events_parts {
	struct campaign *campaign;
	struct control *control;
	struct netdiag_log *firewall;
	struct hooks *hooks;
	struct persist *keep;
};

/* Before the registry, which needs it; nothing may change until it is wired. */
struct events *events_new(void);
void events_wire(struct events *, const struct events_parts *);

/* The daemon is ready: tell the service manager so, and what it does. */
void events_begin(struct events *, struct event_base *, struct registry *);

/* From now on changes are still saved, but not shown.  NULL is fine. */
void events_end(struct events *);
void events_free(struct events *); /* NULL is fine */

/* Show a device as it is now. */
void events_publish(struct events *, struct device *);

/* A device is not known any more. */
void events_forgotten(struct events *, const char *id);

/* A policy has paused itself: log it, and save it. */
void
events_policy_stopped(struct events *, const struct policy *, const char *why);

#endif
