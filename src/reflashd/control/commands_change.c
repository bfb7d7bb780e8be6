/* SPDX-License-Identifier: ISC */
/* Carries out the requests that change something, but for a flash. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "core/control/ctlproto.h"
#include "core/device/device_json.h"
#include "core/device/registry.h"
#include "core/flash/job.h"
#include "core/schedule/campaign.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/device/identify.h"
#include "reflashd/discovery/discovery.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/postflash/postflash_run.h"
#include "reflashd/schedule/scheduler.h"
#include "reflashd/store/persist.h"

static json_t *
sentences(const struct problems *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(
		    list, device_json_string(problems->text[i]));
	return list;
}

void
command_reload(const struct request *r)
{
	const struct commands_parts *parts = &r->commands->parts;
	struct commands_reload found = { 0 };
	struct error err;

	if (parts->ops->reload(&found, &err, parts->ctx))
		control_done(r->client,
		    json_pack("{s:o, s:o, s:s}", "problems",
			sentences(&found.faults), "warnings",
			sentences(&found.doubts), "summary", found.summary));
	else
		control_fail_with(r->client, &err,
		    json_pack("{s:o}", "problems", sentences(&found.mistakes)));
	problems_fini(&found.mistakes);
	problems_fini(&found.faults);
	problems_fini(&found.doubts);
	free(found.summary);
}

static const char *
why_no_cancel(const struct device *device, int *code)
{
	*code = EALREADY;
	if (device->cancelled[0] != '\0')
		return "it is cancelled already; nothing is under way";
	if (device->job != NULL && !device_may_cancel(device)) {
		*code = EBUSY;
		return "it has been told to fetch its image already; stopping "
		       "now would not stop the device";
	}
	if (device->after != NULL) {
		*code = EBUSY;
		return "it has taken its image already; stopping now would not "
		       "undo that";
	}
	if (device_took_image(device))
		return "nothing is under way: it has taken its image already, "
		       "and is only flashed once more by order";
	return NULL;
}

/* What has failed stays failed, and nothing else is tried. */
static void
cancel(struct device *device, const char *who)
{
	if (device->job != NULL) {
		job_cancel(device->job, who);
	} else if (device->state == STATE_FAILED) {
		text_copy(device->cancelled, sizeof(device->cancelled), who);
		devlog_device(device, LOG_NOTICE,
		    "cancelled by %s: no other image is tried on it", who);
	} else {
		device_note_cancel(device, who);
		device_post(device, STATE_EVENT_CANCEL);
	}
}

void
command_cancel(const struct request *r)
{
	struct device *device = request_device(r);
	const char *why;
	char who[32];
	int code;

	if (device == NULL)
		return;
	why = why_no_cancel(device, &code);
	if (why != NULL) {
		request_fail(r, code, device->id, why);
		return;
	}
	cancel(device, request_who(r, who, sizeof(who)));
	persist_device(r->commands->parts.keep, device);
	control_done(r->client, NULL);
}

/* What a person has cancelled stays so; everything else is forgotten of it. */
static void
stay_cancelled(struct commands *commands, const char *id, const char *who)
{
	struct device *device =
	    registry_get(commands->parts.registry, id, DEVICE_NAMED);

	if (device == NULL)
		return;
	device_note_cancel(device, who);
	device_post(device, STATE_EVENT_CANCEL);
	persist_device(commands->parts.keep, device);
}

void
command_forget(const struct request *r)
{
	const struct commands_parts *parts = &r->commands->parts;
	struct device *device = request_device(r);
	char id[DEVICE_ID_SIZE], who[32];

	if (device == NULL)
		return;
	text_copy(id, sizeof(id), device->id);
	text_copy(who, sizeof(who), device->cancelled);
	if (device->job != NULL) {
		request_fail(r, EBUSY, device->id, "it is being flashed");
		return;
	}
	identify_hang_up(parts->identify, device);
	postflash_run_abandon(device);
	devlog_device(device, LOG_INFO, "forgotten");
	events_forgotten(parts->events, device->id);
	persist_forget(parts->keep, device);
	discovery_repeat(parts->discovery, device->id);
	registry_remove(parts->registry, device);
	campaign_changed(parts->campaign);
	if (who[0] != '\0')
		stay_cancelled(r->commands, id, who);
	control_done(r->client,
	    json_pack("{s:s?}", "held",
		who[0] != '\0' ? hold_name(HOLD_CANCELLED) : NULL));
}

/* A policy that the request names, if it names one, must exist. */
static bool
policy_exists(const struct request *r, const char *name)
{
	if (name == NULL ||
	    policy_list_find(r->commands->parts.setup->policies, name) != NULL)
		return true;
	request_fail(r, ENOENT, name, "no such policy");
	return false;
}

/* What is paused now, which a word about one pause says nothing of. */
static json_t *
paused_now(const struct commands *commands)
{
	const struct policy_list *list = commands->parts.setup->policies;
	json_t *names = json_array();

	for (size_t i = 0; i < list->count; i++)
		if (campaign_paused(
			commands->parts.campaign, list->items[i]->name) != NULL)
			json_array_append_new(
			    names, device_json_string(list->items[i]->name));
	return json_pack("{s:{s:b, s:o}}", "paused", "all",
	    (int)(campaign_paused(commands->parts.campaign, NULL) != NULL),
	    "policies", names);
}

static bool
any_policy_paused(const struct commands *commands)
{
	json_auto_t *now = paused_now(commands);

	return json_array_size(json_object_get(
		   json_object_get(now, "paused"), "policies")) > 0;
}

static void
pause_fail(const struct request *r, const char *what, const char *why)
{
	struct error err;

	error_set(&err, EALREADY, "%s: %s", what, why);
	control_fail_with(r->client, &err, paused_now(r->commands));
}

static void
pause_done(const struct request *r)
{
	persist_campaign(r->commands->parts.keep);
	scheduler_consider_all(r->commands->parts.scheduler);
	control_done(r->client, paused_now(r->commands));
}

void
command_pause(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");
	char who[32], why[160];

	if (!policy_exists(r, policy))
		return;
	snprintf(why, sizeof(why),
	    "%s%s is paused by %s; to go on: reflashctl "
	    "resume%s%s",
	    policy != NULL ? "policy " : "everything",
	    policy != NULL ? policy : "", request_who(r, who, sizeof(who)),
	    policy != NULL ? " " : "", policy != NULL ? policy : "");
	if (campaign_pause(r->commands->parts.campaign, policy, why))
		pause_done(r);
	else
		pause_fail(r, policy != NULL ? policy : "pause",
		    "it is paused already");
}

void
command_resume(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (campaign_resume(r->commands->parts.campaign, policy))
		pause_done(r);
	else
		pause_fail(r, policy != NULL ? policy : "resume",
		    policy == NULL && any_policy_paused(r->commands)
			? "only single policies are paused, each by its name"
			: "it is not paused");
}
