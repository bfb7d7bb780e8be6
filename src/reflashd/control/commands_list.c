/* SPDX-License-Identifier: ISC */
/* Answers the requests whose answers are long. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "io/store/store.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/daemon_status.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/control/stream.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

/* Of each, so many take two or three milliseconds. */
#define DEVICES_AT_ONCE 250
#define ENTRIES_AT_ONCE 100

/* ---- devices ----------------------------------------------------------- */

/* Sends what the list has of one device. */
typedef void
send_fn(struct commands *, struct control_client *, const struct device *);

/* Of each device an item, and what is noted about the policies. */
struct items {
	struct stream stream;
	struct commands *commands;  /* borrowed */
	struct registry_walk *roll; /* owned; NULL: all were sent */
	send_fn *send;
	uint64_t census; /* its number; 0: there are no notes */
};

static void
send_some(struct items *items, struct control_client *client)
{
	for (int n = 0; n < DEVICES_AT_ONCE; n++) {
		const struct device *device = registry_walk_next(items->roll);

		if (device == NULL) {
			registry_walk_free(items->roll);
			items->roll = NULL;
			return;
		}
		items->send(items->commands, client, device);
	}
}

/* At its end, not before the policies are counted. */
static bool
items_ready(struct stream *stream)
{
	const struct items *items = (struct items *)stream;

	return items->roll != NULL || items->census == 0 ||
	    policy_census_get(items->commands->census, items->census) != NULL;
}

static bool
items_part(struct stream *stream, struct control_client *client)
{
	struct items *items = (struct items *)stream;

	if (items->roll != NULL)
		send_some(items, client);
	return items->roll != NULL || !items_ready(stream);
}

static void
items_done(struct stream *stream, struct control_client *client)
{
	const struct items *items = (struct items *)stream;
	json_t *extra = NULL;

	if (items->census != 0)
		extra = json_pack("{s:o}", "notes",
		    daemon_status_notes(items->commands->parts.setup->policies,
			policy_census_get(
			    items->commands->census, items->census)));
	control_done(client, extra);
}

static void
items_free(struct stream *stream)
{
	struct items *items = (struct items *)stream;

	registry_walk_free(items->roll);
	free(items);
}

static void
list_devices(const struct request *r, send_fn *send, uint64_t census)
{
	struct items *items = xcalloc(1, sizeof(*items));

	items->stream = (struct stream){
		.ready = items_ready,
		.part = items_part,
		.done = items_done,
		.free = items_free,
	};
	items->roll = registry_walk_new(r->commands->parts.registry);
	items->send = send;
	items->census = census;
	items->commands = r->commands;
	stream_start(r->commands->streams, r->client, &items->stream);
}

static void
send_device(struct commands *commands, struct control_client *client,
    const struct device *device)
{
	(void)commands;
	control_send_item(client, report_device(device));
}

void
command_devices(const struct request *r)
{
	list_devices(r, send_device, 0);
}

static void
send_plan(struct commands *commands, struct control_client *client,
    const struct device *device)
{
	struct decision decision;

	scheduler_decide(commands->parts.scheduler, device, &decision);
	control_send_item(client, report_plan(device, &decision));
}

void
command_plan(const struct request *r)
{
	struct device *device;

	if (ctl_arg_text(r->args, "id") == NULL) {
		list_devices(
		    r, send_plan, policy_census_ask(r->commands->census));
		return;
	}
	device = request_device(r);
	if (device == NULL)
		return;
	send_plan(r->commands, r->client, device);
	control_done(r->client, NULL);
}

/* ---- status ------------------------------------------------------------ */

struct glance {
	struct stream stream;
	struct commands *commands; /* borrowed */
	uint64_t census;	   /* its number */
};

static bool
glance_ready(struct stream *stream)
{
	const struct glance *glance = (struct glance *)stream;

	return policy_census_get(glance->commands->census, glance->census) !=
	    NULL;
}

static void
glance_done(struct stream *stream, struct control_client *client)
{
	const struct glance *glance = (struct glance *)stream;
	const struct commands *commands = glance->commands;
	const struct commands_parts *parts = &commands->parts;
	const struct policy_stats *tally =
	    policy_census_get(commands->census, glance->census);

	control_done(client,
	    json_pack("{s:s, s:I, s:i, s:s, s:b, s:o, s:o, s:o}", "version",
		PACKAGE_VERSION, "uptime",
		(json_int_t)((clock_now_ms() - commands->started_ms) / 1000),
		"port", (int)parts->port, "discovery",
		discovery_text(parts->discovery), "paused",
		(int)(campaign_paused(parts->campaign, NULL) != NULL), "counts",
		daemon_status_counts(parts->registry), "policies",
		daemon_status_policies(parts, tally), "problems",
		daemon_status_problems(parts)));
}

static void
glance_free(struct stream *stream)
{
	free(stream);
}

void
command_status(const struct request *r)
{
	struct glance *glance = xcalloc(1, sizeof(*glance));

	glance->stream = (struct stream){
		.ready = glance_ready,
		.done = glance_done,
		.free = glance_free,
	};
	glance->census = policy_census_ask(r->commands->census);
	glance->commands = r->commands;
	stream_start(r->commands->streams, r->client, &glance->stream);
}

/* ---- history ----------------------------------------------------------- */

/* Of one device, or of all. */
struct past {
	struct stream stream;
	struct commands *commands; /* borrowed */
	struct store_past *store;  /* owned */
	uint64_t last;		   /* see persist_has_history() */
	char *id;		   /* owned; NULL: of all */
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
	control_send_item(past->client, json_deep_copy(entry));
	past->sent++;
}

/* What has ended before it was asked for is in it. */
static bool
past_ready(struct stream *stream)
{
	const struct past *past = (struct past *)stream;

	return persist_has_history(past->commands->parts.keep, past->last);
}

static bool
past_part(struct stream *stream, struct control_client *client)
{
	struct past *past = (struct past *)stream;

	past->client = client;
	return store_past_next(past->store, ENTRIES_AT_ONCE, on_entry, past);
}

/* One that was forgotten may still have a past. */
static void
past_done(struct stream *stream, struct control_client *client)
{
	const struct past *past = (struct past *)stream;
	const struct request r = { .commands = past->commands,
		.client = client };

	if (past->sent > 0 || past->id == NULL ||
	    registry_find(past->commands->parts.registry, past->id) != NULL)
		control_done(client, NULL);
	else
		request_fail(&r, ENOENT, past->id, "no such device");
}

static void
past_free(struct stream *stream)
{
	struct past *past = (struct past *)stream;

	persist_close_history(past->store);
	free(past->id);
	free(past);
}

void
command_history(const struct request *r)
{
	const char *id = ctl_arg_text(r->args, "id");
	struct past *past = xcalloc(1, sizeof(*past));

	past->stream = (struct stream){
		.ready = past_ready,
		.part = past_part,
		.done = past_done,
		.free = past_free,
	};
	past->store = persist_open_history(r->commands->parts.keep);
	past->last = persist_last(r->commands->parts.keep);
	past->id = id != NULL ? xstrdup(id) : NULL;
	past->commands = r->commands;
	stream_start(r->commands->streams, r->client, &past->stream);
}
