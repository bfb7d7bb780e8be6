/* SPDX-License-Identifier: ISC */
/*
 * Carries out what follows a flash, for each device that is verified or set up:
 * asks its new firmware, and measures the time.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "core/device/registry.h"
#include "core/http/httpmsg.h"
#include "core/policy/finish.h"
#include "core/postflash/postflash.h"
#include "io/conffiles.h"
#include "io/http/client.h"
#include "io/timer.h"
#include "reflashd/events/devlog.h"
#include "reflashd/events/events.h"
#include "reflashd/net/outage.h"
#include "reflashd/policy/web_password.h"
#include "reflashd/postflash/postflash_run_parts.h"
#include "reflashd/store/persist.h"

#define GET_MS	5000 /* a Tasmota answers in < 1 s, a busy one in 3 */
#define LACK_MS 5000 /* between two looks for a file that is gone */

/*
 * Return what the device must come back as.  That was noted when the device was
 * told to fetch, as its policy may change later.  Records of earlier versions
 * lack the note: there the image counts, and then the policy.
 */
static enum device_expect
expected_firmware(const struct device *device, const struct policy *policy)
{
	enum device_expect by_image =
	    postflash_expect(POLICY_EXPECT_AUTO, device->attempt.image.kind);

	if (device->awaited.expect != DEVICE_EXPECT_UNSET)
		return device->awaited.expect;
	if (by_image != DEVICE_EXPECT_ANY || policy == NULL)
		return by_image;
	return postflash_expect(policy->expect, device->attempt.image.kind);
}

/* Count only the time in which the device could be found. */
static uint64_t
world_now(void *ctx)
{
	struct postflash_care *care = ctx;

	return outage_clock(care->parts->outage, care->device, &care->clock);
}

static enum postflash_heard
what_was_heard(struct postflash_care *care, const struct client_result *result)
{
	if (result->end == CLIENT_OK) {
		outage_heard(&care->clock);
		return POSTFLASH_REPLY;
	}
	if (result->is_ours || outage_is_now(care->parts->outage, care->device))
		return POSTFLASH_CUT_OFF;
	return POSTFLASH_SILENCE;
}

static void
on_reply(const struct client_result *result, void *ctx)
{
	struct postflash_care *care = ctx;
	const char *server = result->reply != NULL
	    ? httpmsg_header(result->reply, "Server")
	    : NULL;

	care->call = NULL;
	if (result->due_ms != 0)
		outage_due(care->parts->outage, result->due_ms);
	postflash_answered(care->after, what_was_heard(care, result),
	    result->status, server != NULL ? server : "", result->body,
	    result->body_len);
}

struct client_call *
postflash_run_get(struct postflash_run *run, struct in_addr address,
    const char *command, const char *password, client_cb *done, void *ctx)
{
	char *path = tasmota_path(command, password);
	char *authorization =
	    password != NULL ? tasmota_authorization(password) : NULL;
	struct client_request request = {
		.http = { .method = "GET",
		    .address = address,
		    .port = TASMOTA_PORT,
		    .path = path,
		    .authorization = authorization,
		    /* With SetOption128 0, Tasmota wants that. */
		    .has_referer = true },
		.timeout_ms = GET_MS,
		.may_repeat = true,
		.is_urgent = true,
	};
	struct client_call *call =
	    client_send(run->parts.client, &request, done, ctx);

	web_password_free(path);
	web_password_free(authorization);
	return call;
}

static void
world_get(
    struct in_addr address, const char *command, bool with_password, void *ctx)
{
	struct postflash_care *care = ctx;

	care->call = postflash_run_get(care->run, address, command,
	    with_password ? care->password : NULL, on_reply, care);
}

static void look_for_files(struct postflash_care *);

static void
on_timer(void *ctx)
{
	struct postflash_care *care = ctx;

	outage_due(care->parts->outage, care->due_ms);
	if (care->lacks)
		look_for_files(care);
	else if (care->device->place.cut_off[0] == '\0')
		postflash_timer(
		    care->after); /* or postflash_run_reconnected() */
}

