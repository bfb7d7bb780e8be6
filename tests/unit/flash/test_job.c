/* SPDX-License-Identifier: ISC */
/*
 * A job in a world in which nothing happens until the test says so, and in
 * which time is a number.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/flash/byte_ranges.h"
#include "core/flash/job_parts.h"
#include "core/image/image.h"

#include "unit/fixture.h"

#define ID   "1000a05bf6"
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
	unsigned disk_ms; /* what it takes to write down an intent */
	bool cannot_serve;
	bool cut_off;	   /* this machine, from the LAN */
	bool other_mac;	   /* who answers is somebody else by his MAC */
	bool confirmed;	   /* the last answer was: it is me, and unlocked */
	bool changed_away; /* the state changed since */
	const struct decision *against; /* what is decided now; NULL: go on */
	bool decided;			/* since the last answer: go on */
	struct device *device;
	struct job *job;
};

static uint64_t
world_now(void *ctx)
{
	struct world *w = ctx;

	return w->now;
}

static uint64_t
world_real(void *ctx)
{
	return world_now(ctx);
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

static void
device_changed(struct device *device, enum state old, void *ctx)
{
	(void)device;
	(void)old;
	(void)ctx;
}

static time_t
wall_clock(void *ctx)
{
	(void)ctx;
	return 1700000000;
}

static const struct job_ops ops = { world_now, world_call, world_hang_up,
	world_serve, world_intend, world_set_timer, world_decide,
	world_progress, world_ended, world_real };

static int64_t
steady_s(void *ctx)
{
	(void)ctx;
	return 1700000000;
}

static const struct device_ops device_ops = { device_changed, wall_clock,
	steady_s };
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

static void
world_init_job(struct world *w, const struct job_limits *l, size_t size)
{
	*w = (struct world){ .now = 1000000 };
	w->device = device_new(ID, &device_ops, NULL);
	w->device->attempts = 3;
	w->job = job_new(w->device, size, l, &ops, w);
	job_start(w->job);
}

static void
world_init_limits(struct world *w, const struct job_limits *l)
{
	world_init_job(w, l, SIZE);
}

static void
world_init(struct world *w)
{
	world_init_limits(w, &limits);
}

static void
world_fini(struct world *w)
{
	job_free(w->job);
	device_free(w->device);
}

/* ---- what the device does ---------------------------------------------- */

static void
answer(struct world *w, enum job_heard heard, const struct devapi_reply *reply)
{
	struct job_answer a = { heard, reply, "no words",
		heard == JOB_UNSENT && w->cut_off, w->other_mac };

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

/* Let time pass; whatever is asked meanwhile is not answered. */
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

/* The same, but info is answered as stock firmware does. */
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
to_offering(struct world *w)
{
	to_unlocking(w);
	say(w, 0);
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
assert_end(struct world *w, enum state state, enum reason reason)
{
	assert_int_equal(w->device->state, state);
	assert_int_equal(w->device->reason, reason);
	assert_int_equal(w->ended, 1);
}

/* ---- the tests --------------------------------------------------------- */

static void
a_flash_goes_through_all_its_steps(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	assert_int_equal(w.device->state, STATE_PROBING);
	assert_int_equal(w.form, DEVAPI_WITH_ID);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	assert_int_equal(w.device->bytes, SIZE);
	assert_int_equal(w.progress, 3);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 29);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 20);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	assert_int_equal(w.told, 1);
	assert_int_equal(w.unlocks, 1);
	world_fini(&w);
}

static void
an_unlocked_device_is_asked_again_but_not_unlocked(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	info(&w, true);
	assert_int_equal(w.device->state, STATE_CONFIRMING);
	info(&w, true);
	assert_int_equal(w.device->state, STATE_OFFERING);
	assert_int_equal(w.unlocks, 0);
	world_fini(&w);
}

static void
silence_to_the_id_is_followed_by_leaving_it_out(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	nothing(&w);
	w.now = w.timer;
	job_timer(w.job);
	assert_int_equal(w.form, DEVAPI_WITHOUT_ID);
	info(&w, false);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	assert_int_equal(w.form, DEVAPI_WITHOUT_ID);
	world_fini(&w);
}

/* ---- how long each thing may take -------------------------------------- */

/* No two are the same, so that none is taken for another. */
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

static void
wake(struct world *w)
{
	w->now = w->timer;
	w->timer = 0;
	job_timer(w->job);
}

static void
each_question_has_its_time(void **unused)
{
	struct world w;

	(void)unused;
	world_init_limits(&w, &odd_limits);
	assert_int_equal(w.call, DEVAPI_INFO);
	assert_int_equal(call_ms(&w), 5000);
	w.now += 5000;
	nothing(&w);
	assert_int_equal(wait_ms(&w), 1000);
	wake(&w);
	assert_int_equal(call_ms(&w), 5000);
	w.now += 5000;
	nothing(&w);
	wake(&w); /* 12 s are over: 3 are left */
	assert_int_equal(call_ms(&w), 3000);
	w.now += 2999;
	nothing(&w);
	assert_int_equal(wait_ms(&w), 1);
	assert_int_equal(w.device->state, STATE_PROBING);
	wake(&w);
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	assert_int_equal(w.now, 1000000 + 15000);
	world_fini(&w);

	world_init_limits(&w, &odd_limits);
	to_unlocking(&w);
	assert_int_equal(call_ms(&w), 180000);
	say(&w, 0);
	assert_int_equal(w.call, DEVAPI_INFO);
	assert_int_equal(call_ms(&w), 5000);
	info(&w, false);
	assert_int_equal(wait_ms(&w), 1000);
	wake(&w);
	info(&w, true);
	assert_int_equal(w.call, DEVAPI_FLASH);
	assert_int_equal(call_ms(&w), 29000);
	world_fini(&w);
}

/* It asks once a second until its time is up, and not a moment longer. */
static void
a_state_that_asks_in_vain_has_its_time(void **unused)
{
	struct world w;

	(void)unused;
	world_init_limits(&w, &odd_limits);
	to_unlocking(&w);
	for (uint64_t begin = w.now; w.ended == 0;) {
		assert_true(w.now <= begin + 180000);
		if (w.calling)
			answer(&w, JOB_UNSENT, NULL);
		else
			wake(&w);
		if (w.ended > 0)
			assert_int_equal(w.now, begin + 180000);
	}
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	world_fini(&w);

	world_init_limits(&w, &odd_limits);
	to_unlocking(&w);
	nothing(&w); /* and it stays locked */
	for (uint64_t begin = w.now; w.ended == 0;) {
		if (w.calling)
			info(&w, false);
		else
			wake(&w);
		if (w.ended > 0)
			assert_int_equal(w.now, begin + 31000);
	}
	assert_end(&w, STATE_HELD, REASON_UNLOCK_UNREACHABLE);
	world_fini(&w);
}

static void
each_part_of_a_download_has_its_time(void **unused)
{
	struct world w;

	(void)unused;
	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	assert_int_equal(wait_ms(&w), 61000);
	w.now += 60999;
	job_timer(w.job);
	assert_false(w.calling);
	w.now += 1;
	job_timer(w.job);
	assert_int_equal(w.call, DEVAPI_INFO);
	assert_int_equal(call_ms(&w), 5000);
	nothing(&w);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	world_fini(&w);

	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	job_fetch_began(w.job);
	job_served(w.job, 0, 4096);
	assert_int_equal(wait_ms(&w), 59000);
	w.now += 58999;
	job_timer(w.job);
	assert_false(w.calling);
	w.now += 1;
	job_timer(w.job);
	assert_true(w.calling);
	nothing(&w);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	world_fini(&w);

	/* All of it has 600 s, however well it goes. */
	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	job_fetch_began(w.job);
	for (unsigned i = 0; i < 11; i++) {
		w.now += 50000;
		job_served(w.job, 0, 4096);
	}
	assert_int_equal(wait_ms(&w), 9000); /* its rate is looked at */
	w.now += 9000;
	job_timer(w.job);
	assert_int_equal(wait_ms(&w), 41000);
	w.now += 40999;
	job_timer(w.job);
	assert_false(w.calling);
	w.now += 1;
	job_timer(w.job);
	assert_true(w.calling);
	world_fini(&w);

	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	assert_int_equal(wait_ms(&w), 32000);
	w.now += 31999;
	job_timer(w.job);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	w.now += 1;
	job_timer(w.job);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	assert_int_equal(wait_ms(&w), 2000);
	world_fini(&w);
}

static void
who_is_gone_for_28_seconds_has_left(void **unused)
{
	struct world w;
	uint64_t asked;

	(void)unused;
	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	wake(&w);
	assert_int_equal(call_ms(&w), 5000);
	asked = w.now;
	w.now += 5000;
	nothing(&w);
	assert_int_equal(wait_ms(&w), 2000);
	wake(&w);
	w.now = asked + 27999;
	nothing(&w);
	assert_int_equal(w.ended, 0);
	wake(&w);
	w.now = asked + 28000;
	nothing(&w);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

static void
who_does_not_leave_in_90_seconds_has_not(void **unused)
{
	struct world w;
	uint64_t begin;

	(void)unused;
	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	begin = w.now;
	while (w.ended == 0) {
		if (w.calling)
			info(&w, true);
		else
			wake(&w);
	}
	assert_int_equal(w.now, begin + 90000);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);
}

/* 33 s, twice that, four times that; and up to a quarter more by its id. */
static void
the_next_attempt_is_later_each_time(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_limits l = odd_limits;
		struct world w;
		uint64_t wait;

		l.backoff_sec = cases[i].backoff_sec;
		world_init_limits(&w, &l);
		w.device->attempts = 99;
		w.device->attempt = cases[i].attempt;
		silence(&w, 60);
		assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
		wait = w.device->hold_until_ms - w.now;
		assert_in_range(wait, cases[i].least, cases[i].least * 5 / 4);
		differs |= wait != cases[i].least;
		world_fini(&w);
	}
	assert_true(differs);
}

/* Devices that failed together come again apart: in 101 steps, evenly. */
static void
the_next_attempt_of_many_devices_is_spread_over_a_quarter(void **unused)
{
	static const struct {
		unsigned backoff_sec;
		uint64_t least;
	} cases[] = { { 100, 100000 }, { 4000, 3600000 } };

	(void)unused;
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		const uint64_t step = cases[n].least / 400;
		bool seen[101] = { false };
		struct job_limits l = limits;

		l.backoff_sec = cases[n].backoff_sec;
		for (unsigned i = 0; i < 1000; i++) {
			struct world w;
			uint64_t late;

			world_init_limits(&w, &l);
			snprintf(w.device->id, sizeof(w.device->id), "10%08x",
			    i * 7);
			silence(&w, 60);
			late = w.device->hold_until_ms - w.now - cases[n].least;
			assert_int_equal(late % step, 0);
			assert_in_range(late / step, 0, 100);
			seen[late / step] = true;
			world_fini(&w);
		}
		for (size_t i = 0; i < 101; i++)
			assert_true(seen[i]);
	}
}

