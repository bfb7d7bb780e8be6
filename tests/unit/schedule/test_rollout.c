/* SPDX-License-Identifier: ISC */
/* How the devices of a policy are counted, and what follows. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/schedule/rollout.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define NOW 1700000000

TEST(every_state_is_counted_as_what_it_is)
{
	static const struct {
		enum state state;
		enum reason reason;
		unsigned attempt;
		struct rollout counts;
	} cases[] = {
		{ STATE_SEEN, REASON_NONE, 0, { 0 } },
		{ STATE_IGNORED, REASON_NONE, 0, { 0 } },
		{ STATE_REFUSED, REASON_WRONG_TYPE, 1, { 0 } },
		{ STATE_HELD, REASON_NONE, 0, { 0 } },
		{ STATE_HELD, REASON_STALLED, 1, { .between = 1 } },
		{ STATE_PROBING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_UNLOCKING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_CONFIRMING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_OFFERING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_DOWNLOADING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_REBOOTING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_VERIFYING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_FINISHING, REASON_NONE, 1, { .at_work = 1 } },
		{ STATE_FLASHED, REASON_NONE, 1,
		    { .good = 1, .last_good = NOW } },
		{ STATE_VERIFIED, REASON_NONE, 1,
		    { .good = 1, .last_good = NOW } },
		{ STATE_FAILED, REASON_STALLED, 3, { .failed = 1 } },
		{ STATE_HELD, REASON_CANCELLED, 1, { 0 } },
		{ STATE_REFUSED, REASON_NOT_DIY_MODE, 0, { 0 } },
		{ STATE_REFUSED, REASON_NOT_DIY_MODE, 2, { 0 } },
	};
	struct policy *policy = fixture_policy("p", "");

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		const struct rollout *want = &cases[i].counts;
		struct rollout got = { 0 };

		fixture_end(device, "p", SHA_A, cases[i].state, NOW);
		device->reason = cases[i].reason;
		device->hold = cases[i].reason == REASON_CANCELLED
		    ? HOLD_CANCELLED
		    : HOLD_NONE;
		device->attempt.number = cases[i].attempt;
		rollout_count(&got, device, policy, SHA_A);
		assert_int_equal(got.good, want->good);
		assert_int_equal(got.failed, want->failed);
		assert_int_equal(got.at_work, want->at_work);
		assert_int_equal(got.between, want->between);
		assert_int_equal(got.last_good, want->last_good);
	}
	policy_free(policy);
}

TEST(what_a_person_ordered_is_counted_apart)
{
	static const struct {
		enum state state;
		enum reason reason;
		unsigned at_work, failed;
	} cases[] = {
		{ STATE_HELD, REASON_STALLED, 0, 0 },
		{ STATE_DOWNLOADING, REASON_NONE, 1, 0 },
		{ STATE_FLASHED, REASON_NONE, 0, 0 },
		{ STATE_FAILED, REASON_STALLED, 0, 1 },
		{ STATE_HELD, REASON_CANCELLED, 0, 0 },
		{ STATE_REFUSED, REASON_FIRMWARE_OUT_OF_RANGE, 0, 0 },
	};
	struct policy *policy = fixture_policy("p", "");

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		struct rollout got = { 0 };

		fixture_end(device, "p", SHA_A, cases[i].state, NOW);
		device->reason = cases[i].reason;
		device->attempt.by_order = true;
		rollout_count(&got, device, policy, SHA_A);
		assert_int_equal(got.ordered_at_work, cases[i].at_work);
		assert_int_equal(got.ordered_failed, cases[i].failed);
		assert_int_equal(got.good + got.failed + got.at_work +
			got.between + (unsigned)got.last_good,
		    0);
	}
	policy_free(policy);
}

/* It takes room while it is at work, and nothing else. */
TEST(what_nothing_vouches_for_counts_for_itself)
{
	static const struct {
		enum state state;
		enum hold hold;
		unsigned attempt;
		bool unsure, damaged, by_order;
		struct rollout counts;
		bool has_begun;
	} cases[] = {
		{ STATE_FAILED, HOLD_NONE, 3, false, false, false, { 0 },
		    false },
		{ STATE_FAILED, HOLD_NONE, 3, true, true, false, { 0 }, false },
		{ STATE_HELD, HOLD_BACKOFF, 1, false, false, false, { 0 },
		    false },
		{ STATE_HELD, HOLD_SLOT, 2, false, false, false, { 0 }, false },
		{ STATE_HELD, HOLD_ABSENT, 1, true, false, false, { 0 },
		    false },
		{ STATE_HELD, HOLD_ABSENT, 1, false, true, false, { 0 },
		    false },
		{ STATE_OFFERING, HOLD_NONE, 1, false, false, false,
		    { .at_work = 1, .first_does = ROLLOUT_WORKS }, false },
		{ STATE_DOWNLOADING, HOLD_NONE, 2, false, false, false,
		    { .at_work = 1, .first_does = ROLLOUT_WORKS }, false },
		{ STATE_FLASHED, HOLD_NONE, 1, false, false, false,
		    { .good = 1 }, false },
		/* a person has named it by that */
		{ STATE_FAILED, HOLD_NONE, 3, false, false, true,
		    { .ordered_failed = 1 }, false },
	};
	struct policy *policy = fixture_policy("p", "");

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		const struct rollout *want = &cases[i].counts;
		struct rollout got = { 0 };

		fixture_end(device, "p", SHA_A, cases[i].state, NOW);
		device->seen.is_vouched = false;
		device->reason = REASON_STALLED;
		device->hold = cases[i].hold;
		device->attempt.number = cases[i].attempt;
		if (cases[i].unsure)
			device_note_unsure(device);
		device->attempt.damaged = cases[i].damaged;
		device->attempt.by_order = cases[i].by_order;
		rollout_count(&got, device, policy, SHA_A);
		if (got.good != want->good || got.failed != want->failed ||
		    got.at_work != want->at_work ||
		    got.between != want->between ||
		    got.ordered_failed != want->ordered_failed ||
		    got.first_does != want->first_does ||
		    rollout_has_begun(device, policy, SHA_A) !=
			cases[i].has_begun)
			fail_msg("case %zu", i);
	}
	policy_free(policy);
}

