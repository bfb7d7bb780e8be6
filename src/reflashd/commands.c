/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/campaign.h"
#include "core/configuration.h"
#include "core/ctlproto.h"
#include "core/devjson.h"
#include "core/report.h"
#include "io/scanner.h"
#include "io/server.h"
#include "reflashd/aftercare.h"
#include "reflashd/commands.h"
#include "reflashd/keep.h"
#include "reflashd/listing.h"
#include "reflashd/look.h"
#include "reflashd/orders.h"
#include "reflashd/overview.h"
#include "reflashd/roster.h"
#include "reflashd/tell.h"

/* A request and who sent it. */
struct request {
	struct daemon *daemon;
	struct control_client *client;
	json_t *args; /* borrowed */
};

static void
fail(const struct request *r, int code, const char *what, const char *why)
{
	struct error err;

	error_set(&err, code, "%s: %s", what, why);
	control_fail(r->client, &err);
}

/* The device that the request names; NULL: it has been answered. */
static struct device *
named_device(const struct request *r)
{
	const char *id = ctl_arg_text(r->args, "id");
	struct device *device = registry_find(r->daemon->registry, id);

	if (device == NULL)
		fail(r, ENOENT, id, "no such device");
	return device;
}

/* ---- looking ----------------------------------------------------------- */

static void
do_status(const struct request *r)
{
	struct daemon *daemon = r->daemon;

	control_done(r->client,
	    json_pack("{s:s, s:I, s:i, s:s, s:b, s:o, s:o, s:o}", "version",
		PACKAGE_VERSION, "uptime",
		(json_int_t)(time(NULL) - daemon->started), "port",
		(int)server_port(daemon->server), "discovery",
		daemon->discovery, "paused",
		(int)(campaign_paused(daemon->campaign, NULL) != NULL),
		"counts", overview_counts(daemon), "policies",
		overview_policies(daemon), "problems",
		overview_problems(daemon)));
}

static void
send_device(struct daemon *daemon, struct control_client *client,
    const struct device *device)
{
	(void)daemon;
	control_send_item(client, report_device(device));
}

static void
do_devices(const struct request *r)
{
	listing_start(r->daemon, r->client, send_device, NULL);
}

static void
do_show(const struct request *r)
{
	struct device *device = named_device(r);

	if (device != NULL)
		control_done(r->client,
		    json_pack("{s:o}", "device", report_device(device)));
}

static void
send_plan(struct daemon *daemon, struct control_client *client,
    const struct device *device)
{
	struct decision decision;

	roster_decide(daemon, device, &decision);
	control_send_item(client, report_plan(device, &decision));
}

static json_t *
plan_notes(struct daemon *daemon)
{
	return json_pack("{s:o}", "notes", overview_notes(daemon));
}

static void
do_plan(const struct request *r)
{
	struct device *device;

	if (ctl_arg_text(r->args, "id") == NULL) {
		listing_start(r->daemon, r->client, send_plan, plan_notes);
		return;
	}
	device = named_device(r);
	if (device == NULL)
		return;
	send_plan(r->daemon, r->client, device);
	control_done(r->client, NULL);
}

static void
do_monitor(const struct request *r)
{
	control_subscribe(r->client);
	control_done(r->client, NULL);
}

/* ---- changing ---------------------------------------------------------- */

static void
do_reload(const struct request *r)
{
	struct problems problems = { 0 };
	struct error err;
	json_t *list;

	if (daemon_reload(r->daemon, &problems, &err)) {
		control_done(r->client, NULL);
	} else {
		list = json_array();
		for (size_t i = 0; i < problems.count; i++)
			json_array_append_new(
			    list, devjson_string(problems.text[i]));
		control_fail_with(
		    r->client, &err, json_pack("{s:o}", "problems", list));
	}
	problems_fini(&problems);
}

