/* SPDX-License-Identifier: ISC */
/* How far a policy has come, and about how long it still takes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/schedule/policy_estimate.h"
#include "core/schedule/policy_progress.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define NOW 1700000000 /* 2023-11-14T22:13:20Z, a Tuesday */

static void
add(struct policy_progress *progress, enum state state, enum hold hold,
    enum reason reason)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "p", SHA_A, state, NOW);
	device->hold = hold;
	device->reason = reason;
	policy_progress_add(progress, device);
}

TEST(every_state_is_in_one_group)
{
	struct policy_progress progress = { 0 };

	for (enum state one = 0; one < STATE_COUNT; one++)
		add(&progress, one, one == STATE_HELD ? HOLD_SLOT : HOLD_NONE,
		    REASON_STALLED);
	assert_int_equal(progress.devices, STATE_COUNT);
	assert_int_equal(progress.done + progress.at_work + progress.failed +
		progress.waiting + progress.refused + progress.idle,
	    STATE_COUNT);
	assert_int_equal(progress.done, 2);
	assert_int_equal(progress.joining, 1);
	assert_int_equal(progress.at_work, 8);
	assert_int_equal(progress.failed_for[REASON_STALLED], 1);
	assert_int_equal(progress.refused_for[REASON_STALLED], 1);
	assert_int_equal(progress.held[HOLD_SLOT], 1);
	assert_int_equal(progress.idle, 2);
}

TEST(how_long_an_attempt_took_is_kept_until_the_next)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	struct policy_progress progress = { 0 };

	fixture_end(device, "p", SHA_A, STATE_REBOOTING, NOW);
	device->attempt.begun = NOW;
	device->attempt.begun_s = fixture_steady - 80;
	device_post(device, STATE_EVENT_LEFT);
	assert_int_equal(device->attempt.took_s, 80);
	policy_progress_add(&progress, device);
	assert_int_equal(progress.timed, 1);
	assert_int_equal(progress.timed_s, 80);
	fixture_steady += 3600; /* somebody gives it the Wi-Fi much later */
	device_post(device, STATE_EVENT_BACK);
	device_post(device, STATE_EVENT_BACK);
	assert_int_equal(device->state, STATE_VERIFIED);
	assert_int_equal(device->attempt.took_s, 80);
	device_post(device, STATE_EVENT_START);
	assert_int_equal(device->attempt.took_s, 0);
}

/* What is estimated of a policy with so many devices in each group. */
struct rollout_case {
	const char *policy;
	unsigned done, at_work, waiting, absent;
	enum hold hold;	  /* of those that wait */
	unsigned timed_s; /* for each that is done; 0: not timed */
	unsigned devices, seconds, not_before; /* the last: after NOW */
};

#define PLAIN	 "[Match]\n[Flash]\nAction=flash\nImage=x\n"
#define LEAVE	 PLAIN "[Verify]\nExpect=leave\n"
#define CANARY	 LEAVE "[Rollout]\nCanary=1\nSoakSec=1000\n"
#define ONE	 LEAVE "[Rollout]\nMaxParallel=1\n"
#define AT_NIGHT "[Match]\n[Flash]\nAction=flash\nImage=x\nWindow=01:00-02:00\n"

static const struct rollout_case cases[] = {
	/* Nothing is left. */
	{ LEAVE, 3, 0, 0, 0, HOLD_NONE, 60, 0, 0, 0 },
	{ LEAVE, 0, 0, 0, 2, HOLD_NONE, 0, 0, 0, 0 },
	/* 4 at a time, 60 s each: 2 rounds. */
	{ LEAVE, 1, 0, 8, 0, HOLD_APPROVAL, 60, 8, 120, 0 },
	{ LEAVE, 1, 0, 9, 0, HOLD_APPROVAL, 60, 9, 180, 0 },
	{ LEAVE, 1, 0, 8, 3, HOLD_PAUSED, 60, 8, 120, 0 },
	{ ONE, 1, 0, 8, 0, HOLD_SLOT, 60, 8, 480, 0 },
	/* One is at work, and half done. */
	{ ONE, 1, 1, 1, 0, HOLD_SLOT, 60, 2, 90, 0 },
	/* Nothing was timed: 500000 bytes at 16 KiB/s, and 45 s. */
	{ ONE, 1, 0, 2, 0, HOLD_SLOT, 0, 2, 150, 0 },
	/* The canary, then the soak, then the others. */
	{ CANARY, 0, 0, 5, 0, HOLD_CANARY, 0, 5, 75 + 1000 + 75, 0 },
	{ CANARY, 0, 0, 1, 0, HOLD_SLOT, 0, 1, 75, 0 },
	/* The soak has begun 400 s ago. */
	{ CANARY, 1, 0, 4, 0, HOLD_SOAK, 60, 4, 600 + 60, 600 },
	/* The canary must be found on the LAN again, for 180 s at most. */
	{ PLAIN "[Rollout]\nCanary=1\n", 0, 0, 2, 0, HOLD_SLOT, 0, 2,
	    75 + 180 + 75, 0 },
	/* 22:13:20 now: the hours begin at 01:00. */
	{ AT_NIGHT, 1, 0, 4, 0, HOLD_WINDOW, 60, 4, 10000 + 60, 10000 },
	/* 88 rounds of 60 s, in an hour a night: the second night. */
	{ AT_NIGHT, 1, 0, 88 * 4, 0, HOLD_WINDOW, 60, 88 * 4,
	    10000 + 86400 + 28 * 60, 10000 },
};

