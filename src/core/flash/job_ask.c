/* SPDX-License-Identifier: ISC */
/*
 * The steps of a job that only ask: probe the device, unlock it, and confirm
 * that it is unlocked.  Nothing that lasts is done in them.
 */
#include "config.h"

#include "base/text.h"
#include "core/device/eligible.h"
#include "core/flash/job_parts.h"

#define UNLOCK_SOAK_MS 5000 /* "yes" may take a moment to become true */

void
job_begin_probing(struct job *job)
{
	job_expect_answer(job, job->limits.probe_sec);
	job->word = WORD_NOT_ASKED;
	job->refusal = REASON_NONE;
	job->unlocks = 0;
	job->next = (struct devapi_try){ DEVAPI_INFO, job->device->facts.form };
	job_ask_info(job);
}

static bool
is_unheard(const struct job *job, const struct job_answer *answer)
{
	bool is_reply = answer->heard == JOB_REPLY;

	return (is_reply || answer->heard == JOB_SILENCE ||
		   answer->heard == JOB_GARBAGE) &&
	    devapi_is_unheard(
		(struct devapi_try){ job->call, job->device->facts.form },
		is_reply ? answer->reply : NULL, answer->heard != JOB_SILENCE);
}

/*
 * Fail because the device is there, but has no info that a flash needs: it only
 * answered the question for its signal.
 */
static void
answered_signal(struct job *job, const struct devapi_reply *reply)
{
	struct device *device = job->device;
	enum reason reason = devapi_reason(DEVAPI_SIGNAL, reply);
	char detail[DEVICE_DETAIL_SIZE];

	if (reason != REASON_NONE) {
		job_fail_answered(
		    job, reason, "the question for its signal", reply);
		return;
	}
	device->facts.has_no_info = true;
	reason = eligible_device(device, detail, sizeof(detail));
	job_fail(job, reason, "%s", detail);
}

void
job_answered_probing(struct job *job, const struct job_answer *answer)
{
	struct device *device = job->device;
	bool ask_otherwise = is_unheard(job, answer);

	if (answer->heard != JOB_REPLY)
		job_keep_silence(job, answer);
	if (ask_otherwise)
		job->next =
		    device_next_try(device, job->call, device->facts.form);
	if (answer->heard != JOB_REPLY || ask_otherwise)
		job_wake_in(job, POLL_MS);
	else if (job->call == DEVAPI_SIGNAL)
		answered_signal(job, answer->reply);
	else if (job_accept_info(job, answer))
		job_advance(job,
		    answer->reply->info.unlocked ? STATE_EVENT_UNLOCKED
						 : STATE_EVENT_DONE);
}

void
job_timer_probing(struct job *job)
{
	if (job_is_late(job)) {
		job_fail_unanswered(job);
	} else if (!job->calling) {
		job->device->facts.form = job->next.form;
		job_ask(job, job->next.call, INFO_MS);
	}
}

void
job_begin_unlocking(struct job *job)
{
	job_expect_answer(job, job->limits.unlock_sec);
	job->unlocks++;
	job->word = WORD_NOTHING;
	job->refusal = REASON_NONE;
	job->garbage[0] = '\0';
	job_ask(job, DEVAPI_UNLOCK, job_time_left(job));
}

void
job_answered_unlocking(struct job *job, const struct job_answer *answer)
{
	enum reason reason;

	if (answer->heard == JOB_UNSENT) {
		job_keep_silence(job, answer);
		job_wake_in(job, POLL_MS);
		return;
	}
	if (answer->heard == JOB_REPLY) {
		reason = devapi_reason(DEVAPI_UNLOCK, answer->reply);
		if (reason == REASON_UNLOCK_REFUSED ||
		    reason == REASON_UNLOCK_UNREACHABLE) {
			job->refusal = reason;
			job->refusal_error = answer->reply->error;
		} else if (reason != REASON_NONE) {
			job_fail_answered(
			    job, reason, "the unlock", answer->reply);
			return;
		} else {
			job->word = WORD_YES;
			job->unlocked_ms = job_now(job);
		}
	}
	job_keep_garbage(job, "the unlock", answer);
	job_advance(job, STATE_EVENT_DONE);
}

void
job_timer_unlocking(struct job *job)
{
	if (job_is_late(job))
		job_fail_unanswered(job);
	else if (!job->calling)
		job_ask(job, DEVAPI_UNLOCK, job_time_left(job));
}

void
job_begin_confirming(struct job *job)
{
	job_expect_answer(job, job->limits.confirm_sec);
	job->locked = false;
	job_ask_info(job);
}

static void
fail_refused(struct job *job)
{
	job_fail(job, job->refusal, "it answers the unlock with error %d",
	    job->refusal_error);
}

/* Unlock a locked device again if that can help, else look again later. */
static void
still_locked(struct job *job)
{
	bool soaked = job_now(job) >= job->unlocked_ms + UNLOCK_SOAK_MS;

	job->locked = true;
	if (job->refusal != REASON_NONE)
		fail_refused(job);
	else if (job->word == WORD_NOT_ASKED ||
	    (job->word == WORD_YES && soaked && job->unlocks < MAX_UNLOCKS))
		job_advance(job, STATE_EVENT_LOCKED);
	else
		job_wake_in(job, POLL_MS);
}

void
job_answered_confirming(struct job *job, const struct job_answer *answer)
{
	if (answer->heard != JOB_REPLY) {
		/* After less than the full time the earlier look counts. */
		if (!job->hurried)
			job->locked = false;
		job_keep_silence(job, answer);
		job_wake_in(job, POLL_MS);
	} else if (job_accept_info(job, answer)) {
		if (answer->reply->info.unlocked)
			job_advance(job, STATE_EVENT_DONE);
		else
			still_locked(job);
	}
}

void
job_timer_confirming(struct job *job)
{
	char time[32];

	if (!job_is_late(job)) {
		if (!job->calling)
			job_ask_info(job);
	} else if (job->refusal != REASON_NONE) {
		fail_refused(job);
	} else if (!job->locked) {
		job_fail_unanswered(job);
	} else if (job->word == WORD_YES) {
		job_fail(job, REASON_UNLOCK_NO_EFFECT,
		    "it said yes to the unlock, and is locked %s later",
		    text_duration(time, sizeof(time), job->limits.confirm_sec));
	} else if (job->garbage[0] != '\0') {
		job_fail(job, REASON_BAD_ANSWER, "%s, and it is still locked",
		    job->garbage);
	} else {
		job_fail(job, REASON_UNLOCK_UNREACHABLE,
		    "it did not answer the unlock, and is still locked");
	}
}
