/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "core/schedule/campaign.h"

#include "unit/fixture.h"

#define NOW	 1700000000
#define FLEET	 10
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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

static void
scene_init(struct scene *s, const char *policy)
{
	char id[DEVICE_ID_SIZE];

	*s = (struct scene){
		.registry = registry_new(100, &fixture_ops, NULL),
		.policy = fixture_policy("p", policy),
		.now = NOW,
	};
	s->campaign = campaign_new(s->registry);
	for (unsigned i = 0; i < FLEET; i++) {
		snprintf(id, sizeof(id), "10000000%02u", i);
		s->fleet[i] = registry_get(s->registry, id, DEVICE_FITTING);
		fixture_dress(s->fleet[i]);
		device_restore(s->fleet[i], STATE_HELD, NOW);
		text_copy(
		    s->fleet[i]->policy, sizeof(s->fleet[i]->policy), "p");
	}
}

static void
scene_fini(struct scene *s)
{
	campaign_free(s->campaign);
	registry_free(s->registry);
	policy_free(s->policy);
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

/* How many of the fleet would go if each one that may go went at once. */
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

/* The daemon dies, and another one reads what it has written. */
static void
restart(struct scene *s)
{
	json_t *root = campaign_make(s->campaign);

	assert_non_null(root);
	assert_int_equal(
	    json_integer_value(json_object_get(root, "format")), 1);
	campaign_free(s->campaign);
	s->campaign = campaign_new(s->registry);
	campaign_apply(s->campaign, root);
	json_decref(root);
}

/* ---- canaries and failures --------------------------------------------- */

static void
a_canary_that_fails_saves_the_other_nine(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	assert_int_equal(start_all(&s), 1);
	assert_int_equal(wait_of(&s, 1), HOLD_CANARY);
	assert_false(s.stopped);
	set(&s, 0, STATE_FAILED);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	assert_true(s.stopped);
	assert_int_equal(wait_of(&s, 2), HOLD_PAUSED);
	assert_false(s.stopped); /* it is said once */
	assert_int_equal(start_all(&s), 0);
	assert_string_equal(campaign_paused(s.campaign, "p"), s.detail);
	assert_null(campaign_paused(s.campaign, NULL));
	scene_fini(&s);
}

static void
a_canary_that_ends_well_lets_all_go(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\nMaxParallel=4\n");
	assert_int_equal(start_all(&s), 1);
	set(&s, 0, STATE_FLASHED);
	assert_int_equal(start_all(&s), 4);
	assert_int_equal(wait_of(&s, 9), HOLD_SLOT);
	set(&s, 1, STATE_VERIFIED);
	assert_int_equal(start_all(&s), 1);
	scene_fini(&s);
}

static void
a_canary_that_is_cancelled_makes_room_for_the_next(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	assert_int_equal(start_all(&s), 1);
	device_note_cancel(s.fleet[0], "root");
	assert_true(device_post(s.fleet[0], STATE_EVENT_CANCEL));
	campaign_changed(s.campaign);
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	set(&s, 1, STATE_PROBING);
	assert_int_equal(wait_of(&s, 2), HOLD_CANARY);
	scene_fini(&s);
}

/* Between two attempts, and then away, or at another end that says nothing. */
static void
a_canary_that_goes_away_gives_its_place_to_the_next(void **unused)
{
	static const struct {
		enum state state;
		enum hold hold;
		bool unsure, damaged;
		enum hold next; /* what another one waits for */
	} cases[] = {
		{ STATE_HELD, HOLD_BACKOFF, false, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_SLOT, false, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_ABSENT, false, false, HOLD_NONE },
		{ STATE_HELD, HOLD_CANARY, false, false, HOLD_NONE },
		{ STATE_HELD, HOLD_CANCELLED, false, false, HOLD_NONE },
		{ STATE_REFUSED, HOLD_NONE, false, false, HOLD_NONE },
		{ STATE_IGNORED, HOLD_NONE, false, false, HOLD_NONE },
		/* told to fetch: it may be anything by now */
		{ STATE_HELD, HOLD_BACKOFF, true, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_ABSENT, true, false, HOLD_CANARY },
		{ STATE_HELD, HOLD_ABSENT, false, true, HOLD_CANARY },
		{ STATE_FAILED, HOLD_NONE, false, false, HOLD_PAUSED },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s, "[Rollout]\nCanary=1\n");
		assert_int_equal(start_all(&s), 1);
		set(&s, 0, cases[i].state);
		s.fleet[0]->hold = cases[i].hold;
		s.fleet[0]->unsure = cases[i].unsure;
		s.fleet[0]->damaged = cases[i].damaged;
		if (wait_of(&s, 1) != cases[i].next)
			fail_msg("case %zu: %s", i, s.detail);
		if (cases[i].next == HOLD_CANARY)
			assert_non_null(strstr(s.detail, s.fleet[0]->id));
		/* two are never under way at once */
		if (cases[i].next == HOLD_NONE) {
			set(&s, 1, STATE_PROBING);
			assert_int_equal(wait_of(&s, 0), HOLD_CANARY);
			assert_string_equal(s.detail,
			    "0 of 1 have ended well; waiting for 1000000001, "
			    "which is at work");
		}
		scene_fini(&s);
	}
}

