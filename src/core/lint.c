/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <string.h>

#include "core/devapi.h"
#include "core/lint.h"
#include "core/tasmota_command.h"

#define FLASHABLE "diy_plug"

/* Does it fit whatever comes? */
static bool
fits_all(const struct policy *policy)
{
	return policy->device_ids.count == 0 && policy->types.count == 0 &&
	    policy->firmware.count == 0 && policy->addresses.count == 0;
}

static void
lint_order(const struct policy_list *list, size_t i, struct problems *doubts)
{
	for (size_t before = 0; before < i; before++)
		if (fits_all(list->items[before])) {
			problems_add(doubts,
			    "%s: it never decides: %s comes before it and fits "
			    "every device",
			    list->items[i]->file, list->items[before]->name);
			return;
		}
}

/* Without a wildcard it must be a whole id. */
static void
lint_ids(const struct policy *policy, struct problems *doubts)
{
	for (size_t i = 0; i < policy->device_ids.count; i++) {
		const char *word = policy->device_ids.items[i];

		word += *word == '!';
		if (strpbrk(word, "*?[") == NULL && !devapi_is_usual_id(word))
			problems_add(doubts,
			    "%s: DeviceId=%s fits no device: an id has ten "
			    "hexadecimal digits, as in 1000a05bf6",
			    policy->file, word);
	}
}

static void
lint_type(const struct policy *policy, struct problems *doubts)
{
	bool flashes =
	    policy->action == POLICY_FLASH || policy->action == POLICY_ASK;

	if (flashes && !match_globs_fit(&policy->types, FLASHABLE))
		problems_add(doubts,
		    "%s: its Type= leaves " FLASHABLE " out, and no other "
		    "type can be flashed over the LAN",
		    policy->file);
}

static void
lint_commands(const struct policy *policy, struct problems *doubts)
{
	for (size_t i = 0; i < policy->commands.count; i++) {
		struct tasmota_line line;
		struct error why;

		if (tasmota_line_read(policy->commands.items[i], &line) &&
		    tasmota_line_doubt(&line, policy->upgrade != NULL, &why))
			problems_add(doubts, "%s: Command=%s: %s",
			    options_origin_at(
				&policy->options, "Finish", "Command", i),
			    line.word, why.text);
	}
}

void
lint_policies(const struct policy_list *list, struct problems *doubts)
{
	for (size_t i = 0; i < list->count; i++) {
		lint_order(list, i, doubts);
		lint_ids(list->items[i], doubts);
		lint_type(list->items[i], doubts);
		lint_commands(list->items[i], doubts);
	}
}
