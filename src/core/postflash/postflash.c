/* SPDX-License-Identifier: ISC */
/*
 * Runs what follows a flash: which call comes next, how long the device may
 * take, and how it ends.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/postflash/postflash_parts.h"

enum device_expect
postflash_expect(enum policy_expect policy, const char *kind)
{
	if (policy == POLICY_EXPECT_TASMOTA)
		return DEVICE_EXPECT_TASMOTA;
	if (policy == POLICY_EXPECT_ESPHOME)
		return DEVICE_EXPECT_ESPHOME;
	if (strcmp(kind, "tasmota") == 0)
		return DEVICE_EXPECT_TASMOTA;
	if (strcmp(kind, "esphome") == 0)
		return DEVICE_EXPECT_ESPHOME;
	return kind[0] == '\0' || strcmp(kind, "unknown") == 0
	    ? DEVICE_EXPECT_ANY
	    : DEVICE_EXPECT_OTHER;
}

/*
 * Return true if the device has to be found after the flash.  An unmodified
 * Tasmota has no Wi-Fi settings, and other firmware cannot be recognised, so
 * those may stay away.
 */
bool
postflash_must_return(enum policy_expect policy, const char *kind)
{
	return policy == POLICY_EXPECT_TASMOTA ||
	    policy == POLICY_EXPECT_ESPHOME ||
	    (policy == POLICY_EXPECT_AUTO && strcmp(kind, "esphome") == 0);
}

void
postflash_renew_expect(struct device *device, enum policy_expect policy)
{
	const char *kind = device->attempt.image.kind;
	enum device_expect by_image =
	    postflash_expect(POLICY_EXPECT_AUTO, kind);

	device->awaited.must_return = postflash_must_return(policy, kind);
	if (device->awaited.expect != by_image || by_image == DEVICE_EXPECT_ANY)
		device->awaited.expect = postflash_expect(policy, kind);
}

bool
postflash_may_be(const struct postflash *postflash, enum device_expect what)
{
	return postflash->task.expect == what ||
	    postflash->task.expect == DEVICE_EXPECT_ANY;
}

uint64_t
postflash_now(const struct postflash *postflash)
{
	return postflash->ops->now_ms(postflash->ctx);
}

static bool
is_late(const struct postflash *postflash)
{
	return postflash_now(postflash) >= postflash->deadline_ms;
}

void
postflash_set_deadline(struct postflash *postflash, unsigned seconds)
{
	postflash->deadline_ms =
	    postflash_now(postflash) + seconds * UINT64_C(1000);
}

void
postflash_wait(struct postflash *postflash, uint64_t ms)
{
	postflash->is_proven = false;
	postflash->ops->set_timer(ms, postflash->ctx);
}

void
postflash_rest(struct postflash *postflash, enum postflash_aim aim, uint64_t ms)
{
	postflash->aim = aim;
	postflash->phase = PHASE_REST;
	postflash_wait(postflash, ms);
}

void
postflash_get_from(struct postflash *postflash, struct in_addr address,
    const char *command, bool with_password)
{
	postflash->asking = true;
	postflash->is_proven = false;
	postflash->ops->get(address, command, with_password, postflash->ctx);
}

void
postflash_get(struct postflash *postflash, const char *command)
{
	postflash_get_from(postflash, postflash->device->place.address, command,
	    postflash->is_guarded);
}

void
postflash_end(struct postflash *postflash, enum state_event event)
{
	device_forget_upgrade(postflash->device);
	device_post(postflash->device, event);
	postflash->ops->ended(postflash->ctx);
}