static void
do_cancel(const struct request *r)
{
	struct device *device = named_device(r);

	if (device == NULL)
		return;
	if (device->after != NULL ||
	    (device->job != NULL && !job_may_cancel(device->job))) {
		fail(r, EBUSY, device->id,
		    "it has been told to fetch its image already; stopping now "
		    "would not stop the device");
		return;
	}
	if (device->job != NULL) {
		job_cancel(device->job);
	} else {
		device_blame(device, REASON_CANCELLED, "cancelled while %s",
		    state_name(device->state));
		if (!device_post(device, MACHINE_CANCEL)) {
			fail(r, EALREADY, device->id, "nothing is under way");
			return;
		}
	}
	keep_device(r->daemon, device);
	control_done(r->client, NULL);
}

/* Give it a full set of attempts, whatever became of it before. */
static void
start_over(struct device *device)
{
	device->attempt = 0;
	device->hold_until_ms = 0;
	device->look_after_ms = 0;
	device->retry = true;
}

static void
refuse_order(const struct request *r, const struct device *device,
    const struct decision *decision)
{
	struct error err;

	error_set(&err, EPERM, "%s: refused: %s: %s (%s)", device->id,
	    reason_token(decision->reason), reason_sentence(decision->reason),
	    decision->detail);
	control_fail_with(r->client, &err,
	    json_pack("{s:s}", "advice", reason_advice(decision->reason)));
}

/* Whether there is anything to flash it with, and it may be. */
static bool
check_order(const struct request *r, const struct device *device)
{
	struct decision decision;

	roster_decide(r->daemon, device, &decision);
	if (decision.what == DECIDE_REFUSE)
		refuse_order(r, device, &decision);
	else if (decision.what == DECIDE_NOTHING)
		fail(r, EALREADY, device->id,
		    "it has had this image already; --again does it once more");
	else if (decision.what != DECIDE_HOLD && decision.what != DECIDE_START)
		fail(r, EINVAL, device->id,
		    "no policy names an image for it; say --image FILE");
	else
		return true;
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
	    "%s: its policy %s is gone, which says what it is to become",
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
	struct decision decision;

	roster_decide(r->daemon, device, &decision);
	if (decision.what == DECIDE_VERIFY)
		return check_verify(r, device, &decision);
	if (decision.what != DECIDE_OBSERVE && decision.what != DECIDE_IGNORE)
		return true;
	if (strcmp(device->policy, ORDERS_POLICY) == 0) {
		fail(r, EINVAL, device->id,
		    "it was ordered with an image of its own; say once more: "
		    "reflashctl flash ID --image FILE");
		return false;
	}
	device->ordered = true;
	if (check_order(r, device))
		return true;
	device->ordered = false;
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
	const char *held =
	    device->state == STATE_HELD ? hold_name(device->hold) : NULL;

	keep_device(r->daemon, device);
	control_done(r->client, json_pack("{s:s?}", "held", held));
}

static void
do_retry(const struct request *r)
{
	struct device *device = named_device(r);

	if (device == NULL)
		return;
	if (device->state != STATE_FAILED && device->state != STATE_REFUSED &&
	    !(device->state == STATE_HELD && device->hold == HOLD_BACKOFF)) {
		fail(r, EALREADY, device->id, "it has not failed");
		return;
	}
	device->retry = true;
	if (!check_retry(r, device)) {
		device->retry = false;
		return;
	}
	if (!device_took_image(device))
		start_over(device);
	device->rival.s_addr = 0;
	roster_consider(r->daemon, device);
	done_with(r, device);
}

static bool
approve(struct daemon *daemon, struct device *device)
{
	struct decision decision;

	roster_decide(daemon, device, &decision);
	if (decision.what != DECIDE_HOLD || decision.hold != HOLD_APPROVAL)
		return false;
	text_copy(
	    device->approved, sizeof(device->approved), decision.image.sha256);
	tell_device(
	    device, LOG_INFO, "approved for image %s", decision.image.name);
	roster_consider(daemon, device);
	keep_device(daemon, device);
	return true;
}

static void
do_approve(const struct request *r)
{
	struct device *device = NULL;
	json_int_t count = 0;

	if (ctl_arg_text(r->args, "id") != NULL) {
		device = named_device(r);
		if (device == NULL)
			return;
		count += approve(r->daemon, device);
	} else if (!ctl_arg_flag(r->args, "all")) {
		fail(r, EINVAL, "approve", "which device? Say ID or --all");
		return;
	} else {
		while ((device = registry_next(r->daemon->registry, device)) !=
		    NULL)
			count += approve(r->daemon, device);
	}
	if (count == 0)
		fail(r, EALREADY, "approve", "nothing waits for an approval");
	else
		control_done(r->client, json_pack("{s:I}", "count", count));
}

