/* SPDX-License-Identifier: ISC */
/*
 * A job in a world in which nothing happens until the test says so, and in
 * which time is a number.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/flash/byte_ranges.h"
#include "core/flash/job_parts.h"
#include "core/image/image.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define ID   FIXTURE_ID
#define SIZE 10000u

struct world {
	uint64_t now;
	uint64_t timer; /* 0: none */
	bool calling;
	enum devapi_call call;
	enum devapi_form form;
	uint64_t call_ends;
	unsigned served, intended, told, unlocks, infos, ended, progress;
	bool disk_full;
	unsigned disk_ms; /* the time to write an intent to disk */
	bool cannot_serve;
	bool cut_off;	/* this machine, from the LAN */
	bool other_mac; /* another MAC answers */
	bool same_mac;	/* the MAC of the device answers */
	bool confirmed; /* the last info named the device, unlocked */
	const struct decision *against; /* the present decision; NULL: go on */
	bool decided; /* decided to go on since the last answer */
	struct device *device;
	struct job *job;
};

static uint64_t
world_now(void *ctx)
{
	struct world *w = ctx;

	return w->now;
}

static void
world_call(enum devapi_call call, enum devapi_form form, unsigned timeout_ms,
    void *ctx)
{
	struct world *w = ctx;

	assert_false(w->calling);
	w->calling = true;
	w->call = call;
	w->form = form;
	w->call_ends = w->now + timeout_ms;
	w->told += call == DEVAPI_FLASH;
	w->unlocks += call == DEVAPI_UNLOCK;
	w->infos += call == DEVAPI_INFO;
	if (call == DEVAPI_FLASH) {
		assert_true(w->confirmed && w->decided);
		assert_int_equal(w->intended, w->told);
		assert_int_equal(w->served, w->told);
	}
}

static void
world_hang_up(void *ctx)
{
	struct world *w = ctx;

	w->calling = false;
}

static bool
world_serve(struct error *err, void *ctx)
{
	struct world *w = ctx;

	if (w->cannot_serve)
		return error_set(err, 98, "no port");
	w->served++;
	return true;
}

static bool
world_intend(struct error *err, void *ctx)
{
	struct world *w = ctx;

	if (w->disk_full)
		return error_set(err, 28, "disk full");
	w->now += w->disk_ms;
	w->intended++;
	return true;
}

static void
world_set_timer(uint64_t delay, void *ctx)
{
	struct world *w = ctx;

	w->timer = w->now + delay;
}

static bool
world_decide(struct decision *out, void *ctx)
{
	struct world *w = ctx;

	if (w->against != NULL)
		*out = *w->against;
	w->decided = w->against == NULL;
	return w->decided;
}

static void
world_progress(void *ctx)
{
	((struct world *)ctx)->progress++;
}

static void
world_ended(void *ctx)
{
	struct world *w = ctx;

	w->ended++;
	w->timer = 0;
}

static const struct job_ops ops = { world_now, world_call, world_hang_up,
	world_serve, world_intend, world_set_timer, world_decide,
	world_progress, world_ended, world_now };

static const struct job_limits limits = { .probe_sec = 15,
	.unlock_sec = 180,
	.confirm_sec = 30,
	.offer_sec = 30,
	.first_fetch_sec = 60,
	.stall_sec = 60,
	.flash_sec = 600,
	.verdict_sec = 30,
	.leave_sec = 90,
	.gone_sec = 30,
	.backoff_sec = 30 };

static struct world *the_world; /* of the test that runs, or NULL */

static int
end_world(void **unused)
{
	struct world *w = the_world;

	(void)unused;
	if (w != NULL) {
		job_free(w->job);
		device_free(w->device);
		free(w);
	}
	the_world = NULL;
	return 0;
}

/* Without a job. The world is freed when the next one is made. */
static struct world *
world_idle(void)
{
	struct world *w = xcalloc(1, sizeof(*w));

	end_world(NULL);
	the_world = w;
	w->now = 1000000;
	w->device = device_new(ID, &fixture_ops, NULL);
	w->device->attempt.allowed = 3;
	return w;
}

static struct world *
world_of(const struct job_limits *l, size_t size)
{
	struct world *w = world_idle();

	w->job = job_new(w->device, size, l, &ops, w);
	job_start(w->job);
	return w;
}

static struct world *
world_with(const struct job_limits *l)
{
	return world_of(l, SIZE);
}

static struct world *
world_new(void)
{
	return world_with(&limits);
}

static void
next_job(struct world *w)
{
	job_free(w->job);
	w->job = job_new(w->device, SIZE, &limits, &ops, w);
}

static void
answer(struct world *w, enum job_heard heard, const struct devapi_reply *reply)
{
	struct job_answer a = { heard, reply, "no words",
		heard == JOB_UNSENT && w->cut_off, w->other_mac, w->same_mac };

	assert_true(w->calling);
	w->calling = w->decided = false;
	w->confirmed = heard == JOB_REPLY && w->call == DEVAPI_INFO &&
	    reply->has_info && reply->info.unlocked &&
	    (strcmp(reply->info.id, ID) == 0 ||
		(reply->info.id[0] == '\0' && w->form == DEVAPI_OLD));
	job_answered(w->job, &a);
}

static void
say(struct world *w, int error)
{
	struct devapi_reply reply = { .has_error = true, .error = error };

	answer(w, JOB_REPLY, &reply);
}

static void
info_of(struct world *w, const char *id, bool unlocked)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };

	assert_int_equal(w->call, DEVAPI_INFO);
	reply.info.is_plug = reply.info.has_unlocked = true;
	reply.info.unlocked = unlocked;
	snprintf(reply.info.id, sizeof(reply.info.id), "%s", id);
	snprintf(reply.info.firmware, sizeof(reply.info.firmware), "3.6.0");
	answer(w, JOB_REPLY, &reply);
}

static void
info(struct world *w, bool unlocked)
{
	info_of(w, ID, unlocked);
}

static void
nothing(struct world *w)
{
	answer(w, w->cut_off ? JOB_UNSENT : JOB_SILENCE, NULL);
}

static void
wake(struct world *w)
{
	w->now = w->timer;
	w->timer = 0;
	job_timer(w->job);
}

static void
next_question(struct world *w)
{
	assert_false(w->calling);
	wake(w);
	assert_true(w->calling);
}

/* Let time pass. The device answers no question. */
static void
silence(struct world *w, unsigned seconds)
{
	uint64_t end = w->now + seconds * UINT64_C(1000);

	while (w->ended == 0) {
		uint64_t next = end;

		if (w->timer != 0 && w->timer < next)
			next = w->timer;
		if (w->calling && w->call_ends < next)
			next = w->call_ends;
		if (next > w->now)
			w->now = next;
		if (w->calling && w->call_ends <= w->now)
			nothing(w);
		else if (w->timer != 0 && w->timer <= w->now) {
			w->timer = 0;
			job_timer(w->job);
		} else
			return;
	}
}

/* Let time pass. The device answers info as stock firmware does. */
static void
stock_for(struct world *w, unsigned seconds, bool unlocked)
{
	uint64_t end = w->now + seconds * UINT64_C(1000);

	while (w->ended == 0 && w->now < end) {
		if (w->calling && w->call == DEVAPI_INFO) {
			info(w, unlocked);
			continue;
		}
		if (w->timer == 0 || w->timer > end)
			break;
		if (w->timer > w->now)
			w->now = w->timer;
		w->timer = 0;
		job_timer(w->job);
	}
	if (w->ended == 0)
		w->now = end;
}

static void
to_unlocking(struct world *w)
{
	info(w, false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	assert_int_equal(w->call, DEVAPI_UNLOCK);
}

static void
to_confirming(struct world *w)
{
	to_unlocking(w);
	say(w, 0);
}

static void
to_offering(struct world *w)
{
	to_confirming(w);
	assert_int_equal(w->device->state, STATE_CONFIRMING);
	info(w, true);
	assert_int_equal(w->device->state, STATE_OFFERING);
	assert_int_equal(w->call, DEVAPI_FLASH);
}

static void
to_downloading(struct world *w)
{
	to_offering(w);
	say(w, 0);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
}

static void
fetch(struct world *w, uint64_t first, uint64_t end)
{
	for (; first < end && w->ended == 0; first += 4096) {
		w->now += 100;
		job_fetch_began(w->job);
		job_served(
		    w->job, first, end - first < 4096 ? end - first : 4096);
	}
}

static void
to_fetching(struct world *w)
{
	to_offering(w);
	job_fetch_began(w->job);
}

static void
to_unlocking_again(struct world *w)
{
	to_offering(w);
	say(w, 403);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
}

/* The device fetches the bytes before end. */
static void
to_fetched(struct world *w, uint64_t end)
{
	to_downloading(w);
	fetch(w, 0, end);
}

static void
to_whole(struct world *w)
{
	to_fetched(w, SIZE);
}

/* The device fetches from first to the end and reports success. */
static void
fetch_rest(struct world *w, uint64_t first)
{
	fetch(w, first, SIZE);
	job_verdict(w->job, 0);
	assert_int_equal(w->device->state, STATE_REBOOTING);
}

static void
to_rebooting(struct world *w)
{
	to_downloading(w);
	fetch_rest(w, 0);
}

static void
assert_end(struct world *w, enum state state, enum reason reason)
{
	assert_int_equal(w->device->state, state);
	assert_int_equal(w->device->reason, reason);
	assert_int_equal(w->ended, 1);
}

TEST(a_flash_goes_through_all_its_steps)
{
	struct world *w = world_new();

	assert_int_equal(w->device->state, STATE_PROBING);
	assert_int_equal(w->form, DEVAPI_WITH_ID);
	to_whole(w);
	assert_int_equal(w->device->download.bytes, SIZE);
	assert_int_equal(w->progress, 3);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	job_verdict(w->job, 0);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 29);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 20);
	assert_end(w, STATE_FLASHED, REASON_NONE);
	assert_int_equal(w->told, 1);
	assert_int_equal(w->unlocks, 1);
}

TEST(an_unlocked_device_is_asked_again_but_not_unlocked)
{
	struct world *w = world_new();

	info(w, true);
	assert_int_equal(w->device->state, STATE_CONFIRMING);
	info(w, true);
	assert_int_equal(w->device->state, STATE_OFFERING);
	assert_int_equal(w->unlocks, 0);
}

TEST(silence_to_the_id_is_followed_by_leaving_it_out)
{
	struct world *w = world_new();

	nothing(w);
	wake(w);
	assert_int_equal(w->form, DEVAPI_WITHOUT_ID);
	info(w, false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	assert_int_equal(w->form, DEVAPI_WITHOUT_ID);
}

/* Each limit has another value, so that a test notices a wrong limit. */
static const struct job_limits odd_limits = { .probe_sec = 15,
	.unlock_sec = 180,
	.confirm_sec = 31,
	.offer_sec = 29,
	.first_fetch_sec = 61,
	.stall_sec = 59,
	.flash_sec = 600,
	.verdict_sec = 32,
	.leave_sec = 90,
	.gone_sec = 28,
	.backoff_sec = 33 };

static uint64_t
call_ms(const struct world *w)
{
	assert_true(w->calling);
	return w->call_ends - w->now;
}

static uint64_t
wait_ms(const struct world *w)
{
	assert_true(w->timer > w->now);
	return w->timer - w->now;
}

TEST(each_question_has_its_time)
{
	struct world *w = world_with(&odd_limits);

	assert_int_equal(w->call, DEVAPI_INFO);
	assert_int_equal(call_ms(w), 5000);
	w->now += 5000;
	nothing(w);
	assert_int_equal(wait_ms(w), 1000);
	wake(w);
	assert_int_equal(call_ms(w), 5000);
	w->now += 5000;
	nothing(w);
	wake(w); /* 12 s are over: 3 are left */
	assert_int_equal(call_ms(w), 3000);
	w->now += 2999;
	nothing(w);
	assert_int_equal(wait_ms(w), 1);
	assert_int_equal(w->device->state, STATE_PROBING);
	wake(w);
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);
	assert_int_equal(w->now, 1000000 + 15000);

	w = world_with(&odd_limits);
	to_unlocking(w);
	assert_int_equal(call_ms(w), 180000);
	say(w, 0);
	assert_int_equal(w->call, DEVAPI_INFO);
	assert_int_equal(call_ms(w), 5000);
	info(w, false);
	assert_int_equal(wait_ms(w), 1000);
	wake(w);
	info(w, true);
	assert_int_equal(w->call, DEVAPI_FLASH);
	assert_int_equal(call_ms(w), 29000);
}

