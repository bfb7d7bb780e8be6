/* SPDX-License-Identifier: ISC */
/*
 * Decides what is to be done with a device: checks in a fixed order the
 * policies, the device, the image and the moment.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/device/eligible.h"
#include "core/schedule/decide.h"
#include "core/schedule/decide_explain.h"
#include "core/schedule/wait_text.h"

static void refuse(struct decision *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
refuse(struct decision *out, enum reason reason, const char *fmt, ...)
{
	va_list ap;

	out->what = DECIDE_REFUSE;
	out->reason = reason;
	va_start(ap, fmt);
	vsnprintf(out->detail, sizeof(out->detail), fmt, ap);
	va_end(ap);
}

void
decide_facts(const struct device *device, struct policy_facts *out)
{
	/* The type is announced; an info shows a device without one. */
	bool has_type =
	    device->facts.type[0] != '\0' || device->facts.info_known;
	char detail[DEVICE_DETAIL_SIZE];

	*out = (struct policy_facts){
		.id = device->id,
		.type = has_type ? device->facts.type : NULL,
		.firmware =
		    device->facts.firmware[0] ? device->facts.firmware : NULL,
		.address = device->place.address,
		.has_address = device->place.has_address,
		.is_all = eligible_device(device, detail, sizeof(detail)) !=
		    REASON_NONE,
	};
}

/*
 * Find the policy that applies to the device.  Returns false if its firmware
 * must be known first.
 */
static bool
find_policy(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	struct policy_facts facts;
	bool undecided = false;

	if (device->order.is_given && device->order.image != NULL) {
		out->policy = world->order(device, world->ctx);
		return out->policy != NULL;
	}
	decide_facts(device, &facts);
	if (world->forbidden != NULL)
		facts.is_all = true;
	out->policy = policy_find(world->policies, &facts, &undecided);
	return !undecided;
}

/*
 * Refuse because the policy lacks something.  A fault of the image names the
 * image; any other fault names the key.
 */
static void
refuse_unready(struct decision *out, const struct preflight_fault *fault)
{
	bool is_image = strcmp(fault->key, "Image") == 0;

	if (is_image && out->image.missing != NULL)
		refuse(out, fault->reason, "%s", fault->text);
	else if (is_image)
		refuse(
		    out, fault->reason, "%s: %s", out->image.name, fault->text);
	else
		refuse(out, fault->reason, "%s=%s: %s", fault->key,
		    fault->value, fault->text);
}

/*
 * Return true if everything that the flash and its set-up need is there.
 * Otherwise *out says why not.
 */
static bool
check_ready(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct preflight_facts facts = { 0 };

	world->rest(out->policy, device, &facts, world->ctx);
	facts.image = out->image;
	if (preflight_check(out->policy, &facts, faults) > 0)
		refuse_unready(out, &faults[0]);
	return out->what != DECIDE_REFUSE;
}

/* Return true if the device can be flashed at all; else *out says why. */
static bool
check_device(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	char detail[DEVICE_DETAIL_SIZE];
	enum reason reason = eligible_device(device, detail, sizeof(detail));
	char rival[INET_ADDRSTRLEN], address[INET_ADDRSTRLEN];

	if (reason != REASON_NONE) {
		refuse(out, reason, "%s", detail);
	} else if (world->forbidden != NULL) {
		refuse(out, REASON_ADDRESS_NOT_ALLOWED, "%s", world->forbidden);
	} else if (device->rival.address.s_addr != 0) {
		inet_ntop(
		    AF_INET, &device->rival.address, rival, sizeof(rival));
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));
		refuse(out, REASON_WRONG_DEVICE,
		    "both %s and %s say that they are %s", address, rival,
		    device->id);
	}
	return out->what != DECIDE_REFUSE;
}

static bool
has_tried(const struct device *device, const struct decision *out)
{
	return out->image.missing == NULL &&
	    device_has_tried(device, out->image.sha256);
}

static bool
is_same_image(const struct device *device, const struct decision *out)
{
	return device->attempt.has_image && out->image.missing == NULL &&
	    strcmp(device->attempt.image.sha256, out->image.sha256) == 0;
}

/* Return how many finished attempts the device has had with this image. */
static unsigned
attempts_made(const struct device *device, const struct decision *out)
{
	if (!is_same_image(device, out))
		return 0;
	return device->attempt.number -
	    (state_is_at_work(device->state) ? 1 : 0);
}

/*
 * Return true if the device has come to an end with this image, or with another
 * one after which no flash may follow.
 */
