/* SPDX-License-Identifier: ISC */
/* A policy and its ten devices: canaries, failures, slots and windows. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/schedule/campaign.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define NOW   1700000000
#define FLEET 10

/* A fleet of devices under one policy. */
struct scene {
	struct registry *registry;
	struct campaign *campaign;
	struct policy *policy;
	struct device *fleet[FLEET];
	time_t now;
	bool stopped;
	char detail[DEVICE_DETAIL_SIZE];
};

static struct scene the_scene; /* of the test that runs */

static int
end_scene(void **unused)
{
	(void)unused;
	campaign_free(the_scene.campaign);
	registry_free(the_scene.registry);
	policy_free(the_scene.policy);
	the_scene = (struct scene){ 0 };
	return 0;
}

/* The scene is freed when the next one is made. */
static struct scene *
scene_of(const char *policy)
{
	struct scene *s = &the_scene;
	char id[DEVICE_ID_SIZE];

	end_scene(NULL);
	s->registry = registry_new(100, &fixture_ops, NULL);
	s->policy = fixture_policy("p", policy);
	s->now = NOW;
	s->campaign = campaign_new(s->registry);
	for (unsigned i = 0; i < FLEET; i++) {
		snprintf(id, sizeof(id), "10000000%02u", i);
		s->fleet[i] = registry_get(s->registry, id, DEVICE_FITTING);
		fixture_dress(s->fleet[i]);
		device_restore(s->fleet[i], STATE_HELD, NOW);
		text_copy(
		    s->fleet[i]->policy, sizeof(s->fleet[i]->policy), "p");
	}
	return s;
}

static enum hold
wait_of(struct scene *s, unsigned i)
{
	s->detail[0] = '\0';
	return campaign_wait(s->campaign, s->fleet[i], s->policy, SHA_A, s->now,
	    s->detail, sizeof(s->detail), &s->stopped);
}

static void
set(struct scene *s, unsigned i, enum state state)
{
	fixture_end(s->fleet[i], "p", SHA_A, state, s->now);
	s->fleet[i]->reason =
	    state == STATE_FAILED ? REASON_STALLED : REASON_NONE;
	campaign_changed(s->campaign);
}

/* Start each device that may start; returns how many. */
static unsigned
start_all(struct scene *s)
{
	unsigned gone = 0;

	for (unsigned i = 0; i < FLEET; i++) {
		if (s->fleet[i]->state != STATE_HELD ||
		    wait_of(s, i) != HOLD_NONE)
			continue;
		set(s, i, STATE_PROBING);
		gone++;
	}
	return gone;
}

/* A restart of the daemon: the campaign is written and read back. */
static void
restart(struct scene *s)
{
	json_auto_t *root = campaign_make(s->campaign);

	assert_non_null(root);
	assert_int_equal(
	    json_integer_value(json_object_get(root, "format")), 1);
	campaign_free(s->campaign);
	s->campaign = campaign_new(s->registry);
	campaign_apply(s->campaign, root);
}

TEST(a_canary_that_fails_saves_the_other_nine)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	assert_int_equal(start_all(s), 1);
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
	assert_false(s->stopped);
	set(s, 0, STATE_FAILED);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	assert_true(s->stopped);
	assert_int_equal(wait_of(s, 2), HOLD_PAUSED);
	assert_false(s->stopped); /* reported once */
	assert_int_equal(start_all(s), 0);
	assert_string_equal(campaign_paused(s->campaign, "p"), s->detail);
	assert_true(campaign_has_stopped(s->campaign, "p"));
	assert_null(campaign_paused(s->campaign, NULL));
}

TEST(a_canary_that_ends_well_lets_all_go)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\nMaxParallel=4\n");

	assert_int_equal(start_all(s), 1);
	set(s, 0, STATE_FLASHED);
	assert_int_equal(start_all(s), 4);
	assert_int_equal(wait_of(s, 9), HOLD_SLOT);
	set(s, 1, STATE_VERIFIED);
	assert_int_equal(start_all(s), 1);
}

TEST(a_canary_that_is_cancelled_makes_room_for_the_next)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	assert_int_equal(start_all(s), 1);
	device_note_cancel(s->fleet[0], "root");
	assert_true(device_post(s->fleet[0], STATE_EVENT_CANCEL));
	campaign_changed(s->campaign);
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	set(s, 1, STATE_PROBING);
	assert_int_equal(wait_of(s, 2), HOLD_CANARY);
}