static void
count(const struct rollout_case *one, struct policy_progress *progress)
{
	for (unsigned i = 0; i < one->done; i++)
		add(progress, STATE_FLASHED, HOLD_NONE, REASON_NONE);
	for (unsigned i = 0; i < one->at_work; i++)
		add(progress, STATE_DOWNLOADING, HOLD_NONE, REASON_NONE);
	for (unsigned i = 0; i < one->waiting; i++)
		add(progress, STATE_HELD, one->hold, REASON_NONE);
	for (unsigned i = 0; i < one->absent; i++)
		add(progress, STATE_HELD, i % 2 ? HOLD_ABSENT : HOLD_CANCELLED,
		    REASON_NONE);
	progress->timed = one->timed_s > 0 ? one->done : 0;
	progress->timed_s = (uint64_t)one->done * one->timed_s;
	progress->last_done_s = NOW - 400;
}

TEST(the_time_that_is_left_is_about_right)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct rollout_case *one = &cases[i];
		struct policy *policy = fixture_policy("p", one->policy);
		struct policy_progress progress = { 0 };
		const struct policy_estimate_world world = {
			.max_parallel = 4,
			.image_size = 500000,
			.all = &progress,
			.now = NOW,
			.now_s = NOW,
		};
		struct policy_estimate got;

		count(one, &progress);
		policy_estimate_make(&got, policy, &progress, &world);
		if (got.devices != one->devices ||
		    got.seconds != one->seconds ||
		    got.left_out != one->absent ||
		    got.not_before !=
			(one->not_before > 0 ? NOW + (time_t)one->not_before
					     : 0))
			fail_msg("case %zu: %u devices, %u left out, %llu s, "
				 "not before %lld",
			    i, got.devices, got.left_out,
			    (unsigned long long)got.seconds,
			    (long long)(got.not_before - NOW));
		assert_int_equal(
		    got.is_measured, one->devices > 0 && one->timed_s > 0);
		policy_free(policy);
	}
}

TEST(where_none_of_its_own_was_timed_others_tell)
{
	struct policy *policy = fixture_policy("p", ONE);
	struct policy_progress progress = { 0 };
	const struct policy_progress all = { .timed = 2, .timed_s = 100 };
	const struct policy_estimate_world world = {
		.max_parallel = 4, .all = &all, .now = NOW, .now_s = NOW
	};
	struct policy_estimate got;

	add(&progress, STATE_HELD, HOLD_APPROVAL, REASON_NONE);
	policy_estimate_make(&got, policy, &progress, &world);
	assert_int_equal(got.each_s, 50);
	assert_true(got.is_measured);
	policy_free(policy);
}

TEST(an_esphome_is_soon_back)
{
	struct policy *policy =
	    fixture_policy("p", PLAIN "[Rollout]\nCanary=1\n");
	struct policy_progress progress = { 0 };
	const struct policy_estimate_world world = {
		.max_parallel = 4,
		.image_size = 500000,
		.is_esphome = true,
		.all = &progress,
		.now = NOW,
		.now_s = NOW,
	};
	struct policy_estimate got;

	add(&progress, STATE_HELD, HOLD_SLOT, REASON_NONE);
	policy_estimate_make(&got, policy, &progress, &world);
	assert_int_equal(got.seconds, 75 + 30);
	policy_free(policy);
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