/* It is waited for, then the policy says which one it is and stops. */
static void
a_canary_that_fell_silent_stops_its_policy_by_name(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	assert_int_equal(start_all(&s), 1);
	set(&s, 0, STATE_HELD);
	s.fleet[0]->hold = HOLD_ABSENT;
	s.fleet[0]->unsure = true;
	assert_int_equal(wait_of(&s, 1), HOLD_CANARY);
	assert_string_equal(s.detail,
	    "0 of 1 have ended well; waiting for 1000000000, which had begun "
	    "to fetch its image and is absent since 2023-11-14T22:13:20Z");
	s.now = NOW + 599;
	assert_int_equal(wait_of(&s, 1), HOLD_CANARY);
	s.now = NOW + 600;
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	assert_true(s.stopped);
	assert_string_equal(s.detail,
	    "1000000000 had begun to fetch its image and is gone since "
	    "2023-11-14T22:13:20Z; look at it, then: reflashctl resume p");
	assert_true(campaign_resume(s.campaign, "p"));
	restart(&s);
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	set(&s, 1, STATE_PROBING);
	/* It answers again after all: one at a time, all the same. */
	s.fleet[0]->unsure = false;
	assert_int_equal(wait_of(&s, 0), HOLD_CANARY);
	scene_fini(&s);
}

static void
a_silent_canary_that_answers_again_goes_on(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	assert_int_equal(start_all(&s), 1);
	set(&s, 0, STATE_HELD);
	s.fleet[0]->hold = HOLD_ABSENT;
	s.fleet[0]->unsure = true;
	assert_int_equal(wait_of(&s, 1), HOLD_CANARY);
	s.now = NOW + 86400;
	s.fleet[0]->unsure = false; /* nobody counts again for that */
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	scene_fini(&s);
}

static void
with_two_failures_only_those_in_flight_are_lost(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nStopAfterFailures=2\nMaxParallel=4\n");
	assert_int_equal(start_all(&s), 4);
	set(&s, 0, STATE_FAILED);
	assert_int_equal(start_all(&s), 1);
	set(&s, 1, STATE_FAILED);
	assert_int_equal(start_all(&s), 0);
	set(&s, 2, STATE_FAILED);
	set(&s, 3, STATE_FAILED);
	set(&s, 4, STATE_FLASHED);
	assert_int_equal(start_all(&s), 0);
	for (unsigned i = 5; i < FLEET; i++)
		assert_int_equal(wait_of(&s, i), HOLD_PAUSED);
	scene_fini(&s);
}

/* Between two attempts, too, an invention leaves its place to the next. */
static void
a_row_of_inventions_neither_stops_a_policy_nor_keeps_the_place(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\nStopAfterFailures=1\n");
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(wait_of(&s, i), HOLD_NONE);
		set(&s, i, STATE_PROBING);
		s.fleet[i]->is_vouched = false;
		assert_int_equal(wait_of(&s, 9), HOLD_CANARY);
		set(&s, i, i % 2 == 0 ? STATE_FAILED : STATE_HELD);
		s.fleet[i]->hold = i % 2 == 0 ? HOLD_NONE : HOLD_BACKOFF;
		s.fleet[i]->is_vouched = false;
	}
	set(&s, 6, STATE_PROBING);
	for (unsigned i = 1; i < 6; i += 2)
		assert_int_equal(wait_of(&s, i), HOLD_CANARY);
	set(&s, 6, STATE_FLASHED);
	assert_int_equal(wait_of(&s, 7), HOLD_NONE);
	assert_false(s.stopped);
	scene_fini(&s);
}

