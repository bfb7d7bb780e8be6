/* SPDX-License-Identifier: ISC */
/* Counts the devices of each policy, some of them in each turn. */
#include "config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/time_slice.h"
#include "core/device/rollcall.h"
#include "core/schedule/decide.h"
#include "io/timer.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/control/stream.h"

#define TURN_MS 2

struct census {
	struct census_parts parts;
	struct timer *turn;	    /* owned */
	struct rollcall *roll;	    /* owned; NULL: nobody is counted */
	struct policy_stats *tally; /* owned; of those who were called */
	struct policy_stats *whole; /* owned; of the last count, or NULL */
	uint64_t begun, asked; /* how many counts have, and were asked for */
};

static void
begin(struct census *census)
{
	census->begun++;
	census->roll = rollcall_new(census->parts.registry);
	census->tally = policy_stats_new(census->parts.setup->policies);
	timer_set(census->turn, 0);
}

static void
drop(struct census *census)
{
	rollcall_free(census->roll);
	policy_stats_free(census->tally);
	policy_stats_free(census->whole);
	census->roll = NULL;
	census->tally = census->whole = NULL;
}

static void
end(struct census *census)
{
	struct policy_stats *whole = census->tally;

	census->tally = NULL;
	drop(census);
	census->whole = whole;
	if (census->asked > census->begun)
		begin(census);
	listing_hurry(census->parts.listings);
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
	struct census *census = ctx;
	struct device *device;
	struct time_slice slice;

	time_slice_begin(&slice, TURN_MS);
	do {
		device = rollcall_next(census->roll);
		if (device == NULL) {
			end(census);
			return;
		}
		count_device(census->tally, device);
	} while (!time_slice_is_over(&slice));
	timer_set(census->turn, 0);
}

struct census *
census_new(const struct census_parts *parts)
{
	struct census *census = xcalloc(1, sizeof(*census));

	census->parts = *parts;
	census->turn = timer_new(parts->base, on_turn, census);
	return census;
}

void
census_free(struct census *census)
{
	if (census == NULL)
		return;
	drop(census);
	timer_free(census->turn);
	free(census);
}

uint64_t
census_ask(struct census *census)
{
	census->asked = census->begun + 1;
	if (census->roll == NULL)
		begin(census);
	return census->asked;
}

const struct policy_stats *
census_get(const struct census *census, uint64_t number)
{
	uint64_t ended = census->begun - (census->roll != NULL);

	return ended >= number ? census->whole : NULL;
}

void
census_again(struct census *census)
{
	if (census->begun == 0)
		return;
	drop(census);
	begin(census);
}
