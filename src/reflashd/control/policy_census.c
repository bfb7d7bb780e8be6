/* SPDX-License-Identifier: ISC */
/* Counts the devices of each policy, some of them in each turn. */
#include "config.h"

#include <stdlib.h>

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
	struct registry_walk *roll; /* owned; NULL: nobody is counted */
	struct policy_stats *tally; /* owned; of those who were called */
	struct policy_stats *whole; /* owned; of the last count, or NULL */
	uint64_t begun, asked; /* how many counts have, and were asked for */
};

static void
begin(struct policy_census *policy_census)
{
	policy_census->begun++;
	policy_census->roll = registry_walk_new(policy_census->parts.registry);
	policy_census->tally =
	    policy_stats_new(policy_census->parts.setup->policies);
	timer_set(policy_census->turn, 0);
}

static void
drop(struct policy_census *policy_census)
{
	registry_walk_free(policy_census->roll);
	policy_stats_free(policy_census->tally);
	policy_stats_free(policy_census->whole);
	policy_census->roll = NULL;
	policy_census->tally = policy_census->whole = NULL;
}

static void
end(struct policy_census *policy_census)
{
	struct policy_stats *whole = policy_census->tally;

	policy_census->tally = NULL;
	drop(policy_census);
	policy_census->whole = whole;
	if (policy_census->asked > policy_census->begun)
		begin(policy_census);
	stream_hurry(policy_census->parts.streams);
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
	struct policy_census *policy_census = ctx;
	struct device *device;
	struct time_slice slice;

	time_slice_begin(&slice, TURN_MS);
	do {
		device = registry_walk_next(policy_census->roll);
		if (device == NULL) {
			end(policy_census);
			return;
		}
		count_device(policy_census->tally, device);
	} while (!time_slice_is_over(&slice));
	timer_set(policy_census->turn, 0);
}

struct policy_census *
policy_census_new(const struct policy_census_parts *parts)
{
	struct policy_census *policy_census =
	    xcalloc(1, sizeof(*policy_census));

	policy_census->parts = *parts;
	policy_census->turn = timer_new(parts->base, on_turn, policy_census);
	return policy_census;
}

void
policy_census_free(struct policy_census *policy_census)
{
	if (policy_census == NULL)
		return;
	drop(policy_census);
	timer_free(policy_census->turn);
	free(policy_census);
}

uint64_t
policy_census_ask(struct policy_census *policy_census)
{
	policy_census->asked = policy_census->begun + 1;
	if (policy_census->roll == NULL)
		begin(policy_census);
	return policy_census->asked;
}

const struct policy_stats *
policy_census_get(const struct policy_census *policy_census, uint64_t number)
{
	uint64_t ended = policy_census->begun - (policy_census->roll != NULL);

	return ended >= number ? policy_census->whole : NULL;
}

void
policy_census_again(struct policy_census *policy_census)
{
	if (policy_census->begun == 0)
		return;
	drop(policy_census);
	begin(policy_census);
}
