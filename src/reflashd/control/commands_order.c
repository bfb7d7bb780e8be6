/* SPDX-License-Identifier: ISC */
/*
 * What flash and retry have in common: whether a device may be flashed, and
 * what an order changes of it.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "reflashd/control/commands_order.h"
#include "reflashd/device/identify.h"
#include "reflashd/schedule/scheduler.h"

void
order_start_over(struct commands *commands, struct device *device)
{
	struct decision decision;

	scheduler_decide(commands->parts.scheduler, device, &decision);
	if (decision.has_image && decision.image.missing == NULL)
		device_forget_tried(device, decision.image.sha256);
	device->attempt.number = device->attempt.called_off = 0;
	device->hold_until_ms = 0;
	device->seen.look_after_ms = 0;
	device->order.retry = true;
}

void
order_refuse(const struct request *r, struct device *device,
    const struct decision *decision)
{
	bool is_absent = decision->reason == REASON_IMAGE_MISSING &&
	    decision->image.is_absent;
	char advice[ADVICE_SIZE];
	char *why =
	    xasprintf("refused: %s: %s (%s)", reason_token(decision->reason),
		reason_sentence(decision->reason), decision->detail);

	request_refuse_with(r, device, is_absent ? ENOENT : EACCES, why,
	    json_pack("{s:s}", "advice",
		report_advice_of(device, decision->reason, advice)));
	free(why);
	device->seen.look_after_ms = 0;
	if (identify_may_clear(device))
		identify_at(r->commands->parts.identify, device);
}

/* Refuse an order with an image that the device has had already. */
static void
refuse_again(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	bool is_last = device->attempt.has_image &&
	    strcmp(device->attempt.image.sha256, decision->image.sha256) == 0;
	char *why;

	if (is_last && device->state == STATE_FAILED)
		why = xasprintf("it failed with this image; to go on with it: "
				"reflashctl retry %s",
		    device->id);
	else
		why = xasprintf("%s; to do it once more, add --again",
		    is_last ? "it has had this image already"
			    : "this image has been tried on it before");
	request_refuse(r, device, EALREADY, why);
	free(why);
}

/* Refuse an order whose image is missing or unfit. */
static void
refuse_image(
    const struct request *r, struct device *device, struct decision *decision)
{
	decision->reason = decision->image.unfit != REASON_NONE
	    ? decision->image.unfit
	    : REASON_IMAGE_MISSING;
	snprintf(decision->detail, sizeof(decision->detail), "%s",
	    decision->image.missing);
	order_refuse(r, device, decision);
}

/* Return why there is no image for an order, and what to do; yours. */
static char *
why_no_image(const struct device *device, const struct decision *decision)
{
	if (decision->what == DECIDE_ASK)
		return xstrdup("what its policy asks for is not known of it "
			       "yet; to flash it all the same, say --image "
			       "FILE");
	if (device_took_image(device))
		return xstrdup("it has been flashed, and no policy names an "
			       "image for what it runs now; say --image FILE");
	if (device->facts.encrypted)
		return xasprintf("it is in eWeLink mode, in which it takes no "
				 "image from your network; to see how to "
				 "change that: reflashctl show %s",
		    device->id);
	return xstrdup("no policy names an image for it; say --image with one "
		       "that reflashctl images lists, or with a file");
}

static void
refuse_no_image(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	char *why = why_no_image(device, decision);

	request_refuse(r, device, EINVAL, why);
	free(why);
}

bool
order_check(
    const struct request *r, struct device *device, struct device_image *image)
{
	struct decision decision;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	if (!request_is_fresh(
		r, device, request_image(device, &decision, image)))
		return false;
	if (decision.what == DECIDE_HOLD || decision.what == DECIDE_START)
		return true;
	if (decision.what == DECIDE_REFUSE &&
	    decision.reason != REASON_TRIED_BEFORE)
		order_refuse(r, device, &decision);
	else if (decision.has_image && decision.image.missing != NULL)
		refuse_image(r, device, &decision);
	else if (decision.what == DECIDE_NOTHING ||
	    decision.what == DECIDE_REFUSE)
		refuse_again(r, device, &decision);
	else
		refuse_no_image(r, device, &decision);
	return false;
}

void
order_note(const struct request *r, struct device *device)
{
	const char *sha256 = ctl_arg_text(r->args, "sha256");

	xreplace(&device->people.ordered, r->who);
	for (size_t i = 0; sha256 != NULL && i <= strlen(sha256); i++)
		device->order.sha256[i] =
		    (char)tolower((unsigned char)sha256[i]);
}

struct order_before
order_remember(const struct device *device)
{
	struct order_before before = { .order = device->order,
		.attempt = device->attempt,
		.may_run = device->may_run,
		.people = device_people_copy(&device->people) };

	if (before.order.image != NULL)
		before.order.image = xstrdup(before.order.image);
	return before;
}

void
order_undo(struct device *device, struct order_before *before)
{
	device_order_image(device, NULL);
	device_people_fini(&device->people);
	device->order = before->order;
	device->attempt = before->attempt;
	device->may_run = before->may_run;
	device->people = before->people;
}

void
order_stands(struct order_before *before)
{
	free(before->order.image);
	device_people_fini(&before->people);
}
