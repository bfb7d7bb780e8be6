/* SPDX-License-Identifier: ISC */
/*
 * Keeps what is known of one device, and changes its state with everything that
 * such a change brings along.
 */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "core/device/device.h"

#define WEAK_DBM       (-75) /* below it 4 KiB do not always come in 10 s */
#define CLOCK_STEP_SEC 10    /* so far apart are two clocks if one was set */

struct device *
device_new(const char *id, const struct device_ops *ops, void *ctx)
{
	struct device *device = xcalloc(1, sizeof(*device));

	assert(strlen(id) < sizeof(device->id));
	text_copy(device->id, sizeof(device->id), id);
	device->port = DEVICE_PORT;
	device->ops = ops;
	device->ctx = ctx;
	device->since = ops->wall_clock(ctx);
	device->since_s = ops->steady_s(ctx);
	return device;
}

void
device_free(struct device *device)
{
	if (device == NULL)
		return;
	free(device->order_image);
	free(device);
}

/* Drop what a person has ordered: it is done, or has come to nothing. */
static void
end_orders(struct device *device)
{
	device->ordered = device->again = device->retry = false;
	device_order_image(device, NULL);
}

/* Change the state.  This is the only function that does. */
static void
enter(struct device *device, enum state next)
{
	enum state old = device->state;

	device->state = next;
	if (next != STATE_HELD)
		device->hold = HOLD_NONE;
	if (device->hold == HOLD_CANCELLED)
		end_orders(device);
	if (state_is_at_work(next))
		device->cancelled[0] = '\0';
	if (next == STATE_OFFERING) {
		device->retry = false; /* that was the attempt */
		device->called_off = 0;
	}
	if (next == STATE_FLASHED || next == STATE_VERIFIED ||
	    next == STATE_FAILED) {
		end_orders(device); /* before the state is recorded */
		device->hold_until_ms = 0;
		device->damaged &= next == STATE_FAILED;
		device->no_verdict &= next == STATE_FLASHED;
		if (device->has_image)
			device_note_tried(device, device->image.sha256);
	}
	/* A later retry has to look at the image files anew. */
	if (next == STATE_VERIFIED || next == STATE_FAILED)
		device->next_upgrade[0] = device->next_minimal[0] = '\0';
	device->since = device->ops->wall_clock(device->ctx);
	device->since_s = device->ops->steady_s(device->ctx);
	device->unwatched_s = 0;
	device->ops->changed(device, old, device->ctx);
}

void
device_forget_upgrade(struct device *device)
{
	device->upgrade_token[0] = '\0';
	device->upgrade_sha256[0] = '\0';
	device->upgrade_from[0] = '\0';
}

void
device_set_address(
    struct device *device, struct in_addr address, const char *interface)
{
	if (!device->has_address || device->address.s_addr != address.s_addr)
		device->prefix = 0;
	device->address = address;
	device->has_address = true;
	text_copy(device->interface, sizeof(device->interface),
	    interface != NULL ? interface : "");
}

void
device_order_image(struct device *device, const char *path)
{
	free(device->order_image);
	device->order_image = path != NULL ? xstrdup(path) : NULL;
}

static const char *const expect_names[DEVICE_EXPECTS] = {
	[DEVICE_EXPECT_TASMOTA] = "tasmota",
	[DEVICE_EXPECT_ESPHOME] = "esphome",
	[DEVICE_EXPECT_ANY] = "any",
	[DEVICE_EXPECT_OTHER] = "other",
};

const char *
device_expect_name(enum device_expect expect)
{
	return expect_names[expect];
}

bool
device_expect_find(const char *name, enum device_expect *out)
{
	for (enum device_expect e = DEVICE_EXPECT_UNSET + 1; e < DEVICE_EXPECTS;
	    e++)
		if (strcmp(name, expect_names[e]) == 0) {
			*out = e;
			return true;
		}
	return false;
}

const struct device_image *
device_shown_image(const struct device *device)
{
	if (device->has_plan &&
	    (device->state == STATE_HELD || device->state == STATE_REFUSED))
		return &device->plan;
	if (device->state == STATE_REFUSED)
		return NULL; /* a refusal for a missing image has none */
	return device->has_image ? &device->image : NULL;
}