static void
world_set_timer(uint64_t delay_ms, void *ctx)
{
	struct postflash_care *care = ctx;

	care->due_ms = clock_awake_ms() + delay_ms;
	timer_set(care->timer, delay_ms);
}

static void
world_moved(void *ctx)
{
	struct postflash_care *care = ctx;

	devlog_device(care->device, LOG_INFO, "has another address now");
	postflash_run_move_upgrade(care);
}

static void
care_free(struct postflash_care *care)
{
	client_cancel(care->call);
	postflash_run_drop_upgrade(care);
	timer_free(care->timer);
	postflash_free(care->after);
	web_password_free(care->password);
	care->device->after = NULL;
	DL_DELETE(care->run->cares, care);
	free(care);
}

static void
world_ended(void *ctx)
{
	struct postflash_care *care = ctx;
	struct postflash_run *run = care->run;

	care_free(care);
	persist_tidy(run->parts.persist);
	run->parts.ended(run->parts.ctx);
}

static void
look_later(struct postflash_care *care)
{
	world_set_timer(LACK_MS, care);
}

static void
world_lacks(void *ctx)
{
	struct postflash_care *care = ctx;
	struct device *device = care->device;

	care->lacks = true;
	devlog_device(device, LOG_WARNING, "%s", device->detail);
	persist_soon(care->parts->persist, device);
	events_publish(care->parts->events, device);
	look_later(care);
}

static const struct postflash_ops ops = {
	.now_ms = world_now,
	.get = world_get,
	.set_timer = world_set_timer,
	.addresses = postflash_run_find,
	.place = postflash_run_place,
	.moved = world_moved,
	.serve = postflash_run_serve,
	.lacks = world_lacks,
	.ended = world_ended,
};

/* Take what the policy sets, and the password, into the task. */
static void
note_finish(struct postflash_care *care, const struct policy *policy,
    struct postflash_task *task, struct tasmota_steps *steps)
{
	if (policy == NULL && care->device->awaited.must_finish) {
		error_set(&care->missing, ENOENT,
		    "its policy %s is gone, which says what is to be set",
		    care->device->policy);
		task->missing = care->missing.text;
	}
	if (policy == NULL)
		return;
	if (policy->web_password_file != NULL) {
		care->password = web_password_read_of(
		    policy->web_password_file, care->device, &care->missing);
		if (care->password == NULL) {
			error_prefix(&care->missing, "WebPasswordFile=%s",
			    policy->web_password_file);
			task->lack = care->missing.text;
		}
	}
	task->has_password = care->password != NULL;
	finish_steps(policy, care->device, care->password, steps);
}

static void
note_upgrade(struct postflash_care *care, const struct policy *policy,
    struct postflash_task *task)
{
	struct error err;

	task->has_upgrade = postflash_run_find_upgrade(care, policy);
	if (!task->has_upgrade || task->lack != NULL ||
	    postflash_run_read_upgrade(care, &err))
		return;
	error_set(&care->missing, err.code, "Upgrade=%s: %s", care->upgrade,
	    err.text);
	task->lack = care->missing.text;
}

static void
begin_care(struct postflash_run *run, struct device *device,
    const struct policy *policy, bool is_same_job)
{
	struct postflash_care *care = xcalloc(1, sizeof(*care));
	struct postflash_task task = {
		.expect = expected_firmware(device, policy),
		.must_return = device->awaited.must_return,
		.finish_is_new = !device->awaited.must_finish,
		.verify_sec = policy != NULL ? policy->verify_timeout_sec : 180,
		.fetch_sec = run->parts.setup->config->first_fetch_sec,
		.upgrade_sec = run->parts.setup->config->flash_timeout_sec,
		.upgrade_sha256 = care->upgrade_sha256,
		.upgrade_variant = care->upgrade_variant,
		.upgrade_version = care->upgrade_version,
		.no_step = care->no_step.text,
	};
	struct tasmota_steps steps = { 0 };

	care->run = run;
	care->parts = &run->parts;
	care->device = device;
	care->is_same_job = is_same_job;
	care->timer = timer_new(run->parts.base, on_timer, care);
	care->doubt_ms = clock_now_ms() + task.verify_sec * UINT64_C(500);
	note_finish(care, policy, &task, &steps);
	note_upgrade(care, policy, &task);
	care->after = postflash_new(device, &task, steps, &ops, care);
	device->after = care;
	outage_watch(run->parts.outage);
	DL_APPEND(run->cares, care);
	postflash_start(care->after);
	postflash_run_heard(run, device, true);
}

