/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/after_parts.h"
#include "core/farewell.h"

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
	after->ops->set_timer(after, ms, after->ctx);
}

static void
get_from(struct after *after, struct in_addr address, const char *command,
    bool with_password)
{
	after->asking = true;
	after->ops->get(after, address, command, with_password, after->ctx);
}

void
after_get(struct after *after, const char *command, bool with_password)
{
	get_from(after, after->device->address, command, with_password);
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

static void
fail_locked(struct after *after)
{
	after_fail(after, REASON_FINISH_FAILED,
	    after->task.has_password
		? "it wants another web password than the policy has"
		: "it wants a web password, and the policy has none");
}

static bool
has_finish(const struct after *after)
{
	return after->steps.count > 0 || after->task.has_upgrade ||
	    after->task.missing != NULL;
}

void
after_take_version(struct after *after, const struct tasmota_facts *facts)
{
	struct device *device = after->device;

	text_escape(device->firmware, sizeof(device->firmware), facts->version,
	    strlen(facts->version));
	text_escape(device->variant, sizeof(device->variant), facts->variant,
	    strlen(facts->variant));
}

void
after_say_what_it_is(struct after *after)
{
	struct device *device = after->device;

	device_clear_blame(device);
	if (after->is_locked)
		snprintf(device->detail, sizeof(device->detail),
		    "Tasmota, behind a password");
	else
		snprintf(device->detail, sizeof(device->detail), "%s %s%s%s%s",
		    after->task.expect == AFTER_ESPHOME ? "ESPHome" : "Tasmota",
		    device->firmware, device->variant[0] ? " (" : "",
		    device->variant, device->variant[0] ? ")" : "");
}

static void
begin_finishing(struct after *after)
{
	if (after->is_locked)
		fail_locked(after);
	else if (after->task.expect == AFTER_ESPHOME)
		after_fail(after, REASON_FINISH_FAILED,
		    "it runs ESPHome, and only Tasmota is finished");
	else if (after->task.missing != NULL)
		after_fail(
		    after, REASON_FINISH_FAILED, "%s", after->task.missing);
	else
		after_upgrade_begin(after);
}

/* It is the device, under its new firmware. */
static void
is_found(struct after *after)
{
	after_say_what_it_is(after);
	after->device->present = true;
	if (!has_finish(after))
		after_end(after, MACHINE_BACK);
	else if (device_post(after->device, MACHINE_DONE))
		begin_finishing(after);
}

/* ---- verifying --------------------------------------------------------- */

static void
try_next_address(struct after *after)
{
	after->phase = PHASE_FIND;
	if (after->address_at >= after->address_count) {
		after->address_count = after->ops->addresses(
		    after, after->addresses, AFTER_MAX_ADDRESSES, after->ctx);
		after->address_at = 0;
		after_wait(after, AFTER_POLL_MS);
		return;
	}
	get_from(
	    after, after->addresses[after->address_at++], "Status 5", true);
}

/* It has been given the Wi-Fi of another time or place, or none yet. */
static void
is_away(struct after *after)
{
	struct device *device = after->device;
	char where[DEVICE_DETAIL_SIZE];

	device_clear_blame(device);
	snprintf(device->detail, sizeof(device->detail),
	    "it was not found in %u s%s", after->task.verify_sec,
	    farewell(device, where, sizeof(where)));
	after_end(after, MACHINE_LEFT);
}

static void
not_found(struct after *after)
{
	const char *mac = after->device->mac;

	if (after->other[0] != '\0')
		after_fail(after, REASON_WRONG_FIRMWARE,
		    "the Tasmota at its address says that its MAC is %s",
		    after->other);
	else if (after->stranger)
		after_fail(after, REASON_WRONG_FIRMWARE,
		    "its address answers, but not as Tasmota");
	else if (!after->task.must_return)
		is_away(after);
	else if (mac[0] == '\0')
		after_fail(after, REASON_NOT_SEEN_AGAIN,
		    "its MAC is not known, so nothing can be told to be it");
	else
		after_fail(after, REASON_NOT_SEEN_AGAIN,
		    "nothing with the MAC %s answered in %u s", mac,
		    after->task.verify_sec);
}

static void
take_address(struct after *after)
{
	device_set_address(
	    after->device, after->addresses[after->address_at - 1], NULL);
}

/* A Tasmota that says that it is the device. */
static void
found_tasmota(struct after *after)
{
	take_address(after);
	if (after->task.expect == AFTER_ESPHOME) {
		after_fail(after, REASON_WRONG_FIRMWARE,
		    "it runs Tasmota, not ESPHome");
		return;
	}
	after->phase = PHASE_VERSION;
	after_get(after, "Status 2", true);
}

static void
found_locked(struct after *after)
{
	after->is_locked = true;
	take_address(after);
	is_found(after);
}

/* Something else; what it says counts only where the MAC of the device is. */
static void
found_stranger(struct after *after, const struct tasmota_facts *facts)
{
	if (after->task.expect == AFTER_TASMOTA) {
		after->stranger = facts->mac[0] == '\0';
		text_escape(after->other, sizeof(after->other), facts->mac,
		    strlen(facts->mac));
	}
}

static void
found_status(struct after *after, int status, const char *body, size_t len)
{
	struct tasmota_facts facts = { 0 };
	struct in_addr address = after->addresses[after->address_at - 1];
	bool at = after->ops->is_at(after, address, after->ctx);
	struct error err;

	if (status == 200)
		tasmota_read_status(body, len, &facts, &err);
	if (facts.mac[0] != '\0' &&
	    strcasecmp(facts.mac, after->device->mac) == 0) {
		found_tasmota(after);
	} else if (at && after->task.expect == AFTER_TASMOTA &&
	    tasmota_is_locked(body, len)) {
		found_locked(after);
	} else {
		if (at)
			found_stranger(after, &facts);
		try_next_address(after);
	}
}

static void
found_version(struct after *after, const char *body, size_t len)
{
	struct error err;

	after->before = (struct tasmota_facts){ 0 };
	if (!tasmota_read_status(body, len, &after->before, &err) ||
	    after->before.version[0] == '\0') {
		try_next_address(after);
		return;
	}
	after_take_version(after, &after->before);
	is_found(after);
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
	after->address_count = after->ops->addresses(
	    after, after->addresses, AFTER_MAX_ADDRESSES, after->ctx);
	try_next_address(after);
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
		break;
	case PHASE_VERSION:
		found_version(after, body, len);
		break;
	case PHASE_UPGRADE:
		after_upgrade_sent(after);
		break;
	case PHASE_UPGRADED:
		after_upgrade_version(after, body, len);
		break;
	case PHASE_READ:
		after_settings_heard(after, body, len);
		break;
	case PHASE_SEND:
		after_settings_sent(after, true);
		break;
	}
}