/* The canary goes away between two attempts, or ends without a result. */
TEST(a_canary_that_goes_away_gives_its_place_to_the_next)
{
	static const struct {
		enum state state;
		enum hold hold;
		bool unsure, damaged;
		enum hold next; /* the wait of another device */
	} cases[] = {
		{ STATE_HELD, HOLD_BACKOFF, false, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_SLOT, false, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_ABSENT, false, false, HOLD_NONE },
		{ STATE_HELD, HOLD_CANARY, false, false, HOLD_NONE },
		{ STATE_HELD, HOLD_CANCELLED, false, false, HOLD_NONE },
		{ STATE_REFUSED, HOLD_NONE, false, false, HOLD_NONE },
		{ STATE_IGNORED, HOLD_NONE, false, false, HOLD_NONE },
		/* told to download: its state is unknown */
		{ STATE_HELD, HOLD_BACKOFF, true, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_ABSENT, true, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_ABSENT, false, true, HOLD_CANARY },
		{ STATE_FAILED, HOLD_NONE, false, false, HOLD_PAUSED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of("[Rollout]\nCanary=1\n");

		assert_int_equal(start_all(s), 1);
		set(s, 0, cases[i].state);
		s->fleet[0]->hold = cases[i].hold;
		if (cases[i].unsure)
			device_note_unsure(s->fleet[0]);
		s->fleet[0]->attempt.damaged = cases[i].damaged;
		if (wait_of(s, 1) != cases[i].next)
			fail_msg("case %zu: %s", i, s->detail);
		if (cases[i].next == HOLD_CANARY)
			assert_contains(s->detail, s->fleet[0]->id);
		/* never two at the same time */
		if (cases[i].next == HOLD_NONE) {
			set(s, 1, STATE_PROBING);
			assert_int_equal(wait_of(s, 0), HOLD_CANARY);
			assert_string_equal(s->detail,
			    "1000000001 is at work; 0 of 1 has succeeded");
		}
	}
}

/* The policy waits, then stops and names the canary. */
TEST(a_canary_that_fell_silent_stops_its_policy_by_name)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	assert_int_equal(start_all(s), 1);
	set(s, 0, STATE_HELD);
	s->fleet[0]->hold = HOLD_ABSENT;
	device_note_unsure(s->fleet[0]);
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
	assert_string_equal(s->detail,
	    "1000000000 began to download its image, and has been absent "
	    "since 2023-11-14T22:13:20Z; 0 of 1 has succeeded");
	s->now = NOW + 599;
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
	s->now = NOW + 600;
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	assert_true(s->stopped);
	assert_string_equal(s->detail,
	    "1000000000 began to download its image, and is gone since "
	    "2023-11-14T22:13:20Z; look at it, then: reflashctl resume p");
	assert_true(campaign_resume(s->campaign, "p"));
	restart(s);
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	set(s, 1, STATE_PROBING);
	/* The canary answers again. Still one device starts at a time. */
	s->fleet[0]->attempt.unsure = false;
	assert_int_equal(wait_of(s, 0), HOLD_CANARY);
}

TEST(a_silent_canary_that_answers_again_goes_on)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	assert_int_equal(start_all(s), 1);
	set(s, 0, STATE_HELD);
	s->fleet[0]->hold = HOLD_ABSENT;
	device_note_unsure(s->fleet[0]);
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
	s->now = NOW + 86400;
	s->fleet[0]->attempt.unsure = false; /* without a new count */
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
}

TEST(with_two_failures_only_those_in_flight_are_lost)
{
	struct scene *s =
	    scene_of("[Rollout]\nStopAfterFailures=2\nMaxParallel=4\n");

	assert_int_equal(start_all(s), 4);
	set(s, 0, STATE_FAILED);
	assert_int_equal(start_all(s), 1);
	set(s, 1, STATE_FAILED);
	assert_int_equal(start_all(s), 0);
	set(s, 2, STATE_FAILED);
	set(s, 3, STATE_FAILED);
	set(s, 4, STATE_FLASHED);
	assert_int_equal(start_all(s), 0);
	for (unsigned i = 5; i < FLEET; i++)
		assert_int_equal(wait_of(s, i), HOLD_PAUSED);
}

