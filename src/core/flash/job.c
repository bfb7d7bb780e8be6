/* SPDX-License-Identifier: ISC */
/*
 * Runs the steps of one attempt to flash one device: which step comes next, how
 * long it may take, and how the attempt ends.
 */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/eligible.h"
#include "core/flash/job_parts.h"
#include "core/image/image.h"

#define MAX_BACKOFF_MS 3600000
#define VOUCHING_PART  4 /* a device that fetches 1/4 of an image is real */
#define MAX_CALLED_OFF 5 /* 16 times the shortest delay */

/* ---- the table of steps ------------------------------------------------ */

static const struct step {
	void (*begin)(struct job *);
	void (*answered)(struct job *, const struct job_answer *);
	void (*timer)(struct job *);
} steps[STATE_COUNT] = {
#define X(symbol, name)                                                        \
	[STATE_##symbol] = { job_begin_##name, job_answered_##name,            \
		job_timer_##name },
	JOB_STEPS(X)
#undef X
};

/* ---- time and questions ------------------------------------------------ */

uint64_t
job_now(const struct job *job)
{
	return job->ops->now_ms(job->ctx);
}

bool
job_is_late(const struct job *job)
{
	return job_now(job) >= job->deadline_ms;
}

uint64_t
job_time_left(const struct job *job)
{
	return job_is_late(job) ? 0 : job->deadline_ms - job_now(job);
}

void
job_wake_in(struct job *job, uint64_t ms)
{
	uint64_t left = job_time_left(job);

	job->ops->set_timer(ms < left ? ms : left, job->ctx);
}

void
job_hang_up(struct job *job)
{
	if (job->calling)
		job->ops->hang_up(job->ctx);
	job->calling = false;
}

void
job_ask(struct job *job, enum devapi_call call, uint64_t timeout_ms)
{
	uint64_t left = job_time_left(job);

	job_hang_up(job);
	job->calling = true;
	job->call = call;
	job->asked_ms = job_now(job);
	job->hurried = timeout_ms > left;
	if (job->hurried)
		timeout_ms = left;
	job->ops->call(call, job->device->form,
	    timeout_ms > 0 ? (unsigned)timeout_ms : 1, job->ctx);
}

void
job_ask_info(struct job *job)
{
	job_ask(job, DEVAPI_INFO, INFO_MS);
}

/* ---- the ends of a step ------------------------------------------------ */

static void
finish(struct job *job)
{
	job_hang_up(job);
	job->ops->ended(job->ctx);
}

/* Move on to the state that follows by `event`, and begin its step. */
void
job_advance(struct job *job, enum state_event event)
{
	bool moved = device_post(job->device, event);

	assert(moved);
	if (steps[job->device->state].begin != NULL)
		steps[job->device->state].begin(job);
	else
		finish(job); /* an end, or a state that others carry on */
}

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

/* ---- an attempt that does not count ------------------------------------ */

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

	if (!job->told) {
		device->attempt--;
		device->uncounted = true;
	}
	device->hold_until_ms = 0;
	if (by_device)
		device->hold_until_ms = job->ops->real_ms(job->ctx) +
		    backoff_ms(job,
			device->called_off < MAX_CALLED_OFF
			    ? ++device->called_off
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

/*
 * End the job because the policies now decide something else for the device
 * than a flash.
 */
static void
call_off(struct job *job, const struct decision *decision, bool by_device)
{
	struct device *device = job->device;

	/*
	 * A device that waits for a slot needs no backoff: it may go as soon as
	 * a slot is free.
	 */
	give_back(job, by_device && decision->hold != HOLD_SLOT);
	text_copy(device->policy, sizeof(device->policy),
	    decision->policy != NULL ? decision->policy->name : "");
	device->hold =
	    decision->what == DECIDE_START ? HOLD_BACKOFF : decision->hold;
	device_blame(device, decision->reason, "%s", decision->detail);
	job_advance(job, event_of(decision));
}

static bool
goes_on(struct job *job, bool by_device)
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
	    goes_on(job, false);
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

/* ---- the end of an attempt --------------------------------------------- */

/*
 * Format a range of attempts: "attempt 2", "attempts 2 and 3", "attempts 2 to
 * 5".
 */
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

	if (device->uncounted ||
	    reason_telling(kept->reason, device->reason) != device->reason)
		return;
	kept->reason = device->reason;
	kept->attempt = device->attempt;
	kept->bytes = device->bytes;
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
	name_attempts(
	    kept->attempt + 1, device->attempt, attempts, sizeof(attempts));
	device_blame(device, kept->reason,
	    "in attempt %u: %.250s; since then %s in %s", kept->attempt,
	    kept->detail, silent ? "no answer" : "it was told nothing",
	    attempts);
	device->bytes = kept->bytes;
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

	return job->excuse[0] != '\0' && job->whole_ms == 0 &&
	    (state == STATE_OFFERING || state == STATE_DOWNLOADING) &&
	    (retry == REASON_LATER || retry == REASON_AT_ONCE);
}

/* Uncount the attempt, and say in the detail what was in the way. */
static void
excuse(struct job *job)
{
	struct device *device = job->device;
	size_t used = strlen(device->detail);

	snprintf(device->detail + used, sizeof(device->detail) - used,
	    "; meanwhile %s", job->excuse);
	device->attempt--;
	device->uncounted = device->is_excused = true;
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
	int64_t told_s = device->ops->steady_s(device->ctx) - device->since_s;
	int64_t left_s = (int64_t)job->limits.flash_sec - told_s;
	bool may_fetch = device->reason == REASON_STALLED ||
	    device->reason == REASON_NEVER_FETCHED ||
	    device->reason == REASON_BAD_ANSWER;

	return device->is_excused && may_fetch && left_s > 0
	    ? (uint64_t)left_s * 1000
	    : 0;
}

/* Return the time until the next attempt. */
static uint64_t
wait_ms(const struct job *job)
{
	uint64_t backoff = backoff_ms(job, job->device->attempt);
	uint64_t busy = busy_ms(job);

	return backoff > busy ? backoff : busy;
}

void
job_fail_ours(struct job *job, const char *why)
{
	job->device->attempt--;
	job->device->uncounted = true;
	job_fail(job, REASON_NOT_OFFERED, "%s", why);
}

/*
 * End this attempt for a reason.  The table of reasons says whether another
 * attempt follows.
 */
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
	device->damaged |= reason == REASON_DIGEST_ERROR;
	keep_telling(device);

	if (device->attempt < device->attempts)
		retry = reason_retry(reason);
	if (retry == REASON_AT_ONCE) {
		device->attempt++;
		device->uncounted = device->is_excused = job->told = false;
		job_advance(job, STATE_EVENT_AT_ONCE);
	} else if (retry == REASON_LATER || retry == REASON_BARRED) {
		device->hold = HOLD_BACKOFF;
		device->hold_until_ms =
		    job->ops->real_ms(job->ctx) + wait_ms(job);
		job_advance(job, STATE_EVENT_AGAIN);
	} else {
		blame_telling(device);
		job_advance(job, STATE_EVENT_FAIL);
	}
}

