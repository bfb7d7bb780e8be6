/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/coverage.h"
#include "core/gate.h"
#include "core/job.h"
#include "core/tasmota.h"

#define POLL_MS	       1000 /* between two looks at a device */
#define INFO_MS	       5000 /* a device that answers does so in < 1 s */
#define GONE_POLL_MS   2000 /* between two looks at one that should leave */
#define UNLOCK_SOAK_MS 5000 /* "yes" may take a moment to become true */
#define MAX_UNLOCKS    2    /* per attempt */
#define MAX_BACKOFF_MS 3600000
#define WEAK_DBM       (-75) /* below it 4 KiB in 10 s is a matter of luck */

/* What the device said to ota_unlock in this attempt. */
enum unlock_word { WORD_NOT_ASKED, WORD_YES, WORD_NOTHING };

struct job {
	struct device *device;		 /* borrowed */
	const struct job_limits *limits; /* borrowed */
	const struct job_ops *ops;	 /* borrowed */
	void *ctx;			 /* borrowed */
	uint64_t size;

	uint64_t deadline_ms; /* of this state */
	bool calling;
	bool hurried; /* the call has less time than an answer may take */
	enum devapi_call call;

	enum unlock_word word;
	unsigned unlocks;
	uint64_t unlocked_ms; /* when it said yes */
	bool locked;	      /* what the last look showed */
	struct job_answer_kept {
		enum job_heard heard;
		char why[120];
	} last; /* the last answer that was none */

	uint64_t offered_ms;
	bool offer_answered; /* ota_flash was answered with 0 */
	bool began;	     /* it has asked for the image */
	uint64_t served_ms;  /* last handed over, or first asked */
	struct coverage coverage;
	uint64_t whole_ms; /* everything handed over since; 0 not yet */
	bool resumed;	   /* what came before our restart is not all known */

	uint64_t gone_ms;  /* does not answer since; 0 it does */
	uint64_t stock_ms; /* answers again since; 0 never was gone */
};

static void begin(struct job *);

/* What a state of ours does; the table is further down. */
static const struct step {
	void (*begin)(struct job *);
	void (*answered)(struct job *, const struct job_answer *);
	void (*timer)(struct job *);
} steps[STATE_COUNT];

/* ---- time and questions ------------------------------------------------ */

static uint64_t
now(const struct job *job)
{
	return job->ops->now_ms(job->ctx);
}

static bool
is_late(const struct job *job)
{
	return now(job) >= job->deadline_ms;
}

static uint64_t
time_left(const struct job *job)
{
	return is_late(job) ? 0 : job->deadline_ms - now(job);
}

static void
wake_in(struct job *job, uint64_t ms)
{
	uint64_t left = time_left(job);

	job->ops->set_timer(job, ms < left ? ms : left, job->ctx);
}

static void
ask(struct job *job, enum devapi_call call, uint64_t timeout_ms)
{
	uint64_t left = time_left(job);

	if (job->calling)
		job->ops->hang_up(job, job->ctx);
	job->calling = true;
	job->call = call;
	job->hurried = timeout_ms > left;
	if (job->hurried)
		timeout_ms = left;
	job->ops->call(job, call, job->device->omit_id,
	    timeout_ms > 0 ? (unsigned)timeout_ms : 1, job->ctx);
}

static void
ask_info(struct job *job)
{
	ask(job, DEVAPI_INFO, INFO_MS);
}

/* ---- the ends of a step ------------------------------------------------ */

static void
finish(struct job *job)
{
	if (job->calling)
		job->ops->hang_up(job, job->ctx);
	job->calling = false;
	job->ops->ended(job, job->ctx);
}

/* On to the next state, and to what it does first. */
static void
advance(struct job *job, enum machine_event event)
{
	if (!device_post(job->device, event))
		return;
	if (steps[job->device->state].begin != NULL)
		begin(job);
	else
		finish(job); /* an end, or what others follow up */
}