/* ---- firmware 3.0 to 3.2 ----------------------------------------------- */

static void
world_init_old(struct world *w)
{
	*w = (struct world){ .now = 1000000 };
	w->device = device_new(ID, &device_ops, NULL);
	snprintf(w->device->name, sizeof(w->device->name), "eWeLink_" ID);
	snprintf(w->device->type, sizeof(w->device->type), "diy_plug");
	w->device->said.is_old = true;
	w->device->form = DEVAPI_OLD;
	w->device->attempts = 3;
	w->job = job_new(w->device, SIZE, &limits, &ops, w);
	job_start(w->job);
}

static void
next_question(struct world *w)
{
	assert_false(w->calling);
	w->now = w->timer;
	w->timer = 0;
	job_timer(w->job);
	assert_true(w->calling);
}

/* What it says to its question is not its protocol. */
static void
say_page(struct world *w)
{
	answer(w, JOB_GARBAGE, NULL);
}

static void
say_422(struct world *w)
{
	say(w, 422);
}

static void
an_old_device_is_asked_in_its_own_way_to_the_end(void **unused)
{
	struct world w;

	(void)unused;
	world_init_old(&w);
	assert_int_equal(w.form, DEVAPI_OLD);
	info_of(&w, "", false);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	assert_int_equal(w.form, DEVAPI_OLD);
	say(&w, 0);
	info_of(&w, "", true);
	assert_int_equal(w.device->state, STATE_OFFERING);
	assert_int_equal(w.form, DEVAPI_OLD);
	world_fini(&w);
}

static void
an_old_device_without_info_is_told_from_one_that_is_silent(void **unused)
{
	void (*const says[])(struct world *) = { nothing, say_page, say_422 };

	(void)unused;
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct world w;

		world_init_old(&w);
		says[i](&w);
		next_question(&w);
		assert_int_equal(w.call, DEVAPI_SIGNAL);
		assert_int_equal(w.form, DEVAPI_OLD);
		say(&w, 0);
		assert_end(&w, STATE_REFUSED, REASON_FIRMWARE_OUT_OF_RANGE);
		assert_non_null(
		    strstr(w.device->detail, "it needs firmware 3.3 or later"));
		assert_true(w.device->has_no_info);
		assert_int_equal(w.unlocks + w.told, 0);
		world_fini(&w);
	}
}

static void
what_it_says_to_the_second_question_counts_too(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init_old(&w);
		nothing(&w);
		next_question(&w);
		say(&w, cases[i].error);
		assert_end(&w, cases[i].state, cases[i].reason);
		assert_false(w.device->has_no_info);
		world_fini(&w);
	}
}

static void
an_old_announcement_does_not_keep_a_newer_device_from_being_asked(void **unused)
{
	struct world w;

	(void)unused;
	world_init_old(&w);
	nothing(&w);
	next_question(&w);
	nothing(&w);
	next_question(&w);
	assert_int_equal(w.call, DEVAPI_INFO);
	assert_int_equal(w.form, DEVAPI_WITH_ID);
	info(&w, false);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	assert_int_equal(w.form, DEVAPI_WITH_ID);
	world_fini(&w);
}

static void
no_other_device_is_asked_in_the_old_way(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	snprintf(w.device->name, sizeof(w.device->name), "eWeLink_" ID);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(w.call, DEVAPI_INFO);
		assert_int_not_equal(w.form, DEVAPI_OLD);
		w.now += 10; /* it hung up */
		nothing(&w);
		next_question(&w);
	}
	world_fini(&w);

	/* Of one that announced nothing nobody knows; the usual comes first. */
	world_init(&w);
	assert_int_equal(w.form, DEVAPI_WITH_ID);
	nothing(&w);
	next_question(&w);
	assert_int_equal(w.form, DEVAPI_WITHOUT_ID);
	nothing(&w);
	next_question(&w);
	assert_int_equal(w.form, DEVAPI_OLD);
	world_fini(&w);
}

static void
without_the_id_the_answer_must_have_it(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	nothing(&w);
	w.now = w.timer;
	job_timer(w.job);
	info_of(&w, "", false);
	assert_end(&w, STATE_HELD, REASON_WRONG_DEVICE);
	world_fini(&w);
}

static void
nobody_there_is_no_answer(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	silence(&w, 60);
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	assert_int_equal(w.device->hold, HOLD_BACKOFF);
	assert_true(w.now <= 1000000 + 16000);
	world_fini(&w);
}

/* What it announces of its port is not believed, but may be the reason. */
static void
another_port_is_told(void **unused)
{
	static const struct {
		uint16_t said;
		bool is_told;
	} cases[] = { { 0, false }, { 8081, false }, { 9000, true } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		w.device->said.port = cases[i].said;
		silence(&w, 60);
		assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
		assert_int_equal(strstr(w.device->detail,
				     "at port 8081, but the device announces "
				     "port 9000: to ask it there, write "
				     "Device=") != NULL,
		    cases[i].is_told);
		assert_int_equal(
		    strstr(w.device->detail, ":9000 " ID " into") != NULL,
		    cases[i].is_told);
		world_fini(&w);
	}
}

static void
nonsense_is_a_bad_answer(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	while (w.ended == 0) {
		if (w.calling) {
			answer(&w, JOB_GARBAGE, NULL);
		} else {
			w.now = w.timer;
			job_timer(w.job);
		}
	}
	assert_end(&w, STATE_HELD, REASON_BAD_ANSWER);
	world_fini(&w);
}

static void
another_device_is_never_told_to_fetch(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	info_of(&w, "1000ffffff", false);
	assert_end(&w, STATE_HELD, REASON_WRONG_DEVICE);
	world_fini(&w);

	world_init(&w);
	to_unlocking(&w);
	say(&w, 0);
	info_of(&w, "1000ffffff", true);
	assert_end(&w, STATE_HELD, REASON_WRONG_DEVICE);
	assert_int_equal(w.told, 0);
	world_fini(&w);
}

static void
codes_become_reasons(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		if (cases[i].to == DEVAPI_UNLOCK)
			to_unlocking(&w);
		else if (cases[i].to == DEVAPI_FLASH)
			to_offering(&w);
		say(&w, cases[i].code);
		/* A no to the unlock is a hint as well. */
		if (w.device->state == STATE_CONFIRMING)
			info(&w, false);
		assert_end(&w, cases[i].state, cases[i].reason);
		world_fini(&w);
	}
}

static void
to_confirming(struct world *w)
{
	to_unlocking(w);
	say(w, 0);
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

/* Whatever attempt it was; and the device comes back by itself. */
static void
an_attempt_that_the_mode_of_the_device_ends_does_not_count(void **unused)
{
	static const struct {
		void (*to)(struct world *);
		int code;
		unsigned attempt, attempts;
		enum state state;
		unsigned left; /* the attempts that it has had then */
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
		/* it had been told */
		{ to_offering, 401, 1, 3, STATE_HELD, 1 },
		{ to_offering, 401, 1, 1, STATE_FAILED, 1 },
		{ to_fetching, 401, 1, 3, STATE_HELD, 1 },
		{ to_unlocking_again, 401, 1, 3, STATE_HELD, 1 },
		{ to_unlocking_again, 401, 1, 1, STATE_FAILED, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device;
		struct world w;

		world_init(&w);
		device = w.device;
		if (cases[i].to != NULL)
			cases[i].to(&w);
		device->attempt = cases[i].attempt;
		device->attempts = cases[i].attempts;
		say(&w, cases[i].code);
		assert_int_equal(device->state, cases[i].state);
		assert_int_equal(device->attempt, cases[i].left);
		if (cases[i].state == STATE_REFUSED) {
			assert_true(device->encrypted && device->uncounted);
			assert_false(device->info_known);
			assert_string_equal(device->no_info, device->detail);
			assert_true(device->hold_until_ms > w.now);
		}
		world_fini(&w);
	}
}

/* What its info shows of its kind is no failure either. */
static void
a_device_that_turns_out_to_be_of_another_kind_is_refused(void **unused)
{
	static const struct {
		struct devapi_info info;
		enum reason reason;
	} cases[] = {
		{ { .firmware = "4.1.0" }, REASON_FIRMWARE_OUT_OF_RANGE },
		{ { .has_switches = true }, REASON_WRONG_CHIP },
		{ { .is_foreign = true }, REASON_WRONG_TYPE },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct devapi_reply reply = { .has_error = true,
			.has_info = true,
			.info = cases[i].info };
		struct world w;

		world_init(&w);
		snprintf(w.device->type, sizeof(w.device->type), "diy_plug");
		snprintf(reply.info.id, sizeof(reply.info.id), ID);
		reply.info.has_unlocked = reply.info.unlocked = true;
		answer(&w, JOB_REPLY, &reply);
		assert_end(&w, STATE_REFUSED, cases[i].reason);
		assert_int_equal(w.device->attempt, 0);
		world_fini(&w);
	}
}

/* ---- what is decided while it goes on ---------------------------------- */

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

static void
nothing_is_offered_that_is_not_wanted_any_more(void **unused)
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
		/* It was told to fetch in this attempt, and said no. */
		{ to_unlocking_again, by_others, 2 },
	};
	struct policy *policy = fixture_policy("other", "");

	(void)unused;
	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++)
		for (size_t j = 0; j < sizeof(ways) / sizeof(ways[0]); j++) {
			struct decision against = decisions[i].against;
			struct device *device;
			struct world w;
			unsigned told;

			against.policy = policy;
			snprintf(
			    against.detail, sizeof(against.detail), "so it is");
			world_init(&w);
			device = w.device;
			if (ways[j].to != NULL)
				ways[j].to(&w);
			told = w.told;
			device->attempt = 2;
			w.against = &against;
			ways[j].how(&w);
			assert_end(&w, decisions[i].state, against.reason);
			assert_int_equal(device->hold, decisions[i].hold);
			assert_string_equal(device->detail, "so it is");
			assert_string_equal(device->policy, "other");
			assert_int_equal(device->attempt, ways[j].left);
			assert_int_equal(device->uncounted, ways[j].left == 1);
			assert_int_equal(w.told, told);
			assert_false(w.calling);
			/* Who says now this, now that must wait. */
			assert_int_equal(device->hold_until_ms > w.now,
			    ways[j].how == by_info &&
				decisions[i].state != STATE_FAILED);
			world_fini(&w);
		}
	policy_free(policy);
}

