/* SPDX-License-Identifier: ISC */
/* Makes the parts of status and plan that are about the daemon as a whole. */
#include "config.h"

#include <stdlib.h>

#include "core/control/todo.h"
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
	json_t *counts = json_object();

	registry_foreach (registry, device)
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
	const char *broken = persist_why_broken(parts->persist);
	json_t *problems = json_array();

	if (!discovery_is_ready(parts->discovery))
		json_array_append_new(problems,
		    json_sprintf(
			"discovery: %s", discovery_text(parts->discovery)));
	if (broken != NULL)
		json_array_append_new(problems, device_json_string(broken));
	outage_problems(parts->outage, problems);
	netdiag_log_problems(parts->netdiag_log, problems);
	return problems;
}

static void
add_pauses(struct todo_list *todo, const struct commands_parts *parts)
{
	const struct policy_list *list = parts->setup->policies;
	const char *why = campaign_paused(parts->campaign, NULL);

	if (why != NULL)
		todo_add_pause(todo, NULL, why, false);
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i]->name;

		why = campaign_paused(parts->campaign, name);
		if (why != NULL)
			todo_add_pause(todo, name, why,
			    campaign_has_stopped(parts->campaign, name));
	}
}

json_t *
daemon_status_todo(const struct commands_parts *parts)
{
	struct todo_list *todo = todo_new();
	json_auto_t *problems = daemon_status_problems(parts);
	const json_t *problem;
	size_t i;

	json_array_foreach (problems, i, problem)
		todo_add_problem(todo, json_string_value(problem));
	add_pauses(todo, parts);
	if (parts->setup->policies->count == 0)
		todo_add_no_policy(todo);
	registry_foreach (parts->registry, device)
		todo_add_device(todo, device);
	return todo_make(todo);
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
			    json_sprintf("policy %s applies to no device: %s",
				list->items[i]->name, note));
		free(note);
	}
	return notes;
}