/* A device without a proof loses its place between two attempts. */
TEST(a_row_of_inventions_neither_stops_a_policy_nor_keeps_the_place)
{
	struct scene *s =
	    scene_of("[Rollout]\nCanary=1\nStopAfterFailures=1\n");

	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(wait_of(s, i), HOLD_NONE);
		set(s, i, STATE_PROBING);
		s->fleet[i]->seen.is_vouched = false;
		assert_int_equal(wait_of(s, 9), HOLD_CANARY);
		set(s, i, i % 2 == 0 ? STATE_FAILED : STATE_HELD);
		s->fleet[i]->hold = i % 2 == 0 ? HOLD_NONE : HOLD_BACKOFF;
		s->fleet[i]->seen.is_vouched = false;
	}
	set(s, 6, STATE_PROBING);
	for (unsigned i = 1; i < 6; i += 2)
		assert_int_equal(wait_of(s, i), HOLD_CANARY);
	set(s, 6, STATE_FLASHED);
	assert_int_equal(wait_of(s, 7), HOLD_NONE);
	assert_false(s->stopped);
}

/* Real devices count as usual before, among and after the others. */
TEST(no_row_of_inventions_hides_a_failure_that_is_real)
{
	static const char *const policies[] = { "[Rollout]\nCanary=1\n",
		"[Rollout]\nStopAfterFailures=1\n" };

	for (unsigned n = 0; n < COUNT(policies) * 9; n++) {
		struct scene *s = scene_of(policies[n / 9]);

		for (unsigned i = 0; i < 9; i++) {
			set(s, i, STATE_FAILED);
			s->fleet[i]->seen.is_vouched = i == n % 9;
		}
		restart(s);
		assert_int_equal(wait_of(s, 9), HOLD_PAUSED);
		assert_true(s->stopped);
		assert_contains(s->detail, "1 device of policy p");
	}
}

/* Another image begins another rollout, for failed devices, too. */
TEST(a_device_that_failed_with_another_image_is_no_canary_yet)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	for (unsigned i = 0; i < FLEET; i++)
		fixture_end(s->fleet[i], "p", SHA_B,
		    i < 5 ? STATE_FAILED : STATE_HELD, NOW);
	campaign_changed(s->campaign);
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
	set(s, 0, STATE_PROBING);
	for (unsigned i = 1; i < FLEET; i++)
		assert_int_equal(wait_of(s, i), HOLD_CANARY);
	/* it goes on between two attempts with this image */
	set(s, 0, STATE_HELD);
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
}

TEST(counts_follow_the_image)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");
	bool stopped;

	set(s, 0, STATE_PROBING);
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
	assert_int_equal(
	    campaign_wait(s->campaign, s->fleet[1], s->policy, SHA_B, NOW,
		s->detail, sizeof(s->detail), &stopped),
	    HOLD_NONE);
	assert_int_equal(wait_of(s, 1), HOLD_CANARY);
}

/* The file of the image was replaced after the first one had begun. */
TEST(a_device_at_work_with_another_image_takes_a_place)
{
	struct scene *s = scene_of("[Rollout]\nMaxParallel=1\n");
	bool stopped;

	set(s, 0, STATE_PROBING);
	assert_int_equal(
	    campaign_wait(s->campaign, s->fleet[1], s->policy, SHA_B, NOW,
		s->detail, sizeof(s->detail), &stopped),
	    HOLD_SLOT);
}

/* A restart can kill it. */
TEST(a_device_with_a_damaged_download_waits_behind_no_other)
{
	struct scene *s = scene_of("[Rollout]\nMaxParallel=1\n");

	set(s, 0, STATE_PROBING);
	assert_int_equal(wait_of(s, 1), HOLD_SLOT);
	s->fleet[1]->attempt.damaged = true;
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	assert_string_equal(s->detail, "");
	/* A pause by a person holds it all the same. */
	assert_true(campaign_pause(s->campaign, "p", "by hand"));
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
}