static bool
is_settled(const struct device *device, const struct decision *out)
{
	bool same = out->image.missing != NULL || !device->attempt.has_image ||
	    strcmp(device->attempt.image.sha256, out->image.sha256) == 0 ||
	    has_tried(device, out);

	if (device->order.is_given && (device->order.again || !same))
		return false;
	if (state_is_success(device->state))
		return true;
	return device->state == STATE_FAILED && same && !device->order.retry;
}

/*
 * Fail the device if it has used up its attempts: the policy may allow fewer
 * now than at the last attempt.  A device that has failed stays failed, however
 * many it allows.
 */
static bool
is_used_up(const struct device *device, struct decision *out)
{
	const struct device_kept *last = &device->kept;
	unsigned made = attempts_made(device, out);

	if (made == 0 || made < out->policy->attempts)
		return false;
	out->what = DECIDE_FAIL;
	out->reason =
	    last->reason != REASON_NONE ? last->reason : REASON_TRIED_BEFORE;
	snprintf(out->detail, sizeof(out->detail),
	    "%.300s%sattempts made: %u, Attempts=%u", last->detail,
	    last->detail[0] != '\0' ? "; " : "", made, out->policy->attempts);
	return true;
}

/* Refuse an image that was tried before, unless a person asked again. */
static bool
check_new(const struct device *device, struct decision *out)
{
	if (!device->order.retry && !device->order.again &&
	    has_tried(device, out))
		refuse(out, REASON_TRIED_BEFORE, "%s has been tried on it",
		    out->image.name);
	return out->what != DECIDE_REFUSE;
}

/*
 * Decide about a device that runs its new firmware.  No policy matches that
 * firmware, so the policy that flashed it keeps applying.  Only an order can
 * flash it again.
 */
static void
decide_after(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	out->policy = policy_list_find(world->policies, device->policy);
	if (device->order.retry && device->state == STATE_FAILED)
		out->what = DECIDE_VERIFY;
}

/*
 * Return true if the policy flashes, or if a person ordered a flash that the
 * policy alone would not do.
 */
static bool
is_for_flashing(const struct device *device, const struct policy *policy)
{
	return policy->action == POLICY_FLASH || policy->action == POLICY_ASK ||
	    (device->order.is_given && policy->image != NULL);
}

/* Return false if the last attempt told the device nothing. */
static bool
was_told(const struct device *device)
{
	return !device->attempt.is_uncounted || device->attempt.is_excused;
}

/* Say why a device waits before its next attempt. */
static const char *
why_too_early(const struct device *device, uint64_t now_ms)
{
	if (device->state == STATE_HELD && device->hold == HOLD_BACKOFF)
		return device->detail; /* that has been said */
	if (now_ms < device->download.tries_until_ms)
		return "it may still try to download what it was told before";
	return was_told(device) ? "its last attempt failed"
				: "its last attempt was called off";
}

/*
 * Hold a device that has to wait after a failure.  No announcement may shorten
 * that wait, as anybody can send one, and the device may still be fetching.  A
 * device that was told nothing may be refused meanwhile.
 */
static bool
is_too_early(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	if (world->now_ms >= device_waits_until(device))
		return false;
	out->what = DECIDE_HOLD;
	out->hold = HOLD_BACKOFF;
	snprintf(out->detail, sizeof(out->detail), "%s",
	    why_too_early(device, world->now_ms));
	return true;
}

/*
 * Hold a device whose flash a person has cancelled, whatever policies and image
 * say, until a person lets it go.  If it failed, that stays visible until
 * something else would be done with it.
 */
static void
decide_cancelled(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	bool fits = find_policy(device, world, out) && out->policy != NULL &&
	    is_for_flashing(device, out->policy);

	if (fits) {
		world->image(out->policy, &out->image, world->ctx);
		out->has_image = true;
	}
	if (device->state == STATE_FAILED && (!fits || is_settled(device, out)))
		return;
	out->what = DECIDE_HOLD;
	out->hold = HOLD_CANCELLED;
	out->reason = REASON_CANCELLED;
	if (device->state == STATE_HELD && device->hold == HOLD_CANCELLED)
		snprintf(
		    out->detail, sizeof(out->detail), "%s", device->detail);
	else
		snprintf(out->detail, sizeof(out->detail), "cancelled by %s",
		    device->people.cancelled);
}

/*
 * Return true if a device may wait for that reason.  A device at work whose
 * last download was damaged must be flashed soon, as a restart may kill it.
 * Only a missing approval, a full disk or a lost network may delay that.
 */
static bool
may_hold_up(const struct device *device, enum hold hold)
{
	bool may_wait =
	    !device->attempt.damaged || !state_is_at_work(device->state);

	return may_wait || hold == HOLD_APPROVAL || hold == HOLD_DISK ||
	    hold == HOLD_NETWORK;
}