static void
nothing_disturbs_a_device_that_was_told_to_fetch(void **unused)
{
	static const struct decision against = { .what = DECIDE_IGNORE };
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	w.against = &against;
	assert_true(job_reconsider(w.job));
	say(&w, 0);
	assert_true(job_reconsider(w.job));
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	assert_true(job_reconsider(w.job));
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

/* Each one in a row waits longer; an offer ends the row. */
static void
attempts_that_do_not_count_come_less_and_less_often(void **unused)
{
	static const unsigned shortest[] = { 1, 2, 4, 8, 16, 16, 16 };
	struct world w;

	(void)unused;
	world_init(&w);
	for (unsigned i = 0; i < 7; i++) {
		uint64_t least = shortest[i] * UINT64_C(30000);

		say(&w, 401);
		assert_int_equal(w.device->called_off, i < 5 ? i + 1 : 5);
		assert_int_equal(w.device->attempt, 0);
		assert_in_range(
		    w.device->hold_until_ms - w.now, least, least * 5 / 4);
		job_start(w.job);
		w.ended = 0;
	}
	to_offering(&w);
	assert_int_equal(w.device->called_off, 0);
	world_fini(&w);
}

/* An address that may not be contacted any more is decided about, too. */
static void
a_forbidden_address_is_decided_about(void **unused)
{
	static const struct decision against = { .what = DECIDE_REFUSE,
		.reason = REASON_ADDRESS_NOT_ALLOWED };
	struct world w;

	(void)unused;
	world_init(&w);
	answer(&w, JOB_FORBIDDEN, NULL);
	assert_end(&w, STATE_FAILED, REASON_ADDRESS_NOT_ALLOWED);
	world_fini(&w);

	world_init(&w);
	w.against = &against;
	answer(&w, JOB_FORBIDDEN, NULL);
	assert_end(&w, STATE_REFUSED, REASON_ADDRESS_NOT_ALLOWED);
	world_fini(&w);
}

/* The cloud says no, or nothing, and the device has unlocked all the same. */
static void
a_refused_unlock_is_looked_at(void **unused)
{
	static const int codes[] = { 500, 503, 422 };

	(void)unused;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct world w;

		world_init(&w);
		to_unlocking(&w);
		say(&w, codes[i]);
		assert_int_equal(w.device->state, STATE_CONFIRMING);
		info(&w, true);
		assert_int_equal(w.device->state, STATE_OFFERING);
		world_fini(&w);

		world_init(&w);
		to_unlocking(&w);
		say(&w, codes[i]);
		silence(&w, 60);
		assert_end(&w, STATE_HELD,
		    codes[i] == 503 ? REASON_UNLOCK_UNREACHABLE
				    : REASON_UNLOCK_REFUSED);
		assert_int_equal(w.unlocks, 1);
		world_fini(&w);
	}
}

/* Firmware up to 3.4 says no id: its MAC has to do. */
static void
who_says_no_id_must_have_its_mac(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_unlocking(&w);
	say(&w, 0);
	w.other_mac = true;
	info(&w, true);
	assert_end(&w, STATE_HELD, REASON_WRONG_DEVICE);
	assert_int_equal(w.told, 0);
	world_fini(&w);
}

/* Somebody may take its address while it restarts, and say its id. */
static void
another_mac_is_another_device_once_it_was_told(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	w.other_mac = true;
	stock_for(&w, 200, true);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	assert_int_equal(w.told, 1);
	world_fini(&w);

	/* Nor is it the device that answers where a download has stopped. */
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE / 2);
	w.other_mac = true;
	stock_for(&w, 200, true);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	assert_non_null(strstr(w.device->detail, "it does not answer now"));
	world_fini(&w);
}

/* What a device without a type is: a plug has all of its keys, and no other. */
static void
what_is_no_plug_is_not_flashed(void **unused)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };
	struct world w;

	(void)unused;
	world_init(&w);
	reply.info.has_switch = reply.info.has_unlocked = true;
	snprintf(reply.info.id, sizeof(reply.info.id), ID);
	answer(&w, JOB_REPLY, &reply);
	assert_end(&w, STATE_REFUSED, REASON_WRONG_TYPE);
	world_fini(&w);
}

/* The call that told it to fetch may hang until it restarts. */
static void
how_the_offer_ends_is_no_farewell(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	fetch(&w, 0, SIZE);
	assert_true(w.calling && w.call == DEVAPI_FLASH);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	assert_false(w.calling);
	stock_for(&w, 200, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);
}

/* Until it is known that it lives, nobody is told to switch it off. */
static void
a_damaged_download_is_not_forgotten(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 409);
	assert_int_equal(w.device->state, STATE_PROBING);
	assert_true(w.device->damaged);
	silence(&w, 60);
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	assert_true(w.device->damaged);
	world_fini(&w);

	world_init(&w);
	to_downloading(&w);
	job_verdict(w.job, 409);
	info(&w, true);
	info(&w, true);
	assert_int_equal(w.call, DEVAPI_FLASH);
	say(&w, 0);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 200);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	assert_false(w.device->damaged);
	world_fini(&w);
}

/* ---- what is our own failure ------------------------------------------- */

#define OUT "this machine cannot reach 192.168.1.0/24: eth0 has no carrier"

static void
cut_off(struct world *w)
{
	snprintf(w->device->cut_off, sizeof(w->device->cut_off), OUT);
	job_cut_off(w->job);
}

static void
begin_nothing(struct world *w)
{
	(void)w;
}

/* All is handed over; and it has reported that, too. */
static void
to_whole(struct world *w)
{
	to_downloading(w);
	fetch(w, 0, SIZE);
}

static void
to_rebooting(struct world *w)
{
	to_whole(w);
	job_verdict(w->job, 0);
}

/* Before it was told to fetch there is nothing that lasts. */
static void
an_attempt_that_is_cut_off_before_the_offer_does_not_count(void **unused)
{
	static void (*const begins[])(
	    struct world *) = { begin_nothing, to_unlocking, to_confirming };

	(void)unused;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		struct world w;

		world_init(&w);
		w.device->attempts = 1;
		begins[i](&w);
		cut_off(&w);
		assert_end(&w, STATE_HELD, REASON_NONE);
		assert_int_equal(w.device->hold, HOLD_NETWORK);
		assert_string_equal(w.device->detail, OUT);
		assert_int_equal(w.device->attempt, 0);
		assert_int_equal(w.device->kept.reason, REASON_NONE);
		assert_int_equal(w.told, 0);
		world_fini(&w);
	}
}

/* Each question fails here, in this machine: no descriptor, say. */
static void
what_could_not_be_asked_is_not_the_silence_of_the_device(void **unused)
{
	static void (*const begins[])(struct world *) = { begin_nothing,
		to_unlocking, to_confirming, to_offering };

	(void)unused;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		struct world w;

		world_init(&w);
		w.device->attempts = 1;
		begins[i](&w);
		w.cut_off = true;
		silence(&w, 400);
		assert_end(&w, STATE_HELD, REASON_NOT_OFFERED);
		assert_int_equal(w.device->hold, HOLD_BACKOFF);
		assert_int_equal(w.device->attempt, 0);
		assert_true(w.device->uncounted);
		world_fini(&w);
	}
}

/* Whatever ends a download that we have broken off ourselves. */
static void
a_download_that_we_broke_off_is_stated_as_ours(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		w.device->attempts = 1;
		to_downloading(&w);
		fetch(&w, 0, cases[i].bytes);
		cut_off(&w);
		assert_int_equal(w.device->state, STATE_DOWNLOADING);
		job_reconnected(w.job, "eth0 was out for 45 s");
		if (cases[i].verdict != 0)
			job_verdict(w.job, cases[i].verdict);
		silence(&w, 50);
		if (cases[i].verdict == 0 && cases[i].bytes > 0)
			assert_int_equal(w.ended, 0); /* its time is anew */
		silence(&w, 100);
		assert_end(&w, STATE_HELD, cases[i].reason);
		assert_int_equal(w.device->hold, HOLD_BACKOFF);
		assert_int_equal(w.device->attempt, 0);
		assert_int_equal(w.told, 1);
		assert_non_null(strstr(
		    w.device->detail, "; meanwhile eth0 was out for 45 s"));
		world_fini(&w);
	}
}

/* Each reason, in each state that an outage can be followed by. */
static void
an_outage_excuses_what_it_may_have_caused_and_nothing_else(void **unused)
{
	static void (*const begins[])(struct world *) = { begin_nothing,
		to_offering, to_downloading, to_whole, to_rebooting };

	(void)unused;
	for (size_t i = 0; i < 2 * sizeof(begins) / sizeof(begins[0]); i++)
		for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
			enum reason_retry retry = reason_retry(r);
			bool had_outage = i % 2 == 1;
			bool is_excused = had_outage &&
			    (begins[i / 2] == to_offering ||
				begins[i / 2] == to_downloading) &&
			    (retry == REASON_LATER || retry == REASON_AT_ONCE);
			enum state next;
			struct world w;

			if (begins[i / 2] == begin_nothing &&
			    retry == REASON_BARRED)
				continue;
			world_init(&w);
			begins[i / 2](&w);
			if (retry == REASON_AT_ONCE &&
			    !state_next(
				w.device->state, STATE_EVENT_AT_ONCE, &next)) {
				world_fini(&w);
				continue;
			}
			if (had_outage)
				job_reconnected(w.job, "eth0 was out");
			job_fail(w.job, r, "it said so");
			assert_string_equal(w.device->detail,
			    is_excused ? "it said so; meanwhile eth0 was out"
				       : "it said so");
			assert_int_equal(w.device->attempt,
			    1 - is_excused + (retry == REASON_AT_ONCE));
			world_fini(&w);
		}
}

/*
 * A device that lost us may go on trying until its time is up.  Where it has
 * said that it is done, or was not disturbed, the usual delay is enough.
 */
static void
a_device_that_lost_us_is_left_alone_until_its_time_is_up(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		to_downloading(&w);
		if (cases[i].is_excused)
			job_excuse(w.job, "it was us");
		w.device->since_s -= cases[i].ago_s;
		job_fail(w.job, cases[i].reason, "so");
		assert_int_equal(w.device->is_excused, cases[i].is_excused);
		assert_in_range(w.device->hold_until_ms - w.now,
		    cases[i].wait_ms,
		    cases[i].wait_ms < 37500 ? 37500 : cases[i].wait_ms);
		w.ended = 0;
		job_start(w.job);
		assert_false(w.device->is_excused);
		world_fini(&w);
	}
}

/* It goes on, and what follows is its own. */
static void
a_download_that_goes_on_after_an_outage_ends_as_any_other(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 4096);
	cut_off(&w);
	job_reconnected(w.job, "eth0 was out for 45 s");
	fetch(&w, 4096, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);

	world_init(&w);
	to_downloading(&w);
	cut_off(&w);
	job_reconnected(w.job, "eth0 was out for 45 s");
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	stock_for(&w, 100, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	assert_int_equal(w.device->attempt, 1);
	world_fini(&w);

	/* An outage before the offer excuses nothing behind it. */
	world_init(&w);
	job_reconnected(w.job, "eth0 was out for 45 s");
	to_downloading(&w);
	silence(&w, 100);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_int_equal(w.device->attempt, 1);
	world_fini(&w);
}

