/* SPDX-License-Identifier: ISC */
/*
 * Writes what must outlive the daemon about one device as JSON, and reads it
 * back after a restart.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/device/device_json.h"
#include "core/device/record.h"

#define MAX_RECORD_ATTEMPTS 1000
#define MAX_RECORD_PATH	    1025 /* what the control socket takes */
#define MAX_RECORD_TIME	    INT64_C(253402300799) /* the end of 9999 */
#define MAX_RECORD_MS	    (MAX_RECORD_TIME * 1000)
#define MAX_RECORD_WAIT	    4500 /* s: the longest delay between attempts */

bool
record_is_under_way(const struct device *device)
{
	return device->state == STATE_OFFERING ||
	    device->state == STATE_DOWNLOADING ||
	    device->state == STATE_REBOOTING;
}

bool
record_is_needed(const struct device *device)
{
	return device->has_image || device->attempt > 0 ||
	    device->approved[0] != '\0' || device->ordered ||
	    device->cancelled[0] != '\0' || device->state == STATE_FAILED;
}

/* ---- writing ----------------------------------------------------------- */

static json_t *
told_json(const struct device *device)
{
	char from[INET_ADDRSTRLEN] = "";

	if (device->token[0] == '\0')
		return json_null();
	if (device->told_from.s_addr != 0)
		inet_ntop(AF_INET, &device->told_from, from, sizeof(from));
	return json_pack("{s:s, s:I, s:I, s:b, s:b, s:o}", "token",
	    device->token, "at", (json_int_t)device->told_at, "bytes",
	    (json_int_t)device->bytes, "whole", (int)device->whole,
	    "verdict_ok", (int)device->verdict_ok, "from",
	    device_json_text(from));
}

static json_t *
tried_json(const struct device *device)
{
	json_t *tried = json_array();

	for (unsigned i = 0; i < device->tried_count; i++)
		json_array_append_new(tried, json_string(device->tried[i]));
	return tried;
}

static json_t *
kept_json(const struct device_kept *kept)
{
	if (kept->reason == REASON_NONE)
		return json_null();
	return json_pack("{s:s, s:i, s:I, s:o}", "reason",
	    reason_token(kept->reason), "attempt", (int)kept->attempt, "bytes",
	    (json_int_t)kept->bytes, "detail",
	    device_json_string(kept->detail));
}

/*
 * Write when the record was written, and how long before that the other moments
 * were.
 */
static json_t *
clock_json(const struct device *device, const struct record_clock *clock)
{
	int64_t now_s = (int64_t)(clock->now_ms / 1000);
	int64_t since = now_s - device->since_s,
		begun = now_s - device->begun_s;

	if (device->begun == 0)
		begun = 0;
	return json_pack("{s:s, s:I, s:I, s:I, s:I}", "boot", clock->boot, "ms",
	    (json_int_t)clock->now_ms, "wall", (json_int_t)clock->wall, "since",
	    (json_int_t)(since > 0 ? since : 0), "begun",
	    (json_int_t)(begun > 0 ? begun : 0));
}

json_t *
record_make(const struct device *device, const struct record_clock *clock)
{
	uint64_t wait_ms = device->hold_until_ms > clock->now_ms
	    ? device->hold_until_ms - clock->now_ms
	    : 0;

	return json_pack(
	    "{s:i, s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:b, s:b, s:s,"
	    " s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:i, s:i, s:o,"
	    " s:b, s:b, s:o, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b,"
	    " s:o, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o,"
	    " s:b, s:b}",
	    "format", RECORD_FORMAT, "id", device->id, "name",
	    device_json_text(device->name), "address",
	    device_json_address(device), "port", (int)device->port, "mac",
	    device_json_text(device->mac), "type",
	    device_json_text(device->type), "firmware",
	    device_json_text(device->firmware), "variant",
	    device_json_text(device->variant), "omit_id",
	    (int)(device->form == DEVAPI_WITHOUT_ID), "old_form",
	    (int)(device->form == DEVAPI_OLD), "state",
	    state_name(device->state), "since", (json_int_t)device->since,
	    "hold", device_json_text(hold_name(device->hold)), "reason",
	    device_json_text(reason_token(device->reason)), "detail",
	    device_json_string(device->detail), "policy",
	    device_json_string(device->policy), "image",
	    device_json_image(device->has_image ? &device->image : NULL),
	    "not_before",
	    (json_int_t)clock->wall + (json_int_t)(wait_ms / 1000), "attempt",
	    (int)device->attempt, "attempts", (int)device->attempts, "tried",
	    tried_json(device), "damaged", (int)device->damaged, "no_verdict",
	    (int)device->no_verdict, "told", told_json(device), "begun",
	    (json_int_t)device->begun, "must_return", (int)device->must_return,
	    "upgrade_token", device_json_text(device->upgrade_token),
	    "upgrade_sha256", device_json_text(device->upgrade_sha256),
	    "upgrade_from", device_json_text(device->upgrade_from),
	    "upgraded_to", device_json_text(device->upgraded_to), "approved",
	    device_json_text(device->approved), "ordered", (int)device->ordered,
	    "by_order", (int)device->by_order, "again", (int)device->again,
	    "order_image", device_json_text(device->order_image), "retry",
	    (int)device->retry, "unsure", (int)device->unsure, "must_finish",
	    (int)device->must_finish, "cancelled",
	    device_json_text(device->cancelled), "expect",
	    device_json_text(device_expect_name(device->expect)), "clock",
	    clock_json(device, clock), "kept", kept_json(&device->kept),
	    "prefix", (int)device->prefix, "approved_policy",
	    device_json_text(device->approved_policy), "next_upgrade",
	    device_json_text(device->next_upgrade), "next_minimal",
	    device_json_text(device->next_minimal), "vouched",
	    (int)device->is_vouched, "excused", (int)device->is_excused);
}

