/* SPDX-License-Identifier: ISC */
/*
 * fuzz_campaign -- whatever daemon.json holds, what is taken from it is
 * written, read and written again the same, and a policy that is paused stays
 * so until it is resumed.
 */
#include "config.h"

#include <string.h>

#include "core/schedule/campaign.h"

#undef HOLDS /* the table of holds, by then expanded */
#include "fuzz.h"
#include "fuzz_device.h"

static void
check_pauses(struct campaign *campaign, const json_t *made)
{
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(made, "policies"), i, entry) {
		json_t *name = json_object_get(entry, "policy");
		const char *policy = json_string_value(name);
		bool paused = json_is_true(json_object_get(entry, "paused"));

		HOLDS(policy != NULL && strlen(policy) < POLICY_NAME_SIZE);
		HOLDS((campaign_paused(campaign, policy) != NULL) == paused);
	}
	campaign_resume(campaign, NULL);
	HOLDS(campaign_paused(campaign, NULL) == NULL);
	json_array_foreach (json_object_get(made, "policies"), i, entry) {
		const char *policy =
		    json_string_value(json_object_get(entry, "policy"));
		bool paused = json_is_true(json_object_get(entry, "paused"));

		HOLDS((campaign_paused(campaign, policy) != NULL) ==
		    (paused && policy[0] != '\0'));
		campaign_resume(campaign, policy);
		HOLDS(campaign_paused(campaign, policy) == NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *root =
	    json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct registry *registry = registry_new(10, &fuzz_device_ops, NULL);
	struct campaign *campaign = campaign_new(registry);
	struct campaign *other = campaign_new(registry);
	json_auto_t *once = NULL, *twice = NULL;

	campaign_apply(campaign, root);
	once = campaign_make(campaign);
	HOLDS(once != NULL);
	campaign_apply(other, once);
	twice = campaign_make(other);
	HOLDS(json_equal(once, twice));
	check_pauses(other, once);
	campaign_free(campaign);
	campaign_free(other);
	registry_free(registry);
	return 0;
}
