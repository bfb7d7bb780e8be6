/* SPDX-License-Identifier: ISC */
/* Orders a flash, and tries again what has failed or was cancelled. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/control/ctlproto.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/device/identify.h"
#include "reflashd/schedule/orders.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

/* Give it a full set of attempts, whatever became of it before. */
static void
start_over(struct commands *commands, struct device *device)
{
	struct decision decision;

	scheduler_decide(commands->parts.scheduler, device, &decision);
	if (decision.has_image && decision.image.missing == NULL)
		device_forget_tried(device, decision.image.sha256);
	device->attempt = device->called_off = 0;
	device->hold_until_ms = 0;
	device->look_after_ms = 0;
	device->retry = true;
}

/* The device may have been put right since it was asked last: ask it now. */
static void
refuse_order(const struct request *r, struct device *device,
    const struct decision *decision)
{
	bool is_absent = decision->reason == REASON_IMAGE_MISSING &&
	    decision->image.is_absent;
	struct error err;

	error_set(&err, is_absent ? ENOENT : EACCES, "%s: refused: %s: %s (%s)",
	    device->id, reason_token(decision->reason),
	    reason_sentence(decision->reason), decision->detail);
	control_fail_with(r->client, &err,
	    json_pack("{s:s}", "advice", reason_advice(decision->reason)));
	device->look_after_ms = 0;
	if (identify_may_clear(device))
		identify_at(r->commands->parts.identify, device);
}

/* It has had the image that would be taken now: the last time, or before. */
static void
refuse_again(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	bool is_last = device->has_image &&
	    strcmp(device->image.sha256, decision->image.sha256) == 0;

	if (!is_last)
		request_fail(r, EALREADY, device->id,
		    "this image has been tried on it before; --again tries it "
		    "once more");
	else if (device->state == STATE_FAILED)
		request_fail(r, EALREADY, device->id,
		    "it failed with this image; reflashctl retry goes on with "
		    "it");
	else
		request_fail(r, EALREADY, device->id,
		    "it has had this image already; --again does it once more");
}

/* What it had does not matter: there is nothing to put on it. */
static void
refuse_image(
    const struct request *r, struct device *device, struct decision *decision)
{
	decision->reason = decision->image.unfit != REASON_NONE
	    ? decision->image.unfit
	    : REASON_IMAGE_MISSING;
	snprintf(decision->detail, sizeof(decision->detail), "%s",
	    decision->image.missing);
	refuse_order(r, device, decision);
}

static const char *
why_no_image(const struct device *device, const struct decision *decision)
{
	if (decision->what == DECIDE_ASK)
		return "what its policy asks for is not known of it yet; to "
		       "flash it all the same, say --image FILE";
	if (device_took_image(device))
		return "it has been flashed, and no policy names an image for "
		       "what it runs now; say --image FILE";
	return "no policy names an image for it; say --image FILE";
}

/* Whether there is anything to flash it with, and it may be. */
static bool
check_order(const struct request *r, struct device *device)
{
	struct decision decision;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	if (decision.what == DECIDE_HOLD || decision.what == DECIDE_START)
		return true;
	if (decision.what == DECIDE_REFUSE &&
	    decision.reason != REASON_TRIED_BEFORE)
		refuse_order(r, device, &decision);
	else if (decision.has_image && decision.image.missing != NULL)
		refuse_image(r, device, &decision);
	else if (decision.what == DECIDE_NOTHING ||
	    decision.what == DECIDE_REFUSE)
		refuse_again(r, device, &decision);
	else
		request_fail(
		    r, EINVAL, device->id, why_no_image(device, &decision));
	return false;
}

/* What a device was to become is told by the policy that it was flashed by. */
static bool
check_verify(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	struct error err;

	if (decision->policy != NULL ||
	    strcmp(device->policy, ORDERS_POLICY) == 0)
		return true;
	error_set(&err, EINVAL,
	    "%s: its policy %s is gone, which says what follows its flash",
	    device->id, device->policy);
	control_fail(r->client, &err);
	return false;
}

/*
 * An order has ended with its failure.  Where no policy flashes the device by
 * itself, to retry it is to order it once more.
 */
static bool
check_retry(const struct request *r, struct device *device)
{
	bool ordered = device->ordered;
	struct decision decision;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	if (decision.what == DECIDE_VERIFY)
		return check_verify(r, device, &decision);
	if (decision.what == DECIDE_REFUSE) {
		refuse_order(r, device, &decision);
		return false;
	}
	if (decision.what != DECIDE_OBSERVE && decision.what != DECIDE_IGNORE)
		return true;
	if (strcmp(device->policy, ORDERS_POLICY) == 0) {
		request_fail(r, EINVAL, device->id,
		    "it was ordered with an image of its own; say once more: "
		    "reflashctl flash ID --image FILE");
		return false;
	}
	device->ordered = true;
	if (check_order(r, device))
		return true;
	device->ordered = ordered;
	return false;
}

/*
 * Done; and what it must wait for all the same, which who orders must know.
 * Its state says nothing of an order, so that is written down by itself: who
 * has had an answer may rely on it.
 */
static void
done_with(const struct request *r, const struct device *device)
{
	persist_device(r->commands->parts.keep, device);
	control_done(r->client, request_waits(r, device));
}

