/* SPDX-License-Identifier: ISC */
/*
 * Estimates how long a policy still takes: from the devices that are left, the
 * time that each takes, and when the policy lets them begin.
 */
#include "config.h"

#include "core/schedule/policy_estimate.h"

/* Where no flash has been timed yet: a slow Wi-Fi, and the steps around it. */
#define ASSUMED_RATE  (16 * 1024) /* bytes/s */
#define ASSUMED_SIZE  500000	  /* bytes */
#define ASSUMED_STEPS 45	  /* s */
#define ESPHOME_BACK  30	  /* s until an ESPHome is on the LAN again */

/* The hours are walked through in steps, for two weeks at most. */
#define STEP_SEC  600
#define MAX_STEPS (14 * 24 * 3600 / STEP_SEC)

static unsigned
count_left(const struct policy_progress *progress)
{
	static const enum hold going[] = { HOLD_APPROVAL, HOLD_WINDOW,
		HOLD_SLOT, HOLD_CANARY, HOLD_SOAK, HOLD_BACKOFF, HOLD_PAUSED };
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(going) / sizeof(going[0]); i++)
		count += progress->held[going[i]];
	return count;
}

/* Return how long one device takes: as before, or else what is usual. */
static unsigned
time_each(const struct policy_progress *progress,
    const struct policy_estimate_world *world, bool *is_measured)
{
	const struct policy_progress *timed =
	    progress->timed > 0 ? progress : world->all;
	uint64_t size =
	    world->image_size > 0 ? world->image_size : ASSUMED_SIZE;

	*is_measured = timed->timed > 0;
	if (*is_measured)
		return (unsigned)((timed->timed_s + timed->timed - 1) /
		    timed->timed);
	return (unsigned)(size / ASSUMED_RATE) + ASSUMED_STEPS;
}

static unsigned
slots_of(const struct policy *policy, unsigned max_parallel)
{
	unsigned slots = max_parallel > 0 ? max_parallel : 1;

	return policy->max_parallel > 0 && policy->max_parallel < slots
	    ? policy->max_parallel
	    : slots;
}

/* Return the time for so many devices. */
static uint64_t
time_rounds(const struct policy_estimate *estimate, unsigned count)
{
	uint64_t rounds =
	    (count + estimate->parallel - 1) / (uint64_t)estimate->parallel;

	return rounds * estimate->each_s;
}

/* Return how long a canary takes, once it has its image, to be called good. */
static unsigned
time_back(const struct policy *policy, bool is_esphome)
{
	if (policy->expect == POLICY_EXPECT_LEAVE)
		return 0;
	return is_esphome && policy->verify_timeout_sec > ESPHOME_BACK
	    ? ESPHOME_BACK
	    : policy->verify_timeout_sec;
}

/* Return how long the devices after the canaries still wait for these. */
static uint64_t
time_soak(const struct policy *policy, const struct policy_progress *progress,
    int64_t now_s)
{
	int64_t end_s = progress->last_done_s + (int64_t)policy->soak_sec;

	if (progress->done < policy->canary)
		return policy->soak_sec;
	return progress->held[HOLD_SOAK] > 0 && end_s > now_s
	    ? (uint64_t)(end_s - now_s)
	    : 0;
}

/* Return when so much work ends that only begins within the hours. */
static time_t
end_within(const struct windows *windows, time_t begin, uint64_t work)
{
	if (windows->count == 0)
		return begin + (time_t)work;
	for (int i = 0; i < MAX_STEPS && work > STEP_SEC; i++) {
		begin = windows_next(windows, begin) + STEP_SEC;
		work -= STEP_SEC;
	}
	return windows_next(windows, begin) + (time_t)work;
}

/* Return when the last device has its image: first the canaries, then all. */
static time_t
find_end(const struct policy *policy, const struct policy_progress *progress,
    const struct policy_estimate_world *world,
    const struct policy_estimate *estimate)
{
	unsigned canaries = progress->done < policy->canary
	    ? policy->canary - progress->done
	    : 0;
	time_t end = world->now;

	if (canaries > estimate->devices)
		canaries = estimate->devices;
	if (canaries > 0)
		end = end_within(&policy->windows, end,
			  time_rounds(estimate, canaries)) +
		    time_back(policy, world->is_esphome);
	if (canaries < estimate->devices)
		end = end_within(&policy->windows,
		    end + (time_t)time_soak(policy, progress, world->now_s),
		    time_rounds(estimate, estimate->devices - canaries));
	/* A device that is at work now is taken to be half done. */
	return progress->at_work > 0 ? end - (time_t)estimate->each_s / 2 : end;
}

static time_t
find_begin(const struct policy *policy, const struct policy_progress *progress,
    const struct policy_estimate_world *world)
{
	time_t begin = world->now;

	if (progress->done >= policy->canary && progress->held[HOLD_SOAK] > 0)
		begin += (time_t)time_soak(policy, progress, world->now_s);
	begin = windows_next(&policy->windows, begin);
	return begin > world->now ? begin : 0;
}

void
policy_estimate_make(struct policy_estimate *out, const struct policy *policy,
    const struct policy_progress *progress,
    const struct policy_estimate_world *world)
{
	unsigned waiting = count_left(progress);

	*out = (struct policy_estimate){ .devices = waiting + progress->at_work,
		.left_out = progress->waiting - waiting };
	if (out->devices == 0)
		return;
	out->parallel = slots_of(policy, world->max_parallel);
	out->each_s = time_each(progress, world, &out->is_measured);
	out->seconds =
	    (uint64_t)(find_end(policy, progress, world, out) - world->now);
	if (waiting > 0)
		out->not_before = find_begin(policy, progress, world);
}