TEST(another_policy_or_image_is_another_matter)
{
	struct policy *policy = fixture_policy("p", "");
	device_auto *device = fixture_device(FIXTURE_ID);
	struct rollout got = { 0 };

	fixture_end(device, "q", SHA_A, STATE_FAILED, NOW);
	rollout_count(&got, device, policy, SHA_A);
	fixture_end(device, "p", SHA_B, STATE_FAILED, NOW);
	rollout_count(&got, device, policy, SHA_A);
	fixture_end(device, "p", SHA_A, STATE_FAILED, NOW);
	device->attempt.has_image = false;
	rollout_count(&got, device, policy, SHA_A);
	assert_int_equal(got.failed, 0);
	device->attempt.has_image = true;
	rollout_count(&got, device, policy, SHA_A);
	assert_int_equal(got.failed, 1);
	policy_free(policy);
}

/* Its silence says nothing of an image that it was never told to fetch. */
TEST(a_device_is_silent_for_the_image_that_it_may_run)
{
	device_auto *device = fixture_device(FIXTURE_ID);

	fixture_end(device, "p", SHA_A, STATE_HELD, NOW);
	device->hold = HOLD_ABSENT;
	assert_false(rollout_is_silent(device));
	device_note_unsure(device);
	assert_true(rollout_is_silent(device));
	fixture_end(device, "p", SHA_B, STATE_HELD, NOW);
	assert_false(rollout_is_silent(device));
}

/* It had been told to fetch before, or fetches. */
TEST(who_says_so_too_late_has_failed)
{
	struct policy *policy = fixture_policy("p", "");
	device_auto *device = fixture_device(FIXTURE_ID);
	struct rollout got = { 0 };

	fixture_end(device, "p", SHA_A, STATE_FAILED, NOW);
	device->reason = REASON_NOT_DIY_MODE;
	rollout_count(&got, device, policy, SHA_A);
	assert_int_equal(got.failed, 1);
	policy_free(policy);
}