/* The job asks once a second until its time is up. */
TEST(a_state_that_asks_in_vain_has_its_time)
{
	struct world *w = world_with(&odd_limits);

	to_unlocking(w);
	for (uint64_t begin = w->now; w->ended == 0;) {
		assert_true(w->now <= begin + 180000);
		if (w->calling)
			answer(w, JOB_UNSENT, NULL);
		else
			wake(w);
		if (w->ended > 0)
			assert_int_equal(w->now, begin + 180000);
	}
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);

	w = world_with(&odd_limits);
	to_unlocking(w);
	nothing(w); /* and it stays locked */
	for (uint64_t begin = w->now; w->ended == 0;) {
		if (w->calling)
			info(w, false);
		else
			wake(w);
		if (w->ended > 0)
			assert_int_equal(w->now, begin + 31000);
	}
	assert_end(w, STATE_HELD, REASON_UNLOCK_UNREACHABLE);
}

TEST(each_part_of_a_download_has_its_time)
{
	struct world *w = world_with(&odd_limits);

	to_downloading(w);
	assert_int_equal(wait_ms(w), 61000);
	w->now += 60999;
	job_timer(w->job);
	assert_false(w->calling);
	w->now += 1;
	job_timer(w->job);
	assert_int_equal(w->call, DEVAPI_INFO);
	assert_int_equal(call_ms(w), 5000);
	nothing(w);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);

	w = world_with(&odd_limits);
	to_downloading(w);
	job_fetch_began(w->job);
	job_served(w->job, 0, 4096);
	assert_int_equal(wait_ms(w), 59000);
	w->now += 58999;
	job_timer(w->job);
	assert_false(w->calling);
	w->now += 1;
	job_timer(w->job);
	assert_true(w->calling);
	nothing(w);
	assert_end(w, STATE_HELD, REASON_STALLED);

	/* The whole download has 600 s, however fast it is. */
	w = world_with(&odd_limits);
	to_downloading(w);
	job_fetch_began(w->job);
	for (unsigned i = 0; i < 11; i++) {
		w->now += 50000;
		job_served(w->job, 0, 4096);
	}
	assert_int_equal(wait_ms(w), 9000); /* its rate is looked at */
	w->now += 9000;
	job_timer(w->job);
	assert_int_equal(wait_ms(w), 41000);
	w->now += 40999;
	job_timer(w->job);
	assert_false(w->calling);
	w->now += 1;
	job_timer(w->job);
	assert_true(w->calling);

	w = world_with(&odd_limits);
	to_whole(w);
	assert_int_equal(wait_ms(w), 32000);
	w->now += 31999;
	job_timer(w->job);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	w->now += 1;
	job_timer(w->job);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	assert_int_equal(wait_ms(w), 2000);
}

