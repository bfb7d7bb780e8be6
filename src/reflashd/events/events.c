/* SPDX-License-Identifier: ISC */
/* Logs, saves and shows each change of a device, and runs the hooks for it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/control/counters.h"
#include "core/control/ctlproto.h"
#include "core/control/hookenv.h"
#include "core/control/report.h"
#include "core/device/record.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "io/control/control.h"
#include "io/hooks/hooks.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/events/netdiag_log.h"
#include "reflashd/events/service.h"
#include "reflashd/store/persist.h"

#define MAX_STRANGER_LINES 1000 /* in ten minutes, of all: a large LAN */
#define MAX_CHANGE_LINES   16	/* in ten minutes, of one device */

struct events {
	struct events_parts parts;
	struct service *service; /* owned; NULL: not ready, or stopping */
	struct ratelimit lines;	 /* of the log that strangers can cause */
	struct counters counters;
};

struct events *
events_new(void)
{
	return xcalloc(1, sizeof(struct events));
}

void
events_wire(struct events *events, const struct events_parts *parts)
{
	events->parts = *parts;
}

void
events_begin(
    struct events *events, struct event_base *base, struct registry *registry)
{
	events->service = service_new(base, registry);
}

void
events_end(struct events *events)
{
	if (events == NULL)
		return;
	service_free(events->service);
	events->service = NULL;
	events->parts.control = NULL;
}

void
events_free(struct events *events)
{
	events_end(events);
	free(events);
}

static void
broadcast(struct events *events, json_t *taken)
{
	if (events->parts.control != NULL)
		control_broadcast(events->parts.control, taken);
	else
		json_decref(taken);
}

void
events_publish(struct events *events, struct device *device)
{
	const struct control *control = events->parts.control;

	device->shown.address = device->place.address;
	device->shown.is_present = device->seen.is_present;
	device->shown.no_info = device->facts.no_info[0] != '\0';
	device->shown.is_outdated = false;
	service_changed(events->service);
	if (control != NULL && control_has_subscribers(control))
		broadcast(events, ctl_change_new(report_device(device)));
}

const struct counters *
events_counters(const struct events *events)
{
	return &events->counters;
}

void
events_forgotten(struct events *events, const char *id)
{
	service_changed(events->service);
	broadcast(events, ctl_forgotten_new(id));
}

void
events_policy_stopped(
    struct events *events, const struct policy *policy, const char *why)
{
	persist_campaign(events->parts.persist);
	log_warning("policy %s: paused: %s", policy->name, why);
}

static void
run_hooks(struct hooks *hooks, const struct device *device, enum state old)
{
	json_auto_t *report = NULL;
	struct strlist env = { 0 };
	char subject[64], *input;

	if (!hooks_look(hooks))
		return;
	report = report_device(device);
	input = json_dumps(report, JSON_COMPACT);
	snprintf(subject, sizeof(subject), "%s is %s", device->id,
	    state_name(device->state));
	hookenv_make(device, old, &env);
	hooks_run(hooks, subject, &env, input, registry_is_known(device));
	free(input);
}

/*
 * Return true if a person has cancelled the flash between two attempts.  A
 * device that had failed was at its end before.
 */
static bool
is_stopped(const struct device *device, enum state old)
{
	return old == STATE_HELD && device->state == STATE_HELD &&
	    device->hold == HOLD_CANCELLED && device->attempt.number > 0;
}

/* Return true if an attempt ended before the device was told to fetch. */
static bool
waits_as_before(const struct device *device)
{
	return device->state == STATE_HELD && device->reason == REASON_NONE;
}

/* Return true if an attempt has ended, or its outcome has changed. */
static bool
is_end(const struct device *device, enum state old)
{
	return state_is_ended(device->state) || is_stopped(device, old) ||
	    (state_is_at_work(old) && !waits_as_before(device) &&
		(!state_is_at_work(device->state) ||
		    device->state == STATE_PROBING));
}

