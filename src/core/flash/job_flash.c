/* SPDX-License-Identifier: ISC */
/* The steps of a job from the offer on: offer, download, reboot. */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "core/flash/job_parts.h"
#include "core/flash/rejoin_hint.h"

#define GONE_POLL_MS 2000 /* between two looks at a leaving device */
#define AWAY_FACTOR  3	  /* of GoneSec, where this machine was away, too */

/*
 * The download ends as too slow once it needs ten times FlashTimeoutSec: it
 * would never be complete, but hold its slot until the timeout.  For an image
 * of 504848 bytes that is two ranges in a minute; a real device with a weak
 * signal fetches more than ten.
 */
#define TOO_SLOW 10

void
job_begin_offering(struct job *job)
{
	struct error err;

	job->deadline_ms =
	    job_now(job) + job->limits.offer_sec * UINT64_C(1000);
	job->offered_ms = job_now(job);
	job->offer_answered = job->began = job->resumed = false;
	job->device->download.verdict_ok = job->device->download.whole = false;
	job->whole_ms = 0;
	byte_ranges_fini(&job->coverage);
	job->pace = (struct rate){ .count = 0 };
	job->device->download.bytes = 0;
	job->device->download.rate = 0;
	job->device->attempt.never_came = false;
	job->garbage[0] = job->excuse[0] = '\0';
	if (!job->ops->serve(&err, job->ctx)) {
		job_fail_ours(job, err.text);
	} else if (!job->ops->intend(&err, job->ctx)) {
		job_fail_ours(job, err.text);
	} else {
		job->told = true;
		job_ask(job, DEVAPI_FLASH, job_time_left(job));
	}
}

static void
refused(struct job *job, enum reason reason, const struct devapi_reply *reply)
{
	/*
	 * 408 and 424: the device could not reach this machine, or not in time.
	 */
	job->device->attempt.never_came =
	    !job->began && (reply->error == 408 || reply->error == 424);
	job_fail_answered(job, reason, "the offer", reply);
}

void
job_answered_offering(struct job *job, const struct job_answer *answer)
{
	enum reason reason;

	if (answer->heard == JOB_UNSENT && answer->cut_off) {
		job_fail_ours(job, answer->why);
		return;
	}
	if (answer->heard == JOB_UNSENT) {
		job_fail(job, REASON_NO_ANSWER, "%s", answer->why);
		return;
	}
	if (answer->heard != JOB_REPLY) {
		job_keep_garbage(job, "the offer", answer);
		job_advance(
		    job, STATE_EVENT_DONE); /* unknown: the ranges will tell */
		return;
	}
	reason = devapi_reason(DEVAPI_FLASH, answer->reply);
	job->offer_answered = reason == REASON_NONE;
	if (answer->reply->error == 403 && job->unlocks < MAX_UNLOCKS)
		job_advance(job, STATE_EVENT_LOCKED);
	else if (reason != REASON_NONE)
		refused(job, reason, answer->reply);
	else
		job_advance(job, STATE_EVENT_DONE);
}

/* Do nothing: the only call of this state takes just as long as the state. */
void
job_timer_offering(struct job *job)
{
	(void)job;
}

void
job_begin_window(struct job *job)
{
	job->window.since_ms = job_now(job);
	job->window.bytes = 0;
}

static uint64_t
window_end(const struct job *job)
{
	return job->window.since_ms + job->limits.stall_sec * UINT64_C(1000);
}

/*
 * Return true if a window has passed in which too few bytes were handed over.
 */