TEST(who_is_gone_for_28_seconds_has_left)
{
	struct world *w = world_with(&odd_limits);
	uint64_t asked;

	to_rebooting(w);
	wake(w);
	assert_int_equal(call_ms(w), 5000);
	asked = w->now;
	w->now += 5000;
	nothing(w);
	assert_int_equal(wait_ms(w), 2000);
	wake(w);
	w->now = asked + 27999;
	nothing(w);
	assert_int_equal(w->ended, 0);
	wake(w);
	w->now = asked + 28000;
	nothing(w);
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

TEST(who_does_not_leave_in_90_seconds_has_not)
{
	struct world *w = world_with(&odd_limits);
	uint64_t begin;

	to_rebooting(w);
	begin = w->now;
	while (w->ended == 0) {
		if (w->calling)
			info(w, true);
		else
			wake(w);
	}
	assert_int_equal(w->now, begin + 90000);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

/* The wait doubles from 33 s. Up to a quarter is added, by the device id. */
TEST(the_next_attempt_is_later_each_time)
{
	static const struct {
		unsigned attempt, backoff_sec;
		uint64_t least;
	} cases[] = {
		{ 1, 33, 33000 },
		{ 2, 33, 66000 },
		{ 3, 33, 132000 },
		{ 7, 33, 2112000 },
		{ 8, 33, 3600000 },
		{ 40, 33, 3600000 },
		{ 1, 3600, 3600000 },
		{ 1, 7200, 3600000 },
		{ 1, 0, 0 },
	};
	bool differs = false;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct job_limits l = odd_limits;
		struct world *w;
		uint64_t wait;

		l.backoff_sec = cases[i].backoff_sec;
		w = world_with(&l);
		w->device->attempt.allowed = 99;
		w->device->attempt.number = cases[i].attempt;
		silence(w, 60);
		assert_end(w, STATE_HELD, REASON_NO_ANSWER);
		wait = w->device->hold_until_ms - w->now;
		assert_in_range(wait, cases[i].least, cases[i].least * 5 / 4);
		differs |= wait != cases[i].least;
	}
	assert_true(differs);
}

/* Devices that fail together return in 101 even steps. */
TEST(the_next_attempt_of_many_devices_is_spread_over_a_quarter)
{
	static const struct {
		unsigned backoff_sec;
		uint64_t least;
	} cases[] = { { 100, 100000 }, { 4000, 3600000 } };

	for (size_t n = 0; n < COUNT(cases); n++) {
		const uint64_t step = cases[n].least / 400;
		bool seen[101] = { false };
		struct job_limits l = limits;

		l.backoff_sec = cases[n].backoff_sec;
		for (unsigned i = 0; i < 1000; i++) {
			struct world *w = world_with(&l);
			uint64_t late;

			snprintf(w->device->id, sizeof(w->device->id), "10%08x",
			    i * 7);
			silence(w, 60);
			late =
			    w->device->hold_until_ms - w->now - cases[n].least;
			assert_int_equal(late % step, 0);
			assert_in_range(late / step, 0, 100);
			seen[late / step] = true;
		}
		for (size_t i = 0; i < 101; i++)
			assert_true(seen[i]);
	}
}

static struct world *
world_old(void)
{
	struct world *w = world_idle();

	snprintf(w->device->name, sizeof(w->device->name), "eWeLink_" ID);
	snprintf(
	    w->device->facts.type, sizeof(w->device->facts.type), "diy_plug");
	w->device->said.is_old = true;
	w->device->facts.form = DEVAPI_OLD;
	w->job = job_new(w->device, SIZE, &limits, &ops, w);
	job_start(w->job);
	return w;
}

static void
say_nonsense(struct world *w)
{
	answer(w, JOB_GARBAGE, NULL);
}

static void
say_422(struct world *w)
{
	say(w, 422);
}

TEST(an_old_device_is_asked_in_its_own_way_to_the_end)
{
	struct world *w = world_old();

	assert_int_equal(w->form, DEVAPI_OLD);
	info_of(w, "", false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	assert_int_equal(w->form, DEVAPI_OLD);
	say(w, 0);
	info_of(w, "", true);
	assert_int_equal(w->device->state, STATE_OFFERING);
	assert_int_equal(w->form, DEVAPI_OLD);
}

TEST(an_old_device_without_info_is_told_from_one_that_is_silent)
{
	void (*const says[])(
	    struct world *) = { nothing, say_nonsense, say_422 };

	for (size_t i = 0; i < COUNT(says); i++) {
		struct world *w = world_old();

		says[i](w);
		next_question(w);
		assert_int_equal(w->call, DEVAPI_SIGNAL);
		assert_int_equal(w->form, DEVAPI_OLD);
		say(w, 0);
		assert_end(w, STATE_REFUSED, REASON_FIRMWARE_OUT_OF_RANGE);
		assert_contains(
		    w->device->detail, "it needs firmware 3.3 or later");
		assert_true(w->device->facts.has_no_info);
		assert_int_equal(w->unlocks + w->told, 0);
	}
}

TEST(what_it_says_to_the_second_question_counts_too)
{
	static const struct {
		int error;
		enum state state;
		enum reason reason;
	} cases[] = {
		{ 404, STATE_HELD, REASON_WRONG_DEVICE },
		{ 401, STATE_REFUSED, REASON_NOT_DIY_MODE },
		{ 422, STATE_HELD, REASON_BAD_ANSWER },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_old();

		nothing(w);
		next_question(w);
		say(w, cases[i].error);
		assert_end(w, cases[i].state, cases[i].reason);
		assert_false(w->device->facts.has_no_info);
	}
}

TEST(an_old_announcement_does_not_keep_a_newer_device_from_being_asked)
{
	struct world *w = world_old();

	nothing(w);
	next_question(w);
	nothing(w);
	next_question(w);
	assert_int_equal(w->call, DEVAPI_INFO);
	assert_int_equal(w->form, DEVAPI_WITH_ID);
	info(w, false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	assert_int_equal(w->form, DEVAPI_WITH_ID);
}

TEST(no_other_device_is_asked_in_the_old_way)
{
	struct world *w = world_new();

	snprintf(w->device->name, sizeof(w->device->name), "eWeLink_" ID);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(w->call, DEVAPI_INFO);
		assert_int_not_equal(w->form, DEVAPI_OLD);
		w->now += 10; /* it hung up */
		nothing(w);
		next_question(w);
	}

	/* A device that announced nothing is asked in the usual form first. */
	w = world_new();
	assert_int_equal(w->form, DEVAPI_WITH_ID);
	nothing(w);
	next_question(w);
	assert_int_equal(w->form, DEVAPI_WITHOUT_ID);
	nothing(w);
	next_question(w);
	assert_int_equal(w->form, DEVAPI_OLD);
}

TEST(without_the_id_the_answer_must_have_it)
{
	struct world *w = world_new();

	nothing(w);
	wake(w);
	info_of(w, "", false);
	assert_end(w, STATE_HELD, REASON_WRONG_DEVICE);
}

TEST(nobody_there_is_no_answer)
{
	struct world *w = world_new();

	silence(w, 60);
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);
	assert_int_equal(w->device->hold, HOLD_BACKOFF);
	assert_true(w->now <= 1000000 + 16000);
}

/* The announced port is not used, but it may explain the silence. */
TEST(another_port_is_told)
{
	static const struct {
		uint16_t said;
		bool is_told;
	} cases[] = { { 0, false }, { 8081, false }, { 9000, true } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		w->device->said.port = cases[i].said;
		silence(w, 60);
		assert_end(w, STATE_HELD, REASON_NO_ANSWER);
		assert_int_equal(strstr(w->device->detail,
				     "at port 8081, but the device announces "
				     "port 9000: to ask it there, write "
				     "Device=") != NULL,
		    cases[i].is_told);
		assert_int_equal(
		    strstr(w->device->detail, ":9000 " ID " into") != NULL,
		    cases[i].is_told);
	}
}

TEST(nonsense_is_a_bad_answer)
{
	struct world *w = world_new();

	while (w->ended == 0) {
		if (w->calling) {
			answer(w, JOB_GARBAGE, NULL);
		} else {
			wake(w);
		}
	}
	assert_end(w, STATE_HELD, REASON_BAD_ANSWER);
}

TEST(another_device_is_never_told_to_fetch)
{
	struct world *w = world_new();

	info_of(w, "1000ffffff", false);
	assert_end(w, STATE_HELD, REASON_WRONG_DEVICE);
	assert_contains(w->device->detail, "1000ffffff");

	w = world_new();
	to_confirming(w);
	info_of(w, "1000ffffff", true);
	assert_end(w, STATE_HELD, REASON_WRONG_DEVICE);
	assert_int_equal(w->told, 0);
}

TEST(codes_become_reasons)
{
	static const struct {
		enum devapi_call to;
		int code;
		enum state state;
		enum reason reason;
	} cases[] = {
		{ DEVAPI_INFO, 400, STATE_REFUSED, REASON_NOT_DIY_MODE },
		{ DEVAPI_INFO, 401, STATE_REFUSED, REASON_NOT_DIY_MODE },
		{ DEVAPI_INFO, 404, STATE_HELD, REASON_WRONG_DEVICE },
		{ DEVAPI_UNLOCK, 401, STATE_REFUSED, REASON_NOT_DIY_MODE },
		{ DEVAPI_UNLOCK, 500, STATE_HELD, REASON_UNLOCK_REFUSED },
		{ DEVAPI_UNLOCK, 503, STATE_HELD, REASON_UNLOCK_UNREACHABLE },
		{ DEVAPI_FLASH, 401, STATE_HELD, REASON_NOT_DIY_MODE },
		{ DEVAPI_FLASH, 404, STATE_HELD, REASON_WRONG_DEVICE },
		{ DEVAPI_FLASH, 408, STATE_HELD, REASON_OFFER_REFUSED },
		{ DEVAPI_FLASH, 413, STATE_FAILED, REASON_IMAGE_TOO_LARGE },
		{ DEVAPI_FLASH, 422, STATE_HELD, REASON_OFFER_REFUSED },
		{ DEVAPI_FLASH, 424, STATE_HELD, REASON_OFFER_REFUSED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		if (cases[i].to == DEVAPI_UNLOCK)
			to_unlocking(w);
		else if (cases[i].to == DEVAPI_FLASH)
			to_offering(w);
		say(w, cases[i].code);
		/* The device is asked after a refused unlock, too. */
		if (w->device->state == STATE_CONFIRMING)
			info(w, false);
		assert_end(w, cases[i].state, cases[i].reason);
	}
}

/* The number of the attempt is irrelevant. The device is asked again. */
TEST(an_attempt_that_the_mode_of_the_device_ends_does_not_count)
{
	static const struct {
		void (*to)(struct world *);
		int code;
		unsigned attempt, attempts;
		enum state state;
		unsigned left; /* the attempts counted afterwards */
	} cases[] = {
		{ NULL, 401, 1, 1, STATE_REFUSED, 0 },
		{ NULL, 401, 1, 3, STATE_REFUSED, 0 },
		{ NULL, 401, 2, 3, STATE_REFUSED, 1 },
		{ NULL, 401, 3, 3, STATE_REFUSED, 2 },
		{ NULL, 400, 1, 1, STATE_REFUSED, 0 },
		{ NULL, 404, 1, 3, STATE_HELD, 1 },
		{ NULL, 404, 1, 1, STATE_FAILED, 1 },
		{ to_unlocking, 401, 1, 1, STATE_REFUSED, 0 },
		{ to_unlocking, 401, 3, 3, STATE_REFUSED, 2 },
		{ to_confirming, 401, 1, 1, STATE_REFUSED, 0 },
		/* the device had been told to download */
		{ to_offering, 401, 1, 3, STATE_HELD, 1 },
		{ to_offering, 401, 1, 1, STATE_FAILED, 1 },
		{ to_fetching, 401, 1, 3, STATE_HELD, 1 },
		{ to_unlocking_again, 401, 1, 3, STATE_HELD, 1 },
		{ to_unlocking_again, 401, 1, 1, STATE_FAILED, 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct device *device;
		struct world *w = world_new();

		device = w->device;
		if (cases[i].to != NULL)
			cases[i].to(w);
		device->attempt.number = cases[i].attempt;
		device->attempt.allowed = cases[i].attempts;
		say(w, cases[i].code);
		assert_int_equal(device->state, cases[i].state);
		assert_int_equal(device->attempt.number, cases[i].left);
		if (cases[i].state == STATE_REFUSED) {
			assert_true(device->facts.encrypted &&
			    device->attempt.is_uncounted);
			assert_false(device->facts.info_known);
			assert_string_equal(
			    device->facts.no_info, device->detail);
			assert_true(device->hold_until_ms > w->now);
		}
	}
}

/* An info of another kind of device is no failure. */
TEST(a_device_that_turns_out_to_be_of_another_kind_is_refused)
{
	static const struct {
		struct devapi_info info;
		enum reason reason;
	} cases[] = {
		{ { .firmware = "4.1.0" }, REASON_FIRMWARE_OUT_OF_RANGE },
		{ { .has_switches = true }, REASON_WRONG_CHIP },
		{ { .is_foreign = true }, REASON_WRONG_TYPE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct devapi_reply reply = { .has_error = true,
			.has_info = true,
			.info = cases[i].info };
		struct world *w = world_new();

		snprintf(w->device->facts.type, sizeof(w->device->facts.type),
		    "diy_plug");
		snprintf(reply.info.id, sizeof(reply.info.id), ID);
		reply.info.has_unlocked = reply.info.unlocked = true;
		answer(w, JOB_REPLY, &reply);
		assert_end(w, STATE_REFUSED, cases[i].reason);
		assert_int_equal(w->device->attempt.number, 0);
	}
}

static void
by_info(struct world *w)
{
	info(w, true);
}

static void
by_others(struct world *w)
{
	assert_false(job_reconsider(w->job));
}

TEST(nothing_is_offered_that_is_not_wanted_any_more)
{
	static const struct {
		struct decision against;
		enum state state;
		enum hold hold;
	} decisions[] = {
		{ { .what = DECIDE_OBSERVE }, STATE_SEEN, HOLD_NONE },
		{ { .what = DECIDE_ASK }, STATE_SEEN, HOLD_NONE },
		{ { .what = DECIDE_IGNORE }, STATE_IGNORED, HOLD_NONE },
		{ { .what = DECIDE_REFUSE, .reason = REASON_IMAGE_MISSING },
		    STATE_REFUSED, HOLD_NONE },
		{ { .what = DECIDE_HOLD, .hold = HOLD_WINDOW }, STATE_HELD,
		    HOLD_WINDOW },
		{ { .what = DECIDE_HOLD, .hold = HOLD_APPROVAL }, STATE_HELD,
		    HOLD_APPROVAL },
		/* by another policy, or with another image */
		{ { .what = DECIDE_START }, STATE_HELD, HOLD_BACKOFF },
		{ { .what = DECIDE_FAIL, .reason = REASON_STALLED },
		    STATE_FAILED, HOLD_NONE },
	};
	static const struct {
		void (*to)(struct world *);
		void (*how)(struct world *);
		unsigned left;
	} ways[] = {
		{ NULL, by_info, 1 },
		{ NULL, by_others, 1 },
		{ to_unlocking, by_others, 1 },
		{ to_confirming, by_info, 1 },
		{ to_confirming, by_others, 1 },
		/* The device was told to download in this attempt, and refused.
		 */
		{ to_unlocking_again, by_others, 2 },
	};
	struct policy *policy = fixture_policy("other", "");

	for (size_t i = 0; i < COUNT(decisions); i++)
		for (size_t j = 0; j < COUNT(ways); j++) {
			struct decision against = decisions[i].against;
			struct device *device;
			struct world *w;
			unsigned told;

			against.policy = policy;
			snprintf(
			    against.detail, sizeof(against.detail), "so it is");
			w = world_new();
			device = w->device;
			if (ways[j].to != NULL)
				ways[j].to(w);
			told = w->told;
			device->attempt.number = 2;
			w->against = &against;
			ways[j].how(w);
			assert_end(w, decisions[i].state, against.reason);
			assert_int_equal(device->hold, decisions[i].hold);
			assert_string_equal(device->detail, "so it is");
			assert_string_equal(device->policy, "other");
			assert_int_equal(device->attempt.number, ways[j].left);
			assert_int_equal(
			    device->attempt.is_uncounted, ways[j].left == 1);
			assert_int_equal(w->told, told);
			assert_false(w->calling);
			/* A device that changes its answers must wait. */
			assert_int_equal(device->hold_until_ms > w->now,
			    ways[j].how == by_info &&
				decisions[i].state != STATE_FAILED);
		}
	policy_free(policy);
}

TEST(nothing_disturbs_a_device_that_was_told_to_fetch)
{
	static const struct decision against = { .what = DECIDE_IGNORE };
	struct world *w = world_new();

	to_offering(w);
	w->against = &against;
	assert_true(job_reconsider(w->job));
	say(w, 0);
	assert_true(job_reconsider(w->job));
	fetch(w, 0, SIZE);
	job_verdict(w->job, 0);
	assert_true(job_reconsider(w->job));
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

/* Each such attempt in a row waits longer. An offer ends the row. */
TEST(attempts_that_do_not_count_come_less_and_less_often)
{
	static const unsigned shortest[] = { 1, 2, 4, 8, 16, 16, 16 };
	struct world *w = world_new();

	for (unsigned i = 0; i < 7; i++) {
		uint64_t least = shortest[i] * UINT64_C(30000);

		say(w, 401);
		assert_int_equal(
		    w->device->attempt.called_off, i < 5 ? i + 1 : 5);
		assert_int_equal(w->device->attempt.number, 0);
		assert_in_range(
		    w->device->hold_until_ms - w->now, least, least * 5 / 4);
		job_start(w->job);
		w->ended = 0;
	}
	to_offering(w);
	assert_int_equal(w->device->attempt.called_off, 0);
}

/* A new decision is made where the address is forbidden meanwhile. */
TEST(a_forbidden_address_is_decided_about)
{
	static const struct decision against = { .what = DECIDE_REFUSE,
		.reason = REASON_ADDRESS_NOT_ALLOWED };
	struct world *w = world_new();

	answer(w, JOB_FORBIDDEN, NULL);
	assert_end(w, STATE_FAILED, REASON_ADDRESS_NOT_ALLOWED);

	w = world_new();
	w->against = &against;
	answer(w, JOB_FORBIDDEN, NULL);
	assert_end(w, STATE_REFUSED, REASON_ADDRESS_NOT_ALLOWED);
}

/* The device may have unlocked although the cloud refused. */
TEST(a_refused_unlock_is_looked_at)
{
	static const int codes[] = { 500, 503, 422 };

	for (size_t i = 0; i < COUNT(codes); i++) {
		struct world *w = world_new();

		to_unlocking(w);
		say(w, codes[i]);
		assert_int_equal(w->device->state, STATE_CONFIRMING);
		info(w, true);
		assert_int_equal(w->device->state, STATE_OFFERING);

		w = world_new();
		to_unlocking(w);
		say(w, codes[i]);
		silence(w, 60);
		assert_end(w, STATE_HELD,
		    codes[i] == 503 ? REASON_UNLOCK_UNREACHABLE
				    : REASON_UNLOCK_REFUSED);
		assert_int_equal(w->unlocks, 1);
	}
}

/* Firmware up to 3.4 does not tell its id. Its MAC is compared. */
TEST(who_says_no_id_must_have_its_mac)
{
	struct world *w = world_new();

	to_confirming(w);
	w->other_mac = true;
	info(w, true);
	assert_end(w, STATE_HELD, REASON_WRONG_DEVICE);
	assert_int_equal(w->told, 0);
}

/* A stranger may take the address during the restart and tell the id. */
TEST(another_mac_is_another_device_once_it_was_told)
{
	struct world *w = world_new();

	to_rebooting(w);
	w->other_mac = true;
	stock_for(w, 200, true);
	assert_end(w, STATE_FLASHED, REASON_NONE);
	assert_int_equal(w->told, 1);

	/* A stranger may answer where a download has stopped, too. */
	w = world_new();
	to_downloading(w);
	fetch(w, 0, SIZE / 2);
	w->other_mac = true;
	stock_for(w, 200, true);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_contains(w->device->detail, "it does not answer now");
}

/* What it is asked gets this error, until the job has ended. */
static void
error_for(struct world *w, unsigned seconds, int error)
{
	uint64_t end = w->now + seconds * UINT64_C(1000);

	while (w->ended == 0 && w->now < end) {
		if (w->calling) {
			say(w, error);
			continue;
		}
		assert_true(w->timer > 0);
		w->now = w->timer;
		w->timer = 0;
		job_timer(w->job);
	}
}

/* In eWeLink mode it tells no id; its owner may set that at any time. */
TEST(who_is_in_another_mode_after_its_restart_is_known_by_its_mac)
{
	for (int same = 0; same <= 1; same++) {
		struct world *w = world_new();

		to_rebooting(w);
		w->device->facts.form = DEVAPI_WITHOUT_ID;
		w->same_mac = same;
		error_for(w, 200, 401);
		assert_end(w, same ? STATE_HELD : STATE_FLASHED,
		    same ? REASON_CAME_BACK_STOCK : REASON_NONE);
		assert_int_equal(w->told, 1);
	}
}

/* A device without a type counts as a plug by the keys of its info. */
TEST(what_is_no_plug_is_not_flashed)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };
	struct world *w = world_new();

	reply.info.has_switch = reply.info.has_unlocked = true;
	snprintf(reply.info.id, sizeof(reply.info.id), ID);
	answer(w, JOB_REPLY, &reply);
	assert_end(w, STATE_REFUSED, REASON_WRONG_TYPE);
}

/* The flash call may hang until the device restarts. */
TEST(how_the_offer_ends_is_no_farewell)
{
	struct world *w = world_new();

	to_offering(w);
	fetch(w, 0, SIZE);
	assert_true(w->calling && w->call == DEVAPI_FLASH);
	job_verdict(w->job, 0);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	assert_false(w->calling);
	stock_for(w, 200, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

/* The device is marked damaged until a download is whole. */
TEST(a_damaged_download_is_not_forgotten)
{
	struct world *w = world_new();

	to_whole(w);
	job_verdict(w->job, 409);
	assert_int_equal(w->device->state, STATE_PROBING);
	assert_true(w->device->attempt.damaged);
	silence(w, 60);
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);
	assert_true(w->device->attempt.damaged);

	w = world_new();
	to_fetched(w, 4096);
	job_verdict(w->job, 409);
	info(w, true);
	info(w, true);
	assert_int_equal(w->call, DEVAPI_FLASH);
	say(w, 0);
	fetch(w, 0, SIZE);
	job_verdict(w->job, 0);
	silence(w, 200);
	assert_end(w, STATE_FLASHED, REASON_NONE);
	assert_false(w->device->attempt.damaged);
}

#define OUT "this machine cannot reach 192.168.1.0/24: eth0 has no carrier"

static void
cut_off(struct world *w)
{
	snprintf(
	    w->device->place.cut_off, sizeof(w->device->place.cut_off), OUT);
	job_cut_off(w->job);
}

static void
begin_nothing(struct world *w)
{
	(void)w;
}

/* Nothing on the device has changed before the offer. */
TEST(an_attempt_that_is_cut_off_before_the_offer_does_not_count)
{
	static void (*const begins[])(
	    struct world *) = { begin_nothing, to_unlocking, to_confirming };

	for (size_t i = 0; i < COUNT(begins); i++) {
		struct world *w = world_new();

		w->device->attempt.allowed = 1;
		begins[i](w);
		cut_off(w);
		assert_end(w, STATE_HELD, REASON_NONE);
		assert_int_equal(w->device->hold, HOLD_NETWORK);
		assert_string_equal(w->device->detail, OUT);
		assert_int_equal(w->device->attempt.number, 0);
		assert_int_equal(w->device->kept.reason, REASON_NONE);
		assert_int_equal(w->told, 0);
	}
}

/* Each question fails on this machine, as without a free descriptor. */
TEST(what_could_not_be_asked_is_not_the_silence_of_the_device)
{
	static void (*const begins[])(struct world *) = { begin_nothing,
		to_unlocking, to_confirming, to_offering };

	for (size_t i = 0; i < COUNT(begins); i++) {
		struct world *w = world_new();

		w->device->attempt.allowed = 1;
		begins[i](w);
		w->cut_off = true;
		silence(w, 400);
		assert_end(w, STATE_HELD, REASON_NOT_OFFERED);
		assert_int_equal(w->device->hold, HOLD_BACKOFF);
		assert_int_equal(w->device->attempt.number, 0);
		assert_true(w->device->attempt.is_uncounted);
	}
}

/* As the order fails on this machine, which has just lost its address. */
TEST(an_attempt_that_we_spoilt_twice_is_uncounted_once)
{
	struct world *w = world_new();

	w->device->attempt.allowed = 1;
	to_offering(w);
	job_excuse(w->job, "this machine lost its address");
	w->cut_off = true;
	silence(w, 400);
	assert_end(w, STATE_HELD, REASON_NOT_OFFERED);
	assert_int_equal(w->device->attempt.number, 0);
}

/* The end of a download that this machine interrupted. */
TEST(a_download_that_we_broke_off_is_stated_as_ours)
{
	static const struct {
		uint64_t bytes;
		int verdict; /* 0: it is silent */
		enum reason reason;
	} cases[] = {
		{ 4096, 0, REASON_STALLED },
		{ 0, 0, REASON_NEVER_FETCHED },
		{ 4096, 404, REASON_DOWNLOAD_ERROR },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		w->device->attempt.allowed = 1;
		to_downloading(w);
		fetch(w, 0, cases[i].bytes);
		cut_off(w);
		assert_int_equal(w->device->state, STATE_DOWNLOADING);
		job_reconnected(w->job, "eth0 was out for 45 s");
		if (cases[i].verdict != 0)
			job_verdict(w->job, cases[i].verdict);
		silence(w, 50);
		if (cases[i].verdict == 0 && cases[i].bytes > 0)
			assert_int_equal(
			    w->ended, 0); /* its time has begun anew */
		silence(w, 100);
		assert_end(w, STATE_HELD, cases[i].reason);
		assert_int_equal(w->device->hold, HOLD_BACKOFF);
		assert_int_equal(w->device->attempt.number, 0);
		assert_int_equal(w->told, 1);
		assert_contains(
		    w->device->detail, "; meanwhile eth0 was out for 45 s");
	}
}

/* Each reason, in each state that can follow an outage. */
TEST(an_outage_excuses_what_it_may_have_caused_and_nothing_else)
{
	static void (*const begins[])(struct world *) = { begin_nothing,
		to_offering, to_downloading, to_whole, to_rebooting };

	for (size_t i = 0; i < 2 * COUNT(begins); i++)
		for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
			enum reason_retry retry = reason_retry(r);
			bool had_outage = i % 2 == 1;
			bool is_excused = had_outage &&
			    (begins[i / 2] == to_offering ||
				begins[i / 2] == to_downloading) &&
			    (retry == REASON_LATER || retry == REASON_AT_ONCE);
			enum state next;
			struct world *w;

			if (begins[i / 2] == begin_nothing &&
			    retry == REASON_BARRED)
				continue;
			w = world_new();
			begins[i / 2](w);
			if (retry == REASON_AT_ONCE &&
			    !state_next(
				w->device->state, STATE_EVENT_AT_ONCE, &next)) {
				continue;
			}
			if (had_outage)
				job_reconnected(w->job, "eth0 was out");
			job_fail(w->job, r, "it said so");
			assert_string_equal(w->device->detail,
			    is_excused ? "it said so; meanwhile eth0 was out"
				       : "it said so");
			assert_int_equal(w->device->attempt.number,
			    1 - is_excused + (retry == REASON_AT_ONCE));
		}
}

/*
 * A device that lost this machine may retry until its time is up. After an
 * error of its own, or without an outage, the usual delay is enough.
 */
TEST(a_device_that_lost_us_is_left_alone_until_its_time_is_up)
{
	static const struct {
		bool is_excused;
		enum reason reason;
		int64_t ago_s; /* that it was told */
		uint64_t wait_ms;
	} cases[] = {
		{ true, REASON_STALLED, 0, 600000 },
		{ true, REASON_NEVER_FETCHED, 0, 600000 },
		{ true, REASON_BAD_ANSWER, 0, 600000 },
		{ true, REASON_STALLED, 100, 500000 },
		{ true, REASON_STALLED, 590, 30000 },
		{ true, REASON_STALLED, 600, 30000 },
		{ true, REASON_STALLED, 86400, 30000 },
		{ true, REASON_DOWNLOAD_ERROR, 0, 30000 },
		{ true, REASON_OFFER_REFUSED, 0, 30000 },
		{ false, REASON_STALLED, 0, 30000 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		to_downloading(w);
		if (cases[i].is_excused)
			job_excuse(w->job, "it was us");
		w->device->since_s -= cases[i].ago_s;
		job_fail(w->job, cases[i].reason, "so");
		assert_int_equal(
		    w->device->attempt.is_excused, cases[i].is_excused);
		assert_in_range(device_waits_until(w->device) - w->now,
		    cases[i].wait_ms,
		    cases[i].wait_ms < 37500 ? 37500 : cases[i].wait_ms);
		w->ended = 0;
		job_start(w->job);
		assert_false(w->device->attempt.is_excused);
	}
}

/* A download that goes on after an outage is judged as usual. */
TEST(a_download_that_goes_on_after_an_outage_ends_as_any_other)
{
	struct world *w = world_new();

	to_fetched(w, 4096);
	cut_off(w);
	job_reconnected(w->job, "eth0 was out for 45 s");
	fetch(w, 4096, SIZE);
	job_verdict(w->job, 0);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);

	w = world_new();
	to_downloading(w);
	cut_off(w);
	job_reconnected(w->job, "eth0 was out for 45 s");
	fetch(w, 0, SIZE);
	job_verdict(w->job, 0);
	stock_for(w, 100, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
	assert_int_equal(w->device->attempt.number, 1);

	/* An outage before the offer excuses nothing after it. */
	w = world_new();
	job_reconnected(w->job, "eth0 was out for 45 s");
	to_downloading(w);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_int_equal(w->device->attempt.number, 1);
}

/* An attempt does not count that ends while this machine cannot serve. */
TEST(a_download_that_ends_while_we_serve_nobody_is_stated_as_ours)
{
	struct world *w = world_new();

	w->device->attempt.allowed = 1;
	to_downloading(w);
	job_excuse(w->job, "this machine has no free file descriptors");
	job_verdict(w->job, 404);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w->device->attempt.number, 0);
	assert_contains(w->device->detail,
	    "; meanwhile this machine has no free file descriptors");

	/* An excuse before the offer counts for nothing. */
	w = world_new();
	job_excuse(w->job, "this machine has no free file descriptors");
	to_downloading(w);
	job_verdict(w->job, 404);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w->device->attempt.number, 1);
}

/* What was asked before an outage says nothing about the time after it. */
TEST(an_answer_from_before_an_outage_counts_for_nothing)
{
	const struct job_answer silence_then = { .heard = JOB_SILENCE,
		.why = "no answer" };
	struct world *w = world_new();

	to_rebooting(w);
	next_question(w);
	w->now += 40000; /* longer than GoneSec */
	job_reconnected(w->job, "reflashd did not get to run for 40 s");
	assert_false(w->calling);
	job_answered(w->job, &silence_then);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	stock_for(w, 100, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

/* Silence counts only while this machine is connected. */
TEST(silence_before_an_outage_has_ended_is_no_farewell)
{
	struct world *w = world_new();

	to_rebooting(w);
	silence(w, 25); /* of the 30 s after which the device has left */
	assert_int_equal(w->device->state, STATE_REBOOTING);
	cut_off(w);
	job_reconnected(w->job, "eth0 was out for 45 s");
	silence(w, 25);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	stock_for(w, 100, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

static void
next_attempt(struct world *w)
{
	assert_int_equal(w->device->state, STATE_HELD);
	w->ended = 0;
	next_job(w);
	job_start(w->job);
}

/* The rule, for each pair of reasons of two attempts. */
TEST(silence_hides_nothing_that_was_known_before_it)
{
	static const enum reason silent[] = { REASON_NOT_OFFERED,
		REASON_NO_ANSWER, REASON_WRONG_DEVICE };

	for (enum reason a = REASON_NONE + 1; a < REASON_COUNT; a++)
		for (enum reason b = REASON_NONE + 1; b < REASON_COUNT; b++) {
			bool goes_on = reason_retry(b) == REASON_LATER ||
			    reason_retry(b) == REASON_AT_ONCE;
			int rank_a = 3, rank_b = 3;

			for (int i = 0; i < 3; i++) {
				rank_a = silent[i] == a ? i : rank_a;
				rank_b = silent[i] == b ? i : rank_b;
			}
			assert_int_equal(reason_telling(a, b),
			    goes_on && rank_a > rank_b ? a : b);
			assert_int_equal(reason_telling(REASON_NONE, b), b);
			assert_int_equal(
			    reason_telling(a, REASON_NONE), REASON_NONE);
		}
}

/* The rule in a job: each reason first, then silence twice. */
TEST(the_last_reason_that_tells_something_is_that_of_the_failure)
{
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		struct world *w;

		if (reason_retry(r) != REASON_LATER || r == REASON_NO_ANSWER ||
		    r == REASON_NOT_OFFERED)
			continue;
		w = world_new();
		w->device->download.bytes = 4096;
		job_fail(w->job, r, "it said so");
		assert_end(w, STATE_HELD, r);
		next_attempt(w);
		silence(w, 60);
		assert_end(w, STATE_HELD, REASON_NO_ANSWER);
		next_attempt(w);
		silence(w, 60);
		assert_end(w, STATE_FAILED, r);
		assert_int_equal(w->device->download.bytes, 4096);
		assert_string_equal(w->device->detail,
		    "in attempt 1: it said so; since then no answer in "
		    "attempts 2 and 3");
	}
}

/* The later attempts are summed up after the reason that counts. */
TEST(what_followed_the_telling_attempt_is_summed_up)
{
	static const struct {
		unsigned attempts;
		enum reason last;
		const char *since;
	} cases[] = {
		{ 2, REASON_NO_ANSWER, "no answer in attempt 2" },
		{ 3, REASON_NO_ANSWER, "no answer in attempts 2 and 3" },
		{ 4, REASON_NO_ANSWER, "no answer in attempts 2 to 4" },
		{ 3, REASON_WRONG_DEVICE, "no answer in attempts 2 and 3" },
		{ 3, REASON_NOT_OFFERED,
		    "it was told nothing in attempts 2 "
		    "and 3" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[128];
		struct world *w = world_new();

		w->device->attempt.allowed = cases[i].attempts;
		job_fail(w->job, REASON_STALLED, "it stopped");
		while (w->device->state == STATE_HELD) {
			next_attempt(w);
			job_fail(w->job, cases[i].last, "it said so");
		}
		assert_end(w, STATE_FAILED, REASON_STALLED);
		snprintf(want, sizeof(want),
		    "in attempt 1: it stopped; since then %s", cases[i].since);
		assert_string_equal(w->device->detail, want);
	}
}

/* The power of the device is cut in the middle of the download. */
TEST(a_download_that_stopped_is_not_forgotten_in_silence)
{
	struct world *w = world_new();

	to_fetched(w, 4096);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_STALLED);
	for (int i = 0; i < 2; i++) {
		next_attempt(w);
		w->device->download.bytes = 0; /* by the owner of the job */
		silence(w, 60);
	}
	assert_end(w, STATE_FAILED, REASON_STALLED);
	assert_int_equal(w->device->download.bytes, 4096);
	assert_string_equal(w->device->detail,
	    "in attempt 1: it stopped at 4096 of 10000 bytes; it does not "
	    "answer now; since then no answer in attempts 2 and 3");

	/* A reason of the second attempt replaces that of the first. */
	w = world_new();
	to_fetched(w, 4096);
	silence(w, 100);
	next_attempt(w);
	to_downloading(w);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);
	next_attempt(w);
	silence(w, 60);
	assert_end(w, STATE_FAILED, REASON_NEVER_FETCHED);
	assert_int_equal(w->device->download.bytes, 0);
	assert_contains(w->device->detail, "in attempt 2: nothing");
	assert_contains(w->device->detail, "no answer in attempt 3");
}

/* A new set of attempts begins without a reason. */
TEST(a_new_set_of_attempts_begins_with_nothing_known)
{
	struct world *w = world_new();

	job_fail(w->job, REASON_STALLED, "it said so");
	w->device->attempt.number = 0;
	w->device->attempt.allowed = 1;
	next_attempt(w);
	silence(w, 60);
	assert_end(w, STATE_FAILED, REASON_NO_ANSWER);
}

TEST(an_unanswered_unlock_is_looked_at)
{
	struct world *w = world_new();

	to_unlocking(w);
	silence(w, 180);
	assert_int_equal(w->device->state, STATE_CONFIRMING);
	info(w, true);
	assert_int_equal(w->device->state, STATE_OFFERING);

	w = world_new();
	to_unlocking(w);
	nothing(w);
	stock_for(w, 60, false);
	assert_end(w, STATE_HELD, REASON_UNLOCK_UNREACHABLE);
	assert_int_equal(w->told, 0);
}

TEST(an_unlock_without_effect_is_tried_twice)
{
	struct world *w = world_new();

	to_confirming(w);
	stock_for(w, 10, false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	say(w, 0);
	stock_for(w, 40, false);
	assert_end(w, STATE_HELD, REASON_UNLOCK_NO_EFFECT);
	assert_int_equal(w->unlocks, 2);
}

TEST(a_device_that_locked_itself_is_unlocked_again_once)
{
	struct world *w = world_new();

	to_offering(w);
	say(w, 403);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	say(w, 0);
	info(w, true);
	say(w, 403);
	assert_end(w, STATE_HELD, REASON_OFFER_REFUSED);
}

TEST(an_empty_reply_to_the_offer_means_nothing)
{
	struct world *w = world_new();

	to_offering(w);
	nothing(w);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch(w, 0, SIZE);
	job_verdict(w->job, 0);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);
	assert_int_equal(w->told, 1);

	w = world_new();
	to_offering(w);
	nothing(w);
	stock_for(w, 90, true);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_int_equal(w->told, 1);
}

TEST(one_that_could_not_come_is_told_from_one_that_is_off)
{
	static const struct {
		int says; /* -1: nothing */
		bool answers_later, fetches, never_came;
	} cases[] = {
		{ 0, true, false, true },
		{ 0, false, false, true },
		{ -1, true, false, true },
		{ -1, false, false, false },
		{ 408, true, false, true },
		{ 424, true, false, true },
		{ 422, true, false, false },
		{ 0, true, true, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		to_offering(w);
		if (cases[i].says == -1)
			nothing(w);
		else
			say(w, cases[i].says);
		if (cases[i].fetches)
			fetch(w, 0, 4096);
		if (cases[i].answers_later)
			stock_for(w, 90, true);
		else
			silence(w, 90);
		assert_int_equal(w->ended, 1);
		if (w->device->attempt.never_came != cases[i].never_came)
			fail_msg("case %zu", i);
	}
}

TEST(ranges_may_come_before_the_reply)
{
	struct world *w = world_new();

	to_offering(w);
	fetch(w, 0, 4096);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	say(w, 0);
	fetch_rest(w, 4096);
}

TEST(an_offer_that_never_left_was_not_made)
{
	struct world *w = world_new();

	to_offering(w);
	answer(w, JOB_UNSENT, NULL);
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);
}

TEST(who_may_not_be_asked_has_not_left)
{
	struct world *w = world_new();

	to_offering(w);
	answer(w, JOB_FORBIDDEN, NULL);
	assert_end(w, STATE_FAILED, REASON_ADDRESS_NOT_ALLOWED);

	w = world_new();
	to_rebooting(w);
	wake(w);
	answer(w, JOB_FORBIDDEN, NULL);
	assert_end(w, STATE_FAILED, REASON_ADDRESS_NOT_ALLOWED);
}

TEST(who_may_not_be_asked_may_fetch_on)
{
	struct world *w = world_new();

	to_fetched(w, 4096);
	silence(w, 60);
	assert_true(w->calling);
	fetch(w, 4096, 8192);
	answer(w, JOB_FORBIDDEN, NULL);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch_rest(w, 8192);
}

TEST(a_full_disk_stops_the_offer)
{
	struct world *w = world_new();

	w->disk_full = true;
	to_confirming(w);
	info(w, true);
	assert_int_equal(w->told, 0);
	assert_int_equal(w->ended, 1);
	assert_int_equal(w->device->state, STATE_HELD);
	assert_int_equal(w->device->attempt.number, 0);
	assert_true(w->device->attempt.is_uncounted);
	w->disk_full = false;
	job_start(w->job);
	assert_int_equal(w->device->attempt.number, 1);
	assert_false(w->device->attempt.is_uncounted);
}

TEST(a_device_that_stops_has_stalled)
{
	struct world *w = world_new();

	to_fetched(w, 8192);
	silence(w, 59);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	silence(w, 10);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_true(w->device->attempt.unsure);
	assert_int_equal(w->device->may_run.bytes, 8192);
}

/* The device fetches `bytes` each `seconds`, `times`, and answers info. */
static void
trickle(struct world *w, unsigned times, unsigned seconds, uint64_t bytes)
{
	uint64_t at = 0;

	for (unsigned i = 0; i < times && w->ended == 0; i++) {
		job_fetch_began(w->job);
		job_served(w->job, at, bytes);
		at += bytes;
		stock_for(w, seconds, true);
	}
}

/* Of 10000 bytes in 600 s, a tenth of the rate is 100 bytes in 60 s. */
TEST(a_download_below_the_least_rate_has_stalled)
{
	static const struct {
		unsigned times, seconds, bytes, flash_sec;
		const char *detail; /* NULL: it goes on */
	} cases[] = {
		{ 5, 19, 1, 600,
		    "it was at 4 of 10000 bytes, and downloaded only 4 bytes "
		    "in the last 60 s; it still answers" },
		{ 5, 19, 24, 600,
		    "it was at 96 of 10000 bytes, and downloaded only 96 bytes "
		    "in the last 60 s; it still answers" },
		{ 5, 19, 25, 600, NULL },
		{ 60, 1, 1, 600, NULL }, /* the window is not over */
		{ 61, 1, 1, 600,
		    "it was at 61 of 10000 bytes, and downloaded only 61 bytes "
		    "in the last 60 s; it still answers" },
		{ 20, 25, 50, 600, NULL }, /* slow, but above the limit */
		/* with more time, a download may be slower */
		{ 5, 19, 13, 1200, NULL },
		{ 5, 19, 12, 1200,
		    "it was at 48 of 10000 bytes, and downloaded only 48 bytes "
		    "in the last 60 s; it still answers" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct job_limits l = limits;
		struct world *w;

		l.flash_sec = cases[i].flash_sec;
		w = world_with(&l);
		to_downloading(w);
		trickle(w, cases[i].times, cases[i].seconds, cases[i].bytes);
		if (cases[i].detail != NULL) {
			assert_end(w, STATE_HELD, REASON_STALLED);
			assert_string_equal(w->device->detail, cases[i].detail);
		} else if (w->ended > 0) {
			fail_msg("case %zu: %s", i, w->device->detail);
		}
	}
}

/* A repeated range counts as fetched: the device may need it. */
TEST(each_window_counts_for_itself_whatever_is_fetched)
{
	struct world *w = world_new();

	to_fetched(w, 8192);
	stock_for(w, 50, true);
	for (int i = 0; i < 4; i++) {
		fetch(w, 0, 4096); /* once a window */
		stock_for(w, 55, true);
		assert_int_equal(w->device->state, STATE_DOWNLOADING);
	}
	job_served(w->job, 0, 1);
	stock_for(w, 70, true);
	assert_end(w, STATE_HELD, REASON_STALLED);
}

/* The device stays vouched for when it fails later. */
TEST(who_has_fetched_a_quarter_of_its_image_is_vouched_for)
{
	static const struct {
		uint64_t first, len;
		bool is_vouched;
	} cases[] = { { 0, 2499, false }, { 0, 2500, true }, { 0, 2501, true },
		{ 7500, 2500, true }, { 0, SIZE, true } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		to_downloading(w);
		assert_false(w->device->seen.is_vouched);
		job_fetch_began(w->job);
		job_served(w->job, cases[i].first, cases[i].len);
		job_served(w->job, cases[i].first, 1); /* the same again */
		assert_int_equal(
		    w->device->seen.is_vouched, cases[i].is_vouched);
		if (cases[i].is_vouched && cases[i].len < SIZE) {
			silence(w, 70);
			assert_end(w, STATE_HELD, REASON_STALLED);
			job_start(w->job);
			info(w, true);
			info(w, true);
			assert_int_equal(w->call, DEVAPI_FLASH);
			say(w, 413);
			assert_true(w->device->seen.is_vouched);
		}
	}
}

/* The device is not slow while this machine cannot serve. */
TEST(the_least_rate_is_counted_anew_behind_an_outage)
{
	struct world *w = world_new();

	to_downloading(w);
	trickle(w, 1, 55, 1);
	job_cut_off(w->job);
	w->now += 1000;
	job_reconnected(w->job, "the cable was out for 1 s");
	trickle(w, 1, 55, 1);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	stock_for(w, 10, true);
	assert_end(w, STATE_HELD, REASON_STALLED);
}

TEST(one_that_answers_or_never_fetched_does_not_run_its_image)
{
	struct world *w = world_new();

	to_fetched(w, 8192);
	silence(w, 60);
	info(w, true);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_false(w->device->attempt.unsure);

	w = world_new();
	to_downloading(w);
	silence(w, 120);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_false(w->device->attempt.unsure);
}

TEST(a_device_that_goes_on_while_it_is_looked_at_goes_on)
{
	struct world *w = world_new();

	to_fetched(w, 4096);
	silence(w, 60);
	assert_true(w->calling);
	fetch(w, 4096, 8192);
	info(w, true);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch_rest(w, 8192);
}

TEST(a_trickle_ends_with_the_time_for_all)
{
	struct world *w = world_new();

	to_downloading(w);
	for (uint64_t i = 0; w->ended == 0 && i < 1000; i++) {
		job_fetch_began(w->job);
		job_served(w->job, i, 1);
		silence(w, 50);
	}
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_true(w->now < 1000000 + 700000);
}

TEST(verdicts_become_reasons)
{
	static const struct {
		int code;
		enum state state;
		enum reason reason;
	} cases[] = {
		{ 404, STATE_HELD, REASON_DOWNLOAD_ERROR },
		{ 406, STATE_FAILED, REASON_DEVICE_ERROR },
		{ 410, STATE_FAILED, REASON_DEVICE_ERROR },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		to_whole(w);
		job_verdict(w->job, cases[i].code);
		assert_end(w, cases[i].state, cases[i].reason);
	}
}

/* The sentence names a likely cause where there is a sign of it. */
TEST(a_bad_verdict_says_what_it_may_come_from)
{
	static const struct {
		size_t size;
		int code, rssi;
		const char *end; /* of the sentence */
	} cases[] = {
		{ SIZE, 404, -60, " bytes" },
		{ SIZE, 404, -85, ", its signal is weak" },
		{ IMAGE_SURE_MAX, 404, -60,
		    ", and the image may be too large for it" },
		{ IMAGE_SURE_MAX, 406, -60, " bytes" },
		{ IMAGE_SURE_MAX, 404, -85,
		    ", its signal is weak, and the image may be too large for "
		    "it" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *detail, *end = cases[i].end;
		struct world *w = world_of(&limits, cases[i].size);

		to_fetched(w, 4096);
		w->device->facts.rssi = cases[i].rssi;
		job_verdict(w->job, cases[i].code);
		detail = w->device->detail;
		assert_string_equal(detail + strlen(detail) - strlen(end), end);
	}
}

TEST(a_wrong_digest_is_tried_again_at_once)
{
	struct world *w = world_new();

	to_whole(w);
	job_verdict(w->job, 409);
	assert_int_equal(w->device->state, STATE_PROBING);
	assert_int_equal(w->device->attempt.number, 2);
	assert_int_equal(w->ended, 0);
	info(w, true);
	info(w, true);
	say(w, 471);
	assert_int_equal(w->device->state, STATE_PROBING);
	info(w, true);
	info(w, true);
	say(w, 471);
	assert_end(w, STATE_FAILED, REASON_DIGEST_ERROR);
	assert_int_equal(w->told, 3);
}

TEST(success_without_all_bytes_is_none)
{
	struct world *w = world_new();

	to_fetched(w, 8192);
	job_verdict(w->job, 0);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
}

TEST(without_a_verdict_leaving_decides)
{
	struct world *w = world_new();

	to_whole(w);
	silence(w, 31);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);

	w = world_new();
	to_whole(w);
	stock_for(w, 200, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

TEST(a_late_verdict_still_counts)
{
	struct world *w = world_new();

	to_whole(w);
	silence(w, 31);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	job_verdict(w->job, 409);
	assert_int_equal(w->device->state, STATE_PROBING);
	assert_int_equal(w->device->attempt.number, 2);
}

/* A second verdict is ignored. */
TEST(it_reports_once)
{
	struct world *w = world_new();

	assert_string_equal(job_verdict_doubt(w->job, 0), "");
	job_verdict(w->job, 0);
	to_downloading(w);
	assert_null(job_verdict_doubt(w->job, 0));
	fetch_rest(w, 0);
	assert_string_equal(job_verdict_doubt(w->job, 409), "");
	job_verdict(w->job, 409);
	assert_int_equal(w->device->state, STATE_REBOOTING);
}

/* A device whose download was damaged is told again within a second. */
TEST(a_verdict_is_not_taken_for_that_of_the_next_order)
{
	static const uint64_t bytes[] = { 0, 4096 };

	for (size_t i = 0; i < COUNT(bytes); i++) {
		struct world *w = world_new();

		to_whole(w);
		job_verdict(w->job, 409);
		info(w, true);
		info(w, true);
		assert_int_equal(w->device->state, STATE_OFFERING);
		job_verdict(w->job, 409);
		assert_int_equal(w->device->state, STATE_OFFERING);
		say(w, 0);
		fetch(w, 0, bytes[i]);
		assert_contains(job_verdict_doubt(w->job, 409), "order before");
		job_verdict(w->job, 409);
		assert_int_equal(w->device->state, STATE_DOWNLOADING);
		assert_int_equal(w->device->attempt.number, 2);
		/* Of this download it is known to be whole now. */
		fetch(w, bytes[i], SIZE);
		job_verdict(w->job, 409);
		assert_int_equal(w->device->state, STATE_PROBING);
		assert_int_equal(w->device->attempt.number, 3);
	}
}

/* It was forgotten, say, right after it had reported a damaged download. */
TEST(without_a_byte_no_checksum_is_wrong)
{
	struct world *w = world_new();

	to_offering(w);
	assert_contains(job_verdict_doubt(w->job, 409), "order before");
	to_downloading(w = world_new());
	assert_contains(job_verdict_doubt(w->job, 409), "order before");
	job_verdict(w->job, 409);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	assert_false(w->device->attempt.damaged);
	assert_int_equal(w->told, 1);
	fetch(w, 0, 4096);
	assert_null(job_verdict_doubt(w->job, 409));
}

/* A person has had it retried at once, say. */
TEST(an_error_counts_for_the_order_that_it_is_about)
{
	struct world *w = world_new();

	to_fetched(w, 4096);
	job_verdict(w->job, 404);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	w->ended = 0;
	job_start(w->job);
	to_downloading(w);
	assert_contains(job_verdict_doubt(w->job, 404), "order before");
	job_verdict(w->job, 404);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	assert_null(job_verdict_doubt(w->job, 410)); /* that is news */
	fetch(w, 0, 4096);
	job_verdict(w->job, 404);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w->device->attempt.number, 2);
}

TEST(a_device_that_stays_or_returns_is_not_flashed)
{
	struct world *w = world_new();

	to_rebooting(w);
	stock_for(w, 100, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);

	w = world_new();
	to_rebooting(w);
	silence(w, 15);
	stock_for(w, 60, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
	assert_true(w->now < 1000000 + 60000);
}

TEST(a_moment_of_silence_is_not_leaving)
{
	struct world *w = world_new();

	to_rebooting(w);
	silence(w, 8);
	stock_for(w, 10, true);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

TEST(attempts_are_counted_and_their_distance_grows)
{
	uint64_t last = 0;
	struct world *w = world_new();

	for (unsigned attempt = 1; attempt <= 3; attempt++) {
		assert_int_equal(w->device->attempt.number, attempt);
		silence(w, 60);
		if (attempt == 3)
			break;
		assert_end(w, STATE_HELD, REASON_NO_ANSWER);
		assert_true(
		    w->device->hold_until_ms - w->now >= 30000 * attempt);
		assert_true(w->device->hold_until_ms - w->now > last);
		last = w->device->hold_until_ms - w->now;
		w->ended = 0;
		next_job(w);
		job_start(w->job);
	}
	assert_end(w, STATE_FAILED, REASON_NO_ANSWER);
}

TEST(a_job_can_be_cancelled_until_the_offer)
{
	struct world *w = world_new();

	to_unlocking(w);
	assert_true(device_may_cancel(w->device));
	w->device->order.is_given = true;
	job_cancel(w->job, "root");
	assert_end(w, STATE_HELD, REASON_CANCELLED);
	assert_int_equal(w->device->hold, HOLD_CANCELLED);
	assert_string_equal(
	    w->device->detail, "cancelled by root while unlocking");
	assert_string_equal(w->device->people.cancelled, "root");
	assert_false(w->device->order.is_given);

	w = world_new();
	to_offering(w);
	assert_false(device_may_cancel(w->device));
}

TEST(an_info_without_the_lock_is_a_bad_answer)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };
	struct world *w = world_new();

	snprintf(reply.info.id, sizeof(reply.info.id), ID);
	reply.info.is_plug = true;
	snprintf(
	    w->device->facts.type, sizeof(w->device->facts.type), "diy_plug");
	answer(w, JOB_REPLY, &reply);
	assert_end(w, STATE_HELD, REASON_BAD_ANSWER);
}

static void
say_without_error(struct world *w)
{
	const struct devapi_reply reply = { 0 };

	answer(w, JOB_REPLY, &reply);
}

/* The device may have obeyed, so it is asked. */
TEST(nonsense_about_an_order_is_neither_yes_nor_no)
{
	void (*const words[])(
	    struct world *) = { say_without_error, say_nonsense };

	for (size_t i = 0; i < COUNT(words); i++) {
		struct world *w = world_new();

		to_unlocking(w);
		words[i](w);
		assert_int_equal(w->device->state, STATE_CONFIRMING);
		info(w, true);
		words[i](w);
		assert_int_equal(w->device->state, STATE_DOWNLOADING);
		fetch_rest(w, 0);
	}
}

TEST(an_info_that_is_none_is_told_as_it_is)
{
	static const struct {
		struct devapi_reply reply;
		enum state state;
		enum reason reason;
		const char *words;
	} cases[] = {
		{ { .encrypted = true }, STATE_REFUSED, REASON_NOT_DIY_MODE,
		    "its answer to info is encrypted" },
		{ { .error = 0 }, STATE_HELD, REASON_BAD_ANSWER,
		    "its answer to info has no error" },
		{ { .has_error = true, .error = 404 }, STATE_HELD,
		    REASON_WRONG_DEVICE, "it answers info with error 404" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		answer(w, JOB_REPLY, &cases[i].reply);
		assert_end(w, cases[i].state, cases[i].reason);
		assert_string_equal(w->device->detail, cases[i].words);
	}
}

TEST(an_order_that_is_answered_in_cipher_is_refused)
{
	const struct devapi_reply reply = { .encrypted = true };
	struct world *w = world_new();

	to_unlocking(w);
	answer(w, JOB_REPLY, &reply);
	assert_end(w, STATE_REFUSED, REASON_NOT_DIY_MODE);
}

/* The id decides, and not whether the device may be flashed. */
TEST(an_info_is_from_the_device_that_says_its_id)
{
	static const struct {
		bool has_info, omit_id;
		int error;
		const char *id;
		bool is;
	} cases[] = {
		{ true, false, 0, ID, true },
		{ true, true, 0, ID, true },
		{ true, false, 0, "", true },
		{ true, true, 0, "", false },
		{ true, false, 0, "1000ffffff", false },
		{ true, false, 404, ID, false },
		{ true, false, 500, ID, false },
		{ false, false, 0, "", false },
	};
	const struct devapi_reply own = {
		.has_error = true, .has_info = true, .info.id = ID
	};
	struct world *w = world_new();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct devapi_reply reply = { .has_error = true,
			.error = cases[i].error,
			.has_info = cases[i].has_info };

		snprintf(
		    reply.info.id, sizeof(reply.info.id), "%s", cases[i].id);
		w->device->facts.form =
		    cases[i].omit_id ? DEVAPI_WITHOUT_ID : DEVAPI_WITH_ID;
		assert_int_equal(job_is_from(w->job, &reply), cases[i].is);
	}
	w->device->facts.form = DEVAPI_WITH_ID;
	to_unlocking(w);
	assert_false(
	    job_is_from(w->job, &own)); /* the job waits for an unlock */
}

TEST(nonsense_that_nothing_follows_is_a_bad_answer)
{
	void (*const words[])(
	    struct world *) = { say_without_error, say_nonsense };

	for (size_t i = 0; i < COUNT(words); i++) {
		struct world *w = world_new();

		to_unlocking(w);
		words[i](w);
		stock_for(w, 60, false);
		assert_end(w, STATE_HELD, REASON_BAD_ANSWER);
		assert_int_equal(w->unlocks, 1);
		assert_contains(w->device->detail, "its answer to the unlock");

		w = world_new();
		to_offering(w);
		words[i](w);
		stock_for(w, 70, true);
		assert_end(w, STATE_HELD, REASON_BAD_ANSWER);
		assert_int_equal(w->told, 1);
		assert_contains(w->device->detail, "its answer to the offer");
	}
}

/* The answer to the offer may arrive late, during the download. */
TEST(late_nonsense_does_not_end_a_download)
{
	struct world *w = world_new();

	to_offering(w);
	fetch(w, 0, 4096);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	say_without_error(w);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch_rest(w, 4096);
}

/* A reload does not change the limits of a running job. */
TEST(a_job_has_its_limits_for_good)
{
	struct job_limits changing = limits;
	struct world *w = world_with(&changing);

	changing = (struct job_limits){ 0 };
	to_downloading(w);
	silence(w, 50);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch_rest(w, 0);
}

/* The sentence must not call a slow download stopped. */
TEST(one_whose_time_is_up_did_not_stop)
{
	struct world *w = world_new();

	to_downloading(w);
	for (unsigned i = 0; i < 20 && w->ended == 0; i++) {
		fetch(w, i * 100, i * 100 + 100);
		silence(w, 40);
	}
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_contains(w->device->detail, "when its time was up");
	assert_null(strstr(w->device->detail, "stopped"));
}

TEST(an_unlock_that_never_left_is_asked_again_in_its_time)
{
	struct world *w = world_new();

	to_unlocking(w);
	answer(w, JOB_UNSENT, NULL);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	wake(w);
	assert_int_equal(w->call, DEVAPI_UNLOCK);
	assert_int_equal(w->unlocks, 2);
	answer(w, JOB_UNSENT, NULL);
	w->now += 180000;
	job_timer(w->job);
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);
	assert_int_equal(w->told, 0);
}

TEST(a_timer_during_a_call_asks_nothing_new)
{
	struct world *w = world_new();

	job_timer(w->job);
	assert_int_equal(w->infos, 1);
	to_unlocking(w);
	job_timer(w->job);
	assert_int_equal(w->unlocks, 1);
	say(w, 0);
	job_timer(w->job);
	assert_int_equal(w->infos, 2);
	info(w, true);
	job_timer(w->job);
	assert_int_equal(w->device->state, STATE_OFFERING);
	say(w, 0);
	job_timer(w->job);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch(w, 0, SIZE);
	job_verdict(w->job, 0);
	wake(w);
	assert_int_equal(w->infos, 3);
	job_timer(w->job);
	assert_int_equal(w->infos, 3);
}

/* The time for the offer may be longer than that for a stalled download. */
TEST(a_device_that_stalls_with_the_offer_unanswered_is_looked_at)
{
	struct job_limits slow = limits;
	struct world *w;

	slow.offer_sec = 300;
	w = world_with(&slow);
	to_offering(w);
	fetch(w, 0, 4096);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	assert_int_equal(w->call, DEVAPI_FLASH);
	wake(w);
	assert_true(w->calling);
	assert_int_equal(w->call, DEVAPI_INFO);
	assert_int_equal(w->infos, 3);
	job_timer(w->job);
	assert_int_equal(w->infos, 3);
	info(w, true);
	assert_end(w, STATE_HELD, REASON_STALLED);
}

TEST(a_disk_that_takes_all_the_time_leaves_a_moment_for_the_offer)
{
	struct world *w = world_new();

	w->disk_ms = 40000;
	to_offering(w);
	assert_int_equal(w->told, 1);
	assert_int_equal(w->call_ends, w->now + 1);
	silence(w, 1);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
}

TEST(an_image_that_cannot_be_served_is_not_offered)
{
	struct world *w = world_new();

	w->cannot_serve = true;
	to_confirming(w);
	info(w, true);
	assert_int_equal(w->told, 0);
	assert_int_equal(w->intended, 0);
	assert_int_equal(w->device->state, STATE_HELD);
	assert_string_equal(w->device->detail, "no port");
}

TEST(a_refusal_may_come_after_the_first_range)
{
	struct world *w = world_new();

	to_offering(w);
	fetch(w, 0, 4096);
	say(w, 424);
	assert_end(w, STATE_HELD, REASON_OFFER_REFUSED);
	assert_int_equal(w->told, 1);
}

TEST(a_weak_signal_is_told_of_a_device_that_stalled)
{
	static const struct {
		int rssi;
		bool told;
	} cases[] = { { 0, false }, { -40, false }, { -75, false },
		{ -76, true } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		to_fetched(w, 8192);
		w->device->facts.rssi = cases[i].rssi;
		silence(w, 70);
		assert_end(w, STATE_HELD, REASON_STALLED);
		assert_int_equal(
		    strstr(w->device->detail, "signal") != NULL, cases[i].told);
	}
}

TEST(another_device_that_answers_does_not_bring_it_back)
{
	struct world *w = world_new();

	to_rebooting(w);
	while (w->ended == 0) {
		if (w->calling) {
			info_of(w, "1000ffffff", false);
			continue;
		}
		wake(w);
	}
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

/* Firmware up to 3.4 does not tell its id, but refuses another id. */
TEST(one_that_answers_404_is_another_device)
{
	struct world *w = world_new();

	to_rebooting(w);
	while (w->ended == 0) {
		wake(w);
		say(w, 404);
	}
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

TEST(one_whose_firmware_is_unknown_is_refused)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };
	struct world *w = world_new();

	reply.info.is_plug = reply.info.has_unlocked = true;
	snprintf(reply.info.id, sizeof(reply.info.id), ID);
	snprintf(reply.info.firmware, sizeof(reply.info.firmware), "4.0.0");
	answer(w, JOB_REPLY, &reply);
	assert_end(w, STATE_REFUSED, REASON_FIRMWARE_OUT_OF_RANGE);
}

/* The silence before the sleep of this machine does not count. */
TEST(it_is_looked_at_again_when_this_machine_has_slept)
{
	struct world *w = world_new();

	to_rebooting(w);
	silence(w, 8);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	if (w->calling)
		nothing(w);
	w->now += 3600000;
	job_timer(w->job);
	assert_true(w->calling);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	info(w, true);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	stock_for(w, 60, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

TEST(no_backoff_is_longer_than_an_hour_and_a_quarter)
{
	struct world *w = world_new();

	w->device->attempt.allowed = 100;
	w->device->attempt.number = 40;
	silence(w, 30);
	assert_end(w, STATE_HELD, REASON_NO_ANSWER);
	assert_in_range(
	    w->device->hold_until_ms - w->now, 3600000, 3600000 * 5 / 4);
}

TEST(one_that_leaves_late_is_given_the_time_to_be_gone)
{
	struct world *w = world_new();

	to_rebooting(w);
	stock_for(w, 80, true);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 20);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 30);
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

/* A cable pulled from this machine does not mean that the device left. */
TEST(one_that_cannot_be_asked_has_not_left)
{
	struct world *w = world_new();

	to_rebooting(w);
	silence(w, 20);
	w->cut_off = true;
	silence(w, 600);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	w->cut_off = false;
	silence(w, limits.gone_sec - 1);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 20);
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

/* The seconds of an unanswered question count as silence, too. */
TEST(it_is_gone_since_it_was_asked_in_vain)
{
	struct world *w = world_new();

	to_rebooting(w);
	silence(w, 2); /* a question is sent, with 5 s for the answer */
	assert_true(w->calling);
	silence(w, limits.gone_sec - 1);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 4);
	assert_end(w, STATE_FLASHED, REASON_NONE);
}

/* The whole advice must fit into a line of the log. */
TEST(a_tasmota_that_leaves_is_said_how_to_meet_again)
{
	static const struct {
		const char *kind, *mac, *text;
	} cases[] = {
		{ "tasmota", "5c:cf:7f:62:e4:3f",
		    "; its access point is tasmota-62E43F-1087 "
		    "(tasmota_62E43F-1087 before version 10): give it your "
		    "Wi-Fi at http://192.168.4.1. If there is none in 10 min "
		    "(as with a Mini R2): 30 s without power, six times on "
		    "and off (2 s each), then on" },
		{ "tasmota", "",
		    "; its access point is tasmota-... (tasmota_... before "
		    "version 10): give it your Wi-Fi at http://192.168.4.1. "
		    "If there is none in 10 min (as with a Mini R2): 30 s "
		    "without power, six times on and off (2 s each), then on" },
		{ "esphome", "5c:cf:7f:62:e4:3f", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();
		char detail[600];

		snprintf(w->device->attempt.image.kind,
		    sizeof(w->device->attempt.image.kind), "%s", cases[i].kind);
		snprintf(w->device->place.mac, sizeof(w->device->place.mac),
		    "%s", cases[i].mac);
		to_rebooting(w);
		silence(w, 60);
		assert_end(w, STATE_FLASHED, REASON_NONE);
		snprintf(detail, sizeof(detail),
		    "%u of %u bytes downloaded, it reported success and left%s",
		    SIZE, SIZE, cases[i].text);
		assert_string_equal(w->device->detail, detail);
	}
}

TEST(what_must_be_seen_again_has_not_ended_when_it_left)
{
	struct world *w = world_new();

	w->device->awaited.must_return = true;
	to_rebooting(w);
	silence(w, 60);
	assert_end(w, STATE_VERIFYING, REASON_NONE);
}

TEST(a_tasmota_is_told_by_its_access_point)
{
	struct world *w = world_new();

	snprintf(w->device->attempt.image.kind,
	    sizeof(w->device->attempt.image.kind), "tasmota");
	snprintf(w->device->place.mac, sizeof(w->device->place.mac),
	    "d0:27:00:11:22:33");
	to_rebooting(w);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);
	assert_contains(w->device->detail, "tasmota-112233-");
	assert_contains(w->device->detail, "tasmota_112233-");
}

/* A daemon after a restart, with what the record contains. */
static struct world *
resumed(enum state state, uint64_t bytes, bool whole)
{
	struct world *w = world_new();

	nothing(w);
	w->infos = 0;
	w->device->download.bytes = bytes;
	w->device->download.whole = whole;
	device_restore(w->device, state, 1700000000);
	next_job(w);
	job_resume(w->job, bytes);
	return w;
}

/* Only bytes from before the restart are taken as fetched in order. */
TEST(an_offer_after_a_restart_is_counted_in_full)
{
	struct world *w = resumed(STATE_DOWNLOADING, 4096, false);

	job_verdict(w->job, 409);
	assert_int_equal(w->device->state, STATE_PROBING);
	info(w, true);
	info(w, true);
	say(w, 0);
	fetch(w, 4096, SIZE); /* the first range is never asked for */
	assert_false(w->device->download.whole);
	job_verdict(w->job, 0);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
}

TEST(a_flash_under_way_goes_on_where_it_was)
{
	static const enum state states[] = { STATE_OFFERING,
		STATE_DOWNLOADING };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = resumed(states[i], 4096, false);

		assert_int_equal(w->device->state, STATE_DOWNLOADING);
		assert_int_equal(w->device->download.bytes, 4096);
		fetch(w, 4096, SIZE);
		assert_int_equal(w->device->download.bytes, SIZE);
		assert_true(w->device->download.whole);
		job_verdict(w->job, 0);
		silence(w, 60);
		assert_end(w, STATE_FLASHED, REASON_NONE);
		assert_int_equal(w->told, 0);
	}
}

/* A single byte is enough. */
TEST(what_was_fetched_before_a_restart_was_fetched)
{
	static const unsigned bytes[] = { 1, 50 };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = resumed(STATE_DOWNLOADING, bytes[i], false);

		assert_int_equal(wait_ms(w), 60000);
		silence(w, 100);
		assert_end(w, STATE_HELD, REASON_STALLED);
	}
}

/* The last progress may not have been written to disk. */
TEST(it_asks_in_order_so_what_lies_before_was_had)
{
	struct world *w = resumed(STATE_DOWNLOADING, 0, false);

	fetch(w, 8192, SIZE);
	assert_int_equal(w->device->download.bytes, SIZE);
	assert_true(w->device->download.whole);

	w = resumed(STATE_DOWNLOADING, 0, false);
	job_fetch_began(w->job);
	job_served(w->job, 1, SIZE - 1);
	assert_int_equal(w->device->download.bytes, SIZE);
}

/* The daemon was dead: whatever that has cost is not the device's fault. */
TEST(a_download_that_a_restart_broke_off_is_stated_as_ours)
{
	static const struct {
		uint64_t bytes;
		int verdict; /* 0: it is silent */
		enum reason reason;
	} cases[] = {
		{ 0, 0, REASON_NEVER_FETCHED },
		{ 4096, 0, REASON_STALLED },
		{ 4096, 404, REASON_DOWNLOAD_ERROR },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w =
		    resumed(STATE_DOWNLOADING, cases[i].bytes, false);

		w->device->attempt.allowed = 1;
		if (cases[i].verdict != 0)
			job_verdict(w->job, cases[i].verdict);
		silence(w, 100);
		assert_end(w, STATE_HELD, cases[i].reason);
		assert_int_equal(w->device->attempt.number, 0);
		assert_true(w->device->attempt.is_excused);
		assert_contains(
		    w->device->detail, "; meanwhile reflashd was restarted");
		/* This machine serves again, and the device did not come. */
		assert_in_range(
		    device_waits_until(w->device) - w->now, 30000, 37500);
	}
}

TEST(a_device_that_goes_on_after_a_restart_is_judged_as_any_other)
{
	struct world *w = resumed(STATE_DOWNLOADING, 4096, false);

	fetch(w, 4096, 8192);
	job_verdict(w->job, 404);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w->device->attempt.number, 1);
	assert_false(w->device->attempt.is_excused);

	/* What comes afterwards is another matter. */
	w = resumed(STATE_DOWNLOADING, 4096, false);
	fetch(w, 4096, 8192);
	job_excuse(w->job, "this machine lost its address");
	fetch(w, 8192, 8193);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_int_equal(w->device->attempt.number, 0);
	assert_true(device_waits_until(w->device) - w->now > 400000);
}

/* This machine was off, and not only the daemon. */
TEST(an_outage_of_this_machine_says_more_than_a_restart)
{
	struct world *w = world_new();

	nothing(w);
	device_restore(w->device, STATE_DOWNLOADING, 1700000000);
	next_job(w);
	job_excuse(w->job, "this machine was switched off");
	job_resume(w->job, 4096);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_contains(
	    w->device->detail, "; meanwhile this machine was switched off");
}

/* Another device may have its address now, and a verdict has no id. */
TEST(success_after_a_restart_needs_all_bytes)
{
	struct world *w = resumed(STATE_DOWNLOADING, 8192, false);

	assert_contains(job_verdict_doubt(w->job, 0), "everything");
	job_verdict(w->job, 0);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	fetch(w, 8192, SIZE);
	job_verdict(w->job, 0);
	assert_int_equal(w->device->state, STATE_REBOOTING);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);

	/* The last progress may be lost: it is known once it is back. */
	w = resumed(STATE_DOWNLOADING, 8192, false);
	job_verdict(w->job, 0);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_true(w->device->attempt.unsure);
}

TEST(an_error_counts_even_if_nothing_more_is_fetched)
{
	struct world *w = resumed(STATE_OFFERING, 0, false);
	job_verdict(w->job, 404);
	assert_end(w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w->told, 0);
}

TEST(one_that_had_everything_is_waited_for)
{
	struct world *w = resumed(STATE_DOWNLOADING, 0, true);

	assert_int_equal(w->device->download.bytes, SIZE);
	silence(w, 29);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	silence(w, 60);
	assert_end(w, STATE_FLASHED, REASON_NONE);

	/* It may be at another address now, and is given time to say so. */
	w = resumed(STATE_REBOOTING, SIZE, true);
	silence(w, 80);
	assert_int_equal(w->ended, 0);
	silence(w, 20);
	assert_end(w, STATE_FLASHED, REASON_NONE);

	w = resumed(STATE_REBOOTING, SIZE, true);
	stock_for(w, 100, true);
	assert_end(w, STATE_HELD, REASON_CAME_BACK_STOCK);
}

TEST(one_that_was_told_is_not_told_again_before_its_time_is_up)
{
	struct world *w = resumed(STATE_OFFERING, 0, false);

	stock_for(w, 59, true);
	assert_int_equal(w->ended, 0);
	assert_int_equal(w->infos, 0);
	stock_for(w, 10, true);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_int_equal(w->told, 0);

	w = resumed(STATE_DOWNLOADING, 4096, false);
	silence(w, 59);
	assert_int_equal(w->ended, 0);
	silence(w, 20);
	assert_end(w, STATE_HELD, REASON_STALLED);
	assert_int_equal(w->told, 0);
}

/* It may have fetched the last bytes while the daemon died, and have left. */
TEST(one_that_fell_silent_in_a_restart_is_waited_for)
{
	static const struct {
		uint64_t more;
		bool answers, is_present;
	} cases[] = {
		{ 0, false, false },
		{ 0, true, true },
		{ 4096, false, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = resumed(STATE_DOWNLOADING, 4096, false);

		w->device->seen.is_present = true;
		if (cases[i].more > 0)
			fetch(w, 4096, 4096 + cases[i].more);
		if (cases[i].answers)
			stock_for(w, 100, true);
		else
			silence(w, 100);
		assert_end(w, STATE_HELD, REASON_STALLED);
		assert_int_equal(
		    w->device->seen.is_present, cases[i].is_present);
		assert_int_equal(w->device->attempt.unsure, !cases[i].answers);
	}
}

/* One random event. */
static void
chance(struct world *w)
{
	int code[] = { 0, 0, 0, 401, 403, 404, 413, 424, 471, 500, 503 };
	uint64_t first = (uint64_t)(rand() % SIZE);

	switch (rand() % 12) {
	case 0:
		if (w->calling)
			say(w, code[rand() % 11]);
		break;
	case 1:
	case 2:
		if (w->calling && w->call == DEVAPI_INFO)
			info_of(w, rand() % 20 ? ID : "1000ffffff", rand() % 2);
		break;
	case 3:
		if (w->calling)
			answer(w, JOB_GARBAGE, NULL);
		break;
	case 4:
		if (w->calling)
			answer(
			    w, rand() % 9 ? JOB_UNSENT : JOB_FORBIDDEN, NULL);
		break;
	case 5:
		fetch(w, first, SIZE);
		break;
	case 6:
		fetch(w, 0, SIZE);
		break;
	case 7:
		job_verdict(w->job, rand() % 3 ? 0 : 404 + rand() % 7);
		break;
	default:
		silence(w, (unsigned)rand() % 40);
	}
}

TEST(whatever_happens_the_rules_hold)
{
	for (unsigned seed = 1; seed <= 3000; seed++) {
		struct world *w;

		srand(seed);
		w = world_new();
		for (int i = 0; w->ended == 0; i++) {
			assert_true(i < 5000);
			chance(w);
		}
		assert_int_equal(w->ended, 1);
		assert_false(state_is_at_work(w->device->state));
		if (w->device->state == STATE_FLASHED)
			assert_true(
			    w->told >= 1 && w->device->download.bytes == SIZE);
		assert_true(w->told <= w->device->attempt.number * 2);
	}
}

TEST(garbage_counts_more_than_a_silence_that_was_cut_short)
{
	struct world *w = world_new();

	w->device->attempt.allowed = 1;
	/* Each answer takes a second, and the next question waits a second. */
	while (w->now < 1000000 + 13500) {
		w->now += 1000;
		answer(w, JOB_GARBAGE, NULL);
		wake(w);
	}
	assert_true(w->call_ends < w->now + 5000);
	silence(w, 60);
	assert_end(w, STATE_FAILED, REASON_BAD_ANSWER);
}

/* A question with exactly the time of an answer counts. */
TEST(silence_for_all_the_time_of_an_answer_counts)
{
	static const struct {
		unsigned probe_sec;
		enum reason reason;
	} cases[] = { { 10, REASON_BAD_ANSWER }, { 11, REASON_NO_ANSWER },
		{ 12, REASON_NO_ANSWER } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct job_limits l = limits;
		struct world *w;

		l.probe_sec = cases[i].probe_sec;
		w = world_with(&l);
		w->now += 5000;
		answer(w, JOB_GARBAGE, NULL);
		silence(w, 60);
		assert_end(w, STATE_HELD, cases[i].reason);
		assert_string_equal(w->device->detail, "no words");
	}
}

/* The job unlocks again where five seconds after a yes nothing changed. */
TEST(an_unlock_is_repeated_where_a_yes_had_no_effect)
{
	static const struct {
		unsigned ms;
		enum state state;
	} cases[] = { { 4999, STATE_CONFIRMING }, { 5000, STATE_UNLOCKING },
		{ 5001, STATE_UNLOCKING } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();

		to_confirming(w);
		w->now += cases[i].ms;
		info(w, false);
		assert_int_equal(w->device->state, cases[i].state);
	}
}

/* Nonsense about one order does not explain the failure of the next. */
TEST(nonsense_is_forgotten_with_the_order_it_was_about)
{
	struct world *w = world_new();

	to_offering(w);
	say_nonsense(w);
	fetch(w, 0, 4096);
	job_verdict(w->job, 409);
	info(w, false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	nothing(w);
	stock_for(w, 60, false);
	assert_end(w, STATE_HELD, REASON_UNLOCK_UNREACHABLE);

	w = world_new();
	to_unlocking(w);
	say_nonsense(w);
	info(w, true);
	say(w, 0);
	silence(w, 100);
	assert_end(w, STATE_HELD, REASON_NEVER_FETCHED);
}

/* The last range was fetched less than a minute before the end. */
TEST(who_fetched_in_the_last_minute_did_not_stop)
{
	static const struct {
		unsigned ms;
		const char *words;
	} cases[] = { { 59950, "it was at" }, { 59999, "it was at" },
		{ 60000, "it stopped at" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world *w = world_new();
		uint64_t end;

		to_downloading(w);
		end = w->now + 600000;
		job_fetch_began(w->job);
		for (unsigned n = 0; n < 54; n++) {
			w->now += 10000;
			job_served(w->job, n * 100, 100);
		}
		w->now = end - cases[i].ms;
		job_served(w->job, 5400, 100);
		w->now = end;
		job_timer(w->job);
		info(w, true);
		assert_end(w, STATE_HELD, REASON_STALLED);
		assert_contains(w->device->detail, cases[i].words);
	}
}

/* A question that this machine could not send proves nothing. */
TEST(a_look_at_a_stalled_device_is_made_again_when_it_was_cut_off)
{
	struct world *w = world_new();

	to_fetched(w, 4096);
	wake(w);
	assert_true(w->calling);
	w->cut_off = true;
	nothing(w);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	assert_int_equal(wait_ms(w), 2000);
	w->cut_off = false;
	wake(w);
	info(w, true);
	assert_end(w, STATE_HELD, REASON_STALLED);
}

/* A new attempt begins without bytes and without a rate. */
TEST(each_offer_begins_with_nothing_fetched)
{
	struct world *w = world_new();

	to_whole(w);
	w->device->download.rate = 77;
	job_verdict(w->job, 409);
	info(w, true);
	info(w, true);
	assert_int_equal(w->device->state, STATE_OFFERING);
	assert_int_equal(w->device->download.bytes, 0);
	assert_int_equal(w->device->download.rate, 0);
	assert_false(w->device->download.whole);
	fetch(w, 0, 4096);
	assert_int_equal(w->device->download.bytes, 4096);
	assert_int_equal(w->device->download.rate, 0); /* of one sample */
}

/* An order may have arrived. A question is asked again later. */
TEST(a_look_is_broken_off_by_an_outage_and_an_offer_is_not)
{
	struct world *w = world_new();

	to_offering(w);
	job_fetch_began(w->job);
	assert_int_equal(w->device->state, STATE_DOWNLOADING);
	cut_off(w);
	assert_true(w->calling);
	say(w, 0);
	wake(w);
	assert_true(w->calling);
	cut_off(w);
	assert_false(w->calling);
	w->now += 30000;
	job_reconnected(w->job, "eth0 was out");
	assert_int_equal(wait_ms(w), 60000);
}

TEST(the_first_range_has_its_time_from_when_it_is_asked_for)
{
	struct world *w = world_with(&odd_limits);

	to_downloading(w);
	assert_int_equal(wait_ms(w), 61000);
	w->now += 10000;
	job_fetch_began(w->job);
	assert_int_equal(wait_ms(w), 59000);
	w->now += 5000;
	job_fetch_began(w->job);
	assert_int_equal(wait_ms(w), 54000);
}

/* There is no wait after an answer in the last moment. */
TEST(an_answer_at_the_very_end_leaves_no_time)
{
	struct world *w = world_new();

	w->now += 15000;
	nothing(w);
	assert_int_equal(w->timer, w->now);
}

TEST(a_look_that_was_cut_short_does_not_unlock)
{
	struct world *w = world_new();
	uint64_t end;

	w->device->attempt.allowed = 1;
	to_confirming(w);
	end = w->now + 30000;
	while (w->device->state == STATE_CONFIRMING && w->now < end - 2000) {
		w->now += 500;
		info(w, false);
		if (w->device->state == STATE_UNLOCKING) {
			say(w, 0);
			end = w->now + 30000;
		} else if (!w->calling) {
			wake(w);
		}
	}
	assert_true(w->calling && w->call_ends - w->now < 5000);
	silence(w, 60);
	assert_end(w, STATE_FAILED, REASON_UNLOCK_NO_EFFECT);
}

/* The device is not the cause: another device has its slot. */
TEST(who_waits_for_a_slot_is_not_held_back_afterwards)
{
	static const struct {
		enum hold hold;
		unsigned called_off;
	} table[] = { { HOLD_SLOT, 0 }, { HOLD_WINDOW, 1 } };

	for (size_t i = 0; i < COUNT(table); i++) {
		const struct decision against = { .what = DECIDE_HOLD,
			.hold = table[i].hold };
		struct world *w = world_new();

		w->against = &against;
		info(w, false);
		assert_int_equal(w->device->state, STATE_HELD);
		assert_int_equal(w->device->hold, table[i].hold);
		assert_int_equal(w->device->attempt.number, 0);
		assert_int_equal(
		    w->device->attempt.called_off, table[i].called_off);
		assert_int_equal(
		    w->device->hold_until_ms > 0, table[i].called_off > 0);
	}
}

/* The question at the old address, and the next at the new address. */
TEST(what_a_device_that_has_moved_is_asked)
{
	struct world *w = world_new();

	job_moved(w->job); /* while probing */
	assert_false(w->calling);
	silence(w, 0);
	assert_true(w->calling);
	assert_int_equal(w->call, DEVAPI_INFO);
	to_unlocking(w);
	job_moved(w->job);
	assert_int_equal(w->device->state, STATE_CONFIRMING);
	info(w, false);
	assert_int_equal(w->device->state, STATE_UNLOCKING);
	assert_int_equal(w->unlocks, 2);
	job_moved(w->job); /* no third unlock, however often it moves */
	assert_int_equal(w->device->state, STATE_CONFIRMING);
	job_moved(w->job);
	silence(w, 0);
	info(w, false);
	assert_int_equal(w->device->state, STATE_CONFIRMING);
	assert_int_equal(w->unlocks, 2);
	silence(w, 1);
	info(w, true);
	assert_int_equal(w->call, DEVAPI_FLASH);
	job_moved(w->job); /* its ranges show its address after the offer */
	assert_true(w->calling);
	assert_int_equal(w->told, 1);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, end_world);
}