void
postflash_run_start(struct postflash_run *run, struct device *device)
{
	begin_care(run, device,
	    policy_list_find(run->parts.setup->policies, device->policy),
	    false);
}

/* Return true if a file that the set-up waits for is still not there. */
static bool
still_lacks(struct postflash_care *care, const struct policy *policy)
{
	char *password = NULL;
	struct error ignored;
	bool lacks = false;

	if (policy != NULL && policy->web_password_file != NULL) {
		password = web_password_read_of(
		    policy->web_password_file, care->device, &ignored);
		lacks = password == NULL;
		web_password_free(password);
	}
	if (policy != NULL && policy->upgrade != NULL && !lacks) {
		free(care->upgrade);
		care->upgrade = xstrdup(policy->upgrade);
		lacks = !postflash_run_read_upgrade(care, &ignored);
	}
	return lacks;
}

/*
 * Look whether the files that were missing are there.  Then verify the device
 * anew, as it may have moved.
 */
static void
look_for_files(struct postflash_care *care)
{
	struct postflash_run *run = care->run;
	struct device *device = care->device;

	if (still_lacks(care,
		policy_list_find(run->parts.setup->policies, device->policy))) {
		look_later(care);
		return;
	}
	care_free(care);
	device_clear_blame(device);
	if (device_post(device, STATE_EVENT_VERIFY))
		postflash_run_start(run, device);
}

void
postflash_run_take_over(struct postflash_run *run, struct device *device,
    const struct policy *policy)
{
	if (device->state == STATE_VERIFYING)
		begin_care(run, device, policy, true);
	else
		postflash_run_heard(run, device, true);
}

void
postflash_run_retry(struct postflash_run *run, struct device *device)
{
	const struct policy *policy =
	    policy_list_find(run->parts.setup->policies, device->policy);

	device->order.retry = false;
	if (policy != NULL)
		postflash_renew_expect(device, policy->expect);
	device_clear_blame(device);
	if (device_post(device, STATE_EVENT_VERIFY))
		postflash_run_start(run, device);
}

void
postflash_run_abandon(struct device *device)
{
	if (device->after != NULL)
		care_free(device->after);
	device_forget_upgrade(device);
}

/*
 * End an order to flash the device: only the old firmware takes an image from
 * the LAN.
 */
static void
end_order(struct device *device)
{
	if (!device->order.is_given)
		return;
	devlog_device(device, LOG_NOTICE,
	    "it is back under its new firmware, so it cannot be flashed again "
	    "as ordered: the order is dropped");
	device->order.is_given = device->order.again = false;
	device_order_image(device, NULL);
}

void
postflash_run_is_back(
    struct postflash_run *run, struct device *device, struct in_addr address)
{
	device_set_address(device, address, NULL);
	device_end_unsure(device);
	end_order(device);
	if (device_post(device, STATE_EVENT_BACK))
		postflash_run_start(run, device);
}

void
postflash_run_reconnected(struct device *device)
{
	struct postflash_care *care = device->after;

	if (care == NULL || care->call != NULL)
		return;
	world_set_timer(0, care);
}

void
postflash_run_excuse(struct device *device)
{
	struct postflash_care *care = device->after;

	if (care != NULL)
		postflash_excuse(care->after);
}

struct postflash_run *
postflash_run_new(const struct postflash_run_parts *parts)
{
	struct postflash_run *run = xcalloc(1, sizeof(*run));

	run->parts = *parts;
	return run;
}

void
postflash_run_free(struct postflash_run *run)
{
	struct postflash_care *care, *next;

	if (run == NULL)
		return;
	DL_FOREACH_SAFE (run->cares, care, next)
		care_free(care);
	free(run);
}
