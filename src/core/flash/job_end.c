/* SPDX-License-Identifier: ISC */
/*
 * Ends an attempt: by which reason it failed, whether it counts, and when the
 * device is tried again.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/flash/job_parts.h"

#define MAX_BACKOFF_MS 3600000
#define MAX_CALLED_OFF 5 /* 16 times the shortest delay */

/*
 * Return the delay after `count` failures or called-off attempts.  The delay
 * doubles each time, up to a limit.  Up to a quarter is added by the id of the
 * device, so that devices that failed together do not come back together.
 */
static uint64_t
backoff_ms(const struct job *job, unsigned count)
{
	const struct device *device = job->device;
	uint64_t ms = job->limits.backoff_sec * UINT64_C(1000);
	unsigned spread = count;

	for (unsigned i = 1; i < count && ms < MAX_BACKOFF_MS; i++)
		ms *= 2;
	if (ms > MAX_BACKOFF_MS)
		ms = MAX_BACKOFF_MS;
	for (const char *c = device->id; *c != '\0'; c++)
		spread = spread * 31 + (unsigned char)*c;
	return ms + ms / 4 * (spread % 101) / 100;
}

/* Return true if the device has not yet been told anything that lasts. */
static bool
is_untold(const struct job *job)
{
	return state_is_before_offer(job->device->state) && !job->told;
}

/*
 * Uncount the attempt if the device was never told to fetch.  If the device's
 * own answer ended the attempt (by_device), the next one waits: a device that
 * gives a different answer each time must not keep the daemon busy.
 */
static void
give_back(struct job *job, bool by_device)
{
	struct device *device = job->device;

	if (!job->told)
		device_uncount(device);
	device->hold_until_ms = 0;
	if (by_device)
		device->hold_until_ms = job->ops->real_ms(job->ctx) +
		    backoff_ms(job,
			device->attempt.called_off < MAX_CALLED_OFF
			    ? ++device->attempt.called_off
			    : MAX_CALLED_OFF);
}

static enum state_event
event_of(const struct decision *decision)
{
	switch (decision->what) {
	case DECIDE_REFUSE:
		return STATE_EVENT_REFUSE;
	case DECIDE_IGNORE:
		return STATE_EVENT_IGNORE;
	case DECIDE_FAIL:
		return STATE_EVENT_FAIL;
	case DECIDE_HOLD:
	case DECIDE_START: /* by another policy, or with another image */
		return STATE_EVENT_HOLD;
	default:
		return STATE_EVENT_OBSERVE;
	}
}

/* End the job: the policies now decide something else than this flash. */
static void
call_off(struct job *job, const struct decision *decision, bool by_device)
{
	struct device *device = job->device;

	/* A device that waits for a slot needs no backoff. */
	give_back(job, by_device && decision->hold != HOLD_SLOT);
	text_copy(device->policy, sizeof(device->policy),
	    decision->policy != NULL ? decision->policy->name : "");
	device->hold =
	    decision->what == DECIDE_START ? HOLD_BACKOFF : decision->hold;
	device_blame(device, decision->reason, "%s", decision->detail);
	job_advance(job, event_of(decision));
}

bool
job_goes_on(struct job *job, bool by_device)
{
	struct decision decision;

	if (job->ops->decide(&decision, job->ctx))
		return true;
	call_off(job, &decision, by_device);
	return false;
}

bool
job_reconsider(struct job *job)
{
	return !state_is_before_offer(job->device->state) ||
	    job_goes_on(job, false);
}

/*
 * Refuse the device because its mode does not allow a flash.  The mode may
 * change, so the attempt is not counted.
 */
static void
bar(struct job *job, enum reason reason)
{
	struct device *device = job->device;

	if (reason == REASON_NOT_DIY_MODE)
		device_learn_encrypted(device, device->detail);
	give_back(job, true);
	job_advance(job, STATE_EVENT_REFUSE);
}

void
job_withdraw(struct job *job)
{
	struct device *device = job->device;

	give_back(job, false);
	device->reason = REASON_NONE;
	text_copy(
	    device->detail, sizeof(device->detail), device->place.cut_off);
	device->hold = HOLD_NETWORK;
	job_advance(job, STATE_EVENT_AGAIN);
}

/* Write "attempt 2", "attempts 2 and 3" or "attempts 2 to 5". */
static char *
name_attempts(unsigned first, unsigned last, char *dst, size_t size)
{
	if (first >= last)
		snprintf(dst, size, "attempt %u", last);
	else
		snprintf(dst, size, "attempts %u %s %u", first,
		    first + 1 == last ? "and" : "to", last);
	return dst;
}

/*
 * Keep the reason of this attempt if it says more about the device than the
 * reason kept from earlier attempts.
 */
