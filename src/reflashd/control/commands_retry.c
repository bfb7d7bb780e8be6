/* SPDX-License-Identifier: ISC */
/*
 * Carries out retry, which tries again what has failed or was cancelled.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/control/report.h"
#include "reflashd/control/commands_order.h"
#include "reflashd/device/id_conflict.h"
#include "reflashd/events/devlog.h"
#include "reflashd/schedule/orders.h"
#include "reflashd/schedule/scheduler.h"

/* Return true if a policy still says what follows the flash of the device. */
static bool
check_verify(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	char *why;

	if (decision->policy != NULL ||
	    strcmp(device->policy, ORDERS_POLICY) == 0)
		return true;
	why = xasprintf(
	    "its policy %s is gone, which says what follows its flash",
	    device->policy);
	request_refuse(r, device, EINVAL, why);
	free(why);
	return false;
}

/*
 * Return true if the device may be retried.  If no policy flashes it, the order
 * that has failed is given once more.
 */
static bool
check_retry(const struct request *r, struct device *device)
{
	bool ordered = device->order.is_given;
	struct device_image image;
	struct decision decision;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	if (!request_is_fresh(
		r, device, request_image(device, &decision, &image)))
		return false;
	if (decision.what == DECIDE_VERIFY)
		return check_verify(r, device, &decision);
	if (decision.what == DECIDE_REFUSE) {
		order_refuse(r, device, &decision);
		return false;
	}
	if (decision.what != DECIDE_OBSERVE && decision.what != DECIDE_IGNORE)
		return true;
	if (strcmp(device->policy, ORDERS_POLICY) == 0) {
		char *why = xasprintf(
		    "it was ordered with an image of its own; say once more: "
		    "reflashctl flash %s --image with the path of %s",
		    device->id,
		    device->attempt.has_image ? device->attempt.image.name
					      : "that image");

		request_refuse(r, device, EINVAL, why);
		free(why);
		return false;
	}
	device->order.is_given = true;
	if (order_check(r, device, &image))
		return true;
	device->order.is_given = ordered;
	return false;
}

/*
 * Save the order, which no change of state would save, and answer with what the
 * device must still wait for.
 */
static void
done_with(const struct request *r, const struct device *device)
{
	request_save(r, device);
	request_done_with(r, request_subject(device, request_waits(r, device)));
}

static bool
may_be_retried(const struct device *device)
{
	return device->state == STATE_FAILED ||
	    device->state == STATE_REFUSED ||
	    device->people.cancelled != NULL ||
	    (device->state == STATE_HELD && device->hold == HOLD_BACKOFF);
}

/* Return true if the device was cancelled, but its flash was not ordered. */
static bool
is_left_to_policies(const struct device *device)
{
	return device->state == STATE_HELD && device->hold == HOLD_CANCELLED &&
	    !device->attempt.by_order;
}

/* Return true if the retry may be; else it is refused. */
static bool
may_go_on(const struct request *r, struct device *device)
{
	struct device_image image;
	struct decision decision;

	if (!is_left_to_policies(device))
		return check_retry(r, device);
	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	return request_is_fresh(
	    r, device, request_image(device, &decision, &image));
}

/*
 * Undo a cancel, and note the retry, which leaves an order for one image as it
 * is.  If the retry is refused, everything stays as it was.
 */
static bool
let_go(const struct request *r, struct device *device)
{
	struct order_before before = order_remember(device);

	xreplace(&device->people.cancelled, NULL);
	device->order.retry =
	    before.attempt.number > 0 || !is_left_to_policies(device);
	order_note(r, device);
	if (!device_took_image(device))
		device->attempt.number = 0;
	if (may_go_on(r, device)) {
		order_stands(&before);
		return true;
	}
	order_undo(device, &before);
	return false;
}

/* Return why a device cannot be retried, and what to do instead; yours. */
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
		return xasprintf("it has not failed; %s%s%s",
		    hold_meaning(device->hold), device->detail[0] ? ": " : "",
		    device->detail);
	return xasprintf("it has not failed: nothing has been tried on it. To "
			 "flash it: reflashctl flash %s",
	    device->id);
}

static void
retry_device(const struct request *r, struct device *device)
{
	char *why;

	if (!may_be_retried(device)) {
		why = why_no_retry(device);
		request_refuse(r, device, EALREADY, why);
		free(why);
		return;
	}
	id_conflict_forget(device);
	if (!let_go(r, device))
		return;
	devlog_device(
	    device, LOG_INFO, "to be tried again by order of %s", r->who);
	if (device_took_image(device))
		xreplace(&device->people.attempt, r->who);
	else
		order_start_over(r->commands, device);
	scheduler_consider(r->commands->parts.scheduler, device);
	done_with(r, device);
}

/* Of the devices that are refused, a retry helps only those tried before. */
static bool
can_be_retried(const struct request *r, struct device *device)
{
	(void)r;
	return may_be_retried(device) &&
	    (device->state != STATE_REFUSED ||
		device->reason == REASON_TRIED_BEFORE ||
		device->people.cancelled != NULL);
}

void
command_retry(const struct request *r)
{
	static const struct order_kind kind = { "retry",
		"no device has failed or is cancelled", retry_device,
		can_be_retried };

	request_order(r, &kind);
}