/* ---- reading ----------------------------------------------------------- */

/*
 * Keys that the first records of this format did not have.  A missing key means
 * that an earlier version wrote the record, and counts as null, false or 0.
 * Only "vouched" counts as true, so that an earlier failure still stops its
 * policy.  A key that could mean anything else needs another RECORD_FORMAT.
 */
static const char *const later_keys[] = { "variant", "must_return",
	"upgrade_token", "upgrade_sha256", "upgrade_from", "upgraded_to",
	"by_order", "tried", "damaged", "no_verdict", "retry", "unsure",
	"must_finish", "cancelled", "clock", "old_form", "expect", "kept",
	"prefix", "approved_policy", "next_upgrade", "next_minimal", "vouched",
	"from", "excused" };

static bool
is_from_before(const json_t *value, const char *key)
{
	for (size_t i = 0; i < sizeof(later_keys) / sizeof(later_keys[0]); i++)
		if (value == NULL && strcmp(later_keys[i], key) == 0)
			return true;
	return false;
}

/* Read a string that must fit; null becomes "". */
static bool
take_string(const json_t *root, const char *key, char *dst, size_t size,
    struct error *err)
{
	const json_t *value = json_object_get(root, key);

	dst[0] = '\0';
	if (json_is_null(value) || is_from_before(value, key))
		return true;
	if (!json_is_string(value) ||
	    json_string_length(value) != strlen(json_string_value(value)) ||
	    !text_copy(dst, size, json_string_value(value)))
		return error_set(
		    err, EINVAL, "%s is not as it was written", key);
	return true;
}

static bool
take_number(const json_t *root, const char *key, json_int_t max,
    json_int_t *out, struct error *err)
{
	const json_t *value = json_object_get(root, key);

	*out = json_integer_value(value);
	if (!json_is_integer(value) || *out < 0 || *out > max)
		return error_set(
		    err, EINVAL, "%s is not as it was written", key);
	return true;
}

static bool
take_bool(const json_t *root, const char *key, bool *out, struct error *err)
{
	const json_t *value = json_object_get(root, key);

	if (!json_is_boolean(value) && !is_from_before(value, key))
		return error_set(
		    err, EINVAL, "%s is not as it was written", key);
	*out = json_is_true(value);
	return true;
}

static bool
take_address(const json_t *root, struct device *out, struct error *err)
{
	const json_t *bits = json_object_get(root, "prefix");
	json_int_t prefix = 0;
	char text[INET_ADDRSTRLEN];

	if (!take_string(root, "address", text, sizeof(text), err) ||
	    (!is_from_before(bits, "prefix") &&
		!take_number(root, "prefix", 31, &prefix, err)))
		return false;
	out->prefix = (uint8_t)prefix;
	out->has_address = text[0] != '\0';
	if (out->has_address && inet_pton(AF_INET, text, &out->address) != 1)
		return error_set(err, EINVAL, "address is none");
	return true;
}