static void
do_flash(const struct request *r)
{
	struct device *device = named_device(r);

	if (device == NULL)
		return;
	if (state_is_at_work(device->state)) {
		fail(r, EALREADY, device->id, "it is being flashed");
		return;
	}
	device->ordered = true;
	device->again = ctl_arg_flag(r->args, "again");
	device_order_image(device, ctl_arg_text(r->args, "image"));
	if (!check_order(r, device)) {
		device->ordered = device->again = false;
		device_order_image(device, NULL);
		return;
	}
	start_over(device);
	roster_consider(r->daemon, device);
	done_with(r, device);
}

static void
do_forget(const struct request *r)
{
	struct device *device = named_device(r);

	if (device == NULL)
		return;
	if (device->job != NULL) {
		fail(r, EBUSY, device->id, "it is being flashed");
		return;
	}
	look_hang_up(r->daemon, device);
	aftercare_abandon(r->daemon, device);
	tell_device(device, LOG_INFO, "forgotten");
	control_broadcast(r->daemon->control, ctl_forgotten_new(device->id));
	keep_forget(r->daemon, device);
	scanner_repeat(r->daemon->scanner, device->id);
	registry_remove(r->daemon->registry, device);
	campaign_changed(r->daemon->campaign);
	control_done(r->client, NULL);
}

/* A policy that the request names, if it names one, must exist. */
static bool
policy_exists(const struct request *r, const char *name)
{
	if (name == NULL ||
	    policy_list_find(r->daemon->setup.policies, name) != NULL)
		return true;
	fail(r, ENOENT, name, "no such policy");
	return false;
}

static void
do_pause(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (!campaign_pause(
		r->daemon->campaign, policy, "paused by a person")) {
		fail(r, EALREADY, policy != NULL ? policy : "pause",
		    "it is paused already");
		return;
	}
	keep_campaign(r->daemon);
	roster_consider_all(r->daemon);
	control_done(r->client, NULL);
}

static void
do_resume(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (!campaign_resume(r->daemon->campaign, policy)) {
		fail(r, EALREADY, policy != NULL ? policy : "resume",
		    "it is not paused");
		return;
	}
	keep_campaign(r->daemon);
	roster_consider_all(r->daemon);
	control_done(r->client, NULL);
}

struct past {
	const struct request *request; /* borrowed */
	const char *id;		       /* borrowed; NULL: of all devices */
	size_t count;
};

static void
on_history(const json_t *entry, void *ctx)
{
	struct past *past = ctx;
	const char *device =
	    json_string_value(json_object_get(entry, "device"));

	if (past->id != NULL &&
	    (device == NULL || strcmp(past->id, device) != 0))
		return;
	control_send_item(past->request->client, json_deep_copy(entry));
	past->count++;
}

/* One that was forgotten may still have a past. */
static void
do_history(const struct request *r)
{
	struct past past = { .request = r, .id = ctl_arg_text(r->args, "id") };

	keep_read_history(r->daemon, on_history, &past);
	if (past.count > 0 || past.id == NULL || named_device(r) != NULL)
		control_done(r->client, NULL);
}

static void (*const handlers[CTL_COUNT])(const struct request *) = {
	[CTL_STATUS] = do_status,
	[CTL_DEVICES] = do_devices,
	[CTL_SHOW] = do_show,
	[CTL_PLAN] = do_plan,
	[CTL_APPROVE] = do_approve,
	[CTL_FLASH] = do_flash,
	[CTL_RETRY] = do_retry,
	[CTL_CANCEL] = do_cancel,
	[CTL_FORGET] = do_forget,
	[CTL_PAUSE] = do_pause,
	[CTL_RESUME] = do_resume,
	[CTL_RELOAD] = do_reload,
	[CTL_HISTORY] = do_history,
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
	listing_stop(ctx, client);
}

const struct control_ops commands_control_ops = {
	.request = on_request,
	.closed = on_closed,
};