static bool
may_be_retried(const struct device *device)
{
	return device->state == STATE_FAILED ||
	    device->state == STATE_REFUSED || device->cancelled[0] != '\0' ||
	    (device->state == STATE_HELD && device->hold == HOLD_BACKOFF);
}

/* Cancelled before anybody had ordered it: the policies decide about it. */
static bool
is_left_to_policies(const struct device *device)
{
	return device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
	    !device->by_order;
}

/* What a person has cancelled goes on; it stays so where this is refused. */
static bool
let_go(const struct request *r, struct device *device)
{
	char who[sizeof(device->cancelled)];
	unsigned attempt = device->attempt;

	text_copy(who, sizeof(who), device->cancelled);
	device->cancelled[0] = '\0';
	device->retry = attempt > 0 || !is_left_to_policies(device);
	if (!device_took_image(device))
		device->attempt = 0;
	if (is_left_to_policies(device) || check_retry(r, device))
		return true;
	device->retry = false;
	device->attempt = attempt;
	text_copy(device->cancelled, sizeof(device->cancelled), who);
	return false;
}

/* What is true of a device that cannot be retried, and what to do; yours. */
static char *
why_no_retry(const struct device *device)
{
	if (state_is_at_work(device->state))
		return xasprintf("it has not failed; it is %s now",
		    state_name(device->state));
	if (device_took_image(device))
		return xasprintf("it has not failed; it has been flashed. To "
				 "flash it once more: reflashctl flash %s "
				 "--again",
		    device->id);
	if (device->state == STATE_HELD)
		return xasprintf(
		    "it has not failed; %s", hold_meaning(device->hold));
	return xasprintf("it has not failed: nothing has been tried on it. To "
			 "flash it: reflashctl flash %s",
	    device->id);
}

void
command_retry(const struct request *r)
{
	struct device *device = request_device(r);
	char *why;

	if (device == NULL)
		return;
	if (!may_be_retried(device)) {
		why = why_no_retry(device);
		request_fail(r, EALREADY, device->id, why);
		free(why);
		return;
	}
	id_conflict_forget(device);
	if (!let_go(r, device))
		return;
	if (!device_took_image(device))
		start_over(r->commands, device);
	scheduler_consider(r->commands->parts.scheduler, device);
	done_with(r, device);
}

/* What it was ordered before stays, where the new order is refused. */
static bool
order(const struct request *r, struct device *device, const char *image)
{
	bool ordered = device->ordered, again = device->again, ok;
	unsigned attempt = device->attempt;
	char who[sizeof(device->cancelled)];
	char *before =
	    device->order_image != NULL ? xstrdup(device->order_image) : NULL;

	text_copy(who, sizeof(who), device->cancelled);
	device->cancelled[0] = '\0';
	device->ordered = true;
	device->again = ctl_arg_flag(r->args, "again");
	device_order_image(device, image);
	device->attempt = 0;
	ok = check_order(r, device);
	if (!ok) {
		device->attempt = attempt;
		device->ordered = ordered;
		device->again = again;
		device_order_image(device, before);
		text_copy(device->cancelled, sizeof(device->cancelled), who);
	}
	free(before);
	return ok;
}

/* Ordered with the same words, and not begun for want of something. */
static bool
is_ordered_so(
    const struct request *r, const struct device *device, const char *image)
{
	bool same = image == NULL || device->order_image == NULL
	    ? image == device->order_image
	    : strcmp(image, device->order_image) == 0;

	return device->ordered && same && device->state == STATE_HELD &&
	    device->hold != HOLD_NONE && device->hold != HOLD_BACKOFF &&
	    (device->again || !ctl_arg_flag(r->args, "again"));
}

/* What is ordered is under way, or waits: it has been answered then. */
static bool
is_done_already(
    const struct request *r, const struct device *device, const char *image)
{
	bool is_after = device->state == STATE_VERIFYING ||
	    device->state == STATE_FINISHING;
	char *why;

	if (is_after) {
		request_fail(r, EALREADY, device->id,
		    "it has taken an image just now, which is looked after");
	} else if (state_is_at_work(device->state)) {
		request_fail(r, EALREADY, device->id, "it is being flashed");
	} else if (is_ordered_so(r, device, image)) {
		why = xasprintf(
		    "it is ordered already; %s", hold_meaning(device->hold));
		request_fail(r, EALREADY, device->id, why);
		free(why);
	} else {
		return false;
	}
	return true;
}

/*
 * It left with an image and was not seen since: if it comes back under that, it
 * is known again, although a person has ordered to flash it once more.
 */
static void
note_may_be_back(struct device *device)
{
	if (device->state == STATE_FLASHED && device->order_image == NULL)
		device->unsure = true;
}

void
command_flash(const struct request *r)
{
	struct device *device = request_device(r);
	const char *image = ctl_arg_text(r->args, "image");

	if (device == NULL)
		return;
	if (is_done_already(r, device, image))
		return;
	if (!scheduler_may_order(r->commands->parts.scheduler, image)) {
		request_fail(
		    r, EINVAL, device->id, "what --image names can be no file");
		return;
	}
	if (!order(r, device, image))
		return;
	start_over(r->commands, device);
	note_may_be_back(device);
	scheduler_consider(r->commands->parts.scheduler, device);
	done_with(r, device);
}