static bool
take_image(const json_t *root, struct device *out, struct error *err)
{
	const json_t *image = json_object_get(root, "image");
	json_int_t size;

	out->has_image = json_is_object(image);
	out->image.size = 0;
	if (json_is_null(image))
		return true;
	if (!out->has_image)
		return error_set(err, EINVAL, "image is not an object");
	if (!take_string(
		image, "name", out->image.name, sizeof(out->image.name), err) ||
	    !take_string(image, "sha256", out->image.sha256,
		sizeof(out->image.sha256), err) ||
	    !take_string(
		image, "kind", out->image.kind, sizeof(out->image.kind), err) ||
	    !take_number(image, "size", UINT32_MAX, &size, err))
		return error_prefix(err, "image");
	if (!text_is_hex(out->image.sha256, 64))
		return error_set(err, EINVAL, "image: sha256 is none");
	out->image.size = (uint64_t)size;
	return true;
}

static bool
take_tried(const json_t *root, struct device *out, struct error *err)
{
	const json_t *tried = json_object_get(root, "tried"), *one;
	size_t i;

	out->tried_count = 0;
	if (is_from_before(tried, "tried"))
		return true;
	if (!json_is_array(tried) || json_array_size(tried) > DEVICE_MAX_TRIED)
		return error_set(err, EINVAL, "tried is not as it was written");
	json_array_foreach (tried, i, one) {
		const char *sha256 = json_string_value(one);

		if (sha256 == NULL || !text_is_hex(sha256, 64) ||
		    device_has_tried(out, sha256))
			return error_set(
			    err, EINVAL, "tried is not as it was written");
		text_copy(out->tried[out->tried_count++], sizeof(out->tried[0]),
		    sha256);
	}
	return true;
}

/* Read this machine's address in the URL that the device was told. */
static bool
take_told_from(const json_t *told, struct device *out, struct error *err)
{
	char text[INET_ADDRSTRLEN];

	if (!take_string(told, "from", text, sizeof(text), err))
		return false;
	if (text[0] != '\0' && inet_pton(AF_INET, text, &out->told_from) != 1)
		return error_set(err, EINVAL, "from is no address");
	return true;
}

static bool
take_told(const json_t *root, struct device *out, struct error *err)
{
	const json_t *told = json_object_get(root, "told");
	json_int_t at, bytes;

	out->token[0] = '\0';
	out->told_at = 0;
	out->told_from.s_addr = 0;
	out->bytes = 0;
	out->whole = out->verdict_ok = false;
	if (json_is_null(told))
		return true;
	if (!json_is_object(told) ||
	    !take_string(told, "token", out->token, sizeof(out->token), err) ||
	    !take_number(told, "at", MAX_RECORD_TIME, &at, err) ||
	    !take_number(
		told, "bytes", (json_int_t)out->image.size, &bytes, err) ||
	    !take_bool(told, "whole", &out->whole, err) ||
	    !take_bool(told, "verdict_ok", &out->verdict_ok, err) ||
	    !take_told_from(told, out, err))
		return error_set(err, EINVAL, "told is not as it was written");
	out->told_at = (time_t)at;
	out->bytes = (uint64_t)bytes;
	return true;
}