/* ---- what an answer tells ---------------------------------------------- */

/*
 * Start the time limit of a state that waits for an answer.  "No answer"
 * becomes the reason if the device never answers.
 */
void
job_expect_answer(struct job *job, unsigned seconds)
{
	char time[32];

	job->deadline_ms = job_now(job) + seconds * UINT64_C(1000);
	job->last.heard = JOB_REPLY;
	job->last.cut_off = false;
	snprintf(job->last.why, sizeof(job->last.why), "no answer in %s",
	    text_duration(time, sizeof(time), seconds));
}

void
job_keep_silence(struct job *job, const struct job_answer *answer)
{
	/*
	 * The state ended before the call had its full time: what was heard
	 * before says more.
	 */
	if (job->hurried && job->last.heard != JOB_REPLY)
		return;
	job->last.heard = answer->heard;
	job->last.cut_off = answer->cut_off;
	snprintf(job->last.why, sizeof(job->last.why), "%s", answer->why);
}

void
job_keep_garbage(
    struct job *job, const char *what, const struct job_answer *answer)
{
	if (answer->heard == JOB_GARBAGE)
		snprintf(job->garbage, sizeof(job->garbage),
		    "its answer to %s makes no sense (%s)", what, answer->why);
}

void
job_fail_answered(struct job *job, enum reason reason, const char *what,
    const struct devapi_reply *reply)
{
	char how[DEVICE_DETAIL_SIZE];

	devapi_describe(what, reply, how, sizeof(how));
	job_fail(job, reason, "%s", how);
}

