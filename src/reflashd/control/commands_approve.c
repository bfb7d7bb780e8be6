/* SPDX-License-Identifier: ISC */
/* Approves the flash of one device, or of all that wait for that. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time_slice.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "core/device/registry.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/stream.h"
#include "reflashd/events/devlog.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

#define APPROVE_MS 2 /* of a turn */

/* It is still to be kept. */
static bool
approve(struct commands *commands, struct device *device)
{
	struct decision decision;

	scheduler_decide(commands->parts.scheduler, device, &decision);
	if (decision.what != DECIDE_HOLD || decision.hold != HOLD_APPROVAL)
		return false;
	text_copy(
	    device->approved, sizeof(device->approved), decision.image.sha256);
	text_copy(device->approved_policy, sizeof(device->approved_policy),
	    decision.policy->name);
	devlog_device(
	    device, LOG_INFO, "approved for image %s", decision.image.name);
	scheduler_consider(commands->parts.scheduler, device);
	return true;
}

static void
answer_none(const struct request *r)
{
	request_fail(r, EALREADY, "approve", "nothing waits for an approval");
}

/* What a device does that waits for something else, or for nothing. */
static char *
why_it_waits(const struct device *device, const struct decision *decision)
{
	bool asks = decision->policy->action == POLICY_ASK && !device->ordered;
	bool is_approved = asks && decision->image.missing == NULL &&
	    strcmp(device->approved, decision->image.sha256) == 0;
	const char *why = decision->what == DECIDE_HOLD
	    ? hold_meaning(decision->hold)
	    : "it begins now";

	if (is_approved)
		return xasprintf("it is approved already; %s", why);
	if (asks)
		return xasprintf("there is nothing to approve yet; %s", why);
	return xasprintf("nobody has to approve it; %s", why);
}

/* Why it waits for no approval; yours. */
static char *
why_not(const struct device *device, const struct decision *decision)
{
	if (device->cancelled[0] != '\0')
		return xasprintf("it is cancelled; to let it go: reflashctl "
				 "retry %s",
		    device->id);
	if (state_is_at_work(device->state))
		return xasprintf(
		    "it is at work already: %s", state_meaning(device->state));
	if (decision->what == DECIDE_REFUSE)
		return xasprintf("it is refused: %s (%s)",
		    reason_sentence(decision->reason), decision->detail);
	if (device_took_image(device))
		return xasprintf("it has taken its image already: %s",
		    report_sentence(device));
	if (device->state == STATE_FAILED)
		return xasprintf("it has failed: %s; to try again: reflashctl "
				 "retry %s",
		    report_sentence(device), device->id);
	if (decision->what == DECIDE_HOLD || decision->what == DECIDE_START)
		return why_it_waits(device, decision);
	return xasprintf("no policy asks whether to flash it; see: reflashctl "
			 "plan %s",
	    device->id);
}

static void
answer_why_not(const struct request *r, const struct device *device)
{
	struct decision decision;
	char *why;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	why = why_not(device, &decision);
	request_fail(r, EALREADY, device->id, why);
	free(why);
}

static void
approve_one(const struct request *r)
{
	struct device *device = request_device(r);
	json_t *extra;

	if (device == NULL)
		return;
	if (!approve(r->commands, device)) {
		answer_why_not(r, device);
		return;
	}
	persist_device(r->commands->parts.keep, device);
	extra = request_waits(r, device);
	json_object_set_new(extra, "count", json_integer(1));
	control_done(r->client, extra);
}

/* Of all that wait for it, some in each turn. */
struct approval {
	struct stream stream;
	struct commands *commands;  /* borrowed */
	struct registry_walk *roll; /* owned; NULL: all were called */
	json_int_t count;
	uint64_t kept; /* see persist_has_written() */
};

/* The answer waits for the disk. */
static bool
approval_ready(struct stream *stream)
{
	const struct approval *approval = (struct approval *)stream;

	return approval->roll != NULL ||
	    persist_has_written(approval->commands->parts.keep, approval->kept);
}

static bool
approval_part(struct stream *stream, struct control_client *client)
{
	struct approval *approval = (struct approval *)stream;
	struct commands *commands = approval->commands;
	struct device *device = NULL;
	struct time_slice slice;

	(void)client;
	time_slice_begin(&slice, APPROVE_MS);
	while (approval->roll != NULL && !time_slice_is_over(&slice)) {
		device = registry_walk_next(approval->roll);
		if (device == NULL) {
			registry_walk_free(approval->roll);
			approval->roll = NULL;
		} else if (approve(commands, device)) {
			persist_soon(commands->parts.keep, device);
			approval->kept = persist_last(commands->parts.keep);
			approval->count++;
		}
	}
	return approval->roll != NULL || !approval_ready(stream);
}

static void
approval_done(struct stream *stream, struct control_client *client)
{
	const struct approval *approval = (struct approval *)stream;
	const struct request r = { .commands = approval->commands,
		.client = client };

	if (approval->count == 0)
		answer_none(&r);
	else
		control_done(
		    client, json_pack("{s:I}", "count", approval->count));
}

static void
approval_free(struct stream *stream)
{
	registry_walk_free(((struct approval *)stream)->roll);
	free(stream);
}

static void
approve_all(const struct request *r)
{
	struct approval *approval = xcalloc(1, sizeof(*approval));

	approval->stream = (struct stream){
		.ready = approval_ready,
		.part = approval_part,
		.done = approval_done,
		.free = approval_free,
		.goes_on = true,
	};
	approval->roll = registry_walk_new(r->commands->parts.registry);
	approval->commands = r->commands;
	stream_start(r->commands->streams, r->client, &approval->stream);
}

void
command_approve(const struct request *r)
{
	if (ctl_arg_text(r->args, "id") != NULL)
		approve_one(r);
	else if (ctl_arg_flag(r->args, "all"))
		approve_all(r);
	else
		request_fail(
		    r, EINVAL, "approve", "which device? Say ID or --all");
}
