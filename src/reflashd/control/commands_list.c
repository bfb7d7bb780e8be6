/* SPDX-License-Identifier: ISC */
/* Answers the requests that have a long answer, part by part. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "core/control/plan_policies.h"
#include "core/control/report.h"
#include "core/device/device_find.h"
#include "core/schedule/campaign.h"
#include "io/store/store.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/daemon_status.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

#define ENTRIES_AT_ONCE 100 /* of the history, in a few milliseconds */

static bool
is_counted(const struct answer *answer)
{
	return answer->number == 0 ||
	    policy_census_get(answer->commands->census, answer->number) != NULL;
}

static void
send_device(
    struct answer *answer, struct control_client *client, struct device *device)
{
	(void)answer;
	control_send_item(client, report_device(device));
}

static void
end_devices(struct stream *stream, struct control_client *client)
{
	(void)stream;
	control_done(client, NULL);
}

void
command_devices(const struct request *r)
{
	static const struct answer_ops ops = {
		.visit = send_device,
		.is_complete = is_counted,
		.done = end_devices,
	};

	answer_start(r, &ops);
}

/*
 * Send what is decided about a device; in_full: and what each policy makes of
 * it, which is too much to tell of all devices.
 */
static void
send_plan(const struct commands *commands, struct control_client *client,
    const struct device *device, bool in_full)
{
	struct decision decision;
	json_t *plan, *policies;

	scheduler_decide(commands->parts.scheduler, device, &decision);
	plan = report_plan(device, &decision);
	policies = in_full
	    ? plan_policies(device, commands->parts.setup->policies,
		  json_string_value(json_object_get(plan, "policy")))
	    : json_null();
	json_object_set_new(plan, "policies", policies);
	control_send_item(client, plan);
}

static void
send_visited_plan(
    struct answer *answer, struct control_client *client, struct device *device)
{
	send_plan(answer->commands, client, device, false);
}

/* End the plan with notes about the policies. */
static void
end_plan(struct stream *stream, struct control_client *client)
{
	const struct answer *answer = (struct answer *)stream;
	const struct commands *commands = answer->commands;

	control_done(client,
	    json_pack("{s:o}", "notes",
		daemon_status_notes(commands->parts.setup->policies,
		    policy_census_get(commands->census, answer->number))));
}

void
command_plan(const struct request *r)
{
	static const struct answer_ops ops = {
		.visit = send_visited_plan,
		.is_complete = is_counted,
		.done = end_plan,
	};
	struct device *device;

	if (ctl_arg_text(r->args, "id") == NULL) {
		answer_start(r, &ops)->number =
		    policy_census_ask(r->commands->census);
		return;
	}
	device = request_device(r);
	if (device == NULL)
		return;
	send_plan(r->commands, r->client, device, true);
	control_done(r->client, NULL);
}

static void
send_status(struct stream *stream, struct control_client *client)
{
	const struct answer *answer = (struct answer *)stream;
	const struct commands *commands = answer->commands;
	const struct commands_parts *parts = &commands->parts;
	const struct policy_stats *tally =
	    policy_census_get(commands->census, answer->number);

	control_done(client,
	    json_pack("{s:s, s:I, s:i, s:s, s:b, s:o, s:o, s:o, s:o}",
		"version", PACKAGE_VERSION, "uptime",
		(json_int_t)((clock_now_ms() - commands->started_ms) / 1000),
		"port", (int)parts->port, "discovery",
		discovery_text(parts->discovery), "paused",
		(int)(campaign_paused(parts->campaign, NULL) != NULL), "counts",
		daemon_status_counts(parts->registry), "policies",
		daemon_status_policies(parts, tally), "problems",
		daemon_status_problems(parts), "todo",
		daemon_status_todo(parts)));
}

void
command_status(const struct request *r)
{
	static const struct answer_ops ops = {
		.is_complete = is_counted,
		.done = send_status,
	};

	answer_start(r, &ops)->number = policy_census_ask(r->commands->census);
}

/* The history of one device, or of all. */
struct past {
	struct stream stream;
	struct commands *commands; /* borrowed */
	struct store_past *store;  /* owned */
	uint64_t last;		   /* see persist_has_history() */
	char *id;		   /* owned; NULL: of all */
	struct error unknown; /* why the device is not known; code 0: it is */
	size_t sent;
	struct control_client *client; /* borrowed, while a part is sent */
};

static void
on_entry(const json_t *entry, void *ctx)
{
	struct past *past = ctx;
	const char *device =
	    json_string_value(json_object_get(entry, "device"));

	if (past->id != NULL &&
	    (device == NULL || strcmp(past->id, device) != 0))
		return;
	control_send_item(past->client, report_past(entry));
	past->sent++;
}

/* Wait until the attempts that had ended before the request are written. */
static bool
past_ready(struct stream *stream)
{
	const struct past *past = (struct past *)stream;

	return persist_has_history(past->commands->parts.persist, past->last);
}

static bool
past_part(struct stream *stream, struct control_client *client)
{
	struct past *past = (struct past *)stream;

	past->client = client;
	return store_past_next(past->store, ENTRIES_AT_ONCE, on_entry, past);
}

/* A device that was forgotten may still have a history. */
static void
past_done(struct stream *stream, struct control_client *client)
{
	const struct past *past = (struct past *)stream;

	if (past->sent > 0 || past->unknown.code == 0)
		control_done(client, NULL);
	else
		control_fail(client, &past->unknown);
}

static void
past_free(struct stream *stream)
{
	struct past *past = (struct past *)stream;

	persist_close_history(past->store);
	free(past->id);
	free(past);
}

/*
 * Return the id of the device whose history is asked for, yours; NULL: there is
 * none, which is answered.  An id in full may be that of a forgotten device.
 */
static char *
find_subject(const struct request *r, struct error *unknown)
{
	const char *name = ctl_arg_text(r->args, "id");
	struct strlist fits = { 0 };
	struct device *device =
	    device_find(r->commands->parts.registry, name, &fits, unknown);
	char id[DEVICE_ID_SIZE], *found = NULL;

	if (device != NULL)
		found = xstrdup(device->id);
	else if (unknown->code == ENOENT && devapi_copy_id(id, name))
		found = xstrdup(id);
	else
		request_not_found(r, &fits, unknown);
	strlist_fini(&fits);
	return found;
}

void
command_history(const struct request *r)
{
	bool is_of_all = ctl_arg_text(r->args, "id") == NULL;
	struct error unknown = { 0 };
	char *id = is_of_all ? NULL : find_subject(r, &unknown);
	struct past *past;

	if (id == NULL && !is_of_all)
		return;
	past = xcalloc(1, sizeof(*past));

	past->stream = (struct stream){
		.ready = past_ready,
		.part = past_part,
		.done = past_done,
		.free = past_free,
	};
	past->store = persist_open_history(r->commands->parts.persist);
	past->last = persist_last(r->commands->parts.persist);
	past->id = id;
	past->unknown = unknown;
	past->commands = r->commands;
	stream_start(r->commands->streams, r->client, &past->stream);
}