void
postflash_fail(
    struct postflash *postflash, enum reason reason, const char *fmt, ...)
{
	char detail[DEVICE_DETAIL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	device_blame(postflash->device, reason, "%s", detail);
	postflash_end(postflash, STATE_EVENT_FAIL);
}

static bool
has_been_told_password(const struct postflash *postflash)
{
	for (size_t i = 0; i < postflash->steps.count; i++)
		if (postflash->steps.items[i].is_password &&
		    postflash->steps.items[i].tries > 0)
			return true;
	return false;
}

void
postflash_fail_locked(struct postflash *postflash)
{
	postflash_fail(postflash, REASON_FINISH_FAILED,
	    !postflash->task.has_password
		? "it wants a web password, and the policy has none"
		: has_been_told_password(postflash)
		? "WebPassword did not take effect: it asks for another one"
		: "it wants another web password than the policy has");
}

/*
 * Return true if there is anything to do after the device is found.  A right
 * ESPHome does not become wrong by a [Finish] that its policy got after the
 * flash.
 */
static bool
has_finish(const struct postflash *postflash)
{
	if (postflash->is_esphome && postflash->task.finish_is_new)
		return false;
	return postflash->steps.count > 0 || postflash->task.has_upgrade ||
	    postflash->task.missing != NULL || postflash->task.lack != NULL;
}

void
postflash_say_what_it_is(struct postflash *postflash)
{
	struct device *device = postflash->device;

	device_clear_blame(device);
	if (postflash->is_locked)
		snprintf(device->detail, sizeof(device->detail),
		    "a Tasmota with a password: it was recognised by the "
		    "kernel's table of neighbours alone, and its firmware "
		    "could not be read");
	else if (postflash->is_esphome)
		snprintf(device->detail, sizeof(device->detail),
		    "ESPHome%s%s, %s", device->facts.firmware[0] ? " " : "",
		    device->facts.firmware, postflash->how);
	else
		snprintf(device->detail, sizeof(device->detail),
		    "Tasmota %s%s%s%s", device->facts.firmware,
		    device->facts.variant[0] ? " (" : "", device->facts.variant,
		    device->facts.variant[0] ? ")" : "");
}

/* Wait because this machine lacks a file.  The device has not failed. */
static void
wait_for_file(struct postflash *postflash)
{
	device_blame(postflash->device, REASON_FINISH_NOT_READY,
	    "its set-up waits: %s", postflash->task.lack);
	postflash->ops->lacks(postflash->ctx);
}

static void
begin_finishing(struct postflash *postflash)
{
	if (postflash->task.lack != NULL)
		wait_for_file(postflash);
	else if (postflash->is_locked)
		postflash_fail_locked(postflash);
	else if (postflash->is_esphome)
		postflash_fail(postflash, REASON_FINISH_FAILED,
		    "it runs ESPHome, and only Tasmota can be set up");
	else if (postflash->task.missing != NULL)
		postflash_fail(postflash, REASON_FINISH_FAILED, "%s",
		    postflash->task.missing);
	else
		postflash_upgrade_begin(postflash);
}

void
postflash_is_found(struct postflash *postflash)
{
	struct device *device = postflash->device;

	postflash_say_what_it_is(postflash);
	device->seen.is_present = true;
	/* The device that refused a call at its old address was another one. */
	device->facts.encrypted = false;
	device->facts.no_info[0] = '\0';
	if (!has_finish(postflash))
		postflash_end(postflash, STATE_EVENT_BACK);
	else if (device_post(device, STATE_EVENT_DONE))
		begin_finishing(postflash);
}

struct postflash *
postflash_new(struct device *device, const struct postflash_task *task,
    struct tasmota_steps steps, const struct postflash_ops *ops, void *ctx)
{
	struct postflash *postflash = xcalloc(1, sizeof(*postflash));

