/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/postflash/postflash_parts.h"

/* ---- what it must come back as ----------------------------------------- */

enum device_expect
after_expect(enum policy_expect policy, const char *kind)
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

/* An unmodified Tasmota has no Wi-Fi, and others cannot be recognised. */
bool
after_must_return(enum policy_expect policy, const char *kind)
{
	return policy == POLICY_EXPECT_TASMOTA ||
	    policy == POLICY_EXPECT_ESPHOME ||
	    (policy == POLICY_EXPECT_AUTO && strcmp(kind, "esphome") == 0);
}

void
after_renew_expect(struct device *device, enum policy_expect policy)
{
	const char *kind = device->image.kind;
	enum device_expect by_image = after_expect(POLICY_EXPECT_AUTO, kind);

	device->must_return = after_must_return(policy, kind);
	if (device->expect != by_image || by_image == DEVICE_EXPECT_ANY)
		device->expect = after_expect(policy, kind);
}

bool
after_may_be(const struct after *after, enum device_expect what)
{
	return after->task.expect == what ||
	    after->task.expect == DEVICE_EXPECT_ANY;
}

/* ---- time and questions ------------------------------------------------ */

uint64_t
after_now(const struct after *after)
{
	return after->ops->now_ms(after->ctx);
}

static bool
is_late(const struct after *after)
{
	return after_now(after) >= after->deadline_ms;
}

void
after_set_deadline(struct after *after, unsigned seconds)
{
	after->deadline_ms = after_now(after) + seconds * UINT64_C(1000);
}

void
after_wait(struct after *after, uint64_t ms)
{
	after->is_proven = false;
	after->ops->set_timer(after, ms, after->ctx);
}

void
after_rest(struct after *after, enum after_aim aim, uint64_t ms)
{
	after->aim = aim;
	after->phase = PHASE_REST;
	after_wait(after, ms);
}

void
after_get_from(struct after *after, struct in_addr address, const char *command,
    bool with_password)
{
	after->asking = true;
	after->is_proven = false;
	after->ops->get(after, address, command, with_password, after->ctx);
}

void
after_get(struct after *after, const char *command)
{
	after_get_from(
	    after, after->device->address, command, after->is_guarded);
}

/* ---- ends -------------------------------------------------------------- */

void
after_end(struct after *after, enum machine_event event)
{
	device_forget_upgrade(after->device);
	device_post(after->device, event);
	after->ops->ended(after, after->ctx);
}