/*
 * Fail because the device did not answer.  The daemon does not believe an
 * announced port, but names it where it may be the reason for the silence.
 */
static void
fail_silent(struct job *job)
{
	const struct device *device = job->device;
	char address[INET_ADDRSTRLEN];

	if (device->said.port == 0 || device->said.port == device->port) {
		job_fail(job, REASON_NO_ANSWER, "%s", job->last.why);
		return;
	}
	inet_ntop(AF_INET, &device->address, address, sizeof(address));
	job_fail(job, REASON_NO_ANSWER,
	    "%s at port %u, but the device announces port %u: to ask it there, "
	    "write Device=%s:%u %s into [Discovery] of reflashd.conf",
	    job->last.why, device->port, device->said.port, address,
	    device->said.port, device->id);
}

void
job_fail_unanswered(struct job *job)
{
	if (job->last.cut_off)
		job_fail_ours(job, job->last.why);
	else if (job->last.heard == JOB_GARBAGE)
		job_fail(job, REASON_BAD_ANSWER, "%s", job->last.why);
	else
		fail_silent(job);
}

/*
 * Return true if the reply comes from the device of this job.  Firmware up to
 * 3.4 does not repeat its id, but answers 404 to a request with another id.  A
 * reply to a request without the key proves nothing unless the reply has the
 * id.
 */
bool
job_is_same(const struct job *job, const struct devapi_reply *reply)
{
	if (reply->error == 404)
		return false;
	if (reply->info.id[0] == '\0')
		return job->device->form != DEVAPI_WITHOUT_ID;
	return strcmp(reply->info.id, job->device->id) == 0;
}

bool
job_is_from(const struct job *job, const struct devapi_reply *reply)
{
	return job->call == DEVAPI_INFO && reply->has_info &&
	    devapi_reason(DEVAPI_INFO, reply) == REASON_NONE &&
	    job_is_same(job, reply);
}

/*
 * Return true if the reply to an info request can be used.  Otherwise the job
 * has failed.
 */
bool
job_accept_info(struct job *job, const struct job_answer *answer)
{
	const struct devapi_reply *reply = answer->reply;
	struct device *device = job->device;
	enum reason reason = devapi_reason(DEVAPI_INFO, reply);
	char detail[DEVICE_DETAIL_SIZE];

	if (reason != REASON_NONE) {
		job_fail_answered(job, reason, "info", reply);
		return false;
	}
	if (!job_is_same(job, reply)) {
		job_fail(job, REASON_WRONG_DEVICE,
		    reply->info.id[0] == '\0'
			? "who answers does not say its id"
			: "who answers says that it is %s",
		    reply->info.id);
		return false;
	}
	if (answer->other_mac) {
		job_fail(job, REASON_WRONG_DEVICE,
		    "another device answers at its address%s: this machine "
		    "does not see the MAC %s there, which the device had",
		    reply->info.id[0] != '\0' ? " and says its id" : "",
		    device->mac);
		return false;
	}
	device_learn(device, &reply->info);
	if (!goes_on(job, true))
		return false;
	reason = eligible_device(device, detail, sizeof(detail));
	if (reason == REASON_NONE && !reply->info.has_unlocked) {
		reason = REASON_BAD_ANSWER;
		snprintf(detail, sizeof(detail),
		    "its info does not say whether it is unlocked");
	}
	if (reason != REASON_NONE) {
		job_fail(job, reason, "%s", detail);
		return false;
	}
	return true;
}

