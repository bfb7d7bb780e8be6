/* SPDX-License-Identifier: ISC */
/*
 * Keeps what is paused, for which policy and why, and counts for each policy
 * how many devices may start.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/device_json.h"
#include "core/schedule/campaign.h"
#include "core/schedule/rollout.h"

/* A failure that does not count any more: the device's failure at that time. */
struct pardon {
	char id[DEVICE_ID_SIZE];
	time_t since;
	UT_hash_handle hh;
};

/* The marks of one policy; the name "" stands for all policies. */
struct mark {
	char policy[POLICY_NAME_SIZE];
	char sha256[65]; /* of the image that was counted */
	struct rollout rollout;
	unsigned generation;  /* of the counts */
	bool paused, stopped; /* stopped: by failures, and not by a person */
	char why[512];
	struct pardon *pardons; /* owned; a uthash by id */
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

static void
drop_pardons(struct mark *mark)
{
	struct pardon *pardon, *next;

	HASH_ITER (hh, mark->pardons, pardon, next) {
		HASH_DEL(mark->pardons, pardon);
		free(pardon);
	}
}

void
campaign_free(struct campaign *campaign)
{
	struct mark *mark, *next;

	if (campaign == NULL)
		return;
	HASH_ITER (hh, campaign->marks, mark, next) {
		HASH_DEL(campaign->marks, mark);
		drop_pardons(mark);
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

static void
forgive(struct mark *mark, const char *id, time_t since)
{
	struct pardon *pardon;

	HASH_FIND_STR(mark->pardons, id, pardon);
	if (pardon == NULL) {
		pardon = xcalloc(1, sizeof(*pardon));
		text_copy(pardon->id, sizeof(pardon->id), id);
		HASH_ADD_STR(mark->pardons, id, pardon);
	}
	pardon->since = since;
}

/* Return true if the state of the device may make its policy pause. */
static bool
is_stopping(const struct device *device)
{
	return device->state == STATE_FAILED ||
	    (device->state == STATE_FLASHED && device->attempt.no_verdict) ||
	    rollout_is_silent(device);
}

static bool
is_forgiven(const struct mark *mark, const struct device *device)
{
	struct pardon *pardon;

	if (!is_stopping(device))
		return false;
	HASH_FIND_STR(mark->pardons, device->id, pardon);
	return pardon != NULL && pardon->since == device->since;
}

static void
forgive_all(struct campaign *campaign, struct mark *mark)
{
	drop_pardons(mark);
	registry_foreach (campaign->registry, device)
		if (is_stopping(device) &&
		    strcmp(device->policy, mark->policy) == 0)
			forgive(mark, device->id, device->since);
}

static json_t *
pardons_json(const struct mark *mark)
{
	json_t *root = json_object();
	struct pardon *pardon, *next;

	HASH_ITER (hh, mark->pardons, pardon, next)
		json_object_set_new(
		    root, pardon->id, json_integer((json_int_t)pardon->since));
	return root;
}

json_t *
campaign_make(const struct campaign *campaign)
{
	json_t *list = json_array();
	struct mark *mark, *next;

	HASH_ITER (hh, campaign->marks, mark, next)
		if (mark->paused || mark->pardons != NULL)
			json_array_append_new(list,
			    json_pack("{s:o, s:b, s:b, s:o, s:o}", "policy",
				device_json_string(mark->policy), "paused",
				(int)mark->paused, "stopped",
				(int)mark->stopped, "why",
				device_json_string(mark->why), "forgiven",
				pardons_json(mark)));
	return json_pack("{s:i, s:o}", "format", 1, "policies", list);
}

static void
apply_mark(struct mark *mark, json_t *entry)
{
	const char *why = json_string_value(json_object_get(entry, "why"));
	const char *id;
	json_t *since;

	mark->paused = json_is_true(json_object_get(entry, "paused"));
	mark->stopped = json_is_true(json_object_get(entry, "stopped"));
	text_copy(mark->why, sizeof(mark->why), why != NULL ? why : "");
	drop_pardons(mark);
	json_object_foreach (json_object_get(entry, "forgiven"), id, since)
		if (json_is_integer(since) && strlen(id) < DEVICE_ID_SIZE)
			forgive(mark, id, (time_t)json_integer_value(since));
}

void
campaign_apply(struct campaign *campaign, const json_t *root)
{
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(root, "policies"), i, entry) {
		const char *policy =
		    json_string_value(json_object_get(entry, "policy"));

		if (policy != NULL && strlen(policy) < POLICY_NAME_SIZE)
			apply_mark(get(campaign, policy), entry);
	}
	campaign_changed(campaign);
}

void
campaign_changed(struct campaign *campaign)
{
	campaign->generation++;
}

static void
count(struct campaign *campaign, struct mark *mark, const struct policy *policy,
    const char *sha256)
{
	if (mark->generation == campaign->generation &&
	    strcmp(mark->sha256, sha256) == 0)
		return;
	mark->rollout = (struct rollout){ 0 };
	registry_foreach (campaign->registry, device)
		if (!is_forgiven(mark, device))
			rollout_count(&mark->rollout, device, policy, sha256);
	mark->generation = campaign->generation;
	text_copy(mark->sha256, sizeof(mark->sha256), sha256);
}

enum hold
campaign_wait(struct campaign *campaign, const struct device *device,
    const struct policy *policy, const char *sha256, int64_t now_s,
    char *detail, size_t size, bool *stopped)
{
	const char *why = campaign_paused(campaign, NULL);
	struct mark *mark = get(campaign, policy->name);
	struct rollout rollout;
	enum hold hold;

	*stopped = false;
	if (why != NULL || mark->paused) {
		snprintf(detail, size, "%s", why != NULL ? why : mark->why);
		return HOLD_PAUSED;
	}
	if (strcmp(mark->rollout.first, device->id) == 0)
		mark->generation = 0; /* silent devices may have come back */
	count(campaign, mark, policy, sha256);
	rollout = mark->rollout;
	rollout.wall_ahead_s = device->ops->wall_clock(device->ctx) - now_s;
	rollout_leave_out(&rollout, device, policy, sha256);
	hold = rollout_wait(&rollout, policy,
	    rollout_has_begun(device, policy, sha256), now_s, detail, size);
	if (hold == HOLD_SLOT && device->attempt.damaged) {
		/* A restart can kill it, so it waits behind no other. */
		hold = HOLD_NONE;
		detail[0] = '\0';
	}
	if (hold == HOLD_PAUSED) {
		campaign_pause(campaign, policy->name, detail);
		mark->stopped = *stopped = true;
	}
	return hold;
}

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

static bool
resume(struct campaign *campaign, struct mark *mark)
{
	if (mark == NULL || !mark->paused)
		return false;
	mark->paused = mark->stopped = false;
	mark->why[0] = '\0';
	forgive_all(campaign, mark);
	mark->generation = 0;
	return true;
}

bool
campaign_resume(struct campaign *campaign, const char *policy)
{
	return resume(campaign, find(campaign, policy != NULL ? policy : ""));
}

const char *
campaign_paused(const struct campaign *campaign, const char *policy)
{
	const struct mark *mark = find(campaign, policy != NULL ? policy : "");

	return mark != NULL && mark->paused ? mark->why : NULL;
}

bool
campaign_has_stopped(const struct campaign *campaign, const char *policy)
{
	const struct mark *mark = find(campaign, policy);

	return mark != NULL && mark->paused && mark->stopped;
}