/* Limit the lines about devices that may be invented, in thousands. */
static bool
is_new_worth_a_line(struct events *events)
{
	uint64_t now = clock_now_ms();

	if (ratelimit_take(&events->lines, MAX_STRANGER_LINES, now))
		return true;
	if (ratelimit_tell(&events->lines, now) > 0)
		log_warning("discovery: so many devices turn up that the log "
			    "leaves further ones out for ten minutes; "
			    "reflashctl devices shows them all");
	return false;
}

/* Limit the lines about a device that forged announcements can change. */
static bool
is_known_worth_a_line(struct device *device)
{
	uint64_t now = clock_now_ms();

	if (ratelimit_take(&device->shown.lines, MAX_CHANGE_LINES, now))
		return true;
	if (ratelimit_tell(&device->shown.lines, now) > 0)
		devlog_device(device, LOG_WARNING,
		    "it changes again and again: the log leaves that out for "
		    "ten minutes; see: reflashctl show %s",
		    device->id);
	return false;
}

/*
 * Return true for a change that only means that this machine cannot reach a
 * network, or can again.  That is logged once, and not for each device.
 */
static bool
is_for_our_network(struct device *device)
{
	bool was = device->shown.is_quiet;

	device->shown.is_quiet =
	    device->state == STATE_HELD && device->hold == HOLD_NETWORK;
	if (device->shown.is_quiet)
		return true;
	if (was && device->state == STATE_HELD &&
	    device->hold == device->shown.hold)
		return true;
	device->shown.hold =
	    device->state == STATE_HELD ? device->hold : HOLD_NONE;
	return false;
}

/* Return true if a change is to be logged: what a job does always is. */
static bool
is_worth_a_line(struct events *events, struct device *device, enum state old)
{
	if (is_for_our_network(device))
		return false;
	if (state_is_at_work(device->state) || state_is_at_work(old) ||
	    is_end(device, old))
		return true;
	return record_is_needed(device) ? is_known_worth_a_line(device)
					: is_new_worth_a_line(events);
}

/* Log what a device is before what it waits for, if that is not logged yet. */
static void
introduce(struct device *device, enum state old)
{
	bool told = device->name[0] != '\0' || device->facts.info_known;

	if (old != STATE_SEEN || device->state != STATE_HELD ||
	    device->shown.info || !told)
		return;
	devlog_seen(device);
	device->shown.info = true;
}

/* Save the end of an attempt, and count it. */
static void
end_attempt(struct events *events, const struct device *device)
{
	json_auto_t *line = report_history(device);

	counters_add(&events->counters, line, device->since);
	persist_end(events->parts.persist, device);
}

static void
on_changed(struct device *device, enum state old, void *ctx)
{
	struct events *events = ctx;
	const struct events_parts *parts = &events->parts;
	bool suspects = false;

	if (device->attempt.has_image) /* no other device is counted */
		campaign_changed(parts->campaign);
	if (!state_is_under_way(device->state))
		device->download.token[0] = '\0';
	if (device_has_left(device))
		device->seen.is_present = device->facts.info_known = false;
	if (is_end(device, old))
		suspects = netdiag_log_explain(parts->netdiag_log, device);
	if (is_worth_a_line(events, device, old)) {
		introduce(device, old);
		devlog_change(device, old);
	}
	if (suspects)
		netdiag_log_tell_tcp(parts->netdiag_log);
	if (is_end(device, old))
		end_attempt(events, device);
	else
		persist_change(parts->persist, device);
	if (device->state == STATE_PROBING) {
		device->attempt.begun = device->since;
		device->attempt.begun_s = device->since_s;
	}
	events_publish(events, device);
	run_hooks(parts->hooks, device, old);
}

static time_t
wall_clock(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static int64_t
steady_s(void *ctx)
{
	(void)ctx;
	return (int64_t)(clock_now_ms() / 1000);
}

static unsigned
http_port(void *ctx)
{
	const struct events *events = ctx;

	return events->parts.http_port;
}

const struct device_ops events_device_ops = {
	.changed = on_changed,
	.wall_clock = wall_clock,
	.steady_s = steady_s,
	.http_port = http_port,
};