/* Nor does what ends while something of ours is in the way. */
static void
a_download_that_ends_while_we_serve_nobody_is_stated_as_ours(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.device->attempts = 1;
	to_downloading(&w);
	job_excuse(w.job, "this machine has no free file descriptors");
	job_verdict(w.job, 404);
	assert_end(&w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w.device->attempt, 0);
	assert_non_null(strstr(w.device->detail,
	    "; meanwhile this machine has no free file descriptors"));
	world_fini(&w);

	/* Before the offer it excuses nothing. */
	world_init(&w);
	job_excuse(w.job, "this machine has no free file descriptors");
	to_downloading(&w);
	job_verdict(w.job, 404);
	assert_end(&w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w.device->attempt, 1);
	world_fini(&w);
}

/* Gone is who does not answer although we can hear. */
static void
silence_before_an_outage_has_ended_is_no_farewell(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 25); /* of the 30 s that make gone of absent */
	assert_int_equal(w.device->state, STATE_REBOOTING);
	cut_off(&w);
	job_reconnected(w.job, "eth0 was out for 45 s");
	silence(&w, 25);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	stock_for(&w, 100, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);
}

/* ---- what several attempts tell ---------------------------------------- */

static void
next_attempt(struct world *w)
{
	assert_int_equal(w->device->state, STATE_HELD);
	w->ended = 0;
	job_free(w->job);
	w->job = job_new(w->device, SIZE, &limits, &ops, w);
	job_start(w->job);
}

/* The rule, for each pair of reasons that one attempt can follow another by. */
static void
silence_hides_nothing_that_was_known_before_it(void **unused)
{
	static const enum reason silent[] = { REASON_NOT_OFFERED,
		REASON_NO_ANSWER, REASON_WRONG_DEVICE };

	(void)unused;
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

/* And in a job: each reason of a first attempt, and silence in the others. */
static void
the_last_reason_that_tells_something_is_that_of_the_failure(void **unused)
{
	(void)unused;
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++) {
		struct world w;

		if (reason_retry(r) != REASON_LATER || r == REASON_NO_ANSWER ||
		    r == REASON_NOT_OFFERED)
			continue;
		world_init(&w);
		w.device->bytes = 4096;
		job_fail(w.job, r, "it said so");
		assert_end(&w, STATE_HELD, r);
		next_attempt(&w);
		silence(&w, 60);
		assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
		next_attempt(&w);
		silence(&w, 60);
		assert_end(&w, STATE_FAILED, r);
		assert_int_equal(w.device->bytes, 4096);
		assert_string_equal(w.device->detail,
		    "in attempt 1: it said so; since then no answer in "
		    "attempts 2 and 3");
		world_fini(&w);
	}
}

/* What came of the attempts behind the one that tells. */
static void
what_followed_the_telling_attempt_is_summed_up(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[128];
		struct world w;

		world_init(&w);
		w.device->attempts = cases[i].attempts;
		job_fail(w.job, REASON_STALLED, "it stopped");
		while (w.device->state == STATE_HELD) {
			next_attempt(&w);
			job_fail(w.job, cases[i].last, "it said so");
		}
		assert_end(&w, STATE_FAILED, REASON_STALLED);
		snprintf(want, sizeof(want),
		    "in attempt 1: it stopped; since then %s", cases[i].since);
		assert_string_equal(w.device->detail, want);
		world_fini(&w);
	}
}

/* Its power is cut in the middle: it is silent ever after. */
static void
a_download_that_stopped_is_not_forgotten_in_silence(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 4096);
	silence(&w, 100);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	for (int i = 0; i < 2; i++) {
		next_attempt(&w);
		w.device->bytes = 0; /* as the owner of the job does */
		silence(&w, 60);
	}
	assert_end(&w, STATE_FAILED, REASON_STALLED);
	assert_int_equal(w.device->bytes, 4096);
	assert_string_equal(w.device->detail,
	    "in attempt 1: it stopped at 4096 of 10000 bytes; it does not "
	    "answer now; since then no answer in attempts 2 and 3");
	world_fini(&w);

	/* What comes of the second attempt is what counts, if it is known. */
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 4096);
	silence(&w, 100);
	next_attempt(&w);
	to_downloading(&w);
	silence(&w, 100);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	next_attempt(&w);
	silence(&w, 60);
	assert_end(&w, STATE_FAILED, REASON_NEVER_FETCHED);
	assert_int_equal(w.device->bytes, 0);
	assert_non_null(strstr(w.device->detail, "in attempt 2: nothing"));
	assert_non_null(strstr(w.device->detail, "no answer in attempt 3"));
	world_fini(&w);
}

/* Another set of attempts knows nothing of the one before. */
static void
a_new_set_of_attempts_begins_with_nothing_known(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	job_fail(w.job, REASON_STALLED, "it said so");
	w.device->attempt = 0;
	w.device->attempts = 1;
	next_attempt(&w);
	silence(&w, 60);
	assert_end(&w, STATE_FAILED, REASON_NO_ANSWER);
	world_fini(&w);
}

static void
an_unanswered_unlock_is_looked_at(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_unlocking(&w);
	silence(&w, 180);
	assert_int_equal(w.device->state, STATE_CONFIRMING);
	info(&w, true);
	assert_int_equal(w.device->state, STATE_OFFERING);
	world_fini(&w);

	world_init(&w);
	to_unlocking(&w);
	nothing(&w);
	stock_for(&w, 60, false);
	assert_end(&w, STATE_HELD, REASON_UNLOCK_UNREACHABLE);
	assert_int_equal(w.told, 0);
	world_fini(&w);
}

static void
an_unlock_without_effect_is_tried_twice(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_unlocking(&w);
	say(&w, 0);
	stock_for(&w, 10, false);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	say(&w, 0);
	stock_for(&w, 40, false);
	assert_end(&w, STATE_HELD, REASON_UNLOCK_NO_EFFECT);
	assert_int_equal(w.unlocks, 2);
	world_fini(&w);
}

static void
a_device_that_locked_itself_is_unlocked_again_once(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	say(&w, 403);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	say(&w, 0);
	info(&w, true);
	say(&w, 403);
	assert_end(&w, STATE_HELD, REASON_OFFER_REFUSED);
	world_fini(&w);
}

static void
an_empty_reply_to_the_offer_means_nothing(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	nothing(&w);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	assert_int_equal(w.told, 1);
	world_fini(&w);

	world_init(&w);
	to_offering(&w);
	nothing(&w);
	stock_for(&w, 90, true);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_int_equal(w.told, 1);
	world_fini(&w);
}

static void
one_that_could_not_come_is_told_from_one_that_is_off(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		to_offering(&w);
		if (cases[i].says == -1)
			nothing(&w);
		else
			say(&w, cases[i].says);
		if (cases[i].fetches)
			fetch(&w, 0, 4096);
		if (cases[i].answers_later)
			stock_for(&w, 90, true);
		else
			silence(&w, 90);
		assert_int_equal(w.ended, 1);
		if (w.device->never_came != cases[i].never_came)
			fail_msg("case %zu", i);
		world_fini(&w);
	}
}

static void
ranges_may_come_before_the_reply(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	fetch(&w, 0, 4096);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	say(&w, 0);
	fetch(&w, 4096, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	world_fini(&w);
}

static void
an_offer_that_never_left_was_not_made(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	answer(&w, JOB_UNSENT, NULL);
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	world_fini(&w);
}

static void
who_may_not_be_asked_has_not_left(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	answer(&w, JOB_FORBIDDEN, NULL);
	assert_end(&w, STATE_FAILED, REASON_ADDRESS_NOT_ALLOWED);
	world_fini(&w);

	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	w.now = w.timer;
	job_timer(w.job);
	answer(&w, JOB_FORBIDDEN, NULL);
	assert_end(&w, STATE_FAILED, REASON_ADDRESS_NOT_ALLOWED);
	world_fini(&w);
}

static void
who_may_not_be_asked_may_fetch_on(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 4096);
	silence(&w, 60);
	assert_true(w.calling);
	fetch(&w, 4096, 8192);
	answer(&w, JOB_FORBIDDEN, NULL);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	fetch(&w, 8192, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	world_fini(&w);
}

static void
a_full_disk_stops_the_offer(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.disk_full = true;
	to_unlocking(&w);
	say(&w, 0);
	info(&w, true);
	assert_int_equal(w.told, 0);
	assert_int_equal(w.ended, 1);
	assert_int_equal(w.device->state, STATE_HELD);
	assert_int_equal(w.device->attempt, 0);
	assert_true(w.device->uncounted);
	w.disk_full = false;
	job_start(w.job);
	assert_int_equal(w.device->attempt, 1);
	assert_false(w.device->uncounted);
	world_fini(&w);
}

static void
a_device_that_stops_has_stalled(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 8192);
	silence(&w, 59);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	silence(&w, 10);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	assert_true(w.device->unsure);
	world_fini(&w);
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
static void
a_download_below_the_least_rate_has_stalled(void **unused)
{
	static const struct {
		unsigned times, seconds, bytes, flash_sec;
		const char *detail; /* NULL: it goes on */
	} cases[] = {
		{ 5, 19, 1, 600,
		    "it was at 4 of 10000 bytes, and fetched only 4 bytes in "
		    "the last 60 s; it still answers" },
		{ 5, 19, 24, 600,
		    "it was at 96 of 10000 bytes, and fetched only 96 bytes in "
		    "the last 60 s; it still answers" },
		{ 5, 19, 25, 600, NULL },
		{ 60, 1, 1, 600, NULL }, /* not before the window is over */
		{ 61, 1, 1, 600,
		    "it was at 61 of 10000 bytes, and fetched only 61 bytes in "
		    "the last 60 s; it still answers" },
		{ 20, 25, 50, 600, NULL }, /* slow all the time, but not so */
		/* who has more time may be slower */
		{ 5, 19, 13, 1200, NULL },
		{ 5, 19, 12, 1200,
		    "it was at 48 of 10000 bytes, and fetched only 48 bytes in "
		    "the last 60 s; it still answers" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_limits l = limits;
		struct world w;

		l.flash_sec = cases[i].flash_sec;
		world_init_limits(&w, &l);
		to_downloading(&w);
		trickle(&w, cases[i].times, cases[i].seconds, cases[i].bytes);
		if (cases[i].detail != NULL) {
			assert_end(&w, STATE_HELD, REASON_STALLED);
			assert_string_equal(w.device->detail, cases[i].detail);
		} else if (w.ended > 0) {
			fail_msg("case %zu: %s", i, w.device->detail);
		}
		world_fini(&w);
	}
}

/* One that fetches the same again makes no progress, but may have to. */
static void
each_window_counts_for_itself_whatever_is_fetched(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 8192);
	stock_for(&w, 50, true);
	for (int i = 0; i < 4; i++) {
		fetch(&w, 0, 4096); /* once a window */
		stock_for(&w, 55, true);
		assert_int_equal(w.device->state, STATE_DOWNLOADING);
	}
	job_served(w.job, 0, 1);
	stock_for(&w, 70, true);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	world_fini(&w);
}

/* For good: how it fails later counts for its policy. */
static void
who_has_fetched_a_quarter_of_its_image_is_vouched_for(void **unused)
{
	static const struct {
		uint64_t first, len;
		bool is_vouched;
	} cases[] = { { 0, 2499, false }, { 0, 2500, true }, { 0, 2501, true },
		{ 7500, 2500, true }, { 0, SIZE, true } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		to_downloading(&w);
		assert_false(w.device->is_vouched);
		job_fetch_began(w.job);
		job_served(w.job, cases[i].first, cases[i].len);
		job_served(w.job, cases[i].first, 1); /* the same again */
		assert_int_equal(w.device->is_vouched, cases[i].is_vouched);
		if (cases[i].is_vouched && cases[i].len < SIZE) {
			silence(&w, 70);
			assert_end(&w, STATE_HELD, REASON_STALLED);
			job_start(w.job);
			info(&w, true);
			info(&w, true);
			assert_int_equal(w.call, DEVAPI_FLASH);
			say(&w, 413);
			assert_true(w.device->is_vouched);
		}
		world_fini(&w);
	}
}

/* What this machine could not serve is not what the device did not fetch. */
static void
the_least_rate_is_counted_anew_behind_an_outage(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	trickle(&w, 1, 55, 1);
	job_cut_off(w.job);
	w.now += 1000;
	job_reconnected(w.job, "the cable was out for 1 s");
	trickle(&w, 1, 55, 1);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	stock_for(&w, 10, true);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	world_fini(&w);
}

static void
one_that_answers_or_never_fetched_does_not_run_its_image(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 8192);
	silence(&w, 60);
	info(&w, true);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	assert_false(w.device->unsure);
	world_fini(&w);

	world_init(&w);
	to_downloading(&w);
	silence(&w, 120);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_false(w.device->unsure);
	world_fini(&w);
}