/* Whether a device that is at work may go on does not depend on itself. */
TEST(a_device_at_work_is_left_out_of_what_it_must_wait_for)
{
	static const struct {
		const char *policy, *sha256;
		enum state state;
		bool by_order;
		unsigned at_work, ordered, other;
	} cases[] = {
		{ "p", SHA_A, STATE_UNLOCKING, false, 1, 1, 1 },
		{ "p", SHA_A, STATE_UNLOCKING, true, 2, 0, 1 },
		{ "p", SHA_A, STATE_HELD, false, 2, 1, 1 },
		{ "q", SHA_A, STATE_UNLOCKING, false, 2, 1, 1 },
		{ "p", SHA_B, STATE_UNLOCKING, false, 2, 1, 0 },
		{ "p", SHA_B, STATE_HELD, false, 2, 1, 1 },
		{ "q", SHA_B, STATE_UNLOCKING, false, 2, 1, 1 },
	};
	struct policy *policy = fixture_policy("p", "");

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		struct rollout got = {
			.at_work = 2, .ordered_at_work = 1, .other_at_work = 1
		};

		fixture_end(device, cases[i].policy, cases[i].sha256,
		    cases[i].state, NOW);
		device->attempt.by_order = cases[i].by_order;
		rollout_leave_out(&got, device, policy, SHA_A);
		assert_int_equal(got.at_work, cases[i].at_work);
		assert_int_equal(got.ordered_at_work, cases[i].ordered);
		assert_int_equal(got.other_at_work, cases[i].other);
	}
	policy_free(policy);
}

TEST(a_device_at_work_with_another_image_takes_a_slot_and_no_more)
{
	struct policy *policy = fixture_policy("p", "");
	struct rollout got = { 0 };
	device_auto *at_work = fixture_device(FIXTURE_ID);
	device_auto *done = fixture_device(FIXTURE_ID);
	device_auto *elsewhere = fixture_device(FIXTURE_ID);

	fixture_end(at_work, "p", SHA_B, STATE_DOWNLOADING, NOW);
	fixture_end(done, "p", SHA_B, STATE_VERIFIED, NOW);
	fixture_end(elsewhere, "q", SHA_B, STATE_DOWNLOADING, NOW);
	rollout_count(&got, at_work, policy, SHA_A);
	rollout_count(&got, done, policy, SHA_A);
	rollout_count(&got, elsewhere, policy, SHA_A);
	assert_int_equal(got.other_at_work, 1);
	assert_int_equal(got.at_work + got.good, 0);
	policy_free(policy);
}

TEST(a_device_in_its_second_attempt_has_begun)
{
	static const struct {
		enum state state;
		unsigned attempt;
		bool begun;
	} cases[] = {
		{ STATE_HELD, 0, false },
		{ STATE_HELD, 1, true },
		{ STATE_PROBING, 1, false },
		{ STATE_UNLOCKING, 2, true },
		{ STATE_REFUSED, 1, false },
	};
	struct policy *policy = fixture_policy("p", "");

	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);

		fixture_end(device, "p", SHA_A, cases[i].state, NOW);
		device->attempt.number = cases[i].attempt;
		assert_int_equal(
		    rollout_has_begun(device, policy, SHA_A), cases[i].begun);
		assert_false(rollout_has_begun(device, policy, SHA_B));
	}
	policy_free(policy);
}

/* "Done" and "probably done". */
TEST(who_left_without_a_verdict_is_unsure_until_it_is_back)
{
	struct policy *policy = fixture_policy("p", "");
	device_auto *device = fixture_device(FIXTURE_ID);
	struct rollout got = { 0 };

	fixture_end(device, "p", SHA_A, STATE_FLASHED, NOW);
	device->attempt.no_verdict = true;
	rollout_count(&got, device, policy, SHA_A);
	assert_int_equal(got.unsure, 1);
	assert_int_equal(got.good, 0);
	assert_true(device_post(device, STATE_EVENT_BACK));
	assert_true(device_post(device, STATE_EVENT_BACK));
	assert_int_equal(device->state, STATE_VERIFIED);
	rollout_count(&got, device, policy, SHA_A);
	assert_int_equal(got.unsure, 1);
	assert_int_equal(got.good, 1);
	policy_free(policy);
}

TEST(the_last_good_end_is_the_latest)
{
	struct policy *policy = fixture_policy("p", "");
	device_auto *device = fixture_device(FIXTURE_ID);
	struct rollout got = { 0 };

	for (int i = 0; i < 3; i++) {
		static const time_t ends[] = { NOW - 5, NOW, NOW - 9 };

		fixture_end(device, "p", SHA_A, STATE_FLASHED, ends[i]);
		rollout_count(&got, device, policy, SHA_A);
	}
	assert_int_equal(got.good, 3);
	assert_int_equal(got.last_good, NOW);
	policy_free(policy);
}

#define ROLLOUT "[Rollout]\n"

