/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/slice.h"
#include "base/text.h"
#include "core/campaign.h"
#include "core/ctlproto.h"
#include "core/devjson.h"
#include "core/rollcall.h"
#include "io/scanner.h"
#include "reflashd/aftercare.h"
#include "reflashd/commands_parts.h"
#include "reflashd/keep.h"
#include "reflashd/listing.h"
#include "reflashd/look.h"
#include "reflashd/orders.h"
#include "reflashd/roster.h"
#include "reflashd/tell.h"

#define APPROVE_MS 2 /* of a turn */

void
command_reload(const struct request *r)
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
cancel_waiting(struct device *device)
{
	device_blame_cancel(device);
	device_post(device, MACHINE_CANCEL);
}

void
command_cancel(const struct request *r)
{
	struct device *device = request_device(r);
	bool may;

	if (device == NULL)
		return;
	may = device_may_cancel(device);
	if (!may && (device->after != NULL || device->job != NULL)) {
		request_fail(r, EBUSY, device->id,
		    "it has been told to fetch its image already; stopping now "
		    "would not stop the device");
		return;
	}
	if (!may) {
		request_fail(r, EALREADY, device->id, "nothing is under way");
		return;
	}
	if (device->job != NULL)
		job_cancel(device->job);
	else
		cancel_waiting(device);
	keep_device(r->daemon, device);
	control_done(r->client, NULL);
}

/* Give it a full set of attempts, whatever became of it before. */
static void
start_over(struct daemon *daemon, struct device *device)
{
	struct decision decision;

	roster_decide(daemon, device, &decision);
	if (decision.has_image && decision.image.missing == NULL)
		device_forget_tried(device, decision.image.sha256);
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
		request_fail(r, EALREADY, device->id,
		    "it has had this image already; --again does it once more");
	else if (decision.what != DECIDE_HOLD && decision.what != DECIDE_START)
		request_fail(r, EINVAL, device->id,
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
		request_fail(r, EINVAL, device->id,
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

void
command_retry(const struct request *r)
{
	struct device *device = request_device(r);

	if (device == NULL)
		return;
	if (device->state != STATE_FAILED && device->state != STATE_REFUSED &&
	    !(device->state == STATE_HELD && device->hold == HOLD_BACKOFF)) {
		request_fail(r, EALREADY, device->id, "it has not failed");
		return;
	}
	device->retry = true;
	if (!check_retry(r, device)) {
		device->retry = false;
		return;
	}
	if (!device_took_image(device))
		start_over(r->daemon, device);
	device->rival.s_addr = 0;
	roster_consider(r->daemon, device);
	done_with(r, device);
}

/* It is still to be kept. */
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
	return true;
}

static void
answer_approved(const struct request *r, json_int_t count)
{
	if (count == 0)
		request_fail(
		    r, EALREADY, "approve", "nothing waits for an approval");
	else
		control_done(r->client, json_pack("{s:I}", "count", count));
}

static void
approve_one(const struct request *r)
{
	struct device *device = request_device(r);
	bool approved;

	if (device == NULL)
		return;
	approved = approve(r->daemon, device);
	if (approved)
		keep_device(r->daemon, device);
	answer_approved(r, approved);
}

/* Of all that wait for it, some in each turn. */
struct approval {
	struct listing listing;
	struct rollcall *roll; /* owned; NULL: all were called */
	json_int_t count;
	uint64_t kept; /* see keep_has_written() */
};

/* The answer waits for the disk. */
static bool
approval_ready(struct listing *listing, struct daemon *daemon)
{
	const struct approval *approval = (struct approval *)listing;

	return approval->roll != NULL ||
	    keep_has_written(daemon, approval->kept);
}

static bool
approval_part(struct listing *listing, struct daemon *daemon,
    struct control_client *client)
{
	struct approval *approval = (struct approval *)listing;
	struct device *device = NULL;
	struct slice slice;

	(void)client;
	slice_begin(&slice, APPROVE_MS);
	while (approval->roll != NULL && !slice_is_over(&slice)) {
		device = rollcall_next(approval->roll);
		if (device == NULL) {
			rollcall_free(approval->roll);
			approval->roll = NULL;
		} else if (approve(daemon, device)) {
			keep_soon(daemon, device);
			approval->kept = keep_last(daemon);
			approval->count++;
		}
	}
	return approval->roll != NULL || !approval_ready(listing, daemon);
}

static void
approval_done(struct listing *listing, struct daemon *daemon,
    struct control_client *client)
{
	const struct request r = { .daemon = daemon, .client = client };

	answer_approved(&r, ((struct approval *)listing)->count);
}

static void
approval_free(struct listing *listing)
{
	rollcall_free(((struct approval *)listing)->roll);
	free(listing);
}

static void
approve_all(const struct request *r)
{
	struct approval *approval = xcalloc(1, sizeof(*approval));

	approval->listing = (struct listing){
		.ready = approval_ready,
		.part = approval_part,
		.done = approval_done,
		.free = approval_free,
		.goes_on = true,
	};
	approval->roll = rollcall_new(r->daemon->registry);
	listing_start(r->daemon, r->client, &approval->listing);
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

void
command_flash(const struct request *r)
{
	struct device *device = request_device(r);
	const char *image = ctl_arg_text(r->args, "image");

	if (device == NULL)
		return;
	if (state_is_at_work(device->state)) {
		request_fail(r, EALREADY, device->id, "it is being flashed");
		return;
	}
	orders_tidy(r->daemon->orders, r->daemon->registry);
	if (image != NULL && orders_policy(r->daemon->orders, image) == NULL) {
		request_fail(
		    r, EINVAL, device->id, "what --image names can be no file");
		return;
	}
	device->ordered = true;
	device->again = ctl_arg_flag(r->args, "again");
	device_order_image(device, image);
	if (!check_order(r, device)) {
		device->ordered = device->again = false;
		device_order_image(device, NULL);
		return;
	}
	start_over(r->daemon, device);
	roster_consider(r->daemon, device);
	done_with(r, device);
}

void
command_forget(const struct request *r)
{
	struct device *device = request_device(r);

	if (device == NULL)
		return;
	if (device->job != NULL) {
		request_fail(r, EBUSY, device->id, "it is being flashed");
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
	request_fail(r, ENOENT, name, "no such policy");
	return false;
}

void
command_pause(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (!campaign_pause(
		r->daemon->campaign, policy, "paused by a person")) {
		request_fail(r, EALREADY, policy != NULL ? policy : "pause",
		    "it is paused already");
		return;
	}
	keep_campaign(r->daemon);
	roster_consider_all(r->daemon);
	control_done(r->client, NULL);
}

void
command_resume(const struct request *r)
{
	const char *policy = ctl_arg_text(r->args, "policy");

	if (!policy_exists(r, policy))
		return;
	if (!campaign_resume(r->daemon->campaign, policy)) {
		request_fail(r, EALREADY, policy != NULL ? policy : "resume",
		    "it is not paused");
		return;
	}
	keep_campaign(r->daemon);
	roster_consider_all(r->daemon);
	control_done(r->client, NULL);
}
