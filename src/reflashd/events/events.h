/* SPDX-License-Identifier: ISC */
/*
 * events -- what follows a change of a device: it is logged, saved, sent to
 * subscribers and counted for the service manager, and the hooks run.
 */
#ifndef REFLASHD_EVENTS_H
#define REFLASHD_EVENTS_H

#include "core/device/device.h"
#include "core/policy/policy.h"

struct campaign;
struct control;
struct counters;
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
	struct netdiag_log *netdiag_log;
	struct hooks *hooks;
	struct persist *persist;
	unsigned http_port; /* that devices download from */
};

/*
 * Make it before the registry, which calls it.  No device may change before it
 * is wired.
 */
struct events *events_new(void);
void events_wire(struct events *, const struct events_parts *);

/* Tell the service manager that the daemon is ready, and what it does. */
void events_begin(struct events *, struct event_base *, struct registry *);

/* From now on changes are saved, but not shown.  NULL is fine. */
void events_end(struct events *);
void events_free(struct events *); /* NULL is fine */

/* Show a device to subscribers as it is now. */
void events_publish(struct events *, struct device *);

/* Return what has ended since the start, borrowed from the events. */
const struct counters *events_counters(const struct events *);

/* Tell subscribers that a device is not known any more. */
void events_forgotten(struct events *, const char *id);

/* Log and save that a policy has paused itself. */
void
events_policy_stopped(struct events *, const struct policy *, const char *why);

#endif
