/* SPDX-License-Identifier: ISC */
/*
 * Works out how fast a download goes, for the progress that the operator sees.
 */
#include "config.h"

#include "core/flash/rate.h"

#define SPACING_MS 500

static void
add(struct rate *pace, uint64_t now_ms, uint64_t total)
{
	unsigned at = (pace->first + pace->count) % RATE_SAMPLES;

	pace->samples[at].ms = now_ms;
	pace->samples[at].total = total;
	if (pace->count < RATE_SAMPLES)
		pace->count++;
	else
		pace->first = (pace->first + 1) % RATE_SAMPLES;
}

uint32_t
rate_note(struct rate *pace, uint64_t now_ms, uint64_t total)
{
	unsigned last = (pace->first + pace->count - 1) % RATE_SAMPLES;
	uint64_t ms, grown, rate = 0;

	if (pace->count == 0 || total < pace->samples[last].total) {
		*pace = (struct rate){ .count = 0 };
		add(pace, now_ms, total);
		return 0;
	}
	ms = now_ms - pace->samples[pace->first].ms;
	grown = total - pace->samples[pace->first].total;
	if (ms > 0)
		rate = grown * 1000 / ms;
	if (now_ms - pace->samples[last].ms >= SPACING_MS)
		add(pace, now_ms, total);
	return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}