/* Before, among and behind them: what is real counts as ever. */
static void
no_row_of_inventions_hides_a_failure_that_is_real(void **unused)
{
	static const char *const policies[] = { "[Rollout]\nCanary=1\n",
		"[Rollout]\nStopAfterFailures=1\n" };

	(void)unused;
	for (unsigned n = 0; n < COUNT(policies) * 9; n++) {
		struct scene s;

		scene_init(&s, policies[n / 9]);
		for (unsigned i = 0; i < 9; i++) {
			set(&s, i, STATE_FAILED);
			s.fleet[i]->is_vouched = i == n % 9;
		}
		restart(&s);
		assert_int_equal(wait_of(&s, 9), HOLD_PAUSED);
		assert_true(s.stopped);
		assert_non_null(strstr(s.detail, "1 device of policy p"));
		scene_fini(&s);
	}
}

/* Another image in the policy is another rollout, for those that failed too. */
static void
a_device_that_failed_with_another_image_is_no_canary_yet(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	for (unsigned i = 0; i < FLEET; i++)
		fixture_end(s.fleet[i], "p", SHA_B,
		    i < 5 ? STATE_FAILED : STATE_HELD, NOW);
	campaign_changed(s.campaign);
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	set(&s, 0, STATE_PROBING);
	for (unsigned i = 1; i < FLEET; i++)
		assert_int_equal(wait_of(&s, i), HOLD_CANARY);
	/* between two attempts with this one it goes on */
	set(&s, 0, STATE_HELD);
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	assert_int_equal(wait_of(&s, 1), HOLD_CANARY);
	scene_fini(&s);
}

static void
counts_follow_the_image(void **unused)
{
	struct scene s;
	bool stopped;

	(void)unused;
	scene_init(&s, "[Rollout]\nMaxParallel=1\n");
	set(&s, 0, STATE_PROBING);
	assert_int_equal(wait_of(&s, 1), HOLD_SLOT);
	assert_int_equal(campaign_wait(s.campaign, s.fleet[1], s.policy, SHA_B,
			     NOW, s.detail, sizeof(s.detail), &stopped),
	    HOLD_NONE);
	assert_int_equal(wait_of(&s, 1), HOLD_SLOT);
	scene_fini(&s);
}

/* ---- who is waited for, and who is forgiven ---------------------------- */

static void
the_one_that_is_most_in_doubt_for_longest_is_named(void **unused)
{
	static const struct {
		bool works[2]; /* or it rests */
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

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;

		scene_init(&s, "[Rollout]\nCanary=2\n");
		for (unsigned n = 0; n < 2; n++) {
			set(&s, n,
			    cases[i].works[n] ? STATE_PROBING : STATE_HELD);
			s.fleet[n]->hold =
			    cases[i].works[n] ? HOLD_NONE : HOLD_BACKOFF;
			s.fleet[n]->since_s = NOW + cases[i].since[n];
		}
		assert_int_equal(wait_of(&s, 2), HOLD_CANARY);
		if (strstr(s.detail, s.fleet[cases[i].named]->id) == NULL)
			fail_msg("case %zu: %s", i, s.detail);
		scene_fini(&s);
	}
}

/* Who asks is at work already, and does not wait for itself. */
static void
a_device_at_work_does_not_take_its_own_place(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nMaxParallel=1\n");
	set(&s, 0, STATE_PROBING);
	assert_int_equal(wait_of(&s, 1), HOLD_SLOT);
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	scene_fini(&s);
}

static void
what_stopped_a_policy_is_forgiven_and_nothing_else(void **unused)
{
	struct scene s;
	json_t *root, *mark;

	(void)unused;
	/* Gone without its verdict: it stops, and is forgiven. */
	scene_init(&s, "[Rollout]\nCanary=1\n");
	set(&s, 0, STATE_FLASHED);
	s.fleet[0]->no_verdict = true;
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	scene_fini(&s);

	/* What ended well counts as before. */
	scene_init(&s, "[Rollout]\nCanary=1\nStopAfterFailures=1\n");
	set(&s, 0, STATE_FLASHED);
	set(&s, 1, STATE_FAILED);
	assert_int_equal(wait_of(&s, 2), HOLD_PAUSED);
	assert_true(campaign_resume(s.campaign, "p"));
	set(&s, 2, STATE_PROBING);
	assert_int_equal(wait_of(&s, 3), HOLD_NONE);

	/* And the forgiven one is forgotten once it has ended well. */
	set(&s, 1, STATE_VERIFIED);
	set(&s, 4, STATE_FAILED);
	assert_int_equal(wait_of(&s, 3), HOLD_PAUSED);
	assert_true(campaign_resume(s.campaign, "p"));
	root = campaign_make(s.campaign);
	mark = json_array_get(json_object_get(root, "policies"), 0);
	assert_string_equal(
	    json_string_value(json_object_get(mark, "why")), "");
	mark = json_object_get(mark, "forgiven");
	assert_int_equal(json_object_size(mark), 1);
	assert_non_null(json_object_get(mark, s.fleet[4]->id));
	json_decref(root);
	scene_fini(&s);
}