TEST(the_one_that_is_most_in_doubt_for_longest_is_named)
{
	static const struct {
		bool works[2]; /* false: it rests */
		int since[2];
		unsigned named;
	} cases[] = {
		{ { true, false }, { -100, 0 }, 1 },
		{ { false, true }, { 0, -100 }, 0 },
		{ { true, true }, { -50, -100 }, 1 },
		{ { true, true }, { -100, -50 }, 0 },
		{ { true, true }, { -50, -50 }, 0 },
		{ { false, false }, { -50, -100 }, 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of("[Rollout]\nCanary=2\n");

		for (unsigned n = 0; n < 2; n++) {
			set(s, n,
			    cases[i].works[n] ? STATE_PROBING : STATE_HELD);
			s->fleet[n]->hold =
			    cases[i].works[n] ? HOLD_NONE : HOLD_BACKOFF;
			s->fleet[n]->since_s = NOW + cases[i].since[n];
		}
		assert_int_equal(wait_of(s, 2), HOLD_CANARY);
		if (strstr(s->detail, s->fleet[cases[i].named]->id) == NULL)
			fail_msg("case %zu: %s", i, s->detail);
	}
}

/* A device at work does not wait for itself. */
TEST(a_device_at_work_does_not_take_its_own_place)
{
	struct scene *s = scene_of("[Rollout]\nMaxParallel=1\n");

	set(s, 0, STATE_PROBING);
	assert_int_equal(wait_of(s, 1), HOLD_SLOT);
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
}

TEST(what_stopped_a_policy_is_forgiven_and_nothing_else)
{
	struct scene *s;
	json_t *root, *mark;

	/* A canary without a verdict stops the policy, and is forgiven. */
	s = scene_of("[Rollout]\nCanary=1\n");
	set(s, 0, STATE_FLASHED);
	s->fleet[0]->attempt.no_verdict = true;
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 1), HOLD_NONE);

	/* A good end counts as before. */
	s = scene_of("[Rollout]\nCanary=1\nStopAfterFailures=1\n");
	set(s, 0, STATE_FLASHED);
	set(s, 1, STATE_FAILED);
	assert_int_equal(wait_of(s, 2), HOLD_PAUSED);
	assert_true(campaign_resume(s->campaign, "p"));
	set(s, 2, STATE_PROBING);
	assert_int_equal(wait_of(s, 3), HOLD_NONE);

	/* A forgiven device that ends well needs no pardon any more. */
	set(s, 1, STATE_VERIFIED);
	set(s, 4, STATE_FAILED);
	assert_int_equal(wait_of(s, 3), HOLD_PAUSED);
	assert_true(campaign_resume(s->campaign, "p"));
	root = campaign_make(s->campaign);
	mark = json_array_get(json_object_get(root, "policies"), 0);
	assert_string_equal(
	    json_string_value(json_object_get(mark, "why")), "");
	mark = json_object_get(mark, "forgiven");
	assert_int_equal(json_object_size(mark), 1);
	assert_non_null(json_object_get(mark, s->fleet[4]->id));
	json_decref(root);
}

/* The file replaces the list of forgiven devices, without nonsense. */
TEST(what_is_read_of_the_forgiven_is_what_counts)
{
	static const struct {
		const char *id; /* NULL: none */
		bool is_number, forgives;
	} cases[] = {
		{ "1000000000", true, true },
		{ "1000000000", false, false },
		{ NULL, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene *s = scene_of("[Rollout]\nStopAfterFailures=1\n");
		json_t *root, *forgiven = json_object();
		char longest[DEVICE_ID_SIZE + 1];

		set(s, 0, STATE_FAILED);
		assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
		assert_true(campaign_resume(s->campaign, "p"));
		memset(longest, '1', sizeof(longest));
		longest[DEVICE_ID_SIZE] = '\0';
		json_object_set_new(forgiven, longest, json_integer(NOW));
		if (cases[i].id != NULL)
			json_object_set_new(forgiven, cases[i].id,
			    cases[i].is_number ? json_integer(NOW)
					       : json_string("x"));
		root = json_pack("{s:i, s:[{s:s, s:b, s:o}]}", "format", 1,
		    "policies", "policy", "p", "paused", 0, "forgiven",
		    forgiven);
		campaign_apply(s->campaign, root);
		json_decref(root);
		root = campaign_make(s->campaign);
		forgiven = json_object_get(
		    json_array_get(json_object_get(root, "policies"), 0),
		    "forgiven");
		assert_int_equal(json_object_size(forgiven), cases[i].forgives);
		json_decref(root);
		assert_int_equal(
		    wait_of(s, 1), cases[i].forgives ? HOLD_NONE : HOLD_PAUSED);
	}
}

TEST(the_rest_waits_until_the_canary_has_soaked)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\nSoakSec=600\n");

	assert_int_equal(start_all(s), 1);
	set(s, 0, STATE_FLASHED);
	assert_int_equal(wait_of(s, 1), HOLD_SOAK);
	s->now = NOW + 599;
	assert_int_equal(wait_of(s, 1), HOLD_SOAK);
	s->now = NOW + 600;
	assert_int_equal(start_all(s), 9);
}

