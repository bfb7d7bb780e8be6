/* SPDX-License-Identifier: ISC */
/* Logs, saves and shows each change of a device, and runs the hooks. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
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

#define MAX_STRANGER_LINES 1000 /* a large LAN at its first start */
#define MAX_CHANGE_LINES   16	/* of one device */

struct events {
	struct events_parts parts;
	struct service *service; /* owned; NULL: not ready, or stopping */
	struct ratelimit lines;	 /* of the log that strangers can cause */
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

/* ---- what others see --------------------------------------------------- */

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

	device->shown_address = device->address;
	device->shown_present = device->present;
	device->shown_no_info = device->no_info[0] != '\0';
	service_changed(events->service);
	if (control != NULL && control_has_subscribers(control))
		broadcast(events, ctl_change_new(report_device(device)));
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
	persist_campaign(events->parts.keep);
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

/* ---- what the log says ------------------------------------------------- */

/*
 * A person has cancelled what had begun, between two attempts.  A device that
 * had failed before had come to its end then.
 */
static bool
is_stopped(const struct device *device, enum state old)
{
	return old == STATE_HELD && device->state == STATE_HELD &&
	    device->hold == HOLD_CANCELLED && device->attempt > 0;
}

/* Its attempt was called off before it was told to fetch. */
static bool
waits_as_before(const struct device *device)
{
	return device->state == STATE_HELD && device->reason == REASON_NONE;
}

/* Of an attempt, or of what was believed of it. */
static bool
is_end(const struct device *device, enum state old)
{
	return device->state == STATE_FLASHED ||
	    device->state == STATE_VERIFIED || device->state == STATE_FAILED ||
	    is_stopped(device, old) ||
	    (state_is_at_work(old) && !waits_as_before(device) &&
		(!state_is_at_work(device->state) ||
		    device->state == STATE_PROBING));
}

/* Of devices that nothing was done to, anybody can invent thousands. */
static bool
is_new_worth_a_line(struct events *events)
{
	uint64_t now = clock_now_ms();

	if (ratelimit_take(&events->lines, MAX_STRANGER_LINES, now))
		return true;
	if (ratelimit_tell(&events->lines, now) > 0)
		log_warning("discovery: so many devices turn up that the log "
			    "leaves further ones out for ten minutes; "
			    "reflashctl devices has them all");
	return false;
}

/* By an announcement anybody can change one that is not at work, and back. */
static bool
is_known_worth_a_line(struct device *device)
{
	uint64_t now = clock_now_ms();

	if (ratelimit_take(&device->lines, MAX_CHANGE_LINES, now))
		return true;
	if (ratelimit_tell(&device->lines, now) > 0)
		devlog_device(device, LOG_WARNING,
		    "it changes again and again: the log leaves that out for "
		    "ten minutes; reflashctl show %s has how it is",
		    device->id);
	return false;
}

/*
 * Whether this machine can reach a network is said once, and not of each device
 * there; so a device goes back without a word to what it waited for before.
 */
static bool
is_for_our_network(struct device *device)
{
	bool was = device->is_quiet;

	device->is_quiet =
	    device->state == STATE_HELD && device->hold == HOLD_NETWORK;
	if (device->is_quiet)
		return true;
	if (was && device->state == STATE_HELD &&
	    device->hold == device->told_hold)
		return true;
	device->told_hold =
	    device->state == STATE_HELD ? device->hold : HOLD_NONE;
	return false;
}

/* What a job does, and how it ends, always is. */
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

/* ---- a change of state -------------------------------------------------- */

/* The device has left with its new firmware, and nothing has found it since. */
static bool
has_left(const struct device *device)
{
	return device->state == STATE_FLASHED ||
	    (device->state == STATE_FAILED &&
		device->reason == REASON_NOT_SEEN_AGAIN);
}

static void
on_changed(struct device *device, enum state old, void *ctx)
{
	struct events *events = ctx;
	const struct events_parts *parts = &events->parts;
	bool suspects = false;

	if (device->has_image) /* nobody else is counted */
		campaign_changed(parts->campaign);
	if (!record_is_under_way(device))
		device->token[0] = '\0';
	if (has_left(device))
		device->present = device->info_known = false;
	if (is_end(device, old))
		suspects = netdiag_log_explain(parts->firewall, device);
	if (is_worth_a_line(events, device, old))
		devlog_change(device, old);
	if (suspects)
		netdiag_log_tell_tcp(parts->firewall);
	if (is_end(device, old))
		persist_end(parts->keep, device);
	else
		persist_change(parts->keep, device);
	if (device->state == STATE_PROBING) {
		device->begun = device->since;
		device->begun_s = device->since_s;
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

const struct device_ops events_device_ops = {
	.changed = on_changed,
	.wall_clock = wall_clock,
	.steady_s = steady_s,
};