/* It restarts, say. */
static void
step_unanswered(struct after *after)
{
	if (after->phase == PHASE_UPGRADE)
		after_upgrade_sent(after);
	else if (after->phase == PHASE_SEND)
		after_settings_sent(after, false);
	else if (after->phase == PHASE_FIND)
		try_next_address(after);
	else
		after_wait(after, AFTER_POLL_MS);
}

void
after_answered(struct after *after, enum after_heard heard, int status,
    const char *body, size_t len)
{
	bool locked;

	after->asking = false;
	if (heard != AFTER_REPLY) {
		step_unanswered(after);
		return;
	}
	locked = status == 401 || tasmota_is_locked(body, len);
	if (after->phase == PHASE_FIND)
		found_status(after, status, body, len);
	else if (reads_password(after) && (locked || status == 200))
		after_settings_password(after, locked);
	else if (locked)
		fail_locked(after);
	else if (status != 200)
		step_unanswered(after);
	else
		step_answered(after, body, len);
}

static void
ask_again(struct after *after)
{
	if (after->phase == PHASE_FIND)
		try_next_address(after);
	else if (after->phase == PHASE_READ)
		after_settings_read(after);
	else
		after_get(after, "Status 2", true);
}

void
after_timer(struct after *after)
{
	if (after->asking)
		return;
	if (!is_late(after))
		ask_again(after);
	else if (after->device->state == STATE_VERIFYING)
		not_found(after);
	else if (after->phase == PHASE_UPGRADED)
		after_upgrade_late(after);
	else
		after_settings_late(after);
}

void
after_announced(struct after *after, enum after_expect what,
    struct in_addr address, const char *version)
{
	struct device *device = after->device;

	if (device->state != STATE_VERIFYING)
		return;
	device_set_address(device, address, NULL);
	if (what != after->task.expect) {
		after_fail(after, REASON_WRONG_FIRMWARE,
		    "it announces itself as ESPHome");
		return;
	}
	text_escape(device->firmware, sizeof(device->firmware), version,
	    strlen(version));
	is_found(after);
}