static void
a_device_that_goes_on_while_it_is_looked_at_goes_on(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 4096);
	silence(&w, 60);
	assert_true(w.calling);
	fetch(&w, 4096, 8192);
	info(&w, true);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	fetch(&w, 8192, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	world_fini(&w);
}

static void
a_trickle_ends_with_the_time_for_all(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	for (uint64_t i = 0; w.ended == 0 && i < 1000; i++) {
		job_fetch_began(w.job);
		job_served(w.job, i, 1);
		silence(&w, 50);
	}
	assert_end(&w, STATE_HELD, REASON_STALLED);
	assert_true(w.now < 1000000 + 700000);
	world_fini(&w);
}

static void
verdicts_become_reasons(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		to_downloading(&w);
		fetch(&w, 0, SIZE);
		job_verdict(w.job, cases[i].code);
		assert_end(&w, cases[i].state, cases[i].reason);
		world_fini(&w);
	}
}

/* What may be behind it, where there is a sign of that. */
static void
a_bad_verdict_says_what_it_may_come_from(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *detail, *end = cases[i].end;
		struct world w;

		world_init_job(&w, &limits, cases[i].size);
		to_downloading(&w);
		fetch(&w, 0, 4096);
		w.device->rssi = cases[i].rssi;
		job_verdict(w.job, cases[i].code);
		detail = w.device->detail;
		assert_string_equal(detail + strlen(detail) - strlen(end), end);
		world_fini(&w);
	}
}

static void
a_wrong_digest_is_tried_again_at_once(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 409);
	assert_int_equal(w.device->state, STATE_PROBING);
	assert_int_equal(w.device->attempt, 2);
	assert_int_equal(w.ended, 0);
	info(&w, true);
	info(&w, true);
	say(&w, 471);
	assert_int_equal(w.device->state, STATE_PROBING);
	info(&w, true);
	info(&w, true);
	say(&w, 471);
	assert_end(&w, STATE_FAILED, REASON_DIGEST_ERROR);
	assert_int_equal(w.told, 3);
	world_fini(&w);
}

static void
success_without_all_bytes_is_none(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 8192);
	job_verdict(w.job, 0);
	assert_end(&w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	world_fini(&w);
}

static void
without_a_verdict_leaving_decides(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	silence(&w, 31);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);

	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	stock_for(&w, 200, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);
}

static void
a_late_verdict_still_counts(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	silence(&w, 31);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	job_verdict(w.job, 409);
	assert_int_equal(w.device->state, STATE_PROBING);
	assert_int_equal(w.device->attempt, 2);
	world_fini(&w);
}

/* A second one changes nothing, and is not even told of. */
static void
it_reports_once(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	assert_false(job_awaits_verdict(w.job));
	job_verdict(w.job, 0);
	to_downloading(&w);
	assert_true(job_awaits_verdict(w.job));
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	assert_false(job_awaits_verdict(w.job));
	job_verdict(w.job, 409);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	world_fini(&w);
}

static void
a_device_that_stays_or_returns_is_not_flashed(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	stock_for(&w, 100, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);

	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 15);
	stock_for(&w, 60, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	assert_true(w.now < 1000000 + 60000);
	world_fini(&w);
}

static void
a_moment_of_silence_is_not_leaving(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 8);
	stock_for(&w, 10, true);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

static void
attempts_are_counted_and_their_distance_grows(void **unused)
{
	uint64_t last = 0;
	struct world w;

	(void)unused;
	world_init(&w);
	for (unsigned attempt = 1; attempt <= 3; attempt++) {
		assert_int_equal(w.device->attempt, attempt);
		silence(&w, 60);
		if (attempt == 3)
			break;
		assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
		assert_true(w.device->hold_until_ms - w.now >= 30000 * attempt);
		assert_true(w.device->hold_until_ms - w.now > last);
		last = w.device->hold_until_ms - w.now;
		w.ended = 0;
		job_free(w.job);
		w.job = job_new(w.device, SIZE, &limits, &ops, &w);
		job_start(w.job);
	}
	assert_end(&w, STATE_FAILED, REASON_NO_ANSWER);
	world_fini(&w);
}

static void
a_job_can_be_cancelled_until_the_offer(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_unlocking(&w);
	assert_true(device_may_cancel(w.device));
	w.device->ordered = true;
	job_cancel(w.job, "root");
	assert_end(&w, STATE_HELD, REASON_CANCELLED);
	assert_int_equal(w.device->hold, HOLD_CANCELLED);
	assert_string_equal(
	    w.device->detail, "cancelled by root while unlocking");
	assert_string_equal(w.device->cancelled, "root");
	assert_false(w.device->ordered);
	world_fini(&w);

	world_init(&w);
	to_offering(&w);
	assert_false(device_may_cancel(w.device));
	world_fini(&w);
}

/* ---- answers that are none --------------------------------------------- */

static void
an_info_without_the_lock_is_a_bad_answer(void **unused)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };
	struct world w;

	(void)unused;
	world_init(&w);
	snprintf(reply.info.id, sizeof(reply.info.id), ID);
	reply.info.is_plug = true;
	snprintf(w.device->type, sizeof(w.device->type), "diy_plug");
	answer(&w, JOB_REPLY, &reply);
	assert_end(&w, STATE_HELD, REASON_BAD_ANSWER);
	world_fini(&w);
}

static void
say_without_error(struct world *w)
{
	const struct devapi_reply reply = { 0 };

	answer(w, JOB_REPLY, &reply);
}

static void
say_nonsense(struct world *w)
{
	answer(w, JOB_GARBAGE, NULL);
}

/* It may have done what it was told all the same: it is looked at. */
static void
nonsense_about_an_order_is_neither_yes_nor_no(void **unused)
{
	void (*const words[])(
	    struct world *) = { say_without_error, say_nonsense };

	(void)unused;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct world w;

		world_init(&w);
		to_unlocking(&w);
		words[i](&w);
		assert_int_equal(w.device->state, STATE_CONFIRMING);
		info(&w, true);
		words[i](&w);
		assert_int_equal(w.device->state, STATE_DOWNLOADING);
		fetch(&w, 0, SIZE);
		job_verdict(w.job, 0);
		assert_int_equal(w.device->state, STATE_REBOOTING);
		world_fini(&w);
	}
}

static void
an_info_that_is_none_is_told_as_it_is(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		answer(&w, JOB_REPLY, &cases[i].reply);
		assert_end(&w, cases[i].state, cases[i].reason);
		assert_string_equal(w.device->detail, cases[i].words);
		world_fini(&w);
	}
}

static void
an_order_that_is_answered_in_cipher_is_refused(void **unused)
{
	const struct devapi_reply reply = { .encrypted = true };
	struct world w;

	(void)unused;
	world_init(&w);
	to_unlocking(&w);
	answer(&w, JOB_REPLY, &reply);
	assert_end(&w, STATE_REFUSED, REASON_NOT_DIY_MODE);
	world_fini(&w);
}

/* By what it says; what it may be flashed for is another question. */
static void
an_info_is_from_the_device_that_says_its_id(void **unused)
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
	struct world w;

	(void)unused;
	world_init(&w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct devapi_reply reply = { .has_error = true,
			.error = cases[i].error,
			.has_info = cases[i].has_info };

		snprintf(
		    reply.info.id, sizeof(reply.info.id), "%s", cases[i].id);
		w.device->form =
		    cases[i].omit_id ? DEVAPI_WITHOUT_ID : DEVAPI_WITH_ID;
		assert_int_equal(job_is_from(w.job, &reply), cases[i].is);
	}
	w.device->form = DEVAPI_WITH_ID;
	to_unlocking(&w);
	assert_false(job_is_from(w.job, &own)); /* it is told to unlock */
	world_fini(&w);
}

static void
nonsense_that_nothing_follows_is_a_bad_answer(void **unused)
{
	void (*const words[])(
	    struct world *) = { say_without_error, say_nonsense };

	(void)unused;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct world w;

		world_init(&w);
		to_unlocking(&w);
		words[i](&w);
		stock_for(&w, 60, false);
		assert_end(&w, STATE_HELD, REASON_BAD_ANSWER);
		assert_int_equal(w.unlocks, 1);
		assert_non_null(
		    strstr(w.device->detail, "its answer to the unlock"));
		world_fini(&w);

		world_init(&w);
		to_offering(&w);
		words[i](&w);
		stock_for(&w, 70, true);
		assert_end(&w, STATE_HELD, REASON_BAD_ANSWER);
		assert_int_equal(w.told, 1);
		assert_non_null(
		    strstr(w.device->detail, "its answer to the offer"));
		world_fini(&w);
	}
}

