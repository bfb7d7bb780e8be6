/* SPDX-License-Identifier: ISC */
/* Puts together what status and plan tell of the daemon as a whole. */
#include "config.h"

#include <stdlib.h>

#include "core/device/device_json.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "reflashd/control/daemon_status.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/netdiag_log.h"
#include "reflashd/net/outage.h"
#include "reflashd/store/persist.h"

json_t *
daemon_status_counts(struct registry *registry)
{
	json_int_t count[STATE_COUNT] = { 0 };
	struct device *device = NULL;
	json_t *counts = json_object();

	while ((device = registry_next(registry, device)) != NULL)
		count[device->state]++;
	for (enum state s = 0; s < STATE_COUNT; s++)
		json_object_set_new(
		    counts, state_name(s), json_integer(count[s]));
	return counts;
}

json_t *
daemon_status_policies(
    const struct commands_parts *parts, const struct policy_stats *tally)
{
	const struct policy_list *list = parts->setup->policies;
	json_t *policies = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const char *why =
		    campaign_paused(parts->campaign, list->items[i]->name);
		char *note = policy_stats_why_none(tally, i);

		json_array_append_new(policies,
		    json_pack("{s:o, s:s, s:b, s:o, s:i, s:o}", "name",
			device_json_string(list->items[i]->name), "action",
			policy_action_name(list->items[i]->action), "paused",
			(int)(why != NULL), "reason", device_json_text(why),
			"devices", (int)policy_stats_decided(tally, i), "note",
			device_json_text(note)));
		free(note);
	}
	return policies;
}

json_t *
daemon_status_problems(const struct commands_parts *parts)
{
	const char *broken = persist_why_broken(parts->keep);
	json_t *problems = json_array();

	if (!discovery_is_ready(parts->discovery))
		json_array_append_new(problems,
		    json_sprintf(
			"discovery: %s", discovery_text(parts->discovery)));
	if (broken != NULL)
		json_array_append_new(problems, device_json_string(broken));
	outage_problems(parts->outage, problems);
	netdiag_log_problems(parts->firewall, problems);
	return problems;
}

json_t *
daemon_status_notes(
    const struct policy_list *list, const struct policy_stats *tally)
{
	json_t *notes = json_array();

	for (size_t i = 0; i < list->count; i++) {
		char *note = policy_stats_why_none(tally, i);

		if (note != NULL)
			json_array_append_new(notes,
			    json_sprintf("policy %s decides about nothing: %s",
				list->items[i]->name, note));
		free(note);
	}
	return notes;
}
