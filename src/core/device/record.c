/* SPDX-License-Identifier: ISC */
/*
 * Writes what must outlive the daemon about one device as JSON, and reads it
 * back after a restart.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/device/device_json.h"
#include "core/device/record.h"
#include "core/device/record_parts.h"

bool
record_is_needed(const struct device *device)
{
	return device->attempt.has_image || device->attempt.number > 0 ||
	    device->order.approved[0] != '\0' || device->order.is_given ||
	    device->people.cancelled != NULL || device->label != NULL ||
	    device->state == STATE_FAILED;
}

/* Version 0.1.0 refuses a record with a longer name of who has cancelled. */
#define OLD_WHO_SIZE 32

/* Copy a text, or "" for NULL. */
static void
write_text(char *dst, size_t size, const char *text)
{
	text_copy(dst, size, text != NULL ? text : "");
}

/* Return how many seconds ago the attempt began; 0: never. */
static int64_t
age_of_attempt(const struct device_attempt *attempt, int64_t now_s)
{
	int64_t age = attempt->begun != 0 ? now_s - attempt->begun_s : 0;

	return age > 0 ? age : 0;
}

/*
 * Write when the record was written, and how long before that the other moments
 * were.
 */
static void
write_moments(struct record *out, const struct record_clock *clock)
{
	const struct device *device = &out->device;
	int64_t now_s = (int64_t)(clock->now_ms / 1000);
	int64_t since = now_s - device->since_s;

	out->written = (struct written){ .is_known = true,
		.ms = (int64_t)clock->now_ms,
		.wall = (int64_t)clock->wall,
		.since = since > 0 ? since : 0,
		.begun = age_of_attempt(&device->attempt, now_s),
		.run_begun = age_of_attempt(&device->may_run.attempt, now_s) };
	write_text(out->written.boot, sizeof(out->written.boot), clock->boot);
	out->not_before = (int64_t)clock->wall;
	if (device->hold_until_ms > clock->now_ms)
		out->not_before +=
		    (int64_t)((device->hold_until_ms - clock->now_ms) / 1000);
	if (device->download.tries_until_ms > clock->now_ms)
		out->tries_until = (int64_t)clock->wall +
		    (int64_t)((device->download.tries_until_ms + 999 -
				  clock->now_ms) /
			1000);
}

/*
 * Return true if the device is about to be told to download, but was told
 * nothing yet: after a restart, such a job starts anew.
 */
static bool
is_untold(const struct device *device)
{
	return device->state == STATE_OFFERING &&
	    device->download.token[0] == '\0';
}

/* Return the reason by which version 0.1.0 knows it, which refuses others. */
static enum reason
old_reason(enum reason reason)
{
	return reason == REASON_IMAGE_UNREADABLE ||
		reason == REASON_IMAGE_CHANGED
	    ? REASON_IMAGE_MISSING
	    : reason;
}

/*
 * Write an order for one image alone where version 0.1.0 does not see it: that
 * one would flash any image that has come to its place since.
 */
static void
write_only(struct record *out)
{
	struct device_order *order = &out->device.order;

	if (order->sha256[0] == '\0')
		return;
	out->has_only = true;
	out->only_ordered = order->is_given;
	out->only_again = order->again;
	out->only_retry = order->retry;
	order->is_given = order->again = order->retry = false;
}

static void
write_words(struct record *out)
{
	struct device *device = &out->device;

	write_text(out->state, sizeof(out->state),
	    state_name(is_untold(device) ? STATE_CONFIRMING : device->state));
	write_text(out->hold, sizeof(out->hold), hold_name(device->hold));
	write_text(out->reason, sizeof(out->reason),
	    reason_token(old_reason(device->reason)));
	write_text(out->exact_reason, sizeof(out->exact_reason),
	    reason_token(device->reason));
	write_text(out->expect, sizeof(out->expect),
	    device_expect_name(device->awaited.expect));
	write_text(out->run_expect, sizeof(out->run_expect),
	    device_expect_name(device->may_run.expect));
	write_text(out->kept_reason, sizeof(out->kept_reason),
	    reason_token(device->kept.reason));
	if (device->place.has_address)
		inet_ntop(AF_INET, &device->place.address, out->address,
		    sizeof(out->address));
	if (device->download.told_from.s_addr != 0)
		inet_ntop(AF_INET, &device->download.told_from, out->told_from,
		    sizeof(out->told_from));
}

