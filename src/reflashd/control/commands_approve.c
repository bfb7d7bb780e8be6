/* SPDX-License-Identifier: ISC */
/* Approves the flash of devices whose policy asks first. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "core/device/device_json.h"
#include "core/schedule/wait_text.h"
#include "reflashd/control/commands_order.h"
#include "reflashd/events/devlog.h"
#include "reflashd/schedule/scheduler.h"

/* Return why a device waits for something else, or for nothing; yours. */
static char *
why_it_waits(const struct device *device, const struct decision *decision)
{
	bool asks =
	    decision->policy->action == POLICY_ASK && !device->order.is_given;
	bool is_approved = asks && decision->image.missing == NULL &&
	    strcmp(device->order.approved, decision->image.sha256) == 0;
	char *why = decision->what == DECIDE_HOLD
	    ? wait_text_sentence(decision->hold, decision->detail)
	    : xstrdup("it begins now");
	char *text = xasprintf("%s; %s",
	    is_approved ? "it is approved already"
		: asks	? "there is nothing to approve yet"
			: "it needs no approval",
	    why);

	free(why);
	return text;
}

/* Return why a device waits for no approval; yours. */
static char *
why_not(const struct device *device, const struct decision *decision)
{
	if (device->people.cancelled != NULL)
		return xasprintf("it is cancelled; to let it go: reflashctl "
				 "retry %s",
		    device->id);
	if (state_is_at_work(device->state))
		return xasprintf(
		    "it is at work already: %s", state_meaning(device->state));
	if (device_took_image(device))
		return xasprintf("it has taken its image already: %s",
		    report_sentence(device));
	if (device->state == STATE_FAILED)
		return xasprintf("it has failed: %s; to try again: reflashctl "
				 "retry %s",
		    report_sentence(device), device->id);
	if (decision->what == DECIDE_HOLD || decision->what == DECIDE_START)
		return why_it_waits(device, decision);
	return xasprintf("no policy asks whether to flash it (%s). To see why: "
			 "reflashctl plan %s; to flash it: reflashctl flash "
			 "%s%s",
	    decision->what == DECIDE_ASK
		? "what its policy asks for is not known of it yet"
		: state_meaning(device->state),
	    device->id, device->id,
	    decision->policy != NULL && decision->policy->image != NULL
		? ""
		: " --image FILE");
}

static void
refuse_approval(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	bool is_refused = decision->what == DECIDE_REFUSE;
	char advice[ADVICE_SIZE];
	char *why = is_refused
	    ? xasprintf("it is refused: %s: %s (%s)",
		  reason_token(decision->reason),
		  reason_sentence(decision->reason), decision->detail)
	    : why_not(device, decision);

	request_refuse_with(r, device, is_refused ? EACCES : EALREADY, why,
	    is_refused ? json_pack("{s:s}", "advice",
			     report_advice_of(device, decision->reason, advice))
		       : NULL);
	free(why);
}

/* Return true if the device waits for an approval. */
static bool
waits_for_approval(struct commands *commands, const struct device *device,
    struct decision *decision)
{
	scheduler_decide(commands->parts.scheduler, device, decision);
	return decision->what == DECIDE_HOLD && decision->hold == HOLD_APPROVAL;
}

static void
note_approval(const struct request *r, struct device *device,
    const struct decision *decision)
{
	struct device_order *order = &device->order;

	text_copy(
	    order->approved, sizeof(order->approved), decision->image.sha256);
	text_copy(order->approved_policy, sizeof(order->approved_policy),
	    decision->policy->name);
	xreplace(&device->people.approved, r->who);
}

static void
approve_device(const struct request *r, struct device *device)
{
	bool is_preview = ctl_arg_flag(r->args, "preview"), waits;
	struct device_image image;
	struct order_before before;
	struct decision decision;
	json_t *extra;

	waits = waits_for_approval(r->commands, device, &decision);
	if (!request_is_fresh(
		r, device, request_image(device, &decision, &image)))
		return;
	if (!waits) {
		refuse_approval(r, device, &decision);
		return;
	}
	before = order_remember(device);
	note_approval(r, device, &decision);
	if (!is_preview) {
		devlog_device(device, LOG_INFO, "approved by %s for image %s",
		    r->who, decision.image.name);
		scheduler_consider(r->commands->parts.scheduler, device);
		request_save(r, device);
	}
	extra = request_waits(r, device);
	json_object_set_new(extra, "count", json_integer(1));
	json_object_set_new(extra, "image", device_json_image(&image));
	if (is_preview)
		order_undo(device, &before);
	else
		order_stands(&before);
	request_done_with(r, request_subject(device, extra));
}

static bool
is_meant(const struct request *r, struct device *device)
{
	struct decision decision;

	return waits_for_approval(r->commands, device, &decision);
}

void
command_approve(const struct request *r)
{
	static const struct order_kind kind = { "approve",
		"no device is waiting for approval", approve_device, is_meant };

	request_order(r, &kind);
}