/* What a file forgives replaces what was forgiven; nonsense is left out. */
static void
what_is_read_of_the_forgiven_is_what_counts(void **unused)
{
	static const struct {
		const char *id; /* NULL: none */
		bool is_number, forgives;
	} cases[] = {
		{ "1000000000", true, true },
		{ "1000000000", false, false },
		{ NULL, false, false },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene s;
		json_t *root, *forgiven = json_object();
		char longest[DEVICE_ID_SIZE + 1];

		scene_init(&s, "[Rollout]\nStopAfterFailures=1\n");
		set(&s, 0, STATE_FAILED);
		assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
		assert_true(campaign_resume(s.campaign, "p"));
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
		campaign_apply(s.campaign, root);
		json_decref(root);
		root = campaign_make(s.campaign);
		forgiven = json_object_get(
		    json_array_get(json_object_get(root, "policies"), 0),
		    "forgiven");
		assert_int_equal(json_object_size(forgiven), cases[i].forgives);
		json_decref(root);
		assert_int_equal(wait_of(&s, 1),
		    cases[i].forgives ? HOLD_NONE : HOLD_PAUSED);
		scene_fini(&s);
	}
}

/* ---- soaking ----------------------------------------------------------- */

static void
the_rest_waits_until_the_canary_has_soaked(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\nSoakSec=600\n");
	assert_int_equal(start_all(&s), 1);
	set(&s, 0, STATE_FLASHED);
	assert_int_equal(wait_of(&s, 1), HOLD_SOAK);
	s.now = NOW + 599;
	assert_int_equal(wait_of(&s, 1), HOLD_SOAK);
	s.now = NOW + 600;
	assert_int_equal(start_all(&s), 9);
	scene_fini(&s);
}

/* The clock on the wall is set while the canary soaks: no second is won. */
static void
a_clock_that_is_set_neither_ends_the_soak_nor_makes_it_last(void **unused)
{
	static const time_t steps[] = { 3600, -3600, 56L * 365 * 86400,
		-56L * 365 * 86400 };

	(void)unused;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct scene s;

		scene_init(&s, "[Rollout]\nCanary=1\nSoakSec=600\n");
		assert_int_equal(start_all(&s), 1);
		set(&s, 0, STATE_FLASHED);
		s.fleet[0]->since -= steps[i];
		s.now += 300;
		assert_int_equal(wait_of(&s, 1), HOLD_SOAK);
		assert_string_equal(s.detail, "5 min to go");
		s.now += 299;
		assert_int_equal(wait_of(&s, 1), HOLD_SOAK);
		s.now += 1;
		assert_int_equal(start_all(&s), 9);
		scene_fini(&s);
	}
}

/* ---- pausing ----------------------------------------------------------- */

static void
pausing_and_resuming_is_done_once(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "");
	assert_null(campaign_paused(s.campaign, "p"));
	assert_false(campaign_resume(s.campaign, "p"));
	assert_false(campaign_resume(s.campaign, NULL));
	assert_true(campaign_pause(s.campaign, "p", "by hand"));
	assert_false(campaign_pause(s.campaign, "p", "again"));
	assert_string_equal(campaign_paused(s.campaign, "p"), "by hand");
	assert_int_equal(wait_of(&s, 0), HOLD_PAUSED);
	assert_string_equal(s.detail, "by hand");
	assert_false(s.stopped);
	assert_null(campaign_paused(s.campaign, "q"));
	assert_true(campaign_resume(s.campaign, "p"));
	assert_false(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	campaign_free(NULL);
	scene_fini(&s);
}

