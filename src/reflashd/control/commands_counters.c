/* SPDX-License-Identifier: ISC */
/* Answers counters: what metrics are made of, in one reply. */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "core/control/attention.h"
#include "core/control/counters.h"
#include "core/control/ctlproto.h"
#include "core/device/device_json.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "io/hooks/hooks.h"
#include "io/http/server.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/daemon_status.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/events.h"

/* The sums of a walk through the devices. */
struct census {
	json_int_t present, approvals;
	json_int_t attention[ATTENTION_COUNT];
	time_t downloading_since; /* 0: no device downloads */
};

static void
count_device(struct census *census, const struct device *device)
{
	census->present += device->seen.is_present;
	census->approvals +=
	    device->state == STATE_HELD && device->hold == HOLD_APPROVAL;
	census->attention[attention_of(device)]++;
	if (device->state == STATE_DOWNLOADING &&
	    (census->downloading_since == 0 ||
		device->since < census->downloading_since))
		census->downloading_since = device->since;
}

static json_t *
attention_json(const struct census *census)
{
	json_t *attention = json_object();

	for (enum attention a = ATTENTION_NONE + 1; a < ATTENTION_COUNT; a++)
		json_object_set_new(attention, attention_token(a),
		    json_integer(census->attention[a]));
	return attention;
}

static json_t *
census_json(struct registry *registry)
{
	struct census census = { 0 };

	registry_foreach (registry, device)
		count_device(&census, device);
	return json_pack("{s:o, s:I, s:o, s:I, s:o}", "devices",
	    daemon_status_counts(registry), "present", census.present,
	    "attention", attention_json(&census), "approvals", census.approvals,
	    "downloading_since",
	    census.downloading_since > 0
		? json_integer((json_int_t)census.downloading_since)
		: json_null());
}

static json_t *
pauses_json(const struct commands_parts *parts)
{
	const struct policy_list *list = parts->setup->policies;
	json_t *pauses = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i]->name;

		json_array_append_new(pauses,
		    json_pack("{s:o, s:b}", "name", device_json_string(name),
			"paused",
			(int)(campaign_paused(parts->campaign, name) != NULL)));
	}
	return pauses;
}

/* Count the replies of the file server, by their status. */
static json_t *
served_json(const struct server_counts *counts)
{
	static const int statuses[] = { SERVER_STATUSES };
	json_t *requests = json_object();
	char code[16];

	for (size_t i = 0; i < SERVER_STATUS_COUNT; i++) {
		snprintf(code, sizeof(code), "%d", statuses[i]);
		json_object_set_new(requests, code,
		    json_integer((json_int_t)counts->replies[i]));
	}
	return json_pack("{s:I, s:o}", "image_bytes",
	    (json_int_t)counts->image_bytes, "requests", requests);
}

static json_t *
daemon_json(const struct commands *commands)
{
	const struct commands_parts *parts = &commands->parts;
	json_auto_t *problems = daemon_status_problems(parts);

	return json_pack("{s:s, s:I, s:b, s:o, s:I, s:b, s:I}", "version",
	    PACKAGE_VERSION, "started", (json_int_t)commands->started, "paused",
	    (int)(campaign_paused(parts->campaign, NULL) != NULL), "policies",
	    pauses_json(parts), "problems",
	    (json_int_t)json_array_size(problems), "discovery",
	    (int)discovery_is_ready(parts->discovery), "hook_failures",
	    (json_int_t)hooks_failures(parts->hooks));
}

void
command_counters(const struct request *r)
{
	const struct commands_parts *parts = &r->commands->parts;
	json_t *all = daemon_json(r->commands);

	json_object_update_new(all, census_json(parts->registry));
	json_object_update_new(
	    all, counters_json(events_counters(parts->events)));
	json_object_update_new(all, served_json(server_counts(parts->server)));
	control_done(r->client, all);
}