/* Write the texts that the device owns. */
static void
write_people(struct record *out)
{
	const struct device *device = &out->device;
	const struct device_people *people = &device->people;

	write_text(out->label, sizeof(out->label), device->label);
	write_text(out->attempt_by, sizeof(out->attempt_by), people->attempt);
	write_text(out->may_run_by, sizeof(out->may_run_by), people->may_run);
	write_text(
	    out->approved_by, sizeof(out->approved_by), people->approved);
	write_text(out->ordered_by, sizeof(out->ordered_by), people->ordered);
	write_text(
	    out->cancelled_by, sizeof(out->cancelled_by), people->cancelled);
	snprintf(out->cancelled, OLD_WHO_SIZE, "%s",
	    people->cancelled != NULL ? people->cancelled : "");
	write_text(
	    out->order_image, sizeof(out->order_image), device->order.image);
}

json_t *
record_make(const struct device *device, const struct record_clock *clock)
{
	struct record record = { .device = *device,
		.format = RECORD_FORMAT,
		.omits_id = device->facts.form == DEVAPI_WITHOUT_ID,
		.is_old_form = device->facts.form == DEVAPI_OLD,
		.has_told = device->download.token[0] != '\0',
		.has_kept = device->kept.reason != REASON_NONE };
	struct device_tried *tried = &record.device.tried;
	json_t *root = json_object();

	for (unsigned i = tried->count; i < DEVICE_MAX_TRIED; i++)
		tried->sha256[i][0] = '\0';
	record.device.may_run.attempt.has_image &= device->attempt.unsure;
	write_words(&record);
	write_people(&record);
	write_only(&record);
	write_moments(&record, clock);
	record_field_write(record_format_field, &record, root);
	record_field_write(record_fields, &record, root);
	return root;
}

/*
 * Return the state after a restart.  Nothing that was done before the offer
 * lasts.
 */
static enum state
state_after_restart(enum state state)
{
	if (state_is_before_offer(state))
		return STATE_HELD;
	if (state == STATE_FINISHING)
		return STATE_VERIFYING; /* it reads before it sends */
	return state;
}

/*
 * Return how long ago the clock on the wall showed `then`; 0 if one of the two
 * times cannot be right.
 */
static int64_t
wall_age(int64_t then, const struct record_clock *now)
{
	if (then < RECORD_CLOCK_SET || then > now->wall)
		return 0;
	return (int64_t)now->wall - then;
}

/*
 * Return how many seconds ago the record was written, and never more: a device
 * may wait longer than it had to, but not less.  Within one boot the time is
 * known.  Across boots the clock on the wall tells it, unless that clock was
 * not set then or was set back since.  It is at least the time since this boot.
 */
static int64_t
age_of(const struct written *written, const struct record_clock *now)
{
	int64_t now_ms = (int64_t)now->now_ms, age;

	if (written->boot[0] != '\0' && strcmp(written->boot, now->boot) == 0 &&
	    written->ms <= now_ms)
		return (now_ms - written->ms) / 1000;
	age = wall_age(written->wall, now);
	if (written->boot[0] == '\0' || now->boot[0] == '\0')
		return age;
	return age > now_ms / 1000 ? age : now_ms / 1000;
}

/* Return true if this machine was restarted after the record was written. */
static bool
is_from_other_boot(
    const struct written *written, const struct record_clock *now)
{
	return written->boot[0] != '\0' && now->boot[0] != '\0' &&
	    strcmp(written->boot, now->boot) != 0;
}

/*
 * Return the monotonic time of a moment that the record has by the clock on the
 * wall; 0: it is past.  A clock that was set back must not hold the device for
 * years, so there is a longest wait, in seconds.
 */
static uint64_t
read_wait(int64_t until, int64_t longest, const struct written *written,
    int64_t age, const struct record_clock *now)
{
	int64_t wait = written->is_known ? until - written->wall - age
					 : until - (int64_t)now->wall;

	wait = wait > longest ? longest : wait;
	return wait > 0 ? now->now_ms + (uint64_t)wait * 1000 : 0;
}