bool
device_took_image(const struct device *device)
{
	return state_is_after(device->state) ||
	    (device->state == STATE_FAILED &&
		reason_retry(device->reason) == REASON_AFTER);
}

bool
device_is_awaited(const struct device *device)
{
	enum state next;

	return device->after == NULL &&
	    (device->state == STATE_FLASHED || device->unsure) &&
	    state_next(device->state, STATE_EVENT_BACK, &next);
}

bool
device_has_tried(const struct device *device, const char *sha256)
{
	for (unsigned i = 0; i < device->tried_count; i++)
		if (strcmp(device->tried[i], sha256) == 0)
			return true;
	return false;
}

void
device_forget_tried(struct device *device, const char *sha256)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < device->tried_count; i++)
		if (strcmp(device->tried[i], sha256) != 0)
			memmove(device->tried[kept++], device->tried[i],
			    sizeof(device->tried[i]));
	device->tried_count = kept;
}

void
device_note_tried(struct device *device, const char *sha256)
{
	device_forget_tried(device, sha256);
	if (device->tried_count == DEVICE_MAX_TRIED)
		device->tried_count--;
	memmove(device->tried[1], device->tried[0],
	    device->tried_count * sizeof(device->tried[0]));
	text_copy(device->tried[0], sizeof(device->tried[0]), sha256);
	device->tried_count++;
}

void
device_restore(struct device *device, enum state state, time_t since)
{
	device->state = state;
	device->since = since;
	device->since_s = device->ops->steady_s(device->ctx);
}

time_t
device_since(const struct device *device)
{
	const struct device_ops *ops = device->ops;
	time_t since = ops->wall_clock(device->ctx) -
	    (time_t)(ops->steady_s(device->ctx) - device->since_s);
	time_t apart = since > device->since ? since - device->since
					     : device->since - since;

	return apart > CLOCK_STEP_SEC ? since : device->since;
}

bool
device_post(struct device *device, enum state_event event)
{
	enum state next;

	if (!state_next(device->state, event, &next)) {
		log_debug("state", "device %s: %s means nothing while %s",
		    device->id, state_event_name(event),
		    state_name(device->state));
		return false;
	}
	enter(device, next);
	return true;
}

void
device_blame(struct device *device, enum reason reason, const char *fmt, ...)
{
	va_list ap;

	device->reason = reason;
	va_start(ap, fmt);
	vsnprintf(device->detail, sizeof(device->detail), fmt, ap);
	va_end(ap);
}

void
device_clear_blame(struct device *device)
{
	device->reason = REASON_NONE;
	device->detail[0] = '\0';
}

bool
device_may_cancel(const struct device *device)
{
	enum state next;

	return state_next(device->state, STATE_EVENT_CANCEL, &next);
}

/*
 * Describe what happened before the cancel, for the person who reads about it.
 */
static const char *
describe_before(const struct device *device, char *dst, size_t size)
{
	if (state_is_at_work(device->state))
		snprintf(dst, size, " while %s", state_name(device->state));
	else if (device->state == STATE_HELD && device->hold == HOLD_BACKOFF &&
	    device->reason != REASON_NONE)
		snprintf(dst, size, "; its last attempt failed: %s: %.240s",
		    reason_token(device->reason), device->detail);
	else
		return "";
	return dst;
}

void
device_note_cancel(struct device *device, const char *who)
{
	char before[DEVICE_DETAIL_SIZE - 64];

	text_copy(device->cancelled, sizeof(device->cancelled), who);
	device_blame(device, REASON_CANCELLED, "cancelled by %s%s",
	    device->cancelled, describe_before(device, before, sizeof(before)));
	device->hold = HOLD_CANCELLED;
	device->by_order |= device->ordered;
}

/*
 * Return true if the device now announces something else than before.  If it
 * never announced anything, its info is what it is compared with.
 */