static bool
take_kept(const json_t *root, struct device_kept *out, struct error *err)
{
	const json_t *kept = json_object_get(root, "kept");
	json_int_t attempt, bytes;
	char reason[32];

	*out = (struct device_kept){ .attempt = 0 };
	if (json_is_null(kept) || is_from_before(kept, "kept"))
		return true;
	if (!json_is_object(kept) ||
	    !take_string(kept, "reason", reason, sizeof(reason), err) ||
	    !take_string(
		kept, "detail", out->detail, sizeof(out->detail), err) ||
	    !take_number(kept, "attempt", MAX_RECORD_ATTEMPTS, &attempt, err) ||
	    !take_number(kept, "bytes", UINT32_MAX, &bytes, err))
		return error_set(err, EINVAL, "kept is not as it was written");
	out->reason = reason_find(reason);
	if (out->reason == REASON_NONE)
		return error_set(err, EINVAL, "kept has no reason that exists");
	out->attempt = (unsigned)attempt;
	out->bytes = (uint64_t)bytes;
	return true;
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

/* What a record says about the moment at which it was written. */
struct written {
	bool is_known; /* false: an earlier version wrote it */
	json_int_t ms, wall, since, begun;
	char boot[40];
};

static bool
take_written(const json_t *root, struct written *out, struct error *err)
{
	const json_t *clock = json_object_get(root, "clock");

	*out = (struct written){ .is_known = clock != NULL };
	if (is_from_before(clock, "clock"))
		return true;
	if (!json_is_object(clock) ||
	    !take_string(clock, "boot", out->boot, sizeof(out->boot), err) ||
	    !take_number(clock, "ms", MAX_RECORD_MS, &out->ms, err) ||
	    !take_number(clock, "wall", MAX_RECORD_TIME, &out->wall, err) ||
	    !take_number(clock, "since", MAX_RECORD_TIME, &out->since, err) ||
	    !take_number(clock, "begun", MAX_RECORD_TIME, &out->begun, err))
		return error_set(err, EINVAL, "clock is not as it was written");
	return true;
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

static void
apply_moments(struct device *device, const struct written *written,
    json_int_t not_before, const struct record_clock *now)
{
	int64_t now_s = (int64_t)(now->now_ms / 1000);
	int64_t age = written->is_known ? age_of(written, now) : 0;
	int64_t wait = written->is_known ? not_before - written->wall - age
					 : not_before - (int64_t)now->wall;

	if (written->is_known) {
		device->since_s = now_s - age - written->since;
		device->begun_s = now_s - age - written->begun;
	} else {
		device->since_s = now_s - wall_age(device->since, now);
		device->begun_s = now_s - wall_age(device->begun, now);
	}
	/* A clock that was set back must not hold the device for years. */
	wait = wait > MAX_RECORD_WAIT ? MAX_RECORD_WAIT : wait;
	device->hold_until_ms =
	    wait > 0 ? now->now_ms + (uint64_t)wait * 1000 : 0;
}

static bool
take_state(const json_t *root, struct device *out, json_int_t *not_before,
    struct error *err)
{
	char state_text[16], hold[16], reason[32];
	json_int_t since;
	enum state state;

	if (!take_string(root, "state", state_text, sizeof(state_text), err) ||
	    !take_string(root, "hold", hold, sizeof(hold), err) ||
	    !take_string(root, "reason", reason, sizeof(reason), err) ||
	    !take_string(
		root, "detail", out->detail, sizeof(out->detail), err) ||
	    !take_number(root, "since", MAX_RECORD_TIME, &since, err) ||
	    !take_number(root, "not_before", MAX_RECORD_TIME, not_before, err))
		return false;
	out->hold = hold_find(hold);
	out->reason = reason_find(reason);
	if (!state_find(state_text, &state) ||
	    (hold[0] != '\0' && out->hold == HOLD_NONE) ||
	    (reason[0] != '\0' && out->reason == REASON_NONE))
		return error_set(
		    err, EINVAL, "state, hold or reason is none that exists");
	device_restore(out, state_after_restart(state), (time_t)since);
	return true;
}

static bool
take_identity(const json_t *root, struct device *out, struct error *err)
{
	char id[DEVICE_ID_SIZE];
	json_int_t port, format;
	bool omits = false, is_old = false;

	if (!take_number(root, "format", 1000, &format, err))
		return false;
	if (format != RECORD_FORMAT)
		return error_set(err, ENOTSUP, "it has format %d, not %d",
		    (int)format, RECORD_FORMAT);
	if (!take_string(root, "id", id, sizeof(id), err))
		return false;
	if (strcmp(id, out->id) != 0)
		return error_set(err, EINVAL, "it is the record of %s", id);
	if (!take_string(root, "name", out->name, sizeof(out->name), err) ||
	    !take_string(root, "mac", out->mac, sizeof(out->mac), err) ||
	    !take_string(root, "type", out->type, sizeof(out->type), err) ||
	    !take_string(
		root, "firmware", out->firmware, sizeof(out->firmware), err) ||
	    !take_string(
		root, "variant", out->variant, sizeof(out->variant), err) ||
	    !take_address(root, out, err) ||
	    !take_number(root, "port", UINT16_MAX, &port, err) ||
	    !take_bool(root, "omit_id", &omits, err) ||
	    !take_bool(root, "old_form", &is_old, err))
		return false;
	out->form = is_old ? DEVAPI_OLD
	    : omits	   ? DEVAPI_WITHOUT_ID
			   : DEVAPI_WITH_ID;
	out->said.is_old = is_old;
	out->port = (uint16_t)port;
	return true;
}

/* Read what is to follow the flash. */
static bool
take_outlook(const json_t *root, struct device *out, struct error *err)
{
	char expect[16];

	if (!take_bool(root, "must_return", &out->must_return, err) ||
	    !take_bool(root, "must_finish", &out->must_finish, err) ||
	    !take_string(root, "expect", expect, sizeof(expect), err) ||
	    !take_string(root, "upgrade_token", out->upgrade_token,
		sizeof(out->upgrade_token), err) ||
	    !take_string(root, "upgrade_sha256", out->upgrade_sha256,
		sizeof(out->upgrade_sha256), err) ||
	    !take_string(root, "upgrade_from", out->upgrade_from,
		sizeof(out->upgrade_from), err) ||
	    !take_string(root, "upgraded_to", out->upgraded_to,
		sizeof(out->upgraded_to), err) ||
	    !take_string(root, "next_upgrade", out->next_upgrade,
		sizeof(out->next_upgrade), err) ||
	    !take_string(root, "next_minimal", out->next_minimal,
		sizeof(out->next_minimal), err))
		return false;
	out->expect = DEVICE_EXPECT_UNSET;
	if (expect[0] != '\0' && !device_expect_find(expect, &out->expect))
		return error_set(err, EINVAL, "expect is none that exists");
	return true;
}

static bool
take_orders(const json_t *root, struct device *out, struct error *err)
{
	char path[MAX_RECORD_PATH];
	json_int_t attempt, attempts, begun;

	if (!take_string(
		root, "policy", out->policy, sizeof(out->policy), err) ||
	    !take_number(root, "attempt", MAX_RECORD_ATTEMPTS, &attempt, err) ||
	    !take_number(
		root, "attempts", MAX_RECORD_ATTEMPTS, &attempts, err) ||
	    !take_number(root, "begun", MAX_RECORD_TIME, &begun, err) ||
	    !take_string(
		root, "approved", out->approved, sizeof(out->approved), err) ||
	    !take_string(root, "approved_policy", out->approved_policy,
		sizeof(out->approved_policy), err) ||
	    !take_bool(root, "ordered", &out->ordered, err) ||
	    !take_bool(root, "by_order", &out->by_order, err) ||
	    !take_bool(root, "vouched", &out->is_vouched, err) ||
	    !take_bool(root, "excused", &out->is_excused, err) ||
	    !take_bool(root, "damaged", &out->damaged, err) ||
	    !take_bool(root, "no_verdict", &out->no_verdict, err) ||
	    !take_bool(root, "unsure", &out->unsure, err) ||
	    !take_string(root, "cancelled", out->cancelled,
		sizeof(out->cancelled), err) ||
	    !take_bool(root, "again", &out->again, err) ||
	    !take_bool(root, "retry", &out->retry, err) ||
	    !take_string(root, "order_image", path, sizeof(path), err))
		return false;
	out->attempt = (unsigned)attempt;
	out->attempts = (unsigned)attempts;
	out->begun = (time_t)begun;
	device_order_image(out, path[0] != '\0' ? path : NULL);
	if (json_object_get(root, "vouched") == NULL)
		out->is_vouched = true;
	return true;
}

/*
 * Change a record of an earlier version, which called it a failure when a
 * person had cancelled.
 */
static void
renew_cancelled(struct device *device)
{
	if ((device->reason != REASON_CANCELLED &&
		device->hold != HOLD_CANCELLED) ||
	    (device->state != STATE_FAILED && device->state != STATE_HELD) ||
	    device->cancelled[0] != '\0' || device->retry || device->ordered)
		return; /* or a person has let it go since */
	device_forget_tried(device, device->image.sha256);
	text_copy(device->cancelled, sizeof(device->cancelled), "a person");
	device->hold = HOLD_CANCELLED;
	device_restore(device, STATE_HELD, device->since);
}

/* Uncount an attempt that had not reached the offer. */
static void
give_back(const json_t *root, struct device *device)
{
	const char *name = json_string_value(json_object_get(root, "state"));
	enum state state;

	if (state_find(name, &state) && state_is_before_offer(state) &&
	    device->attempt > 0)
		device->attempt--;
}

bool
record_apply(const json_t *root, struct device *device,
    const struct record_clock *now, struct error *err)
{
	struct device read = *device;
	struct written written;
	json_int_t not_before;

	if (!json_is_object(root))
		return error_set(err, EINVAL, "it is not a JSON object");
	read.order_image = NULL;
	if (!take_identity(root, &read, err) || !take_image(root, &read, err) ||
	    !take_tried(root, &read, err) || !take_told(root, &read, err) ||
	    !take_kept(root, &read.kept, err) ||
	    !take_state(root, &read, &not_before, err) ||
	    !take_orders(root, &read, err) || !take_outlook(root, &read, err) ||
	    !take_written(root, &written, err)) {
		device_order_image(&read, NULL);
		return false;
	}
	if (record_is_under_way(&read) &&
	    (!read.has_image || read.token[0] == '\0' || !read.has_address)) {
		device_order_image(&read, NULL);
		return error_set(err, EINVAL,
		    "it is %s, but what it was told is missing",
		    state_name(read.state));
	}
	give_back(root, &read);
	renew_cancelled(&read);
	apply_moments(&read, &written, not_before, now);
	read.is_from_other_boot = is_from_other_boot(&written, now);
	device_order_image(device, NULL);
	*device = read;
	return true;
}