static void
keep_telling(struct device *device)
{
	struct device_kept *kept = &device->kept;

	if (device->attempt.is_uncounted ||
	    reason_telling(kept->reason, device->reason) != device->reason)
		return;
	kept->reason = device->reason;
	kept->attempt = device->attempt.number;
	kept->bytes = device->download.bytes;
	text_copy(kept->detail, sizeof(kept->detail), device->detail);
}

/*
 * Blame the device for the most telling failure of its attempts rather than for
 * the last one.  A device that lost its power in the middle of a download only
 * falls silent afterwards, and silence alone would not explain the failure.
 */
static void
blame_telling(struct device *device)
{
	const struct device_kept *kept = &device->kept;
	bool silent = device->reason == REASON_NO_ANSWER ||
	    device->reason == REASON_WRONG_DEVICE;
	char attempts[48];

	if (kept->reason == REASON_NONE ||
	    reason_telling(kept->reason, device->reason) == device->reason)
		return;
	name_attempts(kept->attempt + 1, device->attempt.number, attempts,
	    sizeof(attempts));
	device_blame(device, kept->reason,
	    "in attempt %u: %.250s; since then %s in %s", kept->attempt,
	    kept->detail, silent ? "no answer" : "it was told nothing",
	    attempts);
	device->download.bytes = kept->bytes;
}

/*
 * Return true if something of ours was in the way during the download, which
 * may be why the device has not fetched everything.
 */
static bool
is_excused(const struct job *job, enum reason reason)
{
	enum state state = job->device->state;
	enum reason_retry retry = reason_retry(reason);

	/* An attempt that does not count already is not uncounted twice. */
	return job->excuse[0] != '\0' && job->whole_ms == 0 &&
	    !job->device->attempt.is_uncounted && state_is_fetching(state) &&
	    (retry == REASON_LATER || retry == REASON_AT_ONCE);
}

/*
 * Return how long the device must still be left alone.  A device that lost this
 * machine in the middle of its download may go on trying for minutes, and
 * refuses a second order until then.  Only its verdict or its refusal of the
 * order tells that the download has ended; without them that time must be up.
 */
static uint64_t
busy_ms(const struct job *job)
{
	struct device *device = job->device;
	int64_t now_s = device->ops->steady_s(device->ctx);
	int64_t told_s = now_s - device->since_s;
	int64_t left_s;
	bool may_fetch = device->reason == REASON_STALLED ||
	    device->reason == REASON_NEVER_FETCHED ||
	    device->reason == REASON_BAD_ANSWER;

	/* For how long this machine was off, its clock need not know. */
	if (job->resumed && device->download.is_from_other_boot)
		told_s = now_s - job->resumed_s;
	left_s = (int64_t)job->limits.flash_sec - told_s;
	/* A device that can reach this machine again comes soon, or never. */
	if (job->is_excuse_over || !may_fetch || left_s <= 0)
		return 0;
	return (uint64_t)left_s * 1000;
}

/* Uncount the attempt, and say in the detail what was in the way. */
static void
excuse(struct job *job)
{
	struct device *device = job->device;
	size_t used = strlen(device->detail);

	snprintf(device->detail + used, sizeof(device->detail) - used,
	    "; meanwhile %s", job->excuse);
	device_uncount(device);
	device->attempt.is_excused = true;
	device->download.tries_until_ms =
	    job->ops->real_ms(job->ctx) + busy_ms(job);
}

void
job_fail_ours(struct job *job, const char *why)
{
	device_uncount(job->device);
	job_fail(job, REASON_NOT_OFFERED, "%s", why);
}

void
job_fail(struct job *job, enum reason reason, const char *fmt, ...)
{
	struct device *device = job->device;
	enum reason_retry retry = REASON_NEVER;
	char detail[DEVICE_DETAIL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	device_blame(device, reason, "%s", detail);
	if (reason_retry(reason) == REASON_BARRED && is_untold(job)) {
		bar(job, reason);
		return;
	}
	if (is_excused(job, reason))
		excuse(job);
	device->attempt.damaged |= reason == REASON_DIGEST_ERROR;
	keep_telling(device);

	if (device->attempt.number < device->attempt.allowed)
		retry = reason_retry(reason);
	if (retry == REASON_AT_ONCE) {
		device->attempt.number++;
		device->attempt.is_uncounted = device->attempt.is_excused =
		    job->told = false;
		job_advance(job, STATE_EVENT_AT_ONCE);
	} else if (retry == REASON_LATER || retry == REASON_BARRED) {
		device->hold = HOLD_BACKOFF;
		device->hold_until_ms = job->ops->real_ms(job->ctx) +
		    backoff_ms(job, device->attempt.number);
		job_advance(job, STATE_EVENT_AGAIN);
	} else {
		blame_telling(device);
		job_advance(job, STATE_EVENT_FAIL);
	}
}
