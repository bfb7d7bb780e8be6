/* SPDX-License-Identifier: ISC */
/*
 * Keeps what is known of one device, and changes its state with everything that
 * such a change brings along.
 */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <limits.h>
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
	device->place.port = DEVICE_PORT;
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
	free(device->label);
	free(device->order.image);
	device_people_fini(&device->people);
	free(device);
}

void
device_drop_order(struct device *device)
{
	device->order.is_given = device->order.again = false;
	device->order.sha256[0] = '\0';
	xreplace(&device->people.ordered, NULL);
	device_order_image(device, NULL);
}

/* Drop what a person has ordered: it is done, or has come to nothing. */
static void
end_orders(struct device *device)
{
	device->order.retry = false;
	device_drop_order(device);
}

const char *
device_ordered_by(const struct device *device)
{
	return device->people.ordered != NULL ? device->people.ordered
					      : device->people.approved;
}

/* Return the attempt whose image the device may run. */
static const struct device_attempt *
last_told(const struct device *device)
{
	return device->attempt.unsure ? &device->may_run.attempt
				      : &device->attempt;
}

/* Note how long the attempt lasted: the next devices will take as long. */
static void
note_took(struct device *device)
{
	int64_t took_s = device->since_s - device->attempt.begun_s;

	if (device->attempt.begun != 0 && took_s > 0 && took_s < UINT_MAX)
		device->attempt.took_s = (unsigned)took_s;
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
		xreplace(&device->people.cancelled, NULL);
	if (next == STATE_OFFERING) {
		device->order.retry = false; /* that was the attempt */
		device->attempt.called_off = 0;
	}
	if (state_is_ended(next)) {
		end_orders(device); /* before the state is recorded */
		device->hold_until_ms = 0;
		device->attempt.damaged &= next == STATE_FAILED;
		device->attempt.no_verdict &= next == STATE_FLASHED;
		if (last_told(device)->has_image)
			device_note_tried(
			    device, last_told(device)->image.sha256);
	}
	/* A later retry has to look at the image files anew. */
	if (next == STATE_VERIFIED || next == STATE_FAILED) {
		device->upgrade.next[0] = '\0';
		device->upgrade.next_minimal[0] = '\0';
	}
	device->since = device->ops->wall_clock(device->ctx);
	device->since_s = device->ops->steady_s(device->ctx);
	device->unwatched_s = 0;
	if (next == STATE_PROBING)
		device->attempt.took_s = 0;
	if (old == STATE_REBOOTING && state_is_after(next))
		note_took(device);
	device->ops->changed(device, old, device->ctx);
}

void
device_forget_upgrade(struct device *device)
{
	device->upgrade.token[0] = '\0';
	device->upgrade.sha256[0] = '\0';
	device->upgrade.from[0] = '\0';
}

void
device_set_address(
    struct device *device, struct in_addr address, const char *interface)
{
	if (!device->place.has_address ||
	    device->place.address.s_addr != address.s_addr)
		device->place.prefix = 0;
	device->place.address = address;
	device->place.has_address = true;
	text_copy(device->place.interface, sizeof(device->place.interface),
	    interface != NULL ? interface : "");
}

void
device_order_image(struct device *device, const char *path)
{
	xreplace(&device->order.image, path);
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
	return device->attempt.has_image ? &device->attempt.image : NULL;
}

bool
device_took_image(const struct device *device)
{
	return state_is_after(device->state) ||
	    (device->state == STATE_FAILED &&
		reason_retry(device->reason) == REASON_AFTER);
}

bool
device_has_left(const struct device *device)
{
	return device->state == STATE_FLASHED ||
	    (device->state == STATE_FAILED &&
		device->reason == REASON_NOT_SEEN_AGAIN);
}

bool
device_is_awaited(const struct device *device)
{
	enum state next;

	return device->after == NULL &&
	    (device->state == STATE_FLASHED || device->attempt.unsure) &&
	    state_next(device->state, STATE_EVENT_BACK, &next);
}

uint64_t
device_waits_until(const struct device *device)
{
	return device->hold_until_ms > device->download.tries_until_ms
	    ? device->hold_until_ms
	    : device->download.tries_until_ms;
}

