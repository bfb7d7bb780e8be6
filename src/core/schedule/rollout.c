/* SPDX-License-Identifier: ISC */
/*
 * Counts how the devices of a policy fare with its image, and lets the next
 * ones start, wait, or none at all.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/schedule/rollout.h"

#define LOST_SEC 600 /* how long a silent canary may stay away */

static void
count_good(struct rollout *rollout, const struct device *device)
{
	if (rollout->good++ == 0 || device->since_s > rollout->last_good)
		rollout->last_good = device->since_s;
}

static void
count_ordered(struct rollout *rollout, const struct device *device)
{
	if (state_is_at_work(device->state))
		rollout->ordered_at_work++;
	else if (device->state == STATE_FAILED)
		rollout->ordered_failed++;
}

static bool
is_of(const struct device *device, const struct policy *policy,
    const char *sha256)
{
	return device->attempt.has_image &&
	    strcmp(device->policy, policy->name) == 0 &&
	    strcmp(device->attempt.image.sha256, sha256) == 0;
}

/*
 * Return true if the device is at work under the policy with another image, as
 * the file was replaced after it began.
 */
static bool
is_other_at_work(const struct device *device, const struct policy *policy,
    const char *sha256)
{
	return state_is_at_work(device->state) &&
	    strcmp(device->policy, policy->name) == 0 &&
	    !is_of(device, policy, sha256);
}

/* Return true if the device may run the image of its attempt. */
static bool
may_run_image(const struct device *device)
{
	return device->attempt.unsure &&
	    strcmp(device->may_run.attempt.image.sha256,
		device->attempt.image.sha256) == 0;
}

bool
rollout_is_silent(const struct device *device)
{
	return device->state == STATE_HELD && device->hold == HOLD_ABSENT &&
	    (may_run_image(device) || device->attempt.damaged);
}

/*
 * Return true if a waiting device keeps its place between two attempts: it goes
 * on by itself, before the devices that have not begun.
 */
static bool
keeps_place(const struct device *device)
{
	switch (device->hold) {
	case HOLD_APPROVAL:
	case HOLD_CANARY:
	case HOLD_SOAK:
	case HOLD_CANCELLED:
		return false;
	case HOLD_ABSENT:
		return rollout_is_silent(device);
	default:
		return true;
	}
}

/*
 * Return true if the device waits for its next attempt with this image under
 * this policy, and keeps its place meanwhile.
 */
static bool
is_between(const struct device *device, const struct policy *policy,
    const char *sha256)
{
	return device->state == STATE_HELD && device->attempt.number > 0 &&
	    device->seen.is_vouched && keeps_place(device) &&
	    is_of(device, policy, sha256);
}

/*
 * Note the device that the others wait for: the one most in doubt, and of those
 * the one that is in it longest.
 */
static void
note_first(struct rollout *rollout, const struct device *device)
{
	enum rollout_doing does = state_is_at_work(device->state)
	    ? ROLLOUT_WORKS
	    : rollout_is_silent(device) ? ROLLOUT_SILENT
					: ROLLOUT_RESTS;

	if (does < rollout->first_does ||
	    (does == rollout->first_does &&
		device->since_s >= rollout->first_since_s))
		return;
	text_copy(rollout->first, sizeof(rollout->first), device->id);
	rollout->first_does = does;
	rollout->first_since = device->since;
	rollout->first_since_s = device->since_s;
}

bool
rollout_has_begun(const struct device *device, const struct policy *policy,
    const char *sha256)
{
	if (state_is_at_work(device->state))
		return device->attempt.number > 1 && device->seen.is_vouched &&
		    is_of(device, policy, sha256);
	return is_between(device, policy, sha256);
}

void
rollout_count(struct rollout *rollout, const struct device *device,
    const struct policy *policy, const char *sha256)
{
	rollout->other_at_work += is_other_at_work(device, policy, sha256);
	if (!is_of(device, policy, sha256))
		return;
	if (!device->attempt.by_order &&
	    (state_is_at_work(device->state) ||
		is_between(device, policy, sha256)))
		note_first(rollout, device);
	if (device->attempt.by_order)
		count_ordered(rollout, device);
	else if (state_is_at_work(device->state))
		rollout->at_work++;
	else if (device->state == STATE_FLASHED && device->attempt.no_verdict)
		rollout->unsure++;
	else if (state_is_success(device->state))
		count_good(rollout, device);
	else if (is_between(device, policy, sha256))
		rollout->between++;
	else if (device->state == STATE_FAILED && device->seen.is_vouched)
		rollout->failed++;
}

void
rollout_leave_out(struct rollout *rollout, const struct device *device,
    const struct policy *policy, const char *sha256)
{
	rollout->other_at_work -= is_other_at_work(device, policy, sha256);
	if (!state_is_at_work(device->state) || !is_of(device, policy, sha256))
		return;
	if (device->attempt.by_order)
		rollout->ordered_at_work--;
	else
		rollout->at_work--;
	if (strcmp(rollout->first, device->id) == 0)
		rollout->first_does = ROLLOUT_NOTHING;
}

bool
rollout_must_stop(const struct rollout *rollout, const struct policy *policy)
{
	unsigned failed = rollout->failed + rollout->ordered_failed;

	if (rollout->good < policy->canary && failed + rollout->unsure > 0)
		return true;
	return policy->stop_after_failures > 0 &&
	    failed >= policy->stop_after_failures;
}

static bool
may_be_canary(const struct rollout *rollout, const struct policy *policy)
{
	unsigned begun = rollout->good + rollout->at_work + rollout->between;

	return begun < policy->canary;
}