/* ---- what the world says ----------------------------------------------- */

struct job *
job_new(struct device *device, uint64_t size_bytes,
    const struct job_limits *limits, const struct job_ops *ops, void *ctx)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->device = device;
	job->size = size_bytes;
	job->limits = *limits;
	job->ops = ops;
	job->ctx = ctx;
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	byte_ranges_fini(&job->coverage);
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
	if (job->device->attempt++ == 0)
		job->device->kept = (struct device_kept){ .attempt = 0 };
	job->device->uncounted = job->device->no_verdict = false;
	job->device->is_excused = false;
	job_advance(job, STATE_EVENT_START);
}

void
job_resume(struct job *job, uint64_t bytes)
{
	if (job->device->whole)
		bytes = job->size;
	job->resumed = job->told = true;
	job->offered_ms = job->served_ms = job_now(job);
	job_begin_window(job);
	if (bytes > 0) {
		job->began = true;
		job_served(job, 0, bytes);
	}
	if (job->device->state == STATE_OFFERING)
		job_advance(job, STATE_EVENT_DONE);
	else
		steps[job->device->state].begin(job);
}

/*
 * Return true if the reply to an order has neither an error code nor encrypted
 * data.  The device may have followed the order all the same, so such a reply
 * is not taken for a no.
 */
static bool
is_no_word(enum devapi_call call, const struct job_answer *answer)
{
	return (call == DEVAPI_UNLOCK || call == DEVAPI_FLASH) &&
	    answer->heard == JOB_REPLY && !answer->reply->has_error &&
	    !answer->reply->encrypted;
}

void
job_answered(struct job *job, const struct job_answer *answer)
{
	static const struct job_answer no_word = { .heard = JOB_GARBAGE,
		.why = "it has no error" };

	if (is_no_word(job->call, answer))
		answer = &no_word;
	job->calling = false;
	if (answer->heard == JOB_FORBIDDEN && !job_reconsider(job))
		return;
	/*
	 * A device that is downloading needs no question; but its silence does
	 * not mean that it has left.
	 */
	if (answer->heard == JOB_FORBIDDEN &&
	    job->device->state != STATE_DOWNLOADING)
		job_fail(job, REASON_ADDRESS_NOT_ALLOWED, "%s", answer->why);
	else
		steps[job->device->state].answered(job, answer);
}

/*
 * End the attempt without counting it: the device was told nothing that lasts,
 * and the network of this machine is down.
 */
static void
withdraw(struct job *job)
{
	struct device *device = job->device;

	give_back(job, false);
	device->reason = REASON_NONE;
	text_copy(device->detail, sizeof(device->detail), device->cut_off);
	device->hold = HOLD_NETWORK;
	job_advance(job, STATE_EVENT_AGAIN);
}

void
job_cut_off(struct job *job)
{
	switch (job->device->state) {
	case STATE_PROBING:
	case STATE_UNLOCKING:
	case STATE_CONFIRMING:
		withdraw(job);
		break;
	case STATE_DOWNLOADING:
		if (job->call == DEVAPI_FLASH)
			break; /* the order may have arrived */
		job_hang_up(job);
		break;
	default:
		break;
	}
}

void
job_excuse(struct job *job, const char *what)
{
	text_copy(job->excuse, sizeof(job->excuse), what);
}

