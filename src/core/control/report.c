/* SPDX-License-Identifier: ISC */
/* Describes devices, plans and events as JSON, for reflashctl and its users. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/control/report.h"
#include "core/device/device_json.h"
#include "core/state/message.h"

static json_t *
time_json(time_t when)
{
	char text[TEXT_TIME_SIZE];

	return json_string(text_time(text, when));
}

unsigned
report_percent(const struct device *device)
{
	if (!device->has_image || device->image.size == 0)
		return 0;
	return (unsigned)(device->bytes * 100 / device->image.size);
}

static json_t *
progress_json(const struct device *device)
{
	if (device->state != STATE_DOWNLOADING &&
	    device->state != STATE_REBOOTING)
		return json_null();
	return json_pack("{s:I, s:I, s:i, s:I}", "bytes",
	    (json_int_t)device->bytes, "total", (json_int_t)device->image.size,
	    "percent", (int)report_percent(device), "rate",
	    (json_int_t)device->rate);
}

/*
 * Return true if the device runs its new firmware, but its set-up waits for a
 * file of ours.
 */
static bool
is_lacking(const struct device *device)
{
	return device->state == STATE_FINISHING &&
	    device->reason == REASON_FINISH_NOT_READY;
}

const char *
report_reason(const struct device *device)
{
	if (device->state == STATE_HELD)
		return hold_name(device->hold);
	if (device->state == STATE_REFUSED || device->state == STATE_FAILED ||
	    is_lacking(device))
		return reason_token(device->reason);
	return NULL;
}

const char *
report_sentence(const struct device *device)
{
	if (device->state == STATE_HELD)
		return hold_meaning(device->hold);
	if (device->state == STATE_REFUSED || device->state == STATE_FAILED ||
	    is_lacking(device))
		return reason_sentence(device->reason);
	return state_meaning(device->state);
}

/* Return true if the device is in its state for one of the listed reasons. */
static bool
is_blamed(const struct device *device)
{
	return device->reason != REASON_NONE &&
	    (device->state == STATE_REFUSED || device->state == STATE_FAILED ||
		is_lacking(device) ||
		(device->state == STATE_HELD &&
		    (device->hold == HOLD_BACKOFF ||
			device->hold == HOLD_CANCELLED)));
}

/* Return true if this machine broke off the last attempt and another one
 * follows. */
static bool
is_excused(const struct device *device)
{
	return device->state == STATE_HELD && device->hold == HOLD_BACKOFF &&
	    device->is_excused && device->reason != REASON_NONE;
}

const char *
report_message(const struct device *device)
{
	if (is_excused(device))
		return message_of_hold(HOLD_BACKOFF);
	if (is_blamed(device))
		return message_of_reason(device->reason);
	if (device->state == STATE_HELD && device->hold != HOLD_NONE)
		return message_of_hold(device->hold);
	return message_of_state(device->state);
}

/*
 * A Tasmota without Wi-Fi opens an access point of its own, an ESPHome the one
 * that its YAML names.
 */
#define NO_ESPHOME                                                             \
	"Look for the access point that its YAML names (ap:); without one it " \
	"needs the right Wi-Fi, or a serial cable. Without api: in its YAML "  \
	"it does not announce its MAC: take Expect=leave. Once it is on the "  \
	"LAN: reflashctl retry ID, which looks for it once more and flashes "  \
	"nothing"

#define OURS                                                                   \
	"The device is not to blame: the detail says what happened to this "   \
	"machine. Leave the device switched on. It is told to download again " \
	"by itself as soon as it cannot be busy with the last order any more"

const char *
report_advice(const struct device *device)
{
	if (is_excused(device))
		return device->damaged ? reason_advice(REASON_DIGEST_ERROR)
				       : OURS;
	if (is_blamed(device) && device->reason == REASON_NOT_SEEN_AGAIN &&
	    strcmp(device->image.kind, "esphome") == 0)
		return NO_ESPHOME;
	if (is_blamed(device))
		return reason_advice(device->damaged
			? REASON_DIGEST_ERROR
			: reason_telling(device->kept.reason, device->reason));
	if (device->state == STATE_HELD && device->hold == HOLD_ABSENT &&
	    device->kept.reason != REASON_NONE)
		return reason_advice(device->damaged ? REASON_DIGEST_ERROR
						     : device->kept.reason);
	if (device->state == STATE_FLASHED &&
	    strcmp(device->image.kind, "tasmota") == 0)
		return "Join its access point and give it your Wi-Fi, as the "
		       "detail says; it is recognised when it is back";
	if (device->state == STATE_SEEN && device->encrypted)
		return reason_advice(REASON_NOT_DIY_MODE);
	return NULL;
}

#define DETAIL_SIZE (DEVICE_DETAIL_SIZE + 96)

/*
 * Return the facts of the state; for a device that is only seen, why it tells
 * none.  A failure stays visible when a person cancels the device, so the
 * cancel is appended.
 */