/* It comes while it fetches: a server that answers late, in its own words. */
static void
late_nonsense_does_not_end_a_download(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	fetch(&w, 0, 4096);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	say_without_error(&w);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	fetch(&w, 4096, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	world_fini(&w);
}

/* Those that were in force when it began: a reload disturbs nobody. */
static void
a_job_has_its_limits_for_good(void **unused)
{
	struct job_limits changing = limits;
	struct world w;

	(void)unused;
	world_init_limits(&w, &changing);
	changing = (struct job_limits){ 0 };
	to_downloading(&w);
	silence(&w, 50);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	world_fini(&w);
}

/* Slow, but it has not stopped: the sentence must not say so. */
static void
one_whose_time_is_up_did_not_stop(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	for (unsigned i = 0; i < 20 && w.ended == 0; i++) {
		fetch(&w, i * 100, i * 100 + 100);
		silence(&w, 40);
	}
	assert_end(&w, STATE_HELD, REASON_STALLED);
	assert_non_null(strstr(w.device->detail, "when its time was up"));
	assert_null(strstr(w.device->detail, "stopped"));
	world_fini(&w);
}

static void
an_unlock_that_never_left_is_asked_again_in_its_time(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_unlocking(&w);
	answer(&w, JOB_UNSENT, NULL);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	w.now = w.timer;
	job_timer(w.job);
	assert_int_equal(w.call, DEVAPI_UNLOCK);
	assert_int_equal(w.unlocks, 2);
	answer(&w, JOB_UNSENT, NULL);
	w.now += 180000;
	job_timer(w.job);
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	assert_int_equal(w.told, 0);
	world_fini(&w);
}

static void
a_timer_during_a_call_asks_nothing_new(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	job_timer(w.job);
	assert_int_equal(w.infos, 1);
	to_unlocking(&w);
	job_timer(w.job);
	assert_int_equal(w.unlocks, 1);
	say(&w, 0);
	job_timer(w.job);
	assert_int_equal(w.infos, 2);
	info(&w, true);
	job_timer(w.job);
	assert_int_equal(w.device->state, STATE_OFFERING);
	say(&w, 0);
	job_timer(w.job);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	w.now = w.timer;
	job_timer(w.job);
	assert_int_equal(w.infos, 3);
	job_timer(w.job);
	assert_int_equal(w.infos, 3);
	world_fini(&w);
}

/* The offer may be unanswered for longer than a download may stand still. */
static void
a_device_that_stalls_with_the_offer_unanswered_is_looked_at(void **unused)
{
	struct job_limits slow = limits;
	struct world w;

	(void)unused;
	slow.offer_sec = 300;
	world_init_limits(&w, &slow);
	to_offering(&w);
	fetch(&w, 0, 4096);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	assert_int_equal(w.call, DEVAPI_FLASH);
	w.now = w.timer;
	job_timer(w.job);
	assert_true(w.calling);
	assert_int_equal(w.call, DEVAPI_INFO);
	assert_int_equal(w.infos, 3);
	job_timer(w.job);
	assert_int_equal(w.infos, 3);
	info(&w, true);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	world_fini(&w);
}

static void
a_disk_that_takes_all_the_time_leaves_a_moment_for_the_offer(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.disk_ms = 40000;
	to_offering(&w);
	assert_int_equal(w.told, 1);
	assert_int_equal(w.call_ends, w.now + 1);
	silence(&w, 1);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	world_fini(&w);
}

static void
an_image_that_cannot_be_served_is_not_offered(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.cannot_serve = true;
	to_unlocking(&w);
	say(&w, 0);
	info(&w, true);
	assert_int_equal(w.told, 0);
	assert_int_equal(w.intended, 0);
	assert_int_equal(w.device->state, STATE_HELD);
	assert_string_equal(w.device->detail, "no port");
	world_fini(&w);
}

static void
a_refusal_may_come_after_the_first_range(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	fetch(&w, 0, 4096);
	say(&w, 424);
	assert_end(&w, STATE_HELD, REASON_OFFER_REFUSED);
	assert_int_equal(w.told, 1);
	world_fini(&w);
}

static void
a_weak_signal_is_told_of_a_device_that_stalled(void **unused)
{
	static const struct {
		int rssi;
		bool told;
	} cases[] = { { 0, false }, { -40, false }, { -75, false },
		{ -76, true } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		to_downloading(&w);
		fetch(&w, 0, 8192);
		w.device->rssi = cases[i].rssi;
		silence(&w, 70);
		assert_end(&w, STATE_HELD, REASON_STALLED);
		assert_int_equal(
		    strstr(w.device->detail, "signal") != NULL, cases[i].told);
		world_fini(&w);
	}
}

static void
another_device_that_answers_does_not_bring_it_back(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	while (w.ended == 0) {
		if (w.calling) {
			info_of(&w, "1000ffffff", false);
			continue;
		}
		w.now = w.timer;
		job_timer(w.job);
	}
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

/* Firmware up to 3.4 does not repeat its id, but knows when it is not meant. */
static void
one_that_answers_404_is_another_device(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	while (w.ended == 0) {
		w.now = w.timer;
		job_timer(w.job);
		say(&w, 404);
	}
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

static void
one_whose_firmware_is_unknown_is_refused(void **unused)
{
	struct devapi_reply reply = { .has_error = true, .has_info = true };
	struct world w;

	(void)unused;
	world_init(&w);
	reply.info.is_plug = reply.info.has_unlocked = true;
	snprintf(reply.info.id, sizeof(reply.info.id), ID);
	snprintf(reply.info.firmware, sizeof(reply.info.firmware), "4.0.0");
	answer(&w, JOB_REPLY, &reply);
	assert_end(&w, STATE_REFUSED, REASON_FIRMWARE_OUT_OF_RANGE);
	world_fini(&w);
}

/* What it was before we slept says nothing of what it is now. */
static void
it_is_looked_at_again_when_this_machine_has_slept(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 8);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	if (w.calling)
		nothing(&w);
	w.now += 3600000;
	job_timer(w.job);
	assert_true(w.calling);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	info(&w, true);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	stock_for(&w, 60, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);
}

static void
no_backoff_is_longer_than_an_hour_and_a_quarter(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.device->attempts = 100;
	w.device->attempt = 40;
	silence(&w, 30);
	assert_end(&w, STATE_HELD, REASON_NO_ANSWER);
	assert_in_range(
	    w.device->hold_until_ms - w.now, 3600000, 3600000 * 5 / 4);
	world_fini(&w);
}

static void
one_that_leaves_late_is_given_the_time_to_be_gone(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	stock_for(&w, 80, true);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 20);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 30);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

/* A cable that was pulled out of this machine is no farewell of a device. */
static void
one_that_cannot_be_asked_has_not_left(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 20);
	w.cut_off = true;
	silence(&w, 600);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	w.cut_off = false;
	silence(&w, limits.gone_sec - 1);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 20);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

/* That nobody answers takes seconds to find out, in which it is gone, too. */
static void
it_is_gone_since_it_was_asked_in_vain(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 2); /* it is asked, and has 5 s for an answer */
	assert_true(w.calling);
	silence(&w, limits.gone_sec - 1);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 4);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);
}

/* All of it must fit, also for who reads no more than the log. */
static void
a_tasmota_that_leaves_is_said_how_to_meet_again(void **unused)
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

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		char detail[600];

		world_init(&w);
		snprintf(w.device->image.kind, sizeof(w.device->image.kind),
		    "%s", cases[i].kind);
		snprintf(
		    w.device->mac, sizeof(w.device->mac), "%s", cases[i].mac);
		to_downloading(&w);
		fetch(&w, 0, SIZE);
		job_verdict(w.job, 0);
		silence(&w, 60);
		assert_end(&w, STATE_FLASHED, REASON_NONE);
		snprintf(detail, sizeof(detail),
		    "%u of %u bytes fetched, it reported success and left%s",
		    SIZE, SIZE, cases[i].text);
		assert_string_equal(w.device->detail, detail);
		world_fini(&w);
	}
}

static void
what_must_be_seen_again_has_not_ended_when_it_left(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.device->must_return = true;
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 60);
	assert_end(&w, STATE_VERIFYING, REASON_NONE);
	world_fini(&w);
}

static void
a_tasmota_is_told_by_its_access_point(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	snprintf(w.device->image.kind, sizeof(w.device->image.kind), "tasmota");
	snprintf(w.device->mac, sizeof(w.device->mac), "d0:27:00:11:22:33");
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	job_verdict(w.job, 0);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	assert_non_null(strstr(w.device->detail, "tasmota-112233-"));
	assert_non_null(strstr(w.device->detail, "tasmota_112233-"));
	world_fini(&w);
}

/* ---- after a restart --------------------------------------------------- */

/* The daemon has died, and its successor knows what the record says. */
static void
resume(struct world *w, enum state state, uint64_t bytes, bool whole)
{
	world_init(w);
	nothing(w);
	job_free(w->job);
	w->infos = 0;
	w->device->bytes = bytes;
	w->device->whole = whole;
	device_restore(w->device, state, 1700000000);
	w->job = job_new(w->device, SIZE, &limits, &ops, w);
	job_resume(w->job, bytes);
}

/* What our death excuses is what was handed over before it, nothing later. */
static void
an_offer_after_a_restart_is_counted_in_full(void **unused)
{
	struct world w;

	(void)unused;
	resume(&w, STATE_DOWNLOADING, 4096, false);
	job_verdict(w.job, 409);
	assert_int_equal(w.device->state, STATE_PROBING);
	info(&w, true);
	info(&w, true);
	say(&w, 0);
	fetch(&w, 4096, SIZE); /* the first range is never asked for */
	assert_false(w.device->whole);
	job_verdict(w.job, 0);
	assert_end(&w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	world_fini(&w);
}

static void
a_flash_under_way_goes_on_where_it_was(void **unused)
{
	static const enum state states[] = { STATE_OFFERING,
		STATE_DOWNLOADING };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct world w;

		resume(&w, states[i], 4096, false);
		assert_int_equal(w.device->state, STATE_DOWNLOADING);
		assert_int_equal(w.device->bytes, 4096);
		fetch(&w, 4096, SIZE);
		assert_int_equal(w.device->bytes, SIZE);
		assert_true(w.device->whole);
		job_verdict(w.job, 0);
		silence(&w, 60);
		assert_end(&w, STATE_FLASHED, REASON_NONE);
		assert_int_equal(w.told, 0);
		world_fini(&w);
	}
}

/* However little that was. */
static void
what_was_fetched_before_a_restart_was_fetched(void **unused)
{
	static const unsigned bytes[] = { 1, 50 };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct world w;

		resume(&w, STATE_DOWNLOADING, bytes[i], false);
		assert_int_equal(wait_ms(&w), 60000);
		silence(&w, 100);
		assert_end(&w, STATE_HELD, REASON_STALLED);
		world_fini(&w);
	}
}

/* The last marks of its progress may not have reached the disk. */
static void
it_asks_in_order_so_what_lies_before_was_had(void **unused)
{
	struct world w;

	(void)unused;
	resume(&w, STATE_DOWNLOADING, 0, false);
	fetch(&w, 8192, SIZE);
	assert_int_equal(w.device->bytes, SIZE);
	assert_true(w.device->whole);
	world_fini(&w);

	resume(&w, STATE_DOWNLOADING, 0, false);
	job_fetch_began(w.job);
	job_served(w.job, 1, SIZE - 1);
	assert_int_equal(w.device->bytes, SIZE);
	world_fini(&w);
}

