/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/rollout.h"
#include "core/campaign.h"

/* What is known of one policy; the name "" stands for all of them. */
struct mark {
	char policy[64];
	char sha256[65]; /* of the image that was counted */
	struct rollout rollout;
	unsigned generation; /* of the counts */
	bool paused;
	char why[200];
	time_t resumed_at; /* failures up to then are forgiven */
	UT_hash_handle hh;
};

struct campaign {
	struct registry *registry; /* borrowed */
	struct mark *marks;	   /* owned; a uthash by policy */
	unsigned generation;
};

struct campaign *
campaign_new(struct registry *registry)
{
	struct campaign *campaign = xcalloc(1, sizeof(*campaign));

	campaign->registry = registry;
	campaign->generation = 1;
	return campaign;
}

void
campaign_free(struct campaign *campaign)
{
	struct mark *mark, *next;

	if (campaign == NULL)
		return;
	HASH_ITER (hh, campaign->marks, mark, next) {
		HASH_DEL(campaign->marks, mark);
		free(mark);
	}
	free(campaign);
}

static struct mark *
find(const struct campaign *campaign, const char *policy)
{
	struct mark *mark;

	HASH_FIND_STR(campaign->marks, policy, mark);
	return mark;
}

static struct mark *
get(struct campaign *campaign, const char *policy)
{
	struct mark *mark = find(campaign, policy);

	if (mark != NULL)
		return mark;
	mark = xcalloc(1, sizeof(*mark));
	text_copy(mark->policy, sizeof(mark->policy), policy);
	HASH_ADD_STR(campaign->marks, policy, mark);
	return mark;
}

/* ---- to disk and back -------------------------------------------------- */

json_t *
campaign_make(const struct campaign *campaign)
{
	json_t *list = json_array();
	struct mark *mark, *next;

	HASH_ITER (hh, campaign->marks, mark, next)
		if (mark->paused || mark->resumed_at != 0)
			json_array_append_new(list,
			    json_pack("{s:s, s:b, s:s, s:I}", "policy",
				mark->policy, "paused", (int)mark->paused,
				"why", mark->why, "resumed_at",
				(json_int_t)mark->resumed_at));
	return json_pack("{s:i, s:o}", "format", 1, "policies", list);
}

void
campaign_apply(struct campaign *campaign, const json_t *root)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(root, "policies"), i, entry) {
		const char *policy =
		    json_string_value(json_object_get(entry, "policy"));
		const char *why =
		    json_string_value(json_object_get(entry, "why"));
		struct mark *mark;

		if (policy == NULL || strlen(policy) >= sizeof(mark->policy))
			continue;
		mark = get(campaign, policy);
		mark->paused = json_is_true(json_object_get(entry, "paused"));
		mark->resumed_at = (time_t)json_integer_value(
		    json_object_get(entry, "resumed_at"));
		snprintf(
		    mark->why, sizeof(mark->why), "%s", why != NULL ? why : "");
	}
}

/* ---- counting ---------------------------------------------------------- */

void
campaign_changed(struct campaign *campaign)
{
	campaign->generation++;
}

static void
count(struct campaign *campaign, struct mark *mark, const struct policy *policy,
    const char *sha256)
{
	struct device *device = NULL;

	if (mark->generation == campaign->generation &&
	    strcmp(mark->sha256, sha256) == 0)
		return;
	mark->rollout = (struct rollout){ 0 };
	while ((device = registry_next(campaign->registry, device)) != NULL)
		rollout_count(
		    &mark->rollout, device, policy, sha256, mark->resumed_at);
	mark->generation = campaign->generation;
	text_copy(mark->sha256, sizeof(mark->sha256), sha256);
}

enum hold
campaign_wait(struct campaign *campaign, const struct device *device,
    const struct policy *policy, const char *sha256, time_t now, char *detail,
    size_t size, bool *stopped)
{
	const char *why = campaign_paused(campaign, NULL);
	struct mark *mark = get(campaign, policy->name);
	enum hold hold;

	*stopped = false;
	if (why != NULL || mark->paused) {
		snprintf(detail, size, "%s", why != NULL ? why : mark->why);
		return HOLD_PAUSED;
	}
	count(campaign, mark, policy, sha256);
	hold = rollout_wait(
	    &mark->rollout, policy, device->attempt > 0, now, detail, size);
	if (hold == HOLD_PAUSED) {
		campaign_pause(campaign, policy->name, detail);
		*stopped = true;
	}
	return hold;
}

/* ---- pausing ----------------------------------------------------------- */

bool
campaign_pause(struct campaign *campaign, const char *policy, const char *why)
{
	struct mark *mark = get(campaign, policy != NULL ? policy : "");

	if (mark->paused)
		return false;
	mark->paused = true;
	snprintf(mark->why, sizeof(mark->why), "%s", why);
	return true;
}

bool
campaign_resume(struct campaign *campaign, const char *policy, time_t now)
{
	struct mark *mark = find(campaign, policy != NULL ? policy : "");

	if (mark == NULL || !mark->paused)
		return false;
	mark->paused = false;
	mark->why[0] = '\0';
	mark->resumed_at = now;
	mark->generation = 0;
	return true;
}

const char *
campaign_paused(const struct campaign *campaign, const char *policy)
{
	const struct mark *mark = find(campaign, policy != NULL ? policy : "");

	return mark != NULL && mark->paused ? mark->why : NULL;
}