void
device_uncount(struct device *device)
{
	if (device->attempt.number > 0) /* a record may say anything */
		device->attempt.number--;
	device->attempt.is_uncounted = true;
}

void
device_note_unsure(struct device *device)
{
	struct device_may_run *may_run = &device->may_run;

	device->attempt.unsure = true;
	*may_run = (struct device_may_run){ .attempt = device->attempt,
		.bytes = device->download.bytes,
		.must_return = device->awaited.must_return,
		.must_finish = device->awaited.must_finish,
		.expect = device->awaited.expect };
	text_copy(may_run->policy, sizeof(may_run->policy), device->policy);
	xreplace(&device->people.may_run, device->people.attempt);
}

void
device_end_unsure(struct device *device)
{
	const struct device_may_run *may_run = &device->may_run;

	if (!device->attempt.unsure)
		return;
	device->attempt = may_run->attempt;
	device->attempt.unsure = device->attempt.damaged = false;
	xreplace(&device->people.attempt, device->people.may_run);
	text_copy(device->policy, sizeof(device->policy), may_run->policy);
	device->download.bytes = may_run->bytes;
	device->awaited.must_return = may_run->must_return;
	device->awaited.must_finish = may_run->must_finish;
	device->awaited.expect = may_run->expect;
	device->kept = (struct device_kept){ .attempt = 0 };
}

bool
device_has_tried(const struct device *device, const char *sha256)
{
	for (unsigned i = 0; i < device->tried.count; i++)
		if (strcmp(device->tried.sha256[i], sha256) == 0)
			return true;
	return false;
}

void
device_forget_tried(struct device *device, const char *sha256)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < device->tried.count; i++)
		if (strcmp(device->tried.sha256[i], sha256) != 0)
			memmove(device->tried.sha256[kept++],
			    device->tried.sha256[i],
			    sizeof(device->tried.sha256[i]));
	device->tried.count = kept;
}

void
device_note_tried(struct device *device, const char *sha256)
{
	device_forget_tried(device, sha256);
	if (device->tried.count == DEVICE_MAX_TRIED)
		device->tried.count--;
	memmove(device->tried.sha256[1], device->tried.sha256[0],
	    device->tried.count * sizeof(device->tried.sha256[0]));
	text_copy(
	    device->tried.sha256[0], sizeof(device->tried.sha256[0]), sha256);
	device->tried.count++;
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

	xreplace(&device->people.cancelled, who);
	device_blame(device, REASON_CANCELLED, "cancelled by %s%s", who,
	    describe_before(device, before, sizeof(before)));
	device->hold = HOLD_CANCELLED;
	device->attempt.by_order |= device->order.is_given;
}

bool
device_is_approved(
    const struct device *device, const char *policy, const char *sha256)
{
	return strcmp(device->order.approved, sha256) == 0 &&
	    strcmp(device->order.approved_policy, policy) == 0;
}

bool
device_is_weak(const struct device *device)
{
	return device->facts.rssi != 0 && device->facts.rssi < WEAK_DBM;
}

const char *
device_subject(const struct device *device, char *dst, size_t size)
{
	char address[INET_ADDRSTRLEN] = "no address";

	if (device->place.has_address)
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));
	snprintf(dst, size, "device %s (%s%s%s)", device->id,
	    device->label != NULL ? device->label : "",
	    device->label != NULL ? ", " : "", address);
	return dst;
}

/* Return how many bytes of the text are whole characters within the limit. */
static size_t
cut_at(const char *text, size_t limit)
{
	size_t len = strlen(text);

	for (len = len < limit ? len : limit;
	    (text[len] & 0xc0) == 0x80 && len > 0;)
		len--;
	return len;
}

const char *
device_title(const struct device *device, char dst[DEVICE_TITLE_SIZE])
{
	size_t room = DEVICE_TITLE_SIZE - DEVICE_ID_SIZE - sizeof("... ()");
	size_t len = device->label != NULL ? cut_at(device->label, room) : 0;

	if (len == 0)
		snprintf(dst, DEVICE_TITLE_SIZE, "%s", device->id);
	else
		snprintf(dst, DEVICE_TITLE_SIZE, "%.*s%s (%s)", (int)len,
		    device->label, device->label[len] != '\0' ? "..." : "",
		    device->id);
	return dst;
}
