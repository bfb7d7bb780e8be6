/* SPDX-License-Identifier: ISC */
/* Answers the requests of the control socket, and keeps the long answers. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "core/device/device_json.h"
#include "core/device/registry.h"
#include "core/schedule/campaign.h"
#include "reflashd/control/commands.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/control/stream.h"
#include "reflashd/schedule/scheduler.h"

void
request_fail(
    const struct request *r, int code, const char *what, const char *why)
{
	struct error err;

	error_set(&err, code, "%s: %s", what, why);
	control_fail(r->client, &err);
}

/* What ends the pause that a device waits behind. */
static char *
resume_words(const struct commands *commands, const struct policy *policy)
{
	if (campaign_paused(commands->parts.campaign, NULL) != NULL)
		return xstrdup("paused; to continue: reflashctl resume");
	return xasprintf(
	    "paused; to continue: reflashctl resume %s", policy->name);
}

/*
 * Answer by what is decided now: the state of the device follows later where
 * the device is just being asked something.
 */
json_t *
request_waits(const struct request *r, const struct device *device)
{
	struct decision decision;
	enum hold hold;
	json_t *waits;
	char *words;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	hold = decision.what == DECIDE_HOLD ? decision.hold : HOLD_NONE;
	words = hold == HOLD_PAUSED ? resume_words(r->commands, decision.policy)
				    : xstrdup(hold_meaning(hold));
	waits = json_pack("{s:s?, s:o}", "held",
	    hold != HOLD_NONE ? hold_name(hold) : NULL, "waits",
	    device_json_text(words));
	free(words);
	return waits;
}

const char *
request_who(const struct request *r, char *dst, size_t size)
{
	unsigned uid = (unsigned)control_client_uid(r->client);

	if (uid == 0)
		text_copy(dst, size, "root");
	else
		snprintf(dst, size, "user %u", uid);
	return dst;
}

struct device *
request_device(const struct request *r)
{
	const char *id = ctl_arg_text(r->args, "id");
	struct device *device = registry_find(r->commands->parts.registry, id);

	if (device == NULL)
		request_fail(r, ENOENT, id, "no such device");
	return device;
}

static void
do_show(const struct request *r)
{
	struct device *device = request_device(r);

	if (device != NULL)
		control_done(r->client,
		    json_pack("{s:o}", "device", report_device(device)));
}

static void
do_monitor(const struct request *r)
{
	control_subscribe(r->client);
	control_done(r->client, NULL);
}

static command_fn *const handlers[CTL_COUNT] = {
	[CTL_STATUS] = command_status,
	[CTL_DEVICES] = command_devices,
	[CTL_SHOW] = do_show,
	[CTL_PLAN] = command_plan,
	[CTL_APPROVE] = command_approve,
	[CTL_FLASH] = command_flash,
	[CTL_RETRY] = command_retry,
	[CTL_CANCEL] = command_cancel,
	[CTL_FORGET] = command_forget,
	[CTL_PAUSE] = command_pause,
	[CTL_RESUME] = command_resume,
	[CTL_RELOAD] = command_reload,
	[CTL_HISTORY] = command_history,
	[CTL_MONITOR] = do_monitor,
};

static void
on_request(struct control_client *client, const struct ctl_command *command,
    json_t *args, void *ctx)
{
	const struct request r = { ctx, client, args };

	if (command->admin)
		log_info("control: uid %u: %s",
		    (unsigned)control_client_uid(client), command->word);
	handlers[command->id](&r);
}

static void
on_closed(struct control_client *client, void *ctx)
{
	stream_stop(((struct commands *)ctx)->streams, client);
}

const struct control_ops commands_control_ops = {
	.request = on_request,
	.closed = on_closed,
};

static struct policy_census *
make_census(const struct commands *commands)
{
	const struct policy_census_parts parts = {
		.base = commands->parts.base,
		.registry = commands->parts.registry,
		.setup = commands->parts.setup,
		.streams = commands->streams,
	};

	return policy_census_new(&parts);
}

struct commands *
commands_new(const struct commands_parts *parts)
{
	struct commands *commands = xcalloc(1, sizeof(*commands));

	commands->parts = *parts;
	commands->streams = streams_new(parts->base);
	commands->census = make_census(commands);
	commands->started_ms = clock_now_ms();
	return commands;
}

void
commands_free(struct commands *commands)
{
	if (commands == NULL)
		return;
	streams_free(commands->streams);
	policy_census_free(commands->census);
	free(commands);
}

void
commands_policies_changed(struct commands *commands)
{
	policy_census_again(commands->census);
}