void
job_reconnected(struct job *job, const char *what)
{
	job_excuse(job, what);
	if (job->device->state == STATE_REBOOTING) {
		job_begin_rebooting(
		    job); /* its silence did not mean that it was gone */
	} else if (job->device->state == STATE_DOWNLOADING) {
		job->served_ms = job_now(job);
		job_begin_window(job);
		job_set_download_deadline(job);
	}
}

void
job_moved(struct job *job)
{
	bool was_unlocking = job->calling && job->call == DEVAPI_UNLOCK;

	if (!state_is_before_offer(job->device->state))
		return;
	job_hang_up(job);
	if (was_unlocking && job->unlocks < MAX_UNLOCKS)
		job->word = WORD_NOT_ASKED;
	if (was_unlocking)
		job_advance(job, STATE_EVENT_DONE);
	else
		job->ops->set_timer(0, job->ctx);
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
	if (first) {
		job->served_ms = job_now(job);
		job_begin_window(job);
	}
	if (job->device->state == STATE_OFFERING)
		job_advance(job, STATE_EVENT_DONE);
	else if (first && job->device->state == STATE_DOWNLOADING)
		job_set_download_deadline(job);
}

void
job_served(struct job *job, uint64_t first, uint64_t len)
{
	struct device *device = job->device;

	/*
	 * Devices fetch in order: the bytes before this range were fetched
	 * before the daemon restarted.
	 */
	if (job->resumed && first > 0)
		byte_ranges_add(&job->coverage, 0, first);
	byte_ranges_add(&job->coverage, first, len);
	job->window.bytes += len;
	job->served_ms = job_now(job);
	device->bytes = byte_ranges_bytes(&job->coverage);
	device->is_vouched |= device->bytes >= job->size / VOUCHING_PART;
	device->rate =
	    rate_note(&job->pace, job->ops->real_ms(job->ctx), device->bytes);
	if (job->whole_ms == 0 &&
	    byte_ranges_is_whole(&job->coverage, job->size)) {
		job->whole_ms = job_now(job);
		device->whole = true;
	}
	if (device->state == STATE_DOWNLOADING)
		job_set_download_deadline(job);
	job->ops->progress(job->ctx);
}

static void
bad_verdict(struct job *job, int code)
{
	enum reason reason = devapi_verdict_reason(code);

	job_fail(job, reason,
	    "its verdict is %d after %" PRIu64 " of %" PRIu64 " bytes%s%s%s",
	    code, byte_ranges_bytes(&job->coverage), job->size,
	    reason == REASON_DIGEST_ERROR ? "; do not cut its power" : "",
	    device_is_weak(job->device) ? ", its signal is weak" : "",
	    reason == REASON_DOWNLOAD_ERROR && job->size >= IMAGE_SURE_MAX
		? ", and the image may be too large for it"
		: "");
}

bool
job_awaits_verdict(const struct job *job)
{
	const struct device *device = job->device;

	return device->state == STATE_OFFERING ||
	    device->state == STATE_DOWNLOADING ||
	    (device->state == STATE_REBOOTING && !device->verdict_ok);
}

void
job_verdict(struct job *job, int code)
{
	struct device *device = job->device;

	if (!job_awaits_verdict(job))
		return;
	if (device->state == STATE_OFFERING)
		job_advance(job, STATE_EVENT_DONE);
	if (code != 0) {
		bad_verdict(job, code);
	} else if (job->whole_ms == 0 && !job->resumed) {
		job_fail(job, REASON_DOWNLOAD_ERROR,
		    "it reports success after only %" PRIu64 " of %" PRIu64
		    " bytes",
		    byte_ranges_bytes(&job->coverage), job->size);
	} else {
		device->verdict_ok = true;
		/*
		 * The verdict may come late: the device reboots already then.
		 */
		if (device->state == STATE_DOWNLOADING)
			job_advance(job, STATE_EVENT_DONE);
	}
}

void
job_cancel(struct job *job, const char *who)
{
	assert(device_may_cancel(job->device));
	device_note_cancel(job->device, who);
	job_advance(job, STATE_EVENT_CANCEL);
}