static void
resuming_everything_leaves_each_policy_as_it_is(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "");
	assert_true(campaign_pause(s.campaign, NULL, "all"));
	assert_true(campaign_pause(s.campaign, "p", "one"));
	assert_int_equal(wait_of(&s, 0), HOLD_PAUSED);
	assert_string_equal(s.detail, "all");
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 0), HOLD_PAUSED);
	assert_true(campaign_pause(s.campaign, "p", "one"));
	assert_true(campaign_resume(s.campaign, NULL));
	assert_false(campaign_resume(s.campaign, NULL));
	restart(&s);
	assert_int_equal(wait_of(&s, 0), HOLD_PAUSED);
	assert_string_equal(s.detail, "one");
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	scene_fini(&s);
}

/* Who lifts a pause has not looked at the failures that stopped a policy. */
static void
resuming_everything_forgives_no_failure(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nStopAfterFailures=1\n");
	assert_true(campaign_pause(s.campaign, NULL, "all"));
	set(&s, 0, STATE_FAILED);
	assert_true(campaign_resume(s.campaign, NULL));
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	assert_true(s.stopped);
	assert_true(campaign_pause(s.campaign, NULL, "all"));
	restart(&s);
	assert_true(campaign_resume(s.campaign, NULL));
	assert_int_equal(start_all(&s), 0);
	assert_non_null(strstr(s.detail, "reflashctl resume p"));
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(start_all(&s), 9);
	scene_fini(&s);
}

static void
a_stopped_policy_stays_stopped_whatever_becomes_of_the_device(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	start_all(&s);
	set(&s, 0, STATE_FAILED);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	registry_remove(s.registry, s.fleet[0]);
	campaign_changed(s.campaign);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	restart(&s);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	scene_fini(&s);
}

static void
who_resumes_forgives_what_has_failed_and_nothing_after(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nCanary=1\n");
	start_all(&s);
	set(&s, 0, STATE_FAILED);
	assert_int_equal(start_all(&s), 0);
	assert_true(campaign_resume(s.campaign, "p"));
	restart(&s);
	assert_int_equal(start_all(&s), 1);
	assert_int_equal(wait_of(&s, 2), HOLD_CANARY);
	set(&s, 1, STATE_FAILED); /* in the same second */
	assert_int_equal(wait_of(&s, 2), HOLD_PAUSED);
	assert_true(s.stopped);
	scene_fini(&s);
}

static void
a_forgiven_device_that_fails_again_counts_again(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nStopAfterFailures=1\n");
	set(&s, 0, STATE_FAILED);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	s.now++;
	set(&s, 0, STATE_PROBING);
	restart(&s);
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	set(&s, 0, STATE_FAILED);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	scene_fini(&s);
}

/* A machine without a battery for its clock starts in its past. */
static void
a_clock_set_back_hides_no_failure_and_undoes_no_pardon(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "[Rollout]\nStopAfterFailures=1\n");
	set(&s, 0, STATE_FAILED);
	assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
	s.now -= 3600;
	assert_true(campaign_resume(s.campaign, "p"));
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	restart(&s);
	s.now -= 3600;
	assert_int_equal(wait_of(&s, 1), HOLD_NONE);
	set(&s, 1, STATE_FAILED);
	assert_int_equal(wait_of(&s, 2), HOLD_PAUSED);
	assert_true(s.stopped);
	scene_fini(&s);
}

/* ---- to disk and back -------------------------------------------------- */

static void
a_restart_forgets_no_pause(void **unused)
{
	struct scene s;

	(void)unused;
	scene_init(&s, "");
	restart(&s); /* nothing at all */
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	campaign_pause(s.campaign, NULL, "all of it");
	campaign_pause(s.campaign, "p", "by \"hand\"");
	campaign_pause(s.campaign, "q", "");
	restart(&s);
	assert_string_equal(campaign_paused(s.campaign, NULL), "all of it");
	assert_string_equal(campaign_paused(s.campaign, "p"), "by \"hand\"");
	assert_string_equal(campaign_paused(s.campaign, "q"), "");
	assert_true(campaign_resume(s.campaign, "q"));
	restart(&s);
	assert_non_null(campaign_paused(s.campaign, NULL));
	assert_null(campaign_paused(s.campaign, "q"));
	assert_non_null(campaign_paused(s.campaign, "p"));
	assert_true(campaign_resume(s.campaign, NULL));
	restart(&s);
	assert_null(campaign_paused(s.campaign, NULL));
	assert_non_null(campaign_paused(s.campaign, "p"));
	scene_fini(&s);
}