/* A change of the wall clock does not shorten the soak. */
TEST(a_clock_that_is_set_neither_ends_the_soak_nor_makes_it_last)
{
	static const time_t steps[] = { 3600, -3600, 56L * 365 * 86400,
		-56L * 365 * 86400 };

	for (size_t i = 0; i < COUNT(steps); i++) {
		struct scene *s =
		    scene_of("[Rollout]\nCanary=1\nSoakSec=600\n");

		assert_int_equal(start_all(s), 1);
		set(s, 0, STATE_FLASHED);
		s->fleet[0]->since -= steps[i];
		s->now += 300;
		assert_int_equal(wait_of(s, 1), HOLD_SOAK);
		assert_contains(s->detail, ", 5 min to go");
		s->now += 299;
		assert_int_equal(wait_of(s, 1), HOLD_SOAK);
		s->now += 1;
		assert_int_equal(start_all(s), 9);
	}
}

TEST(pausing_and_resuming_is_done_once)
{
	struct scene *s = scene_of("");

	assert_null(campaign_paused(s->campaign, "p"));
	assert_false(campaign_resume(s->campaign, "p"));
	assert_false(campaign_resume(s->campaign, NULL));
	assert_true(campaign_pause(s->campaign, "p", "by hand"));
	assert_false(campaign_pause(s->campaign, "p", "again"));
	assert_string_equal(campaign_paused(s->campaign, "p"), "by hand");
	assert_false(campaign_has_stopped(s->campaign, "p"));
	assert_int_equal(wait_of(s, 0), HOLD_PAUSED);
	assert_string_equal(s->detail, "by hand");
	assert_false(s->stopped);
	assert_null(campaign_paused(s->campaign, "q"));
	assert_true(campaign_resume(s->campaign, "p"));
	assert_false(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
	campaign_free(NULL);
}

TEST(resuming_everything_leaves_each_policy_as_it_is)
{
	struct scene *s = scene_of("");

	assert_true(campaign_pause(s->campaign, NULL, "all"));
	assert_true(campaign_pause(s->campaign, "p", "one"));
	assert_int_equal(wait_of(s, 0), HOLD_PAUSED);
	assert_string_equal(s->detail, "all");
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 0), HOLD_PAUSED);
	assert_true(campaign_pause(s->campaign, "p", "one"));
	assert_true(campaign_resume(s->campaign, NULL));
	assert_false(campaign_resume(s->campaign, NULL));
	restart(s);
	assert_int_equal(wait_of(s, 0), HOLD_PAUSED);
	assert_string_equal(s->detail, "one");
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
}

/* To lift a pause does not forgive the failures. */
TEST(resuming_everything_forgives_no_failure)
{
	struct scene *s = scene_of("[Rollout]\nStopAfterFailures=1\n");

	assert_true(campaign_pause(s->campaign, NULL, "all"));
	set(s, 0, STATE_FAILED);
	assert_true(campaign_resume(s->campaign, NULL));
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	assert_true(s->stopped);
	assert_true(campaign_pause(s->campaign, NULL, "all"));
	restart(s);
	assert_true(campaign_resume(s->campaign, NULL));
	assert_int_equal(start_all(s), 0);
	assert_contains(s->detail, "reflashctl resume p");
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(start_all(s), 9);
}

TEST(a_stopped_policy_stays_stopped_whatever_becomes_of_the_device)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	start_all(s);
	set(s, 0, STATE_FAILED);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	registry_remove(s->registry, s->fleet[0]);
	campaign_changed(s->campaign);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	restart(s);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
}

TEST(who_resumes_forgives_what_has_failed_and_nothing_after)
{
	struct scene *s = scene_of("[Rollout]\nCanary=1\n");

	start_all(s);
	set(s, 0, STATE_FAILED);
	assert_int_equal(start_all(s), 0);
	assert_true(campaign_resume(s->campaign, "p"));
	restart(s);
	assert_int_equal(start_all(s), 1);
	assert_int_equal(wait_of(s, 2), HOLD_CANARY);
	set(s, 1, STATE_FAILED); /* in the same second */
	assert_int_equal(wait_of(s, 2), HOLD_PAUSED);
	assert_true(s->stopped);
}

TEST(a_forgiven_device_that_fails_again_counts_again)
{
	struct scene *s = scene_of("[Rollout]\nStopAfterFailures=1\n");

	set(s, 0, STATE_FAILED);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	s->now++;
	set(s, 0, STATE_PROBING);
	restart(s);
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	set(s, 0, STATE_FAILED);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
}

