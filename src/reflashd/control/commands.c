/* SPDX-License-Identifier: ISC */
/* Hands each request of the control socket to its function, and answers it. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time_slice.h"
#include "core/control/ctlproto.h"
#include "core/control/report.h"
#include "core/device/device_find.h"
#include "core/device/device_json.h"
#include "core/schedule/campaign.h"
#include "core/schedule/wait_text.h"
#include "io/control/user_name.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/control/policy_census.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

/* Devices that are visited in a turn: at most so many, for so long. */
#define VISITS	 250
#define VISIT_MS 2

void
request_fail(
    const struct request *r, int code, const char *what, const char *why)
{
	struct error err;

	error_set(&err, code, "%s: %s", what, why);
	control_fail(r->client, &err);
}

void
request_changed(const struct request *r, json_t *extra)
{
	const char *why = persist_why_broken(r->commands->parts.persist);

	if (why != NULL) {
		extra = extra != NULL ? extra : json_object();
		json_object_set_new(extra, "unsaved", device_json_string(why));
	}
	control_done(r->client, extra);
}

/* Return how to end the pause that a device waits for. */
static char *
resume_words(const struct commands *commands, const struct policy *policy)
{
	if (campaign_paused(commands->parts.campaign, NULL) != NULL)
		return xstrdup("paused; to continue: reflashctl resume");
	return xasprintf(
	    "paused; to continue: reflashctl resume %s", policy->name);
}

json_t *
request_waits(const struct request *r, const struct device *device)
{
	struct decision decision;
	json_t *waits;
	char *words;

	scheduler_decide(r->commands->parts.scheduler, device, &decision);
	if (decision.what != DECIDE_HOLD)
		return json_pack("{s:n, s:n}", "held", "waits");
	words = decision.hold == HOLD_PAUSED
	    ? resume_words(r->commands, decision.policy)
	    : wait_text_sentence(decision.hold, decision.detail);
	waits = json_pack("{s:s, s:o}", "held", hold_name(decision.hold),
	    "waits", device_json_text(words));
	free(words);
	return waits;
}

void
request_not_found(const struct request *r, const struct strlist *fits,
    const struct error *err)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < fits->count; i++)
		json_array_append_new(ids, json_string(fits->items[i]));
	control_fail_with(r->client, err, json_pack("{s:o}", "ids", ids));
}

struct device *
request_device(const struct request *r)
{
	struct strlist fits = { 0 };
	struct error err;
	struct device *device = device_find(r->commands->parts.registry,
	    ctl_arg_text(r->args, "id"), &fits, &err);

	if (device == NULL)
		request_not_found(r, &fits, &err);
	strlist_fini(&fits);
	return device;
}

static bool
answer_ready(struct stream *stream)
{
	const struct answer *answer = (struct answer *)stream;

	return answer->walk != NULL || answer->ops->is_complete(answer);
}

static bool
answer_part(struct stream *stream, struct control_client *client)
{
	struct answer *answer = (struct answer *)stream;
	struct time_slice slice;

	time_slice_begin(&slice, VISIT_MS);
	for (int n = 0;
	    answer->walk != NULL && n < VISITS && !time_slice_is_over(&slice);
	    n++) {
		struct device *device = registry_walk_next(answer->walk);

		if (device != NULL) {
			answer->ops->visit(answer, client, device);
			continue;
		}
		registry_walk_free(answer->walk);
		answer->walk = NULL;
	}
	return answer->walk != NULL || !answer_ready(stream);
}

static void
answer_free(struct stream *stream)
{
	struct answer *answer = (struct answer *)stream;

	registry_walk_free(answer->walk);
	json_decref(answer->args);
	free(answer->who);
	free(answer);
}

struct answer *
answer_start(const struct request *r, const struct answer_ops *ops)
{
	struct answer *answer = xcalloc(1, sizeof(*answer));

	answer->stream = (struct stream){
		.ready = answer_ready,
		.part = answer_part,
		.done = ops->done,
		.free = answer_free,
		.goes_on = ops->goes_on,
	};
	answer->commands = r->commands;
	answer->ops = ops;
	if (ops->visit != NULL)
		answer->walk = registry_walk_new(r->commands->parts.registry);
	stream_start(r->commands->streams, r->client, &answer->stream);
	return answer;
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
	[CTL_POLICIES] = command_policies,
	[CTL_APPROVE] = command_approve,
	[CTL_FLASH] = command_flash,
	[CTL_RETRY] = command_retry,
	[CTL_CANCEL] = command_cancel,
	[CTL_FORGET] = command_forget,
	[CTL_LABEL] = command_label,
	[CTL_PAUSE] = command_pause,
	[CTL_RESUME] = command_resume,
	[CTL_RELOAD] = command_reload,
	[CTL_HISTORY] = command_history,
	[CTL_COUNTERS] = command_counters,
	[CTL_IMAGES] = command_images,
	[CTL_IMAGE_ADD] = command_image_add,
	[CTL_MONITOR] = do_monitor,
};

/*
 * Find who gives an order: whoever the client says, else the user that it runs
 * as.
 */
static bool
find_who(const struct request *r, char who[LABEL_SIZE], struct error *err)
{
	const char *said = ctl_arg_text(r->args, "who");

	if (said != NULL && said[0] != '\0')
		return label_check_who(said, err) &&
		    text_copy(who, LABEL_SIZE, said);
	user_name(control_client_uid(r->client), who, LABEL_SIZE);
	return true;
}

/* Check who gives an order and for which image, and log it. */
static bool
admit_order(const struct request *r, const struct ctl_command *command,
    char who[LABEL_SIZE], struct error *err)
{
	const char *sha256 = ctl_arg_text(r->args, "sha256");
	const char *id = ctl_arg_text(r->args, "id");
	char shown[80];

	if (!find_who(r, who, err))
		return false;
	if (sha256 != NULL && !text_is_hex(sha256, 64))
		return error_set(err, EINVAL,
		    "sha256 is not a checksum (SHA-256): that has 64 digits "
		    "from 0 to f");
	log_info("control: uid %u: %s%s%s by %s",
	    (unsigned)control_client_uid(r->client), command->word,
	    id != NULL ? " " : "",
	    id != NULL ? device_find_shown(id, shown, sizeof(shown)) : "", who);
	return true;
}

static void
on_request(struct control_client *client, const struct ctl_command *command,
    json_t *args, void *ctx)
{
	char who[LABEL_SIZE] = "";
	const struct request r = { ctx, client, args, who, NULL };
	struct error err;

	if (command->admin && !admit_order(&r, command, who, &err))
		control_fail(client, &err);
	else
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
	commands->started = time(NULL);
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