static void
a_file_of_nonsense_pauses_nothing_and_breaks_nothing(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < COUNT(files); i++) {
		json_t *root = json_loads(files[i], JSON_DECODE_ANY, NULL);
		struct scene s;

		assert_non_null(root);
		scene_init(&s, "[Rollout]\nStopAfterFailures=1\n");
		campaign_apply(s.campaign, root);
		json_decref(root);
		assert_int_equal(wait_of(&s, 0), HOLD_NONE);
		set(&s, 0, STATE_FAILED);
		assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
		restart(&s);
		assert_int_equal(wait_of(&s, 1), HOLD_PAUSED);
		scene_fini(&s);
	}
}

static void
no_file_is_nothing_and_of_two_words_the_last_counts(void **unused)
{
	json_t *root = json_loads(
	    "{\"policies\":[{\"policy\":\"p\",\"paused\":false,\"forgiven\":"
	    "{\"1000000000\":1700000000}},{\"policy\":\"p\",\"paused\":true,"
	    "\"why\":1}]}",
	    0, NULL);
	struct scene s;

	(void)unused;
	scene_init(&s, "");
	campaign_apply(s.campaign, NULL);
	assert_int_equal(wait_of(&s, 0), HOLD_NONE);
	campaign_apply(s.campaign, root);
	json_decref(root);
	assert_int_equal(wait_of(&s, 0), HOLD_PAUSED);
	assert_string_equal(s.detail, "");
	scene_fini(&s);
}

/* What is too long for us is left out whole: half a letter is no JSON. */
static void
a_long_reason_does_not_cost_the_pause(void **unused)
{
	char why[401] = "";
	struct scene s;
	json_t *root;

	(void)unused;
	for (size_t i = 0; i < 200; i++)
		memcpy(why + 2 * i, "\xc3\xbc", 3);
	scene_init(&s, "");
	root = json_pack("{s:[{s:s, s:b, s:s}]}", "policies", "policy", "p",
	    "paused", 1, "why", why);
	campaign_apply(s.campaign, root);
	json_decref(root);
	restart(&s);
	assert_int_equal(wait_of(&s, 0), HOLD_PAUSED);
	scene_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_canary_that_fails_saves_the_other_nine),
		cmocka_unit_test(a_canary_that_ends_well_lets_all_go),
		cmocka_unit_test(
		    a_canary_that_is_cancelled_makes_room_for_the_next),
		cmocka_unit_test(
		    a_canary_that_goes_away_gives_its_place_to_the_next),
		cmocka_unit_test(
		    a_canary_that_fell_silent_stops_its_policy_by_name),
		cmocka_unit_test(a_silent_canary_that_answers_again_goes_on),
		cmocka_unit_test(
		    the_one_that_is_most_in_doubt_for_longest_is_named),
		cmocka_unit_test(a_device_at_work_does_not_take_its_own_place),
		cmocka_unit_test(
		    what_stopped_a_policy_is_forgiven_and_nothing_else),
		cmocka_unit_test(what_is_read_of_the_forgiven_is_what_counts),
		cmocka_unit_test(
		    with_two_failures_only_those_in_flight_are_lost),
		cmocka_unit_test(
		    a_row_of_inventions_neither_stops_a_policy_nor_keeps_the_place),
		cmocka_unit_test(
		    no_row_of_inventions_hides_a_failure_that_is_real),
		cmocka_unit_test(
		    a_device_that_failed_with_another_image_is_no_canary_yet),
		cmocka_unit_test(counts_follow_the_image),
		cmocka_unit_test(the_rest_waits_until_the_canary_has_soaked),
		cmocka_unit_test(
		    a_clock_that_is_set_neither_ends_the_soak_nor_makes_it_last),
		cmocka_unit_test(pausing_and_resuming_is_done_once),
		cmocka_unit_test(
		    resuming_everything_leaves_each_policy_as_it_is),
		cmocka_unit_test(resuming_everything_forgives_no_failure),
		cmocka_unit_test(
		    a_stopped_policy_stays_stopped_whatever_becomes_of_the_device),
		cmocka_unit_test(
		    who_resumes_forgives_what_has_failed_and_nothing_after),
		cmocka_unit_test(
		    a_forgiven_device_that_fails_again_counts_again),
		cmocka_unit_test(
		    a_clock_set_back_hides_no_failure_and_undoes_no_pardon),
		cmocka_unit_test(a_restart_forgets_no_pause),
		cmocka_unit_test(
		    a_file_of_nonsense_pauses_nothing_and_breaks_nothing),
		cmocka_unit_test(
		    no_file_is_nothing_and_of_two_words_the_last_counts),
		cmocka_unit_test(a_long_reason_does_not_cost_the_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