void
after_fail(struct after *after, enum reason reason, const char *fmt, ...)
{
	char detail[DEVICE_DETAIL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	device_blame(after->device, reason, "%s", detail);
	after_end(after, MACHINE_FAIL);
}

static bool
has_been_told_password(const struct after *after)
{
	for (size_t i = 0; i < after->steps.count; i++)
		if (after->steps.items[i].is_password &&
		    after->steps.items[i].tries > 0)
			return true;
	return false;
}

void
after_fail_locked(struct after *after)
{
	after_fail(after, REASON_FINISH_FAILED,
	    !after->task.has_password
		? "it wants a web password, and the policy has none"
		: has_been_told_password(after)
		? "WebPassword did not take: it asks for another one"
		: "it wants another web password than the policy has");
}

/* A right ESPHome is not wrong by a [Finish] that its policy has got since. */
static bool
has_finish(const struct after *after)
{
	if (after->is_esphome && after->task.finish_is_new)
		return false;
	return after->steps.count > 0 || after->task.has_upgrade ||
	    after->task.missing != NULL || after->task.lack != NULL;
}

void
after_say_what_it_is(struct after *after)
{
	struct device *device = after->device;

	device_clear_blame(device);
	if (after->is_locked)
		snprintf(device->detail, sizeof(device->detail),
		    "a Tasmota behind a password: it was recognised by the "
		    "kernel's table of neighbours alone, and its firmware "
		    "could not be read");
	else if (after->is_esphome)
		snprintf(device->detail, sizeof(device->detail),
		    "ESPHome%s%s, %s", device->firmware[0] ? " " : "",
		    device->firmware, after->how);
	else
		snprintf(device->detail, sizeof(device->detail),
		    "Tasmota %s%s%s%s", device->firmware,
		    device->variant[0] ? " (" : "", device->variant,
		    device->variant[0] ? ")" : "");
}

/* That this machine lost a file is no failure of the device's. */
static void
wait_for_file(struct after *after)
{
	device_blame(after->device, REASON_FINISH_NOT_READY,
	    "its set-up waits: %s", after->task.lack);
	after->ops->lacks(after, after->ctx);
}

static void
begin_finishing(struct after *after)
{
	if (after->task.lack != NULL)
		wait_for_file(after);
	else if (after->is_locked)
		after_fail_locked(after);
	else if (after->is_esphome)
		after_fail(after, REASON_FINISH_FAILED,
		    "it runs ESPHome, and only Tasmota is finished");
	else if (after->task.missing != NULL)
		after_fail(
		    after, REASON_FINISH_FAILED, "%s", after->task.missing);
	else
		after_upgrade_begin(after);
}

void
after_is_found(struct after *after)
{
	after_say_what_it_is(after);
	after->device->present = true;
	if (!has_finish(after))
		after_end(after, MACHINE_BACK);
	else if (device_post(after->device, MACHINE_DONE))
		begin_finishing(after);
}

/* ---- the world --------------------------------------------------------- */

struct after *
after_new(struct device *device, const struct after_task *task,
    struct tasmota_steps steps, const struct after_ops *ops, void *ctx)
{
	struct after *after = xcalloc(1, sizeof(*after));

	after->device = device;
	after->task = *task;
	after->steps = steps;
	after->ops = ops;
	after->ctx = ctx;
	return after;
}

void
after_free(struct after *after)
{
	if (after == NULL)
		return;
	tasmota_steps_fini(&after->steps);
	free(after);
}

void
after_start(struct after *after)
{
	after_set_deadline(after, after->task.verify_sec);
	after->aim = AIM_VERSION;
	after->address_count = after->ops->addresses(
	    after, after->addresses, AFTER_MAX_ADDRESSES, after->ctx);
	after_find(after);
}

static bool
reads_password(const struct after *after)
{
	return after->phase == PHASE_READ &&
	    after->steps.items[after->step].is_password;
}

/* It answered, and may be asked. */
static void
step_answered(struct after *after, const char *body, size_t len)
{
	switch (after->phase) {
	case PHASE_FIND:
	case PHASE_REST:
		break;
	case PHASE_VERSION:
		after_version_heard(after, body, len);
		break;
	case PHASE_URL:
	case PHASE_UPGRADE:
		after_upgrade_heard(after, body, len);
		break;
	case PHASE_RETURN:
		after_settings_begin(after);
		break;
	case PHASE_READ:
		after_settings_heard(after, body, len);
		break;
	case PHASE_SEND:
		after_settings_sent(after, true);
		break;
	}
}

/* It restarts, say, or another one has its address. */
static void
step_unanswered(struct after *after)
{
	if (after->phase == PHASE_URL)
		after_upgrade_unheard(after);
	else if (after->phase == PHASE_UPGRADE)
		after_upgrade_sent(after);
	else if (after->phase == PHASE_RETURN)
		after_settings_begin(after);
	else if (after->phase == PHASE_SEND)
		after_settings_sent(after, false);
	else if (after->phase == PHASE_FIND)
		after_find(after);
	else
		after_rest(after, after->aim, AFTER_POLL_MS);
}

/* That says nothing of the device, and nothing that it was told counts. */
static void
step_cut_off(struct after *after)
{
	after->deadline_ms += AFTER_POLL_MS;
	if (after->phase == PHASE_FIND) {
		after->address_at--;
		after_wait(after, AFTER_POLL_MS);
		return;
	}
	if (after->phase == PHASE_UPGRADE)
		after_upgrade_uncount(after);
	for (size_t i = 0; i < after->steps.count; i++)
		if (after->phase == PHASE_SEND &&
		    after->steps.items[i].in_flight)
			after->steps.items[i].tries--;
	step_unanswered(after);
}

void
after_answered(struct after *after, enum after_heard heard, int status,
    const char *server, const char *body, size_t len)
{
	bool locked;

	after->asking = false;
	if (heard == AFTER_CUT_OFF) {
		step_cut_off(after);
		return;
	}
	if (heard != AFTER_REPLY) {
		step_unanswered(after);
		return;
	}
	locked = status == 401 || tasmota_is_locked(body, len);
	if (after->phase == PHASE_FIND)
		after_find_heard(after, status, server, body, len);
	else if (reads_password(after) && (locked || status == 200))
		after_settings_password(after, locked);
	else if (locked || status != 200)
		step_unanswered(after);
	else
		step_answered(after, body, len);
}

void
after_timer(struct after *after)
{
	if (after->asking)
		return;
	if (!is_late(after) && after->phase == PHASE_FIND)
		after_find(after);
	else if (!is_late(after))
		after_prove(after, after->aim);
	else if (after->device->state == STATE_VERIFYING)
		after_find_late(after);
	else if (after_find_lost(after))
		return;
	else if (after->aim <= AIM_START)
		after_upgrade_late(after);
	else
		after_settings_late(after);
}

void
after_announced(struct after *after, enum device_expect what,
    struct in_addr address, const char *version, const char *how)
{
	struct device *device = after->device;

	if (device->state != STATE_VERIFYING)
		return;
	device_set_address(device, address, NULL);
	if (!after_may_be(after, what)) {
		after_fail(
		    after, REASON_WRONG_FIRMWARE, "it is ESPHome, %s", how);
		return;
	}
	after->is_esphome = what == DEVICE_EXPECT_ESPHOME;
	after->how = how;
	text_escape(device->firmware, sizeof(device->firmware), version,
	    strlen(version));
	after_is_found(after);
}

void
after_only_announced(struct after *after, struct in_addr address)
{
	after->announced_at = address;
}