static const struct {
	const char *policy;
	struct rollout counts;
	bool begun;
	enum hold hold;
} waits[] = {
	/* no rules, no waiting */
	{ "", { 0 }, false, HOLD_NONE },
	{ "", { .good = 9, .failed = 9, .at_work = 9, .last_good = NOW }, false,
	    HOLD_NONE },

	/* the canaries go alone */
	{ ROLLOUT "Canary=2\n", { 0 }, false, HOLD_NONE },
	{ ROLLOUT "Canary=2\n", { .at_work = 1 }, false, HOLD_NONE },
	{ ROLLOUT "Canary=2\n", { .at_work = 2 }, false, HOLD_CANARY },
	{ ROLLOUT "Canary=2\n", { .at_work = 1, .between = 1 }, false,
	    HOLD_CANARY },
	{ ROLLOUT "Canary=2\n", { .good = 1, .at_work = 1 }, false,
	    HOLD_CANARY },
	{ ROLLOUT "Canary=2\n", { .good = 1, .between = 1 }, false,
	    HOLD_CANARY },
	{ ROLLOUT "Canary=2\n", { .good = 1, .between = 1 }, true, HOLD_NONE },
	{ ROLLOUT "Canary=2\n", { .good = 1 }, false, HOLD_NONE },
	{ ROLLOUT "Canary=2\n", { .good = 2 }, false, HOLD_NONE },
	{ ROLLOUT "Canary=2\n", { .good = 2, .at_work = 7 }, false, HOLD_NONE },

	/* one that fails stops the rest */
	{ ROLLOUT "Canary=1\n", { .failed = 1 }, false, HOLD_PAUSED },
	{ ROLLOUT "Canary=1\n", { .failed = 1 }, true, HOLD_PAUSED },
	{ ROLLOUT "Canary=3\n", { .good = 2, .failed = 1 }, false,
	    HOLD_PAUSED },
	{ ROLLOUT "Canary=1\n", { .good = 1, .failed = 1 }, false, HOLD_NONE },

	/* so does one that is probably done, until that is known */
	{ ROLLOUT "Canary=1\n", { .unsure = 1 }, false, HOLD_PAUSED },
	{ ROLLOUT "Canary=2\n", { .good = 1, .unsure = 1 }, false,
	    HOLD_PAUSED },
	{ ROLLOUT "Canary=1\n", { .good = 1, .unsure = 1 }, false, HOLD_NONE },
	{ ROLLOUT "StopAfterFailures=1\n", { .unsure = 1 }, false, HOLD_NONE },

	/* so many failures and no more */
	{ ROLLOUT "StopAfterFailures=2\n", { .failed = 1 }, false, HOLD_NONE },
	{ ROLLOUT "StopAfterFailures=2\n", { .failed = 2 }, false,
	    HOLD_PAUSED },
	{ ROLLOUT "StopAfterFailures=2\n", { .failed = 3, .good = 9 }, true,
	    HOLD_PAUSED },
	{ ROLLOUT "Canary=1\nStopAfterFailures=2\n", { .good = 1, .failed = 1 },
	    false, HOLD_NONE },

	/* so many at a time, whoever they are, and whatever their image */
	{ ROLLOUT "MaxParallel=2\n", { .at_work = 1, .other_at_work = 1 },
	    false, HOLD_SLOT },
	{ ROLLOUT "Canary=1\n", { .other_at_work = 1 }, false, HOLD_NONE },
	{ ROLLOUT "MaxParallel=2\n", { .at_work = 1 }, false, HOLD_NONE },
	{ ROLLOUT "MaxParallel=2\n", { .at_work = 2 }, false, HOLD_SLOT },
	{ ROLLOUT "MaxParallel=2\n", { .at_work = 2, .between = 1 }, true,
	    HOLD_SLOT },
	{ ROLLOUT "MaxParallel=2\n", { .at_work = 1, .between = 5 }, false,
	    HOLD_NONE },
	{ ROLLOUT "MaxParallel=1\nCanary=2\n", { .at_work = 1 }, false,
	    HOLD_SLOT },
	{ ROLLOUT "MaxParallel=1\nStopAfterFailures=1\n",
	    { .at_work = 1, .failed = 1 }, false, HOLD_PAUSED },

	/* then a while without anybody */
	{ ROLLOUT "Canary=1\nSoakSec=60\n", { .good = 1, .last_good = NOW },
	    false, HOLD_SOAK },
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1, .last_good = NOW - 59 }, false, HOLD_SOAK },
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1, .last_good = NOW - 60 }, false, HOLD_NONE },
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1, .between = 1, .last_good = NOW }, true, HOLD_NONE },
	{ ROLLOUT "Canary=2\nSoakSec=60\n", { .good = 1, .last_good = NOW },
	    false, HOLD_NONE },
	/* but once: others have gone */
	{ ROLLOUT "Canary=1\nSoakSec=60\n", { .good = 2, .last_good = NOW },
	    false, HOLD_NONE },
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1, .at_work = 1, .last_good = NOW }, false, HOLD_NONE },
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1, .between = 1, .last_good = NOW }, false, HOLD_NONE },
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1, .failed = 1, .last_good = NOW }, false, HOLD_NONE },
	/* not by order: that changes nothing */
	{ ROLLOUT "Canary=1\nSoakSec=60\n",
	    { .good = 1,
		.ordered_at_work = 1,
		.ordered_failed = 1,
		.last_good = NOW },
	    false, HOLD_SOAK },
	{ ROLLOUT "Canary=1\n", { .ordered_at_work = 1 }, false, HOLD_NONE },
	{ ROLLOUT "Canary=1\n", { .ordered_failed = 1 }, false, HOLD_PAUSED },
	{ ROLLOUT "MaxParallel=2\n", { .at_work = 1, .ordered_at_work = 1 },
	    false, HOLD_SLOT },
	/* and not until a clock that was set back has caught up */
	{ ROLLOUT "Canary=1\nSoakSec=60\n", { .good = 1, .last_good = -30 },
	    false, HOLD_NONE },
	{ ROLLOUT "SoakSec=60\n", { .last_good = NOW }, false, HOLD_NONE },
};

