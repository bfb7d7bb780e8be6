/* SPDX-License-Identifier: ISC */
/*
 * Counts the devices of each policy for status, plan and policies, some in each
 * turn.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time_slice.h"
#include "core/device/registry.h"
#include "core/schedule/decide.h"
#include "io/timer.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/control/stream.h"

#define TURN_MS 2

struct policy_census {
	struct policy_census_parts parts;
	struct timer *turn;	    /* owned */
	struct registry_walk *roll; /* owned; NULL: no count is under way */
	struct policy_stats *tally; /* owned; of the count under way */
	struct policy_stats *whole; /* owned; of the last count, or NULL */
	/* Owned; of the same two, one for each policy and one for all. */
	struct policy_progress *progress, *whole_progress;
	uint64_t begun, asked; /* numbers of the last count begun, and wanted */
};

static void
begin_count(struct policy_census *census)
{
	census->begun++;
	census->roll = registry_walk_new(census->parts.registry);
	census->tally = policy_stats_new(census->parts.setup->policies);
	census->progress = xcalloc(census->parts.setup->policies->count + 1,
	    sizeof(*census->progress));
	timer_set(census->turn, 0);
}

static void
drop_count(struct policy_census *census)
{
	registry_walk_free(census->roll);
	policy_stats_free(census->tally);
	policy_stats_free(census->whole);
	free(census->progress);
	free(census->whole_progress);
	census->roll = NULL;
	census->tally = census->whole = NULL;
	census->progress = census->whole_progress = NULL;
}

static void
end_count(struct policy_census *census)
{
	struct policy_stats *whole = census->tally;
	struct policy_progress *progress = census->progress;

	census->tally = NULL;
	census->progress = NULL;
	drop_count(census);
	census->whole = whole;
	census->whole_progress = progress;
	if (census->asked > census->begun)
		begin_count(census);
	stream_hurry(census->parts.streams);
}

/* Count the device for the policy whose name it shows. */
static void
count_progress(struct policy_census *census, const struct device *device)
{
	const struct policy_list *list = census->parts.setup->policies;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->name, device->policy) == 0)
			policy_progress_add(&census->progress[i], device);
	policy_progress_add(&census->progress[list->count], device);
}

static void
count_device(struct policy_stats *tally, const struct device *device)
{
	struct policy_facts facts;

	if (device_took_image(device)) {
		policy_stats_add_done(tally, device->policy);
		return;
	}
	decide_facts(device, &facts);
	policy_stats_add(tally, &facts);
}

static void
on_turn(void *ctx)
{
	struct policy_census *census = ctx;
	struct device *device;
	struct time_slice slice;

	time_slice_begin(&slice, TURN_MS);
	do {
		device = registry_walk_next(census->roll);
		if (device == NULL) {
			end_count(census);
			return;
		}
		count_device(census->tally, device);
		count_progress(census, device);
	} while (!time_slice_is_over(&slice));
	timer_set(census->turn, 0);
}

struct policy_census *
policy_census_new(const struct policy_census_parts *parts)
{
	struct policy_census *census = xcalloc(1, sizeof(*census));

	census->parts = *parts;
	census->turn = timer_new(parts->base, on_turn, census);
	return census;
}

void
policy_census_free(struct policy_census *census)
{
	if (census == NULL)
		return;
	drop_count(census);
	timer_free(census->turn);
	free(census);
}

uint64_t
policy_census_ask(struct policy_census *census)
{
	census->asked = census->begun + 1;
	if (census->roll == NULL)
		begin_count(census);
	return census->asked;
}

const struct policy_stats *
policy_census_get(const struct policy_census *census, uint64_t number)
{
	uint64_t ended = census->begun - (census->roll != NULL);

	return ended >= number ? census->whole : NULL;
}

const struct policy_progress *
policy_census_progress(const struct policy_census *census)
{
	return census->whole_progress;
}

void
policy_census_again(struct policy_census *census)
{
	if (census->begun == 0)
		return;
	drop_count(census);
	begin_count(census);
}