static void
its_verdict_counts_even_if_nothing_more_is_fetched(void **unused)
{
	struct world w;

	(void)unused;
	resume(&w, STATE_DOWNLOADING, 8192, false);
	job_verdict(w.job, 0);
	assert_int_equal(w.device->state, STATE_REBOOTING);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);

	resume(&w, STATE_OFFERING, 0, false);
	job_verdict(w.job, 404);
	assert_end(&w, STATE_HELD, REASON_DOWNLOAD_ERROR);
	assert_int_equal(w.told, 0);
	world_fini(&w);
}

static void
one_that_had_everything_is_waited_for(void **unused)
{
	struct world w;

	(void)unused;
	resume(&w, STATE_DOWNLOADING, 0, true);
	assert_int_equal(w.device->bytes, SIZE);
	silence(&w, 29);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);

	resume(&w, STATE_REBOOTING, SIZE, true);
	silence(&w, 60);
	assert_end(&w, STATE_FLASHED, REASON_NONE);
	world_fini(&w);

	resume(&w, STATE_REBOOTING, SIZE, true);
	stock_for(&w, 100, true);
	assert_end(&w, STATE_HELD, REASON_CAME_BACK_STOCK);
	world_fini(&w);
}

static void
one_that_was_told_is_not_told_again_before_its_time_is_up(void **unused)
{
	struct world w;

	(void)unused;
	resume(&w, STATE_OFFERING, 0, false);
	stock_for(&w, 59, true);
	assert_int_equal(w.ended, 0);
	assert_int_equal(w.infos, 0);
	stock_for(&w, 10, true);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	assert_int_equal(w.told, 0);
	world_fini(&w);

	resume(&w, STATE_DOWNLOADING, 4096, false);
	silence(&w, 59);
	assert_int_equal(w.ended, 0);
	silence(&w, 20);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	assert_int_equal(w.told, 0);
	world_fini(&w);
}

/* ---- chance ------------------------------------------------------------ */

/* A world of chance: whatever it does, the rules hold and the job ends. */
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

static void
whatever_happens_the_rules_hold(void **unused)
{
	(void)unused;
	for (unsigned seed = 1; seed <= 3000; seed++) {
		struct world w;

		srand(seed);
		world_init(&w);
		for (int i = 0; w.ended == 0; i++) {
			assert_true(i < 5000);
			chance(&w);
		}
		assert_int_equal(w.ended, 1);
		assert_false(state_is_at_work(w.device->state));
		if (w.device->state == STATE_FLASHED)
			assert_true(w.told >= 1 && w.device->bytes == SIZE);
		assert_true(w.told <= w.device->attempt * 2);
		world_fini(&w);
	}
}

static void
garbage_counts_more_than_a_silence_that_was_cut_short(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.device->attempts = 1;
	/* Its answers take a second, and another one passes in between. */
	while (w.now < 1000000 + 13500) {
		w.now += 1000;
		answer(&w, JOB_GARBAGE, NULL);
		w.now = w.timer;
		job_timer(w.job);
	}
	assert_true(w.call_ends < w.now + 5000);
	silence(&w, 60);
	assert_end(&w, STATE_FAILED, REASON_BAD_ANSWER);
	world_fini(&w);
}

/* A question that has just the time of an answer is not cut short. */
static void
silence_for_all_the_time_of_an_answer_counts(void **unused)
{
	static const struct {
		unsigned probe_sec;
		enum reason reason;
	} cases[] = { { 10, REASON_BAD_ANSWER }, { 11, REASON_NO_ANSWER },
		{ 12, REASON_NO_ANSWER } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_limits l = limits;
		struct world w;

		l.probe_sec = cases[i].probe_sec;
		world_init_limits(&w, &l);
		w.now += 5000;
		answer(&w, JOB_GARBAGE, NULL);
		silence(&w, 60);
		assert_end(&w, STATE_HELD, cases[i].reason);
		assert_string_equal(w.device->detail, "no words");
		world_fini(&w);
	}
}

/* A yes has five seconds to become true before it is asked for again. */
static void
an_unlock_is_repeated_where_a_yes_had_no_effect(void **unused)
{
	static const struct {
		unsigned ms;
		enum state state;
	} cases[] = { { 4999, STATE_CONFIRMING }, { 5000, STATE_UNLOCKING },
		{ 5001, STATE_UNLOCKING } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		world_init(&w);
		to_unlocking(&w);
		say(&w, 0);
		w.now += cases[i].ms;
		info(&w, false);
		assert_int_equal(w.device->state, cases[i].state);
		world_fini(&w);
	}
}

/* What was nonsense once says nothing of an order that comes later. */
static void
nonsense_is_forgotten_with_the_order_it_was_about(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	say_nonsense(&w);
	job_verdict(w.job, 409);
	info(&w, false);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	nothing(&w);
	stock_for(&w, 60, false);
	assert_end(&w, STATE_HELD, REASON_UNLOCK_UNREACHABLE);
	world_fini(&w);

	world_init(&w);
	to_unlocking(&w);
	say_nonsense(&w);
	info(&w, true);
	say(&w, 0);
	silence(&w, 100);
	assert_end(&w, STATE_HELD, REASON_NEVER_FETCHED);
	world_fini(&w);
}

/* The last range before its time was up came less than a minute ago. */
static void
who_fetched_in_the_last_minute_did_not_stop(void **unused)
{
	static const struct {
		unsigned ms;
		const char *words;
	} cases[] = { { 59950, "it was at" }, { 59999, "it was at" },
		{ 60000, "it stopped at" } };

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		uint64_t end;

		world_init(&w);
		to_downloading(&w);
		end = w.now + 600000;
		job_fetch_began(w.job);
		for (unsigned n = 0; n < 54; n++) {
			w.now += 10000;
			job_served(w.job, n * 100, 100);
		}
		w.now = end - cases[i].ms;
		job_served(w.job, 5400, 100);
		w.now = end;
		job_timer(w.job);
		info(&w, true);
		assert_end(&w, STATE_HELD, REASON_STALLED);
		if (strstr(w.device->detail, cases[i].words) == NULL)
			fail_msg("%s", w.device->detail);
		world_fini(&w);
	}
}

/* Of a look that this machine could not make nothing follows. */
static void
a_look_at_a_stalled_device_is_made_again_when_it_was_cut_off(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, 4096);
	wake(&w);
	assert_true(w.calling);
	w.cut_off = true;
	nothing(&w);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	assert_int_equal(wait_ms(&w), 2000);
	w.cut_off = false;
	wake(&w);
	info(&w, true);
	assert_end(&w, STATE_HELD, REASON_STALLED);
	world_fini(&w);
}

/* What an attempt has fetched, and how fast, is not that of the next. */
static void
each_offer_begins_with_nothing_fetched(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_downloading(&w);
	fetch(&w, 0, SIZE);
	w.device->rate = 77;
	job_verdict(w.job, 409);
	info(&w, true);
	info(&w, true);
	assert_int_equal(w.device->state, STATE_OFFERING);
	assert_int_equal(w.device->bytes, 0);
	assert_int_equal(w.device->rate, 0);
	assert_false(w.device->whole);
	fetch(&w, 0, 4096);
	assert_int_equal(w.device->bytes, 4096);
	assert_int_equal(w.device->rate, 0); /* of one sample */
	world_fini(&w);
}

/* An order may have got through; a look is made again later. */
static void
a_look_is_broken_off_by_an_outage_and_an_offer_is_not(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	to_offering(&w);
	job_fetch_began(w.job);
	assert_int_equal(w.device->state, STATE_DOWNLOADING);
	cut_off(&w);
	assert_true(w.calling);
	say(&w, 0);
	wake(&w);
	assert_true(w.calling);
	cut_off(&w);
	assert_false(w.calling);
	w.now += 30000;
	job_reconnected(w.job, "eth0 was out");
	assert_int_equal(wait_ms(&w), 60000);
	world_fini(&w);
}

static void
the_first_range_has_its_time_from_when_it_is_asked_for(void **unused)
{
	struct world w;

	(void)unused;
	world_init_limits(&w, &odd_limits);
	to_downloading(&w);
	assert_int_equal(wait_ms(&w), 61000);
	w.now += 10000;
	job_fetch_began(w.job);
	assert_int_equal(wait_ms(&w), 59000);
	w.now += 5000;
	job_fetch_began(w.job);
	assert_int_equal(wait_ms(&w), 54000);
	world_fini(&w);
}

/* What comes in the last moment is not waited behind. */
static void
an_answer_at_the_very_end_leaves_no_time(void **unused)
{
	struct world w;

	(void)unused;
	world_init(&w);
	w.now += 15000;
	nothing(&w);
	assert_int_equal(w.timer, w.now);
	world_fini(&w);
}

static void
a_look_that_was_cut_short_does_not_unlock(void **unused)
{
	struct world w;
	uint64_t end;

	(void)unused;
	world_init(&w);
	w.device->attempts = 1;
	to_unlocking(&w);
	say(&w, 0);
	end = w.now + 30000;
	while (w.device->state == STATE_CONFIRMING && w.now < end - 2000) {
		w.now += 500;
		info(&w, false);
		if (w.device->state == STATE_UNLOCKING) {
			say(&w, 0);
			end = w.now + 30000;
		} else if (!w.calling) {
			w.now = w.timer;
			job_timer(w.job);
		}
	}
	assert_true(w.calling && w.call_ends - w.now < 5000);
	silence(&w, 60);
	assert_end(&w, STATE_FAILED, REASON_UNLOCK_NO_EFFECT);
	world_fini(&w);
}