	postflash->device = device;
	postflash->task = *task;
	postflash->steps = steps;
	postflash->ops = ops;
	postflash->ctx = ctx;
	return postflash;
}

void
postflash_free(struct postflash *postflash)
{
	if (postflash == NULL)
		return;
	tasmota_steps_fini(&postflash->steps);
	free(postflash);
}

void
postflash_start(struct postflash *postflash)
{
	postflash_set_deadline(postflash, postflash->task.verify_sec);
	postflash->aim = AIM_VERSION;
	postflash->address_count = postflash->ops->addresses(
	    postflash->addresses, POSTFLASH_MAX_ADDRESSES, postflash->ctx);
	postflash_find(postflash);
}

static bool
reads_password(const struct postflash *postflash)
{
	return postflash->phase == PHASE_READ &&
	    postflash->steps.items[postflash->step].is_password;
}

/* Handle an answer from the device that proves to be the one that was asked. */
static void
step_answered(struct postflash *postflash, const char *body, size_t len)
{
	switch (postflash->phase) {
	case PHASE_FIND:
	case PHASE_REST:
		break;
	case PHASE_VERSION:
		postflash_version_heard(postflash, body, len);
		break;
	case PHASE_URL:
	case PHASE_UPGRADE:
		postflash_upgrade_heard(postflash, body, len);
		break;
	case PHASE_RETURN:
		postflash_settings_begin(postflash);
		break;
	case PHASE_READ:
		postflash_settings_heard(postflash, body, len);
		break;
	case PHASE_SEND:
		postflash_settings_sent(postflash, true);
		break;
	}
}

/* Handle a missing answer: the device may be restarting or elsewhere. */
static void
step_unanswered(struct postflash *postflash)
{
	if (postflash->phase == PHASE_URL)
		postflash_upgrade_unheard(postflash);
	else if (postflash->phase == PHASE_UPGRADE)
		postflash_upgrade_sent(postflash);
	else if (postflash->phase == PHASE_RETURN)
		postflash_settings_begin(postflash);
	else if (postflash->phase == PHASE_SEND)
		postflash_settings_sent(postflash, false);
	else if (postflash->phase == PHASE_FIND)
		postflash_find(postflash);
	else
		postflash_rest(postflash, postflash->aim, POSTFLASH_POLL_MS);
}

/*
 * Handle a call that this machine's network cut off.  It says nothing of the
 * device, so the try does not count.
 */
static void
step_cut_off(struct postflash *postflash)
{
	postflash->deadline_ms += POSTFLASH_POLL_MS;
	if (postflash->phase == PHASE_FIND) {
		postflash->address_at--;
		postflash_wait(postflash, POSTFLASH_POLL_MS);
		return;
	}
	if (postflash->phase == PHASE_UPGRADE)
		postflash_upgrade_uncount(postflash);
	for (size_t i = 0; i < postflash->steps.count; i++)
		if (postflash->phase == PHASE_SEND &&
		    postflash->steps.items[i].in_flight)
			postflash->steps.items[i].tries--;
	step_unanswered(postflash);
}

void
postflash_answered(struct postflash *postflash, enum postflash_heard heard,
    int status, const char *server, const char *body, size_t len)
{
	bool locked;

	postflash->asking = false;
	if (heard == POSTFLASH_CUT_OFF) {
		step_cut_off(postflash);
		return;
	}
	if (heard != POSTFLASH_REPLY) {
		step_unanswered(postflash);
		return;
	}
	locked = status == 401 || tasmota_is_locked(body, len);
	if (postflash->phase == PHASE_FIND)
		postflash_find_heard(postflash, status, server, body, len);
	else if (reads_password(postflash) && (locked || status == 200))
		postflash_settings_password(postflash, locked);
	else if (locked || status != 200)
		step_unanswered(postflash);
	else
		step_answered(postflash, body, len);
}

void
postflash_timer(struct postflash *postflash)
{
	if (postflash->asking)
		return;
	if (!is_late(postflash) && postflash->phase == PHASE_FIND)
		postflash_find(postflash);
	else if (!is_late(postflash))
		postflash_prove(postflash, postflash->aim);
	else if (postflash->device->state == STATE_VERIFYING)
		postflash_missing_late(postflash);
	else if (postflash_missing_lost(postflash))
		return;
	else if (postflash->aim <= AIM_START)
		postflash_upgrade_late(postflash);
	else
		postflash_settings_late(postflash);
}

void
postflash_announced(struct postflash *postflash, enum device_expect what,
    struct in_addr address, const char *version, const char *how)
{
	struct device *device = postflash->device;

	if (device->state != STATE_VERIFYING)
		return;
	device_set_address(device, address, NULL);
	if (!postflash_may_be(postflash, what)) {
		postflash_fail(
		    postflash, REASON_WRONG_FIRMWARE, "it is ESPHome, %s", how);
		return;
	}
	postflash->is_esphome = what == DEVICE_EXPECT_ESPHOME;
	postflash->how = how;
	text_escape(device->facts.firmware, sizeof(device->facts.firmware),
	    version, strlen(version));
	postflash_is_found(postflash);
}

void
postflash_only_announced(struct postflash *postflash, struct in_addr address)
{
	postflash->announced_at = address;
}