static void
read_moments(struct record *record, const struct record_clock *now)
{
	struct device *device = &record->device;
	const struct written *written = &record->written;
	int64_t now_s = (int64_t)(now->now_ms / 1000);
	int64_t age = written->is_known ? age_of(written, now) : 0;

	if (written->is_known) {
		device->since_s = now_s - age - written->since;
		device->attempt.begun_s = now_s - age - written->begun;
	} else {
		device->since_s = now_s - wall_age(device->since, now);
		device->attempt.begun_s =
		    now_s - wall_age(device->attempt.begun, now);
	}
	device->may_run.attempt.begun_s = now_s - age - written->run_begun;
	device->hold_until_ms =
	    read_wait(record->not_before, MAX_RECORD_WAIT, written, age, now);
	device->download.tries_until_ms =
	    read_wait(record->tries_until, MAX_RECORD_TRIES, written, age, now);
	device->download.is_from_other_boot = is_from_other_boot(written, now);
}

static bool
read_expect(const char *name, enum device_expect *out, struct error *err)
{
	*out = DEVICE_EXPECT_UNSET;
	return name[0] == '\0' || device_expect_find(name, out) ||
	    error_set(err, EINVAL, "expect is unknown");
}

/*
 * Read the reason.  One that came after version 0.1.0 has an earlier one beside
 * it, which counts where the exact one is from a version after this.
 */
static enum reason
read_reason(const struct record *record)
{
	enum reason first = reason_find(record->reason);
	enum reason exact = reason_find(record->exact_reason);

	return first != REASON_NONE && exact != REASON_NONE ? exact : first;
}

/* Read the names of a state, a hold and the like. */
static bool
read_words(struct record *record, struct error *err)
{
	struct device *device = &record->device;
	enum state state;

	device->hold = hold_find(record->hold);
	device->reason = read_reason(record);
	if (!state_find(record->state, &state) ||
	    (record->hold[0] != '\0' && device->hold == HOLD_NONE) ||
	    (record->reason[0] != '\0' && device->reason == REASON_NONE))
		return error_set(
		    err, EINVAL, "state, hold or reason is unknown");
	if (!read_expect(record->expect, &device->awaited.expect, err) ||
	    !read_expect(record->run_expect, &device->may_run.expect, err))
		return false;
	device->kept.reason = reason_find(record->kept_reason);
	if (record->has_kept && device->kept.reason == REASON_NONE)
		return error_set(err, EINVAL, "kept has an unknown reason");
	if (state_is_before_offer(state) && device->attempt.number > 0)
		device->attempt.number--; /* nothing lasts of that attempt */
	device_restore(device, state_after_restart(state), device->since);
	return true;
}

static bool
read_addresses(struct record *record, struct error *err)
{
	struct device_place *place = &record->device.place;
	struct in_addr *from = &record->device.download.told_from;

	place->has_address = record->address[0] != '\0';
	if (place->has_address &&
	    inet_pton(AF_INET, record->address, &place->address) != 1)
		return error_set(err, EINVAL, "address is no IPv4 address");
	from->s_addr = 0;
	if (record->told_from[0] != '\0' &&
	    inet_pton(AF_INET, record->told_from, from) != 1)
		return error_set(err, EINVAL, "told: from is no address");
	return true;
}

static bool
check_image(const char *key, const struct device_attempt *attempt,
    uint64_t bytes, struct error *err)
{
	if (attempt->has_image && !text_is_hex(attempt->image.sha256, 64))
		return error_set(err, EINVAL, "%s: sha256 is no SHA-256", key);
	return bytes <= attempt->image.size ||
	    error_set(
		err, EINVAL, "%s: more bytes than it has are downloaded", key);
}

/* Check the images that the device had. */
static bool
read_images(struct device *device, struct error *err)
{
	struct device_tried *tried = &device->tried;

	if (!check_image(
		"image", &device->attempt, device->download.bytes, err) ||
	    !check_image("may_run", &device->may_run.attempt,
		device->may_run.bytes, err))
		return false;
	tried->count = 0;
	while (tried->count < DEVICE_MAX_TRIED &&
	    tried->sha256[tried->count][0] != '\0') {
		const char *sha256 = tried->sha256[tried->count];

		if (!text_is_hex(sha256, 64) ||
		    device_has_tried(device, sha256))
			return error_set(err, EINVAL, "tried is damaged");
		tried->count++;
	}
	return true;
}