static const char *
detail_of(const struct device *device, char dst[DETAIL_SIZE])
{
	bool is_mute = device->state == STATE_SEEN && !device->encrypted &&
	    device->no_info[0] != '\0';

	if (state_is_at_work(device->state) && device->cut_off[0] != '\0')
		return device->cut_off;
	if (is_mute)
		return device->no_info;
	if (device->state != STATE_FAILED || device->cancelled[0] == '\0')
		return device->detail;
	snprintf(dst, DETAIL_SIZE,
	    "%s%scancelled by %s: no other image is tried on it",
	    device->detail, device->detail[0] != '\0' ? "; " : "",
	    device->cancelled);
	return dst;
}

json_t *
report_device(const struct device *device)
{
	char detail[DETAIL_SIZE];

	return json_pack("{s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:b, s:b, s:s,"
			 " s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:o}",
	    "id", device->id, "name", device_json_text(device->name), "address",
	    device_json_address(device), "port", (int)device->port, "mac",
	    device_json_text(device->mac), "type",
	    device_json_text(device->type), "firmware",
	    device_json_text(device->firmware), "encrypted",
	    (int)device->encrypted, "present", (int)device->present, "state",
	    state_name(device->state), "reason",
	    device_json_text(report_reason(device)), "detail",
	    device_json_text(detail_of(device, detail)), "advice",
	    device_json_text(report_advice(device)), "policy",
	    device_json_text(device->policy), "image",
	    device_json_image(device_shown_image(device)), "progress",
	    progress_json(device), "attempt", (int)device->attempt, "attempts",
	    (int)device->attempts, "since", time_json(device_since(device)));
}

/*
 * Describe a device that has its image: which one, by which policy, and whether
 * anything is left to do.
 */
static void
describe_done(const struct device *device, char *dst, size_t size)
{
	const char *left = device->state == STATE_VERIFIED
	    ? "nothing is left to do"
	    : "nothing is flashed any more";

	snprintf(dst, size, "flashed with %s%s%s, %s%s%s",
	    device->has_image ? device->image.name : "an image",
	    device->policy[0] != '\0' ? " by policy " : "", device->policy,
	    left, device->detail[0] != '\0' ? ": " : "", device->detail);
}

json_t *
report_plan(const struct device *device, const struct decision *decision)
{
	const char *reason = NULL, *advice = NULL, *detail = decision->detail;
	const char *image = decision->has_image ? decision->image.name : NULL;
	const char *policy = decision->policy ? decision->policy->name : NULL;
	char facts[2 * DEVICE_DETAIL_SIZE];

	if (decision->what == DECIDE_REFUSE || decision->what == DECIDE_FAIL) {
		reason = reason_token(decision->reason);
		advice = reason_advice(decision->reason);
	} else if (decision->what == DECIDE_HOLD) {
		reason = hold_name(decision->hold);
		advice = decision->hold == HOLD_CANCELLED
		    ? reason_advice(REASON_CANCELLED)
		    : hold_meaning(decision->hold);
	} else if (decision->what == DECIDE_NOTHING) {
		reason = report_reason(device);
		advice = report_advice(device);
		detail = !state_is_at_work(device->state) || is_lacking(device)
		    ? detail_of(device, facts)
		    : device->cut_off[0] != '\0' ? device->cut_off
						 : state_meaning(device->state);
		if (device->state == STATE_FLASHED ||
		    device->state == STATE_VERIFIED) {
			describe_done(device, facts, sizeof(facts));
			detail = facts;
		}
		policy = device->policy;
		image = device->has_image ? device->image.name : NULL;
	} else if (decision->what == DECIDE_ASK) {
		snprintf(facts, sizeof(facts),
		    "a policy asks for what is not known of it yet%s%s",
		    device->no_info[0] != '\0' ? ", and " : "",
		    device->no_info);
		detail = facts;
	} else if (decision->policy == NULL) {
		detail = "no policy fits it";
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id",
	    device->id, "action", decide_action(device, decision), "image",
	    device_json_text(image), "policy", device_json_text(policy),
	    "reason", device_json_text(reason), "detail",
	    device_json_text(detail), "advice", device_json_text(advice));
}

json_t *
report_history(const struct device *device)
{
	json_int_t seconds =
	    device->begun != 0 && device->since_s > device->begun_s
	    ? (json_int_t)(device->since_s - device->begun_s)
	    : 0;
	/*
	 * The next attempt has begun already, but the history is about the one
	 * that ended.
	 */
	enum state end =
	    device->state == STATE_PROBING ? STATE_HELD : device->state;
	const char *name = device->has_image ? device->image.name : NULL;
	const char *sha256 = device->has_image ? device->image.sha256 : NULL;

	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I}",
	    "time", time_json(device->since), "device", device->id, "state",
	    state_name(end), "reason",
	    device_json_text(reason_token(device->reason)), "detail",
	    device_json_text(device->detail), "policy",
	    device_json_text(device->policy), "image", device_json_text(name),
	    "sha256", device_json_text(sha256), "bytes",
	    (json_int_t)device->bytes, "seconds", seconds);
}