/* The delay grows with each attempt; a quarter of it differs by device. */
static uint64_t
backoff_ms(const struct job *job)
{
	const struct device *device = job->device;
	uint64_t ms = job->limits->backoff_sec * UINT64_C(1000);
	unsigned spread = device->attempt;

	for (unsigned i = 1; i < device->attempt && ms < MAX_BACKOFF_MS; i++)
		ms *= 2;
	if (ms > MAX_BACKOFF_MS)
		ms = MAX_BACKOFF_MS;
	for (const char *c = device->id; *c != '\0'; c++)
		spread = spread * 31 + (unsigned char)*c;
	return ms + ms / 4 * (spread % 101) / 100;
}

/* End this attempt.  The reason's table says what follows. */
static void fail(struct job *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
fail(struct job *job, enum reason reason, const char *fmt, ...)
{
	struct device *device = job->device;
	char detail[DEVICE_DETAIL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	device_blame(device, reason, "%s", detail);

	if (reason_retry(reason) == REASON_NEVER ||
	    device->attempt >= device->attempts) {
		advance(job, MACHINE_FAIL);
	} else if (reason_retry(reason) == REASON_AT_ONCE) {
		device->attempt++;
		advance(job, MACHINE_AT_ONCE);
	} else {
		device->hold = HOLD_BACKOFF;
		device->hold_until_ms = now(job) + backoff_ms(job);
		advance(job, MACHINE_AGAIN);
	}
}

/* ---- what an answer tells ---------------------------------------------- */

/* Until it answers.  The reason counts if it never does. */
static void
expect_answer(struct job *job, unsigned seconds)
{
	job->deadline_ms = now(job) + seconds * UINT64_C(1000);
	job->last.heard = JOB_REPLY;
	snprintf(
	    job->last.why, sizeof(job->last.why), "no answer in %u s", seconds);
}

static void
keep_silence(struct job *job, const struct job_answer *answer)
{
	/* Cut short by the end of the state: what came before tells more. */
	if (job->hurried && job->last.heard != JOB_REPLY)
		return;
	job->last.heard = answer->heard;
	snprintf(job->last.why, sizeof(job->last.why), "%s", answer->why);
}

static void
fail_unanswered(struct job *job)
{
	if (job->last.heard == JOB_GARBAGE)
		fail(job, REASON_BAD_ANSWER, "%s", job->last.why);
	else
		fail(job, REASON_NO_ANSWER, "%s", job->last.why);
}

/*
 * Whether the device that answers is the job's.  Firmware up to 3.4 does not
 * repeat its id, but answers 404 to one that is not its own; a request without
 * the key proves nothing unless the reply has the id.
 */
static bool
is_same(const struct job *job, const struct devapi_reply *reply)
{
	if (reply->error == 404)
		return false;
	if (reply->info.id[0] == '\0')
		return !job->device->omit_id;
	return strcmp(reply->info.id, job->device->id) == 0;
}

/* Whether an answer to info can be used; otherwise the job has failed. */
static bool
accept_info(struct job *job, const struct devapi_reply *reply)
{
	struct device *device = job->device;
	enum reason reason = devapi_reason(DEVAPI_INFO, reply);
	char detail[DEVICE_DETAIL_SIZE];

	if (reason != REASON_NONE) {
		fail(
		    job, reason, "it answers info with error %d", reply->error);
		return false;
	}
	if (!is_same(job, reply)) {
		fail(job, REASON_WRONG_DEVICE,
		    reply->info.id[0] == '\0'
			? "who answers does not say its id"
			: "who answers says that it is %s",
		    reply->info.id);
		return false;
	}
	device_learn(device, &reply->info);
	reason = gate_device(device, detail, sizeof(detail));
	if (reason == REASON_NONE && !reply->info.has_unlocked) {
		reason = REASON_BAD_ANSWER;
		snprintf(detail, sizeof(detail),
		    "its info does not say whether it is unlocked");
	}
	if (reason != REASON_NONE) {
		fail(job, reason, "%s", detail);
		return false;
	}
	return true;
}

/* ---- probing ----------------------------------------------------------- */

static void
begin_probing(struct job *job)
{
	expect_answer(job, job->limits->probe_sec);
	job->word = WORD_NOT_ASKED;
	job->unlocks = 0;
	ask_info(job);
}

static void
answered_probing(struct job *job, const struct job_answer *answer)
{
	if (answer->heard != JOB_REPLY) {
		keep_silence(job, answer);
		/* 3.7.6 may answer without the key (NJH sonoff-ota#18). */
		if (answer->heard == JOB_SILENCE)
			job->device->omit_id = !job->device->omit_id;
		wake_in(job, POLL_MS);
		return;
	}
	if (accept_info(job, answer->reply))
		advance(job,
		    answer->reply->info.unlocked ? MACHINE_UNLOCKED
						 : MACHINE_DONE);
}

static void
timer_probing(struct job *job)
{
	if (is_late(job))
		fail_unanswered(job);
	else if (!job->calling)
		ask_info(job);
}

/* ---- unlocking --------------------------------------------------------- */

static void
begin_unlocking(struct job *job)
{
	expect_answer(job, job->limits->unlock_sec);
	job->unlocks++;
	job->word = WORD_NOTHING;
	ask(job, DEVAPI_UNLOCK, time_left(job));
}

static void
answered_unlocking(struct job *job, const struct job_answer *answer)
{
	enum reason reason;

	if (answer->heard == JOB_UNSENT) {
		keep_silence(job, answer);
		wake_in(job, POLL_MS);
		return;
	}
	if (answer->heard == JOB_REPLY) {
		reason = devapi_reason(DEVAPI_UNLOCK, answer->reply);
		if (reason != REASON_NONE) {
			fail(job, reason, "it answers the unlock with error %d",
			    answer->reply->error);
			return;
		}
		job->word = WORD_YES;
		job->unlocked_ms = now(job);
	}
	advance(job, MACHINE_DONE);
}

static void
timer_unlocking(struct job *job)
{
	if (is_late(job))
		fail_unanswered(job);
	else if (!job->calling)
		ask(job, DEVAPI_UNLOCK, time_left(job));
}

/* ---- confirming -------------------------------------------------------- */

static void
begin_confirming(struct job *job)
{
	expect_answer(job, job->limits->confirm_sec);
	job->locked = false;
	ask_info(job);
}

/* Locked all the same: ask again if that can help, otherwise look again. */
static void
still_locked(struct job *job)
{
	bool soaked = now(job) >= job->unlocked_ms + UNLOCK_SOAK_MS;

	job->locked = true;
	if (job->word == WORD_NOT_ASKED ||
	    (job->word == WORD_YES && soaked && job->unlocks < MAX_UNLOCKS))
		advance(job, MACHINE_LOCKED);
	else
		wake_in(job, POLL_MS);
}

static void
answered_confirming(struct job *job, const struct job_answer *answer)
{
	if (answer->heard != JOB_REPLY) {
		job->locked = false;
		keep_silence(job, answer);
		wake_in(job, POLL_MS);
	} else if (accept_info(job, answer->reply)) {
		if (answer->reply->info.unlocked)
			advance(job, MACHINE_DONE);
		else
			still_locked(job);
	}
}

static void
timer_confirming(struct job *job)
{
	if (!is_late(job)) {
		if (!job->calling)
			ask_info(job);
	} else if (!job->locked) {
		fail_unanswered(job);
	} else if (job->word == WORD_YES) {
		fail(job, REASON_UNLOCK_NO_EFFECT,
		    "it said yes to the unlock, and is locked %u s later",
		    job->limits->confirm_sec);
	} else {
		fail(job, REASON_UNLOCK_UNREACHABLE,
		    "it did not answer the unlock, and is still locked");
	}
}

/* ---- offering ---------------------------------------------------------- */

static void
begin_offering(struct job *job)
{
	struct error err;

	job->deadline_ms = now(job) + job->limits->offer_sec * UINT64_C(1000);
	job->offered_ms = now(job);
	job->offer_answered = job->began = false;
	job->device->verdict_ok = job->device->whole = false;
	job->whole_ms = 0;
	coverage_fini(&job->coverage);
	job->device->bytes = 0;
	if (!job->ops->serve(job, &err, job->ctx)) {
		fail(job, REASON_NOT_OFFERED, "%s", err.text);
	} else if (!job->ops->intend(job, &err, job->ctx)) {
		/* Not the device's fault: the attempt does not count. */
		job->device->attempt--;
		fail(job, REASON_NOT_OFFERED, "%s", err.text);
	} else {
		ask(job, DEVAPI_FLASH, time_left(job));
	}
}

static void
answered_offering(struct job *job, const struct job_answer *answer)
{
	enum reason reason;

	if (answer->heard == JOB_UNSENT) {
		fail(job, REASON_NO_ANSWER, "%s", answer->why);
		return;
	}
	if (answer->heard != JOB_REPLY) {
		advance(job, MACHINE_DONE); /* unknown: the ranges will tell */
		return;
	}
	reason = devapi_reason(DEVAPI_FLASH, answer->reply);
	job->offer_answered = reason == REASON_NONE;
	if (answer->reply->error == 403 && job->unlocks < MAX_UNLOCKS)
		advance(job, MACHINE_LOCKED);
	else if (reason != REASON_NONE)
		fail(job, reason, "it answers the offer with error %d",
		    answer->reply->error);
	else
		advance(job, MACHINE_DONE);
}

static void
timer_offering(struct job *job)
{
	if (is_late(job) && !job->calling)
		advance(job, MACHINE_DONE);
}

/* ---- downloading ------------------------------------------------------- */

/* How long what comes next may take, from now. */
static void
set_download_deadline(struct job *job)
{
	const struct job_limits *l = job->limits;
	uint64_t last = job->offered_ms + l->flash_sec * UINT64_C(1000);

	if (job->whole_ms != 0) {
		job->deadline_ms =
		    job->whole_ms + l->verdict_sec * UINT64_C(1000);
	} else if (job->began) {
		job->deadline_ms =
		    job->served_ms + l->stall_sec * UINT64_C(1000);
		if (job->deadline_ms > last)
			job->deadline_ms = last;
	} else {
		job->deadline_ms =
		    job->offered_ms + l->first_fetch_sec * UINT64_C(1000);
	}
	wake_in(job, UINT64_MAX);
}

static void
begin_downloading(struct job *job)
{
	set_download_deadline(job);
}

/* The time is up and the device has been looked at: which end is it? */
static void
give_up_download(struct job *job, bool answers)
{
	struct device *device = job->device;
	const char *now_it =
	    answers ? "it still answers" : "it does not answer now";

	if (!job->began)
		fail(job, REASON_NEVER_FETCHED,
		    "nothing came from it in %u s after %s; %s",
		    job->limits->first_fetch_sec,
		    job->offer_answered ? "it accepted" : "the offer", now_it);
	else
		fail(job, REASON_STALLED,
		    "it stopped at %" PRIu64 " of %" PRIu64 " bytes; %s%s",
		    coverage_bytes(&job->coverage), job->size, now_it,
		    device->rssi != 0 && device->rssi < WEAK_DBM
			? ", its signal is weak"
			: "");
}

static void
answered_downloading(struct job *job, const struct job_answer *answer)
{
	if (job->call == DEVAPI_FLASH) {
		enum reason reason = REASON_NONE;

		if (answer->heard == JOB_REPLY)
			reason = devapi_reason(DEVAPI_FLASH, answer->reply);
		job->offer_answered =
		    answer->heard == JOB_REPLY && reason == REASON_NONE;
		if (reason != REASON_NONE)
			fail(job, reason, "it answers the offer with error %d",
			    answer->reply->error);
		return;
	}
	if (is_late(job)) /* otherwise it went on while it was asked */
		give_up_download(job, answer->heard == JOB_REPLY);
}

static void
timer_downloading(struct job *job)
{
	if (!is_late(job)) {
		set_download_deadline(job);
	} else if (job->whole_ms != 0) {
		advance(job, MACHINE_DONE); /* no verdict: see if it leaves */
	} else if (!job->calling || job->call == DEVAPI_FLASH) {
		uint64_t late = job->deadline_ms;

		job->deadline_ms = now(job) + INFO_MS;
		ask_info(job);
		job->deadline_ms = late;
	}
}

/* ---- rebooting --------------------------------------------------------- */

static void
begin_rebooting(struct job *job)
{
	job->deadline_ms = now(job) + job->limits->leave_sec * UINT64_C(1000);
	job->gone_ms = job->stock_ms = 0;
	wake_in(job, GONE_POLL_MS);
}

static bool
is_long_enough(const struct job *job, uint64_t since_ms)
{
	return since_ms != 0 &&
	    now(job) >= since_ms + job->limits->gone_sec * UINT64_C(1000);
}

/* Where a Tasmota that knows no Wi-Fi is to be found. */
static void
name_access_point(const struct device *device, char *dst, size_t size)
{
	char dash[32], underscore[32];

	dst[0] = '\0';
	if (strcmp(device->image.kind, "tasmota") == 0 &&
	    tasmota_access_point(device->mac, '-', dash, sizeof(dash)) &&
	    tasmota_access_point(
		device->mac, '_', underscore, sizeof(underscore)))
		snprintf(dst, size,
		    "; its access point is %s (%s before version 10)", dash,
		    underscore);
}

static void
has_left(struct job *job)
{
	struct device *device = job->device;
	char where[128];

	device_clear_blame(device);
	name_access_point(device, where, sizeof(where));
	snprintf(device->detail, sizeof(device->detail),
	    "%" PRIu64 " of %" PRIu64 " bytes fetched, %s%s", device->bytes,
	    job->size,
	    device->verdict_ok ? "it reported success and left"
			       : "it left without a verdict",
	    device->must_return ? "" : where);
	advance(job, device->must_return ? MACHINE_DONE : MACHINE_LEFT);
}

static void
answered_rebooting(struct job *job, const struct job_answer *answer)
{
	if (answer->heard == JOB_REPLY && is_same(job, answer->reply)) {
		if (job->gone_ms != 0)
			job->stock_ms = now(job);
		job->gone_ms = 0;
	} else {
		job->stock_ms = 0;
		if (job->gone_ms == 0)
			job->gone_ms = now(job);
	}
	if (is_long_enough(job, job->gone_ms))
		has_left(job);
	else if (is_long_enough(job, job->stock_ms))
		fail(job, REASON_CAME_BACK_STOCK,
		    "it was away for a moment and answers as before");
	else
		wake_in(job, GONE_POLL_MS);
}

static void
timer_rebooting(struct job *job)
{
	if (!is_late(job)) {
		if (!job->calling)
			ask_info(job);
	} else if (job->gone_ms != 0) {
		/* Going: give it the time that makes gone out of absent. */
		job->deadline_ms = job->gone_ms +
		    (job->limits->gone_sec + INFO_MS / 1000) * UINT64_C(1000);
		if (is_late(job))
			has_left(job);
		else
			ask_info(job);
	} else {
		fail(job, REASON_CAME_BACK_STOCK,
		    "%u s after the last byte it still answers as before, %s",
		    job->limits->leave_sec,
		    job->device->verdict_ok ? "although it reported success"
					    : "and never gave a verdict");
	}
}

/* ---- the table of steps ------------------------------------------------ */

static const struct step steps[STATE_COUNT] = {
#define STEP(symbol, name)                                                     \
	[STATE_##symbol] = { begin_##name, answered_##name, timer_##name }
	STEP(PROBING, probing),
	STEP(UNLOCKING, unlocking),
	STEP(CONFIRMING, confirming),
	STEP(OFFERING, offering),
	STEP(DOWNLOADING, downloading),
	STEP(REBOOTING, rebooting),
#undef STEP
};

static void
begin(struct job *job)
{
	steps[job->device->state].begin(job);
}

/* ---- what the world says ----------------------------------------------- */

struct job *
job_new(struct device *device, uint64_t size_bytes,
    const struct job_limits *limits, const struct job_ops *ops, void *ctx)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->device = device;
	job->size = size_bytes;
	job->limits = limits;
	job->ops = ops;
	job->ctx = ctx;
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	coverage_fini(&job->coverage);
	free(job);
}

struct device *
job_device(struct job *job)
{
	return job->device;
}

void
job_start(struct job *job)
{
	job->device->attempt++;
	advance(job, MACHINE_START);
}

void
job_resume(struct job *job, uint64_t bytes)
{
	if (job->device->whole)
		bytes = job->size;
	job->resumed = true;
	job->offered_ms = job->served_ms = now(job);
	if (bytes > 0) {
		job->began = true;
		job_served(job, 0, bytes);
	}
	if (job->device->state == STATE_OFFERING)
		advance(job, MACHINE_DONE);
	else
		begin(job);
}

void
job_answered(struct job *job, const struct job_answer *answer)
{
	job->calling = false;
	steps[job->device->state].answered(job, answer);
}

void
job_timer(struct job *job)
{
	steps[job->device->state].timer(job);
}

void
job_fetch_began(struct job *job)
{
	bool first = !job->began;

	job->began = true;
	if (first)
		job->served_ms = now(job);
	if (job->device->state == STATE_OFFERING)
		advance(job, MACHINE_DONE);
	else if (first && job->device->state == STATE_DOWNLOADING)
		set_download_deadline(job);
}

void
job_served(struct job *job, uint64_t first, uint64_t len)
{
	struct device *device = job->device;
	uint64_t ms;

	/* It asks in order: what lies before was had before our restart. */
	if (job->resumed && first > 0)
		coverage_add(&job->coverage, 0, first);
	coverage_add(&job->coverage, first, len);
	job->served_ms = now(job);
	device->bytes = coverage_bytes(&job->coverage);
	ms = job->served_ms - job->offered_ms;
	if (ms > 0)
		device->rate = (uint32_t)(device->bytes * 1000 / ms);
	if (job->whole_ms == 0 &&
	    coverage_is_whole(&job->coverage, job->size)) {
		job->whole_ms = now(job);
		device->whole = true;
	}
	if (device->state == STATE_DOWNLOADING)
		set_download_deadline(job);
	job->ops->progress(job, job->ctx);
}

static void
bad_verdict(struct job *job, int code)
{
	enum reason reason = devapi_verdict_reason(code);

	fail(job, reason,
	    "its verdict is %d after %" PRIu64 " of %" PRIu64 " bytes%s", code,
	    coverage_bytes(&job->coverage), job->size,
	    reason == REASON_DIGEST_ERROR ? "; do not cut its power" : "");
}

void
job_verdict(struct job *job, int code)
{
	struct device *device = job->device;

	if (device->state == STATE_OFFERING)
		advance(job, MACHINE_DONE);
	if (device->state != STATE_DOWNLOADING &&
	    (device->state != STATE_REBOOTING || device->verdict_ok))
		return;
	if (code != 0) {
		bad_verdict(job, code);
	} else if (job->whole_ms == 0 && !job->resumed) {
		fail(job, REASON_DOWNLOAD_ERROR,
		    "it reports success after only %" PRIu64 " of %" PRIu64
		    " bytes",
		    coverage_bytes(&job->coverage), job->size);
	} else {
		device->verdict_ok = true;
		/* A late one finds it rebooting already. */
		if (device->state == STATE_DOWNLOADING)
			advance(job, MACHINE_DONE);
	}
}

bool
job_may_cancel(const struct job *job)
{
	enum state next;

	return machine_next(job->device->state, MACHINE_CANCEL, &next);
}

void
job_cancel(struct job *job)
{
	device_blame(job->device, REASON_CANCELLED, "cancelled while %s",
	    state_name(job->device->state));
	advance(job, MACHINE_CANCEL);
}

void
job_refuse(struct job *job, enum reason reason, const char *detail)
{
	assert(job_may_cancel(job));
	fail(job, reason, "%s", detail);
}