static bool
is_too_slow(const struct job *job)
{
	const struct job_limits *l = &job->limits;

	return job_now(job) >= window_end(job) &&
	    job->window.bytes * l->flash_sec * TOO_SLOW <
	    job->size * l->stall_sec;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Set the time limit of the present part of the download. */
static void
update_deadline(struct job *job, uint64_t now)
{
	const struct job_limits *l = &job->limits;
	uint64_t last = job->offered_ms + l->flash_sec * UINT64_C(1000);

	if (now >= window_end(job) && !is_too_slow(job))
		job_begin_window(job);

	if (job->whole_ms != 0) {
		job->deadline_ms =
		    job->whole_ms + l->verdict_sec * UINT64_C(1000);
	} else if (job->began) {
		job->deadline_ms =
		    job->served_ms + l->stall_sec * UINT64_C(1000);
		job->deadline_ms = least(job->deadline_ms, window_end(job));
		job->deadline_ms = least(job->deadline_ms, last);
	} else {
		job->deadline_ms =
		    job->offered_ms + l->first_fetch_sec * UINT64_C(1000);
	}
}

void
job_set_download_deadline(struct job *job, uint64_t now)
{
	update_deadline(job, now);
	job_wake_in(job, UINT64_MAX);
}

void
job_begin_downloading(struct job *job)
{
	job_set_download_deadline(job, job_now(job));
}

/* Return true if the last byte was handed over less than StallSec ago. */
static bool
is_fetching(const struct job *job)
{
	return job_now(job) <
	    job->served_ms + job->limits.stall_sec * UINT64_C(1000);
}

static void
fail_stalled(struct job *job, const char *now_it)
{
	char rate[80] = "", time[32];

	if (is_fetching(job) && is_too_slow(job))
		snprintf(rate, sizeof(rate),
		    ", and downloaded only %" PRIu64 " bytes in the last %s",
		    job->window.bytes,
		    text_duration(time, sizeof(time), job->limits.stall_sec));
	else if (is_fetching(job))
		snprintf(rate, sizeof(rate), " when its time was up");
	job_fail(job, REASON_STALLED,
	    "it %s at %" PRIu64 " of %" PRIu64 " bytes%s; %s%s",
	    is_fetching(job) ? "was" : "stopped",
	    byte_ranges_bytes(&job->coverage), job->size, rate, now_it,
	    device_is_weak(job->device) ? ", its signal is weak" : "");
}

/*
 * Return true if the device has fetched nothing since reflashd was restarted.
 * It may have fetched the last bytes before, which were not noted any more.
 */
static bool
has_fetched_nothing_more(const struct job *job)
{
	return job->resumed &&
	    byte_ranges_bytes(&job->coverage) <= job->resumed_bytes;
}

/*
 * End a download that has run out of time.  It failed in another way if the
 * device still answers.  If it may have left with its image, there is nobody to
 * be asked until it is heard again.
 */
static void
give_up_download(struct job *job, bool answers)
{
	struct device *device = job->device;
	const char *now_it =
	    answers ? "it still answers" : "it does not answer now";
	char time[32];

	text_duration(time, sizeof(time), job->limits.first_fetch_sec);

	device->attempt.never_came =
	    !job->began && (job->offer_answered || answers);
	if ((job->began || job->resumed) && !answers)
		device_note_unsure(device);
	if (has_fetched_nothing_more(job) && !answers)
		device->seen.is_present = false;
	if (!job->began && job->garbage[0] != '\0')
		job_fail(job, REASON_BAD_ANSWER,
		    "%s, and nothing came from it in %s; %s", job->garbage,
		    time, now_it);
	else if (!job->began)
		job_fail(job, REASON_NEVER_FETCHED,
		    "nothing came from it in %s after %s; %s", time,
		    job->offer_answered ? "it accepted" : "the offer", now_it);
	else
		fail_stalled(job, now_it);
}

void
job_answered_downloading(struct job *job, const struct job_answer *answer)
{
	if (job->call == DEVAPI_FLASH) {
		enum reason reason = REASON_NONE;

		/* The device is fetching already: only a refusal is news. */
		if (answer->heard == JOB_REPLY)
			reason = devapi_reason(DEVAPI_FLASH, answer->reply);
		if (reason != REASON_NONE)
			refused(job, reason, answer->reply);
		return;
	}
	if (answer->cut_off)
		job->ops->set_timer(GONE_POLL_MS, job->ctx);
	else if (job_is_late(job)) /* or it fetched on during the question */
		give_up_download(
		    job, answer->heard == JOB_REPLY && !answer->other_mac);
}

void
job_timer_downloading(struct job *job)
{
	update_deadline(job, job_now(job));
	if (!job_is_late(job)) {
		job_wake_in(job, UINT64_MAX);
	} else if (job->whole_ms != 0) {
		job_advance(
		    job, STATE_EVENT_DONE); /* no verdict: see if it leaves */
	} else if (!job->calling || job->call == DEVAPI_FLASH) {
		uint64_t late = job->deadline_ms;

		job->deadline_ms = job_now(job) + INFO_MS;
		job_ask_info(job);
		job->deadline_ms = late;
	}
}

void
job_begin_rebooting(struct job *job)
{
	job->deadline_ms =
	    job_now(job) + job->limits.leave_sec * UINT64_C(1000);
	job->gone_ms = job->stock_ms = 0;
	/* The end of this call does not tell whether the device leaves. */
	job_hang_up(job);
	job_wake_in(job, GONE_POLL_MS);
}

/*
 * Return after how many milliseconds without an answer the device has left.
 * While this machine was away the device may have got another address, with its
 * old firmware; it is given the time to announce itself there.
 */
static uint64_t
gone_after_ms(const struct job *job)
{
	return job->limits.gone_sec * UINT64_C(1000) *
	    (job->was_away ? AWAY_FACTOR : 1);
}

static bool
is_over(const struct job *job, uint64_t since_ms, uint64_t ms)
{
	return since_ms != 0 && job_now(job) >= since_ms + ms;
}

static void
has_left(struct job *job)
{
	struct device *device = job->device;
	size_t size = sizeof(device->detail), used;

	device_clear_blame(device);
	device->kept = (struct device_kept){ .attempt = 0 };
	device->attempt.no_verdict = !device->download.verdict_ok;
	device->attempt.damaged = false;
	used = (size_t)snprintf(device->detail, size,
	    "%" PRIu64 " of %" PRIu64 " bytes downloaded, %s",
	    device->download.bytes, job->size,
	    device->download.verdict_ok
		? "it reported success and left"
		: "it left without reporting how it went");
	assert(used < size);
	if (!device->awaited.must_return)
		rejoin_hint(device, device->detail + used, size - used);
	job_advance(job,
	    device->awaited.must_return ? STATE_EVENT_DONE : STATE_EVENT_LEFT);
}

/* Fail: the device restarted with its old firmware, undamaged. */
static void
came_back(struct job *job)
{
	job->device->attempt.damaged = false;
	job_fail(job, REASON_CAME_BACK_STOCK,
	    "it was away for a moment and answers as before");
}

/*
 * Return true if the old firmware of the device has answered.  In eWeLink mode
 * it says no id, and then its MAC tells.
 */
static bool
is_still_there(const struct job *job, const struct job_answer *answer)
{
	if (answer->heard != JOB_REPLY || answer->other_mac)
		return false;
	return job_is_same(job, answer->reply) ||
	    (answer->same_mac && answer->reply->error == 401);
}

void
job_answered_rebooting(struct job *job, const struct job_answer *answer)
{
	/*
	 * This machine was cut off during the look, so the silence does not
	 * mean that the device has left: begin anew.
	 */
	if (answer->cut_off) {
		job_begin_rebooting(job);
		return;
	}
	if (is_still_there(job, answer)) {
		if (job->gone_ms != 0)
			job->stock_ms = job_now(job);
		job->gone_ms = 0;
	} else {
		job->stock_ms = 0;
		if (job->gone_ms == 0)
			job->gone_ms = job->asked_ms;
	}
	if (is_over(job, job->gone_ms, gone_after_ms(job)))
		has_left(job);
	else if (is_over(
		     job, job->stock_ms, job->limits.gone_sec * UINT64_C(1000)))
		came_back(job);
	else
		job_wake_in(job, GONE_POLL_MS);
}

void
job_timer_rebooting(struct job *job)
{
	char time[32];

	if (!job_is_late(job)) {
		if (!job->calling)
			job_ask_info(job);
	} else if (job->gone_ms != 0) {
		/*
		 * The device is leaving.  Start the time after which an absent
		 * device counts as gone from now, as this machine may have
		 * slept.
		 */
		job->deadline_ms = job_now(job) + gone_after_ms(job) + INFO_MS;
		job_ask_info(job);
	} else {
		job_fail(job, REASON_CAME_BACK_STOCK,
		    "%s after the last byte it still answers as before, %s",
		    text_duration(time, sizeof(time), job->limits.leave_sec),
		    job->device->download.verdict_ok
			? "although it reported success"
			: "and never reported how it went");
	}
}