/* A machine without a battery for its clock starts in its past. */
TEST(a_clock_set_back_hides_no_failure_and_undoes_no_pardon)
{
	struct scene *s = scene_of("[Rollout]\nStopAfterFailures=1\n");

	set(s, 0, STATE_FAILED);
	assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	s->now -= 3600;
	assert_true(campaign_resume(s->campaign, "p"));
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	restart(s);
	s->now -= 3600;
	assert_int_equal(wait_of(s, 1), HOLD_NONE);
	set(s, 1, STATE_FAILED);
	assert_int_equal(wait_of(s, 2), HOLD_PAUSED);
	assert_true(s->stopped);
}

TEST(a_restart_forgets_no_pause)
{
	struct scene *s = scene_of("");

	restart(s); /* nothing is written */
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
	campaign_pause(s->campaign, NULL, "all of it");
	campaign_pause(s->campaign, "p", "by \"hand\"");
	campaign_pause(s->campaign, "q", "");
	restart(s);
	assert_string_equal(campaign_paused(s->campaign, NULL), "all of it");
	assert_string_equal(campaign_paused(s->campaign, "p"), "by \"hand\"");
	assert_string_equal(campaign_paused(s->campaign, "q"), "");
	assert_true(campaign_resume(s->campaign, "q"));
	restart(s);
	assert_non_null(campaign_paused(s->campaign, NULL));
	assert_null(campaign_paused(s->campaign, "q"));
	assert_non_null(campaign_paused(s->campaign, "p"));
	assert_true(campaign_resume(s->campaign, NULL));
	restart(s);
	assert_null(campaign_paused(s->campaign, NULL));
	assert_non_null(campaign_paused(s->campaign, "p"));
}

TEST(a_file_of_nonsense_pauses_nothing_and_breaks_nothing)
{
	static const char *const files[] = { "{}", "[]", "null",
		"{\"policies\":null}", "{\"policies\":{}}",
		"{\"policies\":[null,1,\"p\",[],{}]}",
		"{\"policies\":[{\"policy\":null,\"paused\":true}]}",
		"{\"policies\":[{\"policy\":1,\"paused\":true}]}",
		"{\"policies\":[{\"policy\":\"p\"}]}",
		"{\"policies\":[{\"policy\":\"p\",\"paused\":1}]}",
		"{\"policies\":[{\"policy\":\"p\",\"paused\":\"true\"}]}",
		"{\"policies\":[{\"policy\":\"p\",\"forgiven\":[1]}]}",
		"{\"policies\":[{\"policy\":\"p\",\"forgiven\":{"
		"\"1000000000\":\"x\",\"10000000001000000000\":1}}]}",
		"{\"policies\":[{\"paused\":true,\"policy\":\"1234567890123456"
		"789012345678901234567890123456789012345678901234\"}]}" };

	for (size_t i = 0; i < COUNT(files); i++) {
		json_t *root = json_loads(files[i], JSON_DECODE_ANY, NULL);
		struct scene *s;

		assert_non_null(root);
		s = scene_of("[Rollout]\nStopAfterFailures=1\n");
		campaign_apply(s->campaign, root);
		json_decref(root);
		assert_int_equal(wait_of(s, 0), HOLD_NONE);
		set(s, 0, STATE_FAILED);
		assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
		restart(s);
		assert_int_equal(wait_of(s, 1), HOLD_PAUSED);
	}
}

TEST(no_file_is_nothing_and_of_two_words_the_last_counts)
{
	json_t *root = json_loads(
	    "{\"policies\":[{\"policy\":\"p\",\"paused\":false,\"forgiven\":"
	    "{\"1000000000\":1700000000}},{\"policy\":\"p\",\"paused\":true,"
	    "\"why\":1}]}",
	    0, NULL);
	struct scene *s = scene_of("");

	campaign_apply(s->campaign, NULL);
	assert_int_equal(wait_of(s, 0), HOLD_NONE);
	campaign_apply(s->campaign, root);
	json_decref(root);
	assert_int_equal(wait_of(s, 0), HOLD_PAUSED);
	assert_string_equal(s->detail, "");
}

/* A reason that is too long is left out: half a letter is no JSON. */
TEST(a_long_reason_does_not_cost_the_pause)
{
	char why[401] = "";
	struct scene *s;
	json_t *root;

	for (size_t i = 0; i < 200; i++)
		memcpy(why + 2 * i, "\xc3\xbc", 3);
	s = scene_of("");
	root = json_pack("{s:[{s:s, s:b, s:s}]}", "policies", "policy", "p",
	    "paused", 1, "why", why);
	campaign_apply(s->campaign, root);
	json_decref(root);
	restart(s);
	assert_int_equal(wait_of(s, 0), HOLD_PAUSED);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, end_scene);
}