/* It was not the device: another one is at work in its place. */
static void
who_waits_for_a_slot_is_not_held_back_afterwards(void **state)
{
	static const struct {
		enum hold hold;
		unsigned called_off;
	} table[] = { { HOLD_SLOT, 0 }, { HOLD_WINDOW, 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct decision against = { .what = DECIDE_HOLD,
			.hold = table[i].hold };
		struct world w;

		world_init(&w);
		w.against = &against;
		info(&w, false);
		assert_int_equal(w.device->state, STATE_HELD);
		assert_int_equal(w.device->hold, table[i].hold);
		assert_int_equal(w.device->attempt, 0);
		assert_int_equal(w.device->called_off, table[i].called_off);
		assert_int_equal(
		    w.device->hold_until_ms > 0, table[i].called_off > 0);
		world_fini(&w);
	}
}

/* What was being asked at the old address, and what is asked at the new one. */
static void
what_a_device_that_has_moved_is_asked(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	job_moved(w.job); /* while probing */
	assert_false(w.calling);
	silence(&w, 0);
	assert_true(w.calling);
	assert_int_equal(w.call, DEVAPI_INFO);
	to_unlocking(&w);
	job_moved(w.job);
	assert_int_equal(w.device->state, STATE_CONFIRMING);
	info(&w, false);
	assert_int_equal(w.device->state, STATE_UNLOCKING);
	assert_int_equal(w.unlocks, 2);
	job_moved(w.job); /* who moves for ever is not unlocked for ever */
	assert_int_equal(w.device->state, STATE_CONFIRMING);
	job_moved(w.job);
	silence(&w, 0);
	info(&w, false);
	assert_int_equal(w.device->state, STATE_CONFIRMING);
	assert_int_equal(w.unlocks, 2);
	silence(&w, 1);
	info(&w, true);
	assert_int_equal(w.call, DEVAPI_FLASH);
	job_moved(w.job); /* it was told: its ranges say where it is */
	assert_true(w.calling);
	assert_int_equal(w.told, 1);
	world_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flash_goes_through_all_its_steps),
		cmocka_unit_test(
		    an_unlocked_device_is_asked_again_but_not_unlocked),
		cmocka_unit_test(
		    silence_to_the_id_is_followed_by_leaving_it_out),
		cmocka_unit_test(each_question_has_its_time),
		cmocka_unit_test(a_state_that_asks_in_vain_has_its_time),
		cmocka_unit_test(each_part_of_a_download_has_its_time),
		cmocka_unit_test(who_is_gone_for_28_seconds_has_left),
		cmocka_unit_test(who_does_not_leave_in_90_seconds_has_not),
		cmocka_unit_test(the_next_attempt_is_later_each_time),
		cmocka_unit_test(
		    the_next_attempt_of_many_devices_is_spread_over_a_quarter),
		cmocka_unit_test(
		    an_old_device_is_asked_in_its_own_way_to_the_end),
		cmocka_unit_test(
		    an_old_device_without_info_is_told_from_one_that_is_silent),
		cmocka_unit_test(
		    what_it_says_to_the_second_question_counts_too),
		cmocka_unit_test(
		    an_old_announcement_does_not_keep_a_newer_device_from_being_asked),
		cmocka_unit_test(no_other_device_is_asked_in_the_old_way),
		cmocka_unit_test(without_the_id_the_answer_must_have_it),
		cmocka_unit_test(nobody_there_is_no_answer),
		cmocka_unit_test(another_port_is_told),
		cmocka_unit_test(nonsense_is_a_bad_answer),
		cmocka_unit_test(another_device_is_never_told_to_fetch),
		cmocka_unit_test(codes_become_reasons),
		cmocka_unit_test(
		    an_attempt_that_the_mode_of_the_device_ends_does_not_count),
		cmocka_unit_test(
		    a_device_that_turns_out_to_be_of_another_kind_is_refused),
		cmocka_unit_test(
		    nothing_is_offered_that_is_not_wanted_any_more),
		cmocka_unit_test(
		    nothing_disturbs_a_device_that_was_told_to_fetch),
		cmocka_unit_test(
		    attempts_that_do_not_count_come_less_and_less_often),
		cmocka_unit_test(a_forbidden_address_is_decided_about),
		cmocka_unit_test(a_refused_unlock_is_looked_at),
		cmocka_unit_test(who_says_no_id_must_have_its_mac),
		cmocka_unit_test(
		    another_mac_is_another_device_once_it_was_told),
		cmocka_unit_test(what_is_no_plug_is_not_flashed),
		cmocka_unit_test(how_the_offer_ends_is_no_farewell),
		cmocka_unit_test(a_damaged_download_is_not_forgotten),
		cmocka_unit_test(
		    an_attempt_that_is_cut_off_before_the_offer_does_not_count),
		cmocka_unit_test(
		    what_could_not_be_asked_is_not_the_silence_of_the_device),
		cmocka_unit_test(
		    a_download_that_we_broke_off_is_stated_as_ours),
		cmocka_unit_test(
		    a_download_that_goes_on_after_an_outage_ends_as_any_other),
		cmocka_unit_test(
		    an_outage_excuses_what_it_may_have_caused_and_nothing_else),
		cmocka_unit_test(
		    a_device_that_lost_us_is_left_alone_until_its_time_is_up),
		cmocka_unit_test(
		    a_download_that_ends_while_we_serve_nobody_is_stated_as_ours),
		cmocka_unit_test(
		    silence_before_an_outage_has_ended_is_no_farewell),
		cmocka_unit_test(
		    silence_hides_nothing_that_was_known_before_it),
		cmocka_unit_test(
		    the_last_reason_that_tells_something_is_that_of_the_failure),
		cmocka_unit_test(
		    a_download_that_stopped_is_not_forgotten_in_silence),
		cmocka_unit_test(
		    what_followed_the_telling_attempt_is_summed_up),
		cmocka_unit_test(
		    a_new_set_of_attempts_begins_with_nothing_known),
		cmocka_unit_test(an_unanswered_unlock_is_looked_at),
		cmocka_unit_test(an_unlock_without_effect_is_tried_twice),
		cmocka_unit_test(
		    a_device_that_locked_itself_is_unlocked_again_once),
		cmocka_unit_test(an_empty_reply_to_the_offer_means_nothing),
		cmocka_unit_test(
		    one_that_could_not_come_is_told_from_one_that_is_off),
		cmocka_unit_test(ranges_may_come_before_the_reply),
		cmocka_unit_test(an_offer_that_never_left_was_not_made),
		cmocka_unit_test(who_may_not_be_asked_has_not_left),
		cmocka_unit_test(who_may_not_be_asked_may_fetch_on),
		cmocka_unit_test(a_full_disk_stops_the_offer),
		cmocka_unit_test(a_device_that_stops_has_stalled),
		cmocka_unit_test(a_download_below_the_least_rate_has_stalled),
		cmocka_unit_test(
		    each_window_counts_for_itself_whatever_is_fetched),
		cmocka_unit_test(
		    the_least_rate_is_counted_anew_behind_an_outage),
		cmocka_unit_test(
		    who_has_fetched_a_quarter_of_its_image_is_vouched_for),
		cmocka_unit_test(
		    one_that_answers_or_never_fetched_does_not_run_its_image),
		cmocka_unit_test(
		    a_device_that_goes_on_while_it_is_looked_at_goes_on),
		cmocka_unit_test(a_trickle_ends_with_the_time_for_all),
		cmocka_unit_test(verdicts_become_reasons),
		cmocka_unit_test(a_bad_verdict_says_what_it_may_come_from),
		cmocka_unit_test(a_wrong_digest_is_tried_again_at_once),
		cmocka_unit_test(success_without_all_bytes_is_none),
		cmocka_unit_test(without_a_verdict_leaving_decides),
		cmocka_unit_test(a_late_verdict_still_counts),
		cmocka_unit_test(it_reports_once),
		cmocka_unit_test(a_device_that_stays_or_returns_is_not_flashed),
		cmocka_unit_test(a_moment_of_silence_is_not_leaving),
		cmocka_unit_test(attempts_are_counted_and_their_distance_grows),
		cmocka_unit_test(a_job_can_be_cancelled_until_the_offer),
		cmocka_unit_test(an_info_without_the_lock_is_a_bad_answer),
		cmocka_unit_test(nonsense_about_an_order_is_neither_yes_nor_no),
		cmocka_unit_test(an_info_that_is_none_is_told_as_it_is),
		cmocka_unit_test(
		    an_order_that_is_answered_in_cipher_is_refused),
		cmocka_unit_test(an_info_is_from_the_device_that_says_its_id),
		cmocka_unit_test(nonsense_that_nothing_follows_is_a_bad_answer),
		cmocka_unit_test(late_nonsense_does_not_end_a_download),
		cmocka_unit_test(a_job_has_its_limits_for_good),
		cmocka_unit_test(one_whose_time_is_up_did_not_stop),
		cmocka_unit_test(
		    an_unlock_that_never_left_is_asked_again_in_its_time),
		cmocka_unit_test(a_timer_during_a_call_asks_nothing_new),
		cmocka_unit_test(
		    a_device_that_stalls_with_the_offer_unanswered_is_looked_at),
		cmocka_unit_test(
		    a_disk_that_takes_all_the_time_leaves_a_moment_for_the_offer),
		cmocka_unit_test(one_that_answers_404_is_another_device),
		cmocka_unit_test(one_whose_firmware_is_unknown_is_refused),
		cmocka_unit_test(
		    it_is_looked_at_again_when_this_machine_has_slept),
		cmocka_unit_test(
		    no_backoff_is_longer_than_an_hour_and_a_quarter),
		cmocka_unit_test(an_image_that_cannot_be_served_is_not_offered),
		cmocka_unit_test(a_refusal_may_come_after_the_first_range),
		cmocka_unit_test(
		    a_weak_signal_is_told_of_a_device_that_stalled),
		cmocka_unit_test(
		    another_device_that_answers_does_not_bring_it_back),
		cmocka_unit_test(
		    one_that_leaves_late_is_given_the_time_to_be_gone),
		cmocka_unit_test(one_that_cannot_be_asked_has_not_left),
		cmocka_unit_test(it_is_gone_since_it_was_asked_in_vain),
		cmocka_unit_test(
		    a_tasmota_that_leaves_is_said_how_to_meet_again),
		cmocka_unit_test(
		    what_must_be_seen_again_has_not_ended_when_it_left),
		cmocka_unit_test(a_tasmota_is_told_by_its_access_point),
		cmocka_unit_test(an_offer_after_a_restart_is_counted_in_full),
		cmocka_unit_test(a_flash_under_way_goes_on_where_it_was),
		cmocka_unit_test(it_asks_in_order_so_what_lies_before_was_had),
		cmocka_unit_test(
		    its_verdict_counts_even_if_nothing_more_is_fetched),
		cmocka_unit_test(one_that_had_everything_is_waited_for),
		cmocka_unit_test(
		    one_that_was_told_is_not_told_again_before_its_time_is_up),
		cmocka_unit_test(whatever_happens_the_rules_hold),
		cmocka_unit_test(
		    garbage_counts_more_than_a_silence_that_was_cut_short),
		cmocka_unit_test(a_look_that_was_cut_short_does_not_unlock),
		cmocka_unit_test(silence_for_all_the_time_of_an_answer_counts),
		cmocka_unit_test(an_answer_at_the_very_end_leaves_no_time),
		cmocka_unit_test(
		    who_waits_for_a_slot_is_not_held_back_afterwards),
		cmocka_unit_test(what_a_device_that_has_moved_is_asked),
		cmocka_unit_test(
		    a_look_is_broken_off_by_an_outage_and_an_offer_is_not),
		cmocka_unit_test(
		    the_first_range_has_its_time_from_when_it_is_asked_for),
		cmocka_unit_test(what_was_fetched_before_a_restart_was_fetched),
		cmocka_unit_test(
		    an_unlock_is_repeated_where_a_yes_had_no_effect),
		cmocka_unit_test(
		    nonsense_is_forgotten_with_the_order_it_was_about),
		cmocka_unit_test(who_fetched_in_the_last_minute_did_not_stop),
		cmocka_unit_test(
		    a_look_at_a_stalled_device_is_made_again_when_it_was_cut_off),
		cmocka_unit_test(each_offer_begins_with_nothing_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