/*
 * Refuse another image than the one that a person has ordered: the file may
 * have been replaced since.
 */
static bool
check_ordered(const struct device *device, struct decision *out)
{
	const struct device_order *order = &device->order;

	if (order->sha256[0] != '\0' &&
	    strcmp(order->sha256, out->image.sha256) != 0)
		refuse(out, REASON_IMAGE_CHANGED,
		    "%s has the checksum %s now, but the order is for %s",
		    out->image.name, out->image.sha256, order->sha256);
	return out->what != DECIDE_REFUSE;
}

static void
decide_flash(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	world->image(out->policy, &out->image, world->ctx);
	out->has_image = true;
	if (is_settled(device, out) || is_used_up(device, out) ||
	    (was_told(device) && is_too_early(device, world, out)) ||
	    !check_device(device, world, out) ||
	    !check_ready(device, world, out) || !check_ordered(device, out) ||
	    !check_new(device, out) || is_too_early(device, world, out))
		return;
	out->hold = HOLD_NONE;
	if (device->place.cut_off[0] != '\0') {
		out->hold = HOLD_NETWORK;
		snprintf(out->detail, sizeof(out->detail), "%s",
		    device->place.cut_off);
	} else if (!device->place.has_address || !device->seen.is_present) {
		out->hold = HOLD_ABSENT;
		wait_text_absent(device, out->detail, sizeof(out->detail));
	} else {
		out->hold = world->wait(device, out->policy, &out->image,
		    out->detail, sizeof(out->detail), world->ctx);
	}
	if (!may_hold_up(device, out->hold)) {
		out->hold = HOLD_NONE;
		out->detail[0] = '\0';
	}
	out->what = out->hold == HOLD_NONE ? DECIDE_START : DECIDE_HOLD;
}

/*
 * Return true if the failure stays visible because the policies do not flash
 * the device any more.  A retry by a person shows what the policies decide now.
 */
static bool
stays_failed(const struct device *device)
{
	return device->state == STATE_FAILED && !device->order.retry &&
	    !device->order.is_given;
}

static void
decide_anew(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	*out = (struct decision){ .what = DECIDE_NOTHING };
	if (device_took_image(device) && !device->order.is_given) {
		decide_after(device, world, out);
	} else if (device->people.cancelled != NULL) {
		decide_cancelled(device, world, out);
	} else if (!find_policy(device, world, out)) {
		out->policy = NULL;
		out->what = DECIDE_ASK;
	} else if (out->policy != NULL &&
	    is_for_flashing(device, out->policy)) {
		decide_flash(device, world, out);
	} else if (stays_failed(device)) {
		out->what = DECIDE_NOTHING;
	} else if (out->policy != NULL &&
	    out->policy->action == POLICY_IGNORE) {
		out->what = DECIDE_IGNORE;
	} else {
		out->what = DECIDE_OBSERVE;
	}
}

void
decide(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	if (state_is_at_work(device->state))
		*out = (struct decision){ .what = DECIDE_NOTHING };
	else
		decide_anew(device, world, out);
}

static bool
is_begun(const struct device *device, const struct decision *out)
{
	return out->policy != NULL &&
	    strcmp(out->policy->name, device->policy) == 0;
}

bool
decide_job(const struct device *device, const struct decide_world *world,
    struct decision *out)
{
	decide_anew(device, world, out);
	if (out->what == DECIDE_START && is_begun(device, out) &&
	    is_same_image(device, out))
		return true;
	if (out->what != DECIDE_HOLD && out->detail[0] == '\0')
		decide_explain(device, world, is_begun(device, out), out);
	return false;
}

bool
decide_image(const struct decision *decision, struct device_image *out)
{
	const struct preflight_image *image = &decision->image;

	if (!decision->has_image || image->report == NULL)
		return false;
	device_image_set(out, image->name, image->sha256, image->report);
	return true;
}

const char *
decide_action(const struct device *device, const struct decision *decision)
{
	static const char *const words[] = {
		[DECIDE_ASK] = "ask",
		[DECIDE_OBSERVE] = "observe",
		[DECIDE_IGNORE] = "ignore",
		[DECIDE_REFUSE] = "refuse",
		[DECIDE_HOLD] = "hold",
		[DECIDE_START] = "flash",
		[DECIDE_VERIFY] = "verify",
	};

	if (state_is_at_work(device->state) || decision->what == DECIDE_NOTHING)
		return state_name(device->state);
	if (decision->what == DECIDE_FAIL)
		return state_name(STATE_FAILED);
	return words[decision->what];
}
