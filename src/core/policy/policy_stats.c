/* SPDX-License-Identifier: ISC */
/*
 * Counts how many devices each policy decides about, and says why a policy
 * decides about none.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/policy/policy_stats.h"

/* The counts of one policy. */
struct count {
	unsigned decided;
	unsigned fits;		       /* but another one decides */
	unsigned undecided;	       /* until their firmware is known */
	unsigned keys[POLICY_MATCHES]; /* how many each key fits */
	const struct policy *in_front; /* borrowed; of the last that fits */
};

struct policy_stats {
	const struct policy_list *list; /* borrowed */
	unsigned devices;
	struct count counts[];
};

struct policy_stats *
policy_stats_new(const struct policy_list *list)
{
	struct policy_stats *policy_stats = xcalloc(1,
	    sizeof(*policy_stats) +
		list->count * sizeof(policy_stats->counts[0]));

	policy_stats->list = list;
	return policy_stats;
}

void
policy_stats_free(struct policy_stats *policy_stats)
{
	free(policy_stats);
}

static void
count_keys(struct count *count, const struct policy *policy,
    const struct policy_facts *facts)
{
	for (enum policy_match key = 0; key < POLICY_MATCHES; key++)
		if (policy_match_key(policy, facts, key) != POLICY_NO)
			count->keys[key]++;
}

void
policy_stats_add(
    struct policy_stats *policy_stats, const struct policy_facts *facts)
{
	const struct policy *decides = NULL;

	policy_stats->devices++;
	for (size_t i = 0; i < policy_stats->list->count; i++) {
		const struct policy *policy = policy_stats->list->items[i];
		enum policy_fit fit = policy_match(policy, facts);
		struct count *count = &policy_stats->counts[i];

		count_keys(count, policy, facts);
		if (fit == POLICY_NO)
			continue;
		if (decides != NULL) {
			count->fits++;
			count->in_front = decides;
		} else if (fit == POLICY_UNDECIDED) {
			count->undecided++;
		} else {
			count->decided++;
		}
		if (decides == NULL)
			decides = policy;
	}
}

void
policy_stats_add_done(struct policy_stats *policy_stats, const char *policy)
{
	for (size_t i = 0; i < policy_stats->list->count; i++)
		if (strcmp(policy_stats->list->items[i]->name, policy) == 0)
			policy_stats->counts[i].decided++;
}

unsigned
policy_stats_decided(const struct policy_stats *policy_stats, size_t policy)
{
	return policy_stats->counts[policy].decided;
}

unsigned
policy_stats_behind(const struct policy_stats *policy_stats, size_t policy)
{
	return policy_stats->counts[policy].fits;
}

unsigned
policy_stats_undecided(const struct policy_stats *policy_stats, size_t policy)
{
	return policy_stats->counts[policy].undecided;
}

static const char *
plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

/* Write why no device fits: "DeviceId= fits 0 of 3, Type= fits 2 of 3". */
static char *
why_no_match(const struct policy_stats *policy_stats, size_t i)
{
	char text[160] = "";
	size_t used = 0;

	for (enum policy_match key = 0; key < POLICY_MATCHES; key++)
		if (policy_stats->counts[i].keys[key] < policy_stats->devices)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s%s= fits %u of %u",
			    used > 0 ? ", " : "", policy_match_name(key),
			    policy_stats->counts[i].keys[key],
			    policy_stats->devices);
	return xasprintf(
	    "no device fits it: %s; correct its [Match] (reflashctl "
	    "devices says what they are)",
	    text);
}

char *
policy_stats_why_none(const struct policy_stats *policy_stats, size_t i)
{
	const struct count *count = &policy_stats->counts[i];

	if (count->decided > 0 || policy_stats->devices == 0)
		return NULL;
	if (count->undecided > 0)
		return xasprintf("%u device%s may fit it, once the firmware "
				 "is known",
		    count->undecided, plural(count->undecided));
	if (count->fits > 0)
		return xasprintf("it fits %u device%s, but %s comes before it "
				 "and decides",
		    count->fits, plural(count->fits), count->in_front->name);
	return why_no_match(policy_stats, i);
}
