/* SPDX-License-Identifier: ISC */
/*
 * Carries out the requests of reflashctl that change something: reload, cancel,
 * forget, label, pause and resume.
 */
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
#include "core/device/device_find.h"
#include "core/device/device_json.h"
#include "core/device/record.h"
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
	if (device->people.cancelled != NULL)
		return "it is cancelled already; nothing is under way";
	if (device->job != NULL && !device_may_cancel(device)) {
		*code = EBUSY;
		return "it has been told to download its image already; "
		       "stopping now would not stop the device";
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

/* Cancel a flash.  A device that has failed stays failed. */
static void
cancel(struct device *device, const char *who)
{
	if (device->job != NULL) {
		job_cancel(device->job, who);
	} else if (device->state == STATE_FAILED) {
		xreplace(&device->people.cancelled, who);
		devlog_device(device, LOG_NOTICE,
		    "cancelled by %s: no other image is tried on it", who);
	} else {
		device_note_cancel(device, who);
		device_post(device, STATE_EVENT_CANCEL);
	}
}

static void
cancel_device(const struct request *r, struct device *device)
{
	const char *why;
	int code;

	why = why_no_cancel(device, &code);
	if (why != NULL) {
		request_refuse(r, device, code, why);
		return;
	}
	cancel(device, r->who);
	request_save(r, device);
	request_done_with(r, request_subject(device, NULL));
}

/*
 * A device that was told to download is meant, too: the person must hear that
 * it cannot be stopped.
 */
static bool
can_be_stopped(const struct request *r, struct device *device)
{
	(void)r;
	return device->job != NULL ||
	    (device->state == STATE_HELD && device->people.cancelled == NULL);
}

void
command_cancel(const struct request *r)
{
	static const struct order_kind kind = { "cancel",
		"no device is waiting or at work", cancel_device,
		can_be_stopped };

	request_order(r, &kind);
}

/* Return why a device cannot get the label, NULL for none; NULL: it can. */
static char *
why_no_label(const struct request *r, const struct device *device,
    const char *label, int *code)
{
	const struct device *other;
	struct error err;

	*code = EALREADY;
	if (label == NULL)
		return device->label == NULL ? xstrdup("it has no label")
					     : NULL;
	*code = EINVAL;
	if (!label_check(label, &err))
		return xstrdup(err.text);
	other = device_find_label(r->commands->parts.registry, label);
	*code = EALREADY;
	if (device->label != NULL && strcmp(label, device->label) == 0)
		return xstrdup("that is its label already");
	*code = EEXIST;
	if (other != NULL && other != device)
		return xasprintf("%s is the label of %s; a label stands for "
				 "one device",
		    label, other->id);
	return NULL;
}

void
command_label(const struct request *r)
{
	const struct commands_parts *parts = &r->commands->parts;
	const char *label = ctl_arg_text(r->args, "label");
	struct device *device = request_device(r);
	char *why;
	int code;

	if (device == NULL)
		return;
	why = why_no_label(r, device, label, &code);
	if (why != NULL) {
		request_refuse(r, device, code, why);
		free(why);
		return;
	}
	if (label != NULL)
		devlog_device(device, LOG_INFO, "called %s by %s from now on",
		    label, r->who);
	else
		devlog_device(
		    device, LOG_INFO, "its label was removed by %s", r->who);
	xreplace(&device->label, label);
	persist_label(parts->persist, device);
	events_publish(parts->events, device);
	request_done_with(r, request_subject(device, NULL));
}

/* Make a device known again that a person had cancelled before forgetting. */
static void
stay_cancelled(struct commands *commands, const char *id, const char *who)
{
	struct device *device =
	    registry_get(commands->parts.registry, id, DEVICE_NAMED);

	if (device == NULL)
		return;
	device_note_cancel(device, who);
	device_post(device, STATE_EVENT_CANCEL);
	persist_device(commands->parts.persist, device);
}

/* Refuse to forget what is still needed; returns false if nothing is. */
static bool
refuse_forget(const struct request *r, const struct device *device)
{
	uint64_t now = clock_now_ms(), until = device->download.tries_until_ms;
	char time[32], why[128] = "it is being flashed";

	if (device->job == NULL && now >= until)
		return false;
	if (device->job == NULL)
		snprintf(why, sizeof(why),
		    "for up to %s it may still try to download what it was "
		    "told before; forget it then",
		    text_duration(
			time, sizeof(time), (until - now + 999) / 1000));
	request_refuse(r, device, EBUSY, why);
	return true;
}

static void
forget_device(const struct request *r, struct device *device)
{
	const struct commands_parts *parts = &r->commands->parts;
	char id[DEVICE_ID_SIZE], *who = NULL;
	json_t *subject;

	if (refuse_forget(r, device))
		return;
	text_copy(id, sizeof(id), device->id);
	xreplace(&who, device->people.cancelled);
	subject = request_subject(device,
	    json_pack("{s:s?}", "held",
		who != NULL ? hold_name(HOLD_CANCELLED) : NULL));
	identify_hang_up(parts->identify, device);
	postflash_run_abandon(device);
	devlog_device(device, LOG_INFO, "forgotten by order of %s", r->who);
	events_forgotten(parts->events, device->id);
	persist_forget(parts->persist, device);
	discovery_repeat(parts->discovery, device->id);
	registry_remove(parts->registry, device);
	campaign_changed(parts->campaign);
	if (who != NULL)
		stay_cancelled(r->commands, id, who);
	free(who);
	request_done_with(r, subject);
}

static bool
is_known(const struct request *r, struct device *device)
{
	(void)r;
	(void)device;
	return true;
}

void
command_forget(const struct request *r)
{
	static const struct order_kind kind = { "forget", "no device is known",
		forget_device, is_known };

	request_order(r, &kind);
}

bool
request_has_policy(const struct request *r, const char *name)
{
	if (name == NULL ||
	    policy_list_find(r->commands->parts.setup->policies, name) != NULL)
		return true;
	request_fail(r, ENOENT, name, "no such policy");
	return false;
}

/* Return what is paused now: everything, or which policies. */
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
	persist_campaign(r->commands->parts.persist);
	scheduler_consider_all(r->commands->parts.scheduler);
	request_changed(r, paused_now(r->commands));
}

void
command_pause(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");
	char why[160 + LABEL_SIZE];

	if (!request_has_policy(r, policy))
		return;
	snprintf(why, sizeof(why),
	    "%s%s is paused by %s; to go on: reflashctl "
	    "resume%s%s",
	    policy != NULL ? "policy " : "everything",
	    policy != NULL ? policy : "", r->who, policy != NULL ? " " : "",
	    policy != NULL ? policy : "");
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

	if (!request_has_policy(r, policy))
		return;
	if (campaign_resume(r->commands->parts.campaign, policy))
		pause_done(r);
	else
		pause_fail(r, policy != NULL ? policy : "resume",
		    policy == NULL && any_policy_paused(r->commands)
			? "only single policies are paused; write the name of "
			  "the policy after resume"
			: "it is not paused");
}
