/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/policy/policy_stats.h"

/* What became of one policy. */
struct count {
	unsigned decided;
	unsigned fits;		       /* but another one decides */
	unsigned undecided;	       /* until their firmware is known */
	unsigned keys[POLICY_MATCHES]; /* how many each key fits */
	const struct policy *in_front; /* borrowed; of the last that fits */
};

struct tally {
	const struct policy_list *list; /* borrowed */
	unsigned devices;
	struct count counts[];
};

struct tally *
tally_new(const struct policy_list *list)
{
	struct tally *tally =
	    xcalloc(1, sizeof(*tally) + list->count * sizeof(tally->counts[0]));

	tally->list = list;
	return tally;
}

void
tally_free(struct tally *tally)
{
	free(tally);
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
tally_add(struct tally *tally, const struct policy_facts *facts)
{
	const struct policy *decides = NULL;

	tally->devices++;
	for (size_t i = 0; i < tally->list->count; i++) {
		const struct policy *policy = tally->list->items[i];
		enum policy_fit fit = policy_match(policy, facts);
		struct count *count = &tally->counts[i];

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
tally_add_done(struct tally *tally, const char *policy)
{
	for (size_t i = 0; i < tally->list->count; i++)
		if (strcmp(tally->list->items[i]->name, policy) == 0)
			tally->counts[i].decided++;
}

unsigned
tally_decided(const struct tally *tally, size_t policy)
{
	return tally->counts[policy].decided;
}

static const char *
plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

/* "DeviceId= fits 0 of 3, Type= fits 2 of 3" */
static char *
why_no_match(const struct tally *tally, size_t i)
{
	char text[160] = "";
	size_t used = 0;

	for (enum policy_match key = 0; key < POLICY_MATCHES; key++)
		if (tally->counts[i].keys[key] < tally->devices)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s%s= fits %u of %u",
			    used > 0 ? ", " : "", policy_match_name(key),
			    tally->counts[i].keys[key], tally->devices);
	return xasprintf(
	    "no device fits it: %s; correct its [Match] (reflashctl "
	    "devices and reflashctl show ID say what they are)",
	    text);
}

char *
tally_why_none(const struct tally *tally, size_t i)
{
	const struct count *count = &tally->counts[i];

	if (count->decided > 0 || tally->devices == 0)
		return NULL;
	if (count->undecided > 0)
		return xasprintf("%u device%s may fit it, once the firmware "
				 "is known",
		    count->undecided, plural(count->undecided));
	if (count->fits > 0)
		return xasprintf("it fits %u device%s, but %s comes before it "
				 "and decides",
		    count->fits, plural(count->fits), count->in_front->name);
	return why_no_match(tally, i);
}
