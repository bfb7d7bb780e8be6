/* SPDX-License-Identifier: ISC */
/*
 * Runs the steps of one attempt to flash one device: which step comes next, how
 * long it may take, and how the attempt ends.
 */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/flash/job_parts.h"
#include "core/image/image.h"

#define VOUCHING_PART 4 /* a device that fetches 1/4 of an image is real */

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
	uint64_t now = job_now(job);

	return now >= job->deadline_ms ? 0 : job->deadline_ms - now;
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
	job->ops->call(call, job->device->facts.form,
	    timeout_ms > 0 ? (unsigned)timeout_ms : 1, job->ctx);
}

void
job_ask_info(struct job *job)
{
	job_ask(job, DEVAPI_INFO, INFO_MS);
}

static void
finish(struct job *job)
{
	job_hang_up(job);
	job->ops->ended(job->ctx);
}

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

void
job_start(struct job *job)
{
	if (job->device->attempt.number++ == 0)
		job->device->kept = (struct device_kept){ .attempt = 0 };
	job->device->attempt.is_uncounted = false;
	job->device->attempt.no_verdict = false;
	job->device->attempt.is_excused = false;
	job_advance(job, STATE_EVENT_START);
}

/*
 * The device may have given up while the daemon was dead.  If it comes again,
 * it has not, and what it does from then on is its own.
 */
static void
excuse_restart(struct job *job)
{
	if (job->excuse[0] != '\0')
		return; /* this machine was off, which says more */
	job_excuse(job, "reflashd was restarted");
	job->is_excuse_over = true;
}

void
job_resume(struct job *job, uint64_t bytes)
{
	if (job->device->download.whole)
		bytes = job->size;
	job->resumed = job->told = true;
	job->resumed_s = job->device->ops->steady_s(job->device->ctx);
	job->offered_ms = job->served_ms = job_now(job);
	job_begin_window(job);
	if (bytes > 0) {
		job->began = true;
		job_served(job, 0, bytes);
	}
	job->resumed_bytes = bytes;
	excuse_restart(job);
	job->was_away = job->device->state == STATE_REBOOTING;
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

	if (!job->calling)
		return; /* its time was taken back with the question */
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

void
job_cut_off(struct job *job)
{
	if (state_is_before_offer(job->device->state))
		job_withdraw(job);
	else if (job->device->state == STATE_DOWNLOADING &&
	    job->call != DEVAPI_FLASH) /* the order may have arrived */
		job_hang_up(job);
}

void
job_excuse(struct job *job, const char *what)
{
	text_copy(job->excuse, sizeof(job->excuse), what);
	job->is_excuse_over = false;
}

void
job_reconnected(struct job *job, const char *what)
{
	job_excuse(job, what);
	if (job->device->state == STATE_REBOOTING) {
		/* The silence of the device did not mean that it had left. */
		job->was_away = true;
		job_begin_rebooting(job);
	} else if (job->device->state == STATE_DOWNLOADING) {
		job->served_ms = job_now(job);
		job_begin_window(job);
		job_set_download_deadline(job, job->served_ms);
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
		job_set_download_deadline(job, job->served_ms);
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
	if (job->is_excuse_over)
		job->excuse[0] = '\0';
	byte_ranges_add(&job->coverage, first, len);
	job->window.bytes += len;
	job->served_ms = job_now(job);
	device->download.bytes = byte_ranges_bytes(&job->coverage);
	device->seen.is_vouched |=
	    device->download.bytes >= job->size / VOUCHING_PART;
	device->download.rate = rate_note(
	    &job->pace, job->ops->real_ms(job->ctx), device->download.bytes);
	if (job->whole_ms == 0 &&
	    byte_ranges_is_whole(&job->coverage, job->size)) {
		job->whole_ms = job->served_ms;
		device->download.whole = true;
	}
	if (device->state == STATE_DOWNLOADING)
		job_set_download_deadline(job, job->served_ms);
	job->ops->progress(job->ctx);
}

static void
bad_verdict(struct job *job, int code)
{
	enum reason reason = devapi_verdict_reason(code);

	job_fail(job, reason,
	    "it reports error %d after %" PRIu64 " of %" PRIu64 " bytes%s%s%s",
	    code, byte_ranges_bytes(&job->coverage), job->size,
	    reason == REASON_DIGEST_ERROR ? "; do not cut its power" : "",
	    device_is_weak(job->device) ? ", its signal is weak" : "",
	    reason == REASON_DOWNLOAD_ERROR && job->size >= IMAGE_SURE_MAX
		? ", and the image may be too large for it"
		: "");
}

/* Return true if the device still has a verdict to report. */
static bool
awaits_verdict(const struct job *job)
{
	const struct device *device = job->device;

	return state_is_fetching(device->state) ||
	    (device->state == STATE_REBOOTING && !device->download.verdict_ok);
}

/*
 * Return true if the verdict can only be about the order before: the device has
 * reported it then, may repeat it, and has not fetched what it needs to come to
 * it by this order.  A device that was forgotten meanwhile may repeat one that
 * is not known any more; but without a single byte, no checksum is wrong.
 */
static bool
is_repeated(const struct job *job, int code)
{
	const struct device *device = job->device;
	bool is_known =
	    device->attempt.damaged || !(job->began || job->resumed);

	if (devapi_verdict_reason(code) == REASON_DIGEST_ERROR)
		return is_known && job->whole_ms == 0;
	return code != 0 && code == device->download.last_error && !job->began;
}

const char *
job_verdict_doubt(const struct job *job, int code)
{
	if (!awaits_verdict(job))
		return "";
	if (is_repeated(job, code))
		return "it is about the order before";
	/* The verdict may be of another device, or about an earlier order. */
	if (code == 0 && job->whole_ms == 0 && job->resumed)
		return "it is not known to have downloaded everything";
	return NULL;
}

void
job_verdict(struct job *job, int code)
{
	struct device *device = job->device;

	if (job_verdict_doubt(job, code) != NULL)
		return;
	device->download.last_error = code;
	if (device->state == STATE_OFFERING)
		job_advance(job, STATE_EVENT_DONE);
	if (code != 0) {
		bad_verdict(job, code);
	} else if (job->whole_ms == 0) {
		job_fail(job, REASON_DOWNLOAD_ERROR,
		    "it reports success after only %" PRIu64 " of %" PRIu64
		    " bytes",
		    byte_ranges_bytes(&job->coverage), job->size);
	} else {
		device->download.verdict_ok = true;
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