static bool
says_other(const struct device *device, const struct device_said *now)
{
	const struct device_said *last = &device->said;

	if (!last->is_known)
		return (now->type[0] != '\0' &&
			   strcmp(now->type, device->type) != 0) ||
		    (now->firmware[0] != '\0' &&
			strcmp(now->firmware, device->firmware) != 0) ||
		    now->encrypted != device->encrypted ||
		    now->has_switches != device->has_switches ||
		    now->is_old != (device->form == DEVAPI_OLD);
	return strcmp(now->type, last->type) != 0 ||
	    strcmp(now->firmware, last->firmware) != 0 ||
	    now->encrypted != last->encrypted ||
	    now->has_switches != last->has_switches ||
	    now->is_old != last->is_old;
}

static bool
has_restarted(const struct device *device, const struct device_said *now)
{
	return now->has_seq && device->said.has_seq &&
	    now->seq < device->said.seq;
}

/* Begin a new life of the device: only what it announces is known now. */
static void
begin_life(struct device *device)
{
	const struct device_said *said = &device->said;

	log_debug("state", "device %s: what was known of it ends", device->id);
	text_copy(device->type, sizeof(device->type), said->type);
	text_copy(device->firmware, sizeof(device->firmware), said->firmware);
	device->encrypted = said->encrypted;
	device->has_switches = said->has_switches;
	device->is_foreign = device->info_known = device->has_no_info = false;
	device->is_answered = false;
	device->form = said->is_old ? DEVAPI_OLD : DEVAPI_WITH_ID;
	device->rssi = 0;
	device->variant[0] = device->no_info[0] = '\0';
}

void
device_hear(struct device *device, const struct device_said *said)
{
	struct device_said now = *said;
	bool begins;

	now.is_known = true;
	/*
	 * The type belongs to the hardware: an announcement may omit it, but it
	 * cannot change.
	 */
	if (now.type[0] == '\0')
		text_copy(now.type, sizeof(now.type), device->said.type);
	begins = !device->present || has_restarted(device, &now) ||
	    says_other(device, &now);
	device->said = now;
	if (begins && device->is_answered && device->present)
		device->info_known = false; /* the device is asked again */
	else if (begins)
		begin_life(device);
}

void
device_learn(struct device *device, const struct devapi_info *info)
{
	device->info_known = device->has_answered = true;
	device->is_answered = true;
	device->encrypted = device->unsure = device->has_no_info = false;
	device->no_info[0] = device->variant[0] = '\0';
	text_copy(device->firmware, sizeof(device->firmware),
	    devapi_info_firmware(info, device->form));
	device->rssi = info->has_rssi ? info->rssi : 0;
	device->has_switches |= info->has_switches;
	device->is_foreign |= info->is_foreign;
	if (device->type[0] == '\0' && info->is_plug && info->has_unlocked)
		text_copy(device->type, sizeof(device->type), "diy_plug");
}

/*
 * Return true if the device may have firmware 3.0 to 3.2.  If it has announced
 * nothing, its age is not known.
 */
bool
device_may_be_old(const struct device *device)
{
	return device->said.is_old || device->name[0] == '\0';
}

struct devapi_try
device_next_try(
    const struct device *device, enum devapi_call call, enum devapi_form form)
{
	return devapi_next_try(
	    (struct devapi_try){ call, form }, device_may_be_old(device));
}

void
device_learn_encrypted(struct device *device, const char *how)
{
	device->encrypted = true;
	device->info_known = device->has_no_info = false;
	snprintf(device->no_info, sizeof(device->no_info), "%s", how);
}

bool
device_is_approved(
    const struct device *device, const char *policy, const char *sha256)
{
	return strcmp(device->approved, sha256) == 0 &&
	    strcmp(device->approved_policy, policy) == 0;
}

bool
device_is_weak(const struct device *device)
{
	return device->rssi != 0 && device->rssi < WEAK_DBM;
}

const char *
device_subject(const struct device *device, char *dst, size_t size)
{
	char address[INET_ADDRSTRLEN] = "no address";

	if (device->has_address)
		inet_ntop(AF_INET, &device->address, address, sizeof(address));
	snprintf(dst, size, "device %s (%s)", device->id, address);
	return dst;
}