/* Read an order for one image alone. */
static void
read_only(const struct record *record, struct device_order *order)
{
	order->is_given |= record->only_ordered;
	order->again |= record->only_again;
	order->retry |= record->only_retry;
}

/* Check what people can set: a label, names, the image of an order. */
static bool
check_people(const struct record *record, struct error *err)
{
	const struct device_order *order = &record->device.order;
	const char *const people[] = { record->ordered_by, record->approved_by,
		record->cancelled_by, record->cancelled, record->attempt_by,
		record->may_run_by };

	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		if (!label_check_who(people[i], err))
			return false;
	if (order->sha256[0] != '\0' && !text_is_hex(order->sha256, 64))
		return error_set(err, EINVAL, "order_sha256 is no SHA-256");
	return record->label[0] == '\0' || label_check(record->label, err);
}

/* Set the texts that the device owns. */
static void
read_people(const struct record *record, struct device *device)
{
	struct device_people *people = &device->people;

	xreplace(&device->label, record->label);
	xreplace(&people->attempt, record->attempt_by);
	xreplace(&people->may_run, record->may_run_by);
	xreplace(&people->approved, record->approved_by);
	xreplace(&people->ordered, record->ordered_by);
	xreplace(&people->cancelled, record->cancelled_by);
	device_order_image(device, record->order_image);
}

static bool
read_fields(const json_t *root, struct record *record, const char *id,
    struct error *err)
{
	if (!record_field_read(record_format_field, record, root, err))
		return false;
	if (record->format != RECORD_FORMAT)
		return error_set(err, ENOTSUP, "it has format %d, not %d",
		    (int)record->format, RECORD_FORMAT);
	if (!record_field_read(record_fields, record, root, err))
		return false;
	if (strcmp(record->device.id, id) != 0)
		return error_set(
		    err, EINVAL, "it is the record of %s", record->device.id);
	if (record->cancelled_by[0] == '\0' || record->cancelled[0] == '\0')
		text_copy(record->cancelled_by, sizeof(record->cancelled_by),
		    record->cancelled); /* an earlier version wrote it */
	read_only(record, &record->device.order);
	return check_people(record, err);
}

/*
 * Change a record of an earlier version, which called it a failure when a
 * person had cancelled.
 */
static void
renew_cancelled(struct record *record)
{
	struct device *device = &record->device;

	if ((device->reason != REASON_CANCELLED &&
		device->hold != HOLD_CANCELLED) ||
	    (device->state != STATE_FAILED && device->state != STATE_HELD) ||
	    record->cancelled_by[0] != '\0' || device->order.retry ||
	    device->order.is_given)
		return; /* or a person has let it go since */
	device_forget_tried(device, device->attempt.image.sha256);
	text_copy(
	    record->cancelled_by, sizeof(record->cancelled_by), "a person");
	device->hold = HOLD_CANCELLED;
	device_restore(device, STATE_HELD, device->since);
}

bool
record_apply(const json_t *root, struct device *device,
    const struct record_clock *now, struct error *err)
{
	struct record record = { .device = *device };
	struct device *read = &record.device;

	if (!json_is_object(root))
		return error_set(err, EINVAL, "it is not a JSON object");
	if (!read_fields(root, &record, device->id, err) ||
	    !read_words(&record, err) || !read_addresses(&record, err) ||
	    !read_images(read, err))
		return false;
	if (state_is_under_way(read->state) &&
	    (!read->attempt.has_image || read->download.token[0] == '\0' ||
		!read->place.has_address))
		return error_set(err, EINVAL,
		    "it is %s, but what it was told is missing",
		    state_name(read->state));
	read->facts.form = record.is_old_form ? DEVAPI_OLD
	    : record.omits_id		      ? DEVAPI_WITHOUT_ID
					      : DEVAPI_WITH_ID;
	read->said.is_old = record.is_old_form;
	renew_cancelled(&record);
	read_moments(&record, now);
	*device = *read;
	read_people(&record, device);
	if (device->attempt.unsure && !device->may_run.attempt.has_image)
		device_note_unsure(device); /* an earlier version wrote it */
	return true;
}