/*
 * Return true while the policy waits after its canaries: all ended well, and no
 * other device has followed yet.
 */
static bool
is_soaking(
    const struct rollout *rollout, const struct policy *policy, int64_t now_s)
{
	return policy->canary > 0 && rollout->good == policy->canary &&
	    rollout->at_work + rollout->between + rollout->failed +
		rollout->unsure ==
	    0 &&
	    now_s - rollout->last_good < (int64_t)policy->soak_sec;
}

/*
 * Describe why the policy stops.  A device that left without a verdict is
 * probably flashed, but that is not enough for a canary.
 */
static void
tell_stop(const struct rollout *rollout, const struct policy *policy,
    unsigned failed, char *detail, size_t size)
{
	unsigned count = failed > 0 ? failed : rollout->unsure;

	snprintf(detail, size,
	    "%u device%s of policy %s %s; look at %s, then: "
	    "reflashctl resume %s",
	    count, count == 1 ? "" : "s", policy->name,
	    failed > 0 ? "failed" : "left without reporting success",
	    count == 1 ? "it" : "them", policy->name);
}

/*
 * Return true if a canary fell silent during its download and has not come back
 * for LOST_SEC.
 */
static bool
is_lost(
    const struct rollout *rollout, const struct policy *policy, int64_t now_s)
{
	return rollout->good < policy->canary &&
	    rollout->first_does == ROLLOUT_SILENT &&
	    now_s - rollout->first_since_s >= LOST_SEC;
}

static void
tell_lost(const struct rollout *rollout, const struct policy *policy,
    char *detail, size_t size)
{
	char since[TEXT_TIME_SIZE];

	snprintf(detail, size,
	    "%s began to download its image, and is gone since %s; look at it, "
	    "then: reflashctl resume %s",
	    rollout->first, text_time(since, rollout->first_since),
	    policy->name);
}

/*
 * Describe what the canaries do: "1000a05bf6 is at work; 0 of 1 has
 * succeeded".
 */
static void
tell_canary(const struct rollout *rollout, const struct policy *policy,
    char *detail, size_t size)
{
	static const char *const does[] = {
		[ROLLOUT_WORKS] = "is at work",
		[ROLLOUT_RESTS] = "is waiting for its next attempt",
		[ROLLOUT_SILENT] = "began to download its image, and has been "
				   "absent since ",
	};
	bool is_known = rollout->first_does != ROLLOUT_NOTHING;
	char since[TEXT_TIME_SIZE];

	snprintf(detail, size, "%s%s%s%s%s%u of %u %s succeeded",
	    is_known ? rollout->first : "", is_known ? " " : "",
	    is_known ? does[rollout->first_does] : "",
	    rollout->first_does == ROLLOUT_SILENT
		? text_time(since, rollout->first_since)
		: "",
	    is_known ? "; " : "", rollout->good, policy->canary,
	    policy->canary == 1 ? "has" : "have");
}

static void
tell_soak(const struct rollout *rollout, const struct policy *policy,
    int64_t now_s, char *detail, size_t size)
{
	int64_t left = rollout->last_good + (int64_t)policy->soak_sec - now_s;
	time_t end = (time_t)(now_s + rollout->wall_ahead_s + left);
	char until[TEXT_TIME_SIZE], time[32];

	snprintf(detail, size, "until %s, %s to go", text_clock(until, end),
	    text_duration(time, sizeof(time), (uint64_t)left));
}

enum hold
rollout_wait(const struct rollout *rollout, const struct policy *policy,
    bool has_begun, int64_t now_s, char *detail, size_t size)
{
	unsigned failed = rollout->failed + rollout->ordered_failed;
	unsigned at_work = rollout->at_work + rollout->ordered_at_work +
	    rollout->other_at_work;

	if (rollout_must_stop(rollout, policy)) {
		tell_stop(rollout, policy, failed, detail, size);
		return HOLD_PAUSED;
	}
	if (is_lost(rollout, policy, now_s)) {
		tell_lost(rollout, policy, detail, size);
		return HOLD_PAUSED;
	}
	if (policy->max_parallel > 0 && at_work >= policy->max_parallel) {
		snprintf(detail, size, "%u at a time under policy %s",
		    policy->max_parallel, policy->name);
		return HOLD_SLOT;
	}
	if (has_begun)
		return HOLD_NONE;
	if (rollout->good < policy->canary && !may_be_canary(rollout, policy)) {
		tell_canary(rollout, policy, detail, size);
		return HOLD_CANARY;
	}
	if (is_soaking(rollout, policy, now_s)) {
		tell_soak(rollout, policy, now_s, detail, size);
		return HOLD_SOAK;
	}
	return HOLD_NONE;
}

unsigned
rollout_starts_wait(
    const struct rollout_starts *rollout_starts, uint64_t now_ms)
{
	uint64_t passed = now_ms - rollout_starts->since_ms;

	if (rollout_starts->count < ROLLOUT_STARTS_AT_ONCE ||
	    passed >= ROLLOUT_STARTS_MS)
		return 0;
	return (unsigned)(ROLLOUT_STARTS_MS - passed);
}

void
rollout_starts_count(struct rollout_starts *rollout_starts, uint64_t now_ms)
{
	if (now_ms - rollout_starts->since_ms >= ROLLOUT_STARTS_MS)
		*rollout_starts = (struct rollout_starts){ .since_ms = now_ms };
	rollout_starts->count++;
}