TEST(whose_turn_it_is_follows_from_the_counts)
{
	for (size_t i = 0; i < COUNT(waits); i++) {
		struct policy *policy = fixture_policy("p", waits[i].policy);
		char detail[100] = "";
		enum hold hold = rollout_wait(&waits[i].counts, policy,
		    waits[i].begun, NOW, detail, sizeof(detail));

		if (hold != waits[i].hold)
			fail_msg("case %zu: hold %d", i, hold);
		assert_int_equal(rollout_must_stop(&waits[i].counts, policy),
		    hold == HOLD_PAUSED);
		assert_int_equal(detail[0] != '\0', hold != HOLD_NONE);
		policy_free(policy);
	}
}

TEST(the_wait_is_told_with_its_facts)
{
	struct policy *policy = fixture_policy(
	    "50-mini", ROLLOUT "Canary=2\nSoakSec=60\nStopAfterFailures=2\n");
	struct rollout r = { .good = 1, .at_work = 1 };
	char detail[120];

	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(detail, "1 of 2 have succeeded");
	snprintf(r.first, sizeof(r.first), "1000a05bf6");
	r.first_does = ROLLOUT_WORKS;
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(
	    detail, "1000a05bf6 is at work; 1 of 2 have succeeded");
	r.first_does = ROLLOUT_RESTS;
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(detail,
	    "1000a05bf6 is waiting for its next attempt; 1 of 2 have "
	    "succeeded");
	policy->max_parallel = 1;
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(detail, "1 at a time under policy 50-mini");
	policy->max_parallel = 0;
	/* The clock on the wall shows 21:13:20 on Tuesday, 14 November. */
	r = (struct rollout){
		.good = 2, .last_good = NOW - 20, .wall_ahead_s = -3600
	};
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(detail, "until 21:14 on Tue 14 Nov, 40 s to go");
	policy->soak_sec = 7820;
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(
	    detail, "until 23:23 on Tue 14 Nov, 2 h 10 min to go");
	policy->soak_sec = 86419;
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(
	    detail, "until 21:13 on Wed 15 Nov, 23 h 59 min to go");
	policy->soak_sec = 60;
	r = (struct rollout){ .failed = 1 };
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_string_equal(detail,
	    "1 device of policy 50-mini failed; look at it, then: "
	    "reflashctl resume 50-mini");
	r = (struct rollout){ .good = 2, .failed = 2 };
	rollout_wait(&r, policy, false, NOW, detail, sizeof(detail));
	assert_contains(detail, "2 devices of policy 50-mini failed");
	policy_free(policy);
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
