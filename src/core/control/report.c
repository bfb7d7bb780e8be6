/* SPDX-License-Identifier: ISC */
/* Describes devices, plans and events as JSON, for reflashctl and its users. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/control/attention.h"
#include "core/control/report.h"
#include "core/device/device_json.h"
#include "core/device/device_note.h"
#include "core/schedule/wait_text.h"
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
	if (!device->attempt.has_image || device->attempt.image.size == 0)
		return 0;
	return (unsigned)(device->download.bytes * 100 /
	    device->attempt.image.size);
}

static json_t *
progress_json(const struct device *device)
{
	if (device->state != STATE_DOWNLOADING &&
	    device->state != STATE_REBOOTING)
		return json_null();
	return json_pack("{s:I, s:I, s:i, s:I}", "bytes",
	    (json_int_t)device->download.bytes, "total",
	    (json_int_t)device->attempt.image.size, "percent",
	    (int)report_percent(device), "rate",
	    (json_int_t)device->download.rate);
}

#define DETAIL_SIZE (DEVICE_DETAIL_SIZE + LABEL_SIZE + 64)

/*
 * Return the facts of the state; for a device that is only seen, why it tells
 * none.  A failure stays visible when a person cancels the device, so the
 * cancel is appended.
 */
static const char *
detail_of(const struct device *device, char dst[DETAIL_SIZE])
{
	bool is_mute = device->state == STATE_SEEN &&
	    !device->facts.encrypted && device->facts.no_info[0] != '\0';

	if (state_is_at_work(device->state) && device->place.cut_off[0] != '\0')
		return device->place.cut_off;
	if (device->state == STATE_HELD && device->hold == HOLD_BACKOFF) {
		text_copy(dst, DETAIL_SIZE, device->detail);
		wait_text_backoff(device, dst, DETAIL_SIZE);
		return dst;
	}
	if (is_mute)
		return device->facts.no_info;
	if (device->state != STATE_FAILED || device->people.cancelled == NULL)
		return device->detail;
	snprintf(dst, DETAIL_SIZE,
	    "%s%scancelled by %s: no other image is tried on it",
	    device->detail, device->detail[0] != '\0' ? "; " : "",
	    device->people.cancelled);
	return dst;
}

/* Return true if the new firmware of the device was seen at its address. */
static bool
runs_new_firmware(const struct device *device)
{
	return device->state == STATE_VERIFIED ||
	    device->state == STATE_FINISHING ||
	    (device->state == STATE_FAILED &&
		(device->reason == REASON_FINISH_FAILED ||
		    device->reason == REASON_WRONG_FIRMWARE));
}

/*
 * Return the page of the device: of its new firmware, or of the access point
 * that waits for somebody's Wi-Fi.  An ESPHome may have no page.
 */
static json_t *
page_json(const struct device *device)
{
	char address[INET_ADDRSTRLEN];

	if (attention_of(device) == ATTENTION_JOIN)
		return json_string("http://192.168.4.1");
	if (!runs_new_firmware(device) || !device->place.has_address ||
	    strcmp(device->attempt.image.kind, "esphome") == 0)
		return json_null();
	inet_ntop(AF_INET, &device->place.address, address, sizeof(address));
	return json_sprintf("http://%s/", address);
}

static json_t *
flashable_json(const struct device *device)
{
	enum device_flashable flashable = device_flashable(device);

	if (flashable == DEVICE_FLASHABLE_UNKNOWN)
		return json_null();
	return json_boolean(flashable == DEVICE_FLASHABLE_YES);
}

/* Add what a person wants to know of the device at a glance. */
static json_t *
add_glance(json_t *report, const struct device *device)
{
	char access_point[40];

	attention_access_point(device, access_point, sizeof(access_point));
	json_object_update_new(report,
	    json_pack("{s:o, s:s, s:s?, s:o, s:o, s:o, s:b}", "flashable",
		flashable_json(device), "note", device_note(device),
		"attention", attention_token(attention_of(device)),
		"access_point", device_json_text(access_point), "page",
		page_json(device), "rssi",
		device->facts.rssi != 0 ? json_integer(device->facts.rssi)
					: json_null(),
		"weak", (int)device_is_weak(device)));
	return report;
}

static json_t *
facts_json(const struct device *device)
{
	char detail[DETAIL_SIZE], advice[ADVICE_SIZE];

	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:b, s:b, "
			 "s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:o}",
	    "id", device->id, "label", device_json_text(device->label), "name",
	    device_json_text(device->name), "address",
	    device_json_address(device), "port", (int)device->place.port, "mac",
	    device_json_text(device->place.mac), "type",
	    device_json_text(device->facts.type), "firmware",
	    device_json_text(device->facts.firmware), "encrypted",
	    (int)device->facts.encrypted, "present",
	    (int)device->seen.is_present, "state", state_name(device->state),
	    "reason", device_json_text(report_reason(device)), "detail",
	    device_json_text(detail_of(device, detail)), "advice",
	    device_json_text(report_advice(device, advice)), "policy",
	    device_json_text(device->policy), "image",
	    device_json_image(device_shown_image(device)), "progress",
	    progress_json(device), "attempt", (int)device->attempt.number,
	    "attempts", (int)device->attempt.allowed, "since",
	    time_json(device_since(device)));
}

json_t *
report_device(const struct device *device)
{
	return add_glance(facts_json(device), device);
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
	    device->attempt.has_image ? device->attempt.image.name : "an image",
	    device->policy[0] != '\0' ? " by policy " : "", device->policy,
	    left, device->detail[0] != '\0' ? ": " : "", device->detail);
}

/*
 * Add what is known of an image (NULL: nothing) to an object that has its name
 * as "image".
 */
static json_t *
add_image(json_t *object, const struct device_image *image)
{
	json_object_update_new(object,
	    json_pack("{s:o, s:o, s:o}", "sha256",
		device_json_text(image != NULL ? image->sha256 : NULL),
		"image_version",
		device_json_text(image != NULL ? image->version : NULL),
		"image_label",
		device_json_text(image != NULL ? image->label : NULL)));
	return object;
}

/* Return the image that a decision is about, or that the device has. */
static const struct device_image *
planned_image(const struct device *device, const struct decision *decision,
    struct device_image *found)
{
	if (decision->what == DECIDE_NOTHING)
		return device->attempt.has_image ? &device->attempt.image
						 : NULL;
	return decide_image(decision, found) ? found : NULL;
}

json_t *
report_plan(const struct device *device, const struct decision *decision)
{
	const char *reason = NULL, *advice = NULL, *detail = decision->detail;
	const char *image = decision->has_image ? decision->image.name : NULL;
	struct device_image found;
	const char *policy = decision->policy ? decision->policy->name : NULL;
	char facts[2 * DEVICE_DETAIL_SIZE], told[ADVICE_SIZE];

	if (decision->what == DECIDE_REFUSE || decision->what == DECIDE_FAIL) {
		reason = reason_token(decision->reason);
		advice = report_advice_of(device, decision->reason, told);
	} else if (decision->what == DECIDE_HOLD) {
		reason = hold_name(decision->hold);
		if (decision->hold == HOLD_BACKOFF) {
			text_copy(facts, sizeof(facts), detail);
			wait_text_backoff(device, facts, sizeof(facts));
			detail = facts;
		}
		advice = decision->hold == HOLD_CANCELLED
		    ? report_advice_of(device, REASON_CANCELLED, told)
		    : hold_meaning(decision->hold);
	} else if (decision->what == DECIDE_NOTHING) {
		reason = report_reason(device);
		advice = report_advice(device, told);
		detail = !state_is_at_work(device->state) ||
			report_is_lacking(device)
		    ? detail_of(device, facts)
		    : device->place.cut_off[0] != '\0'
		    ? device->place.cut_off
		    : state_meaning(device->state);
		if (state_is_success(device->state)) {
			describe_done(device, facts, sizeof(facts));
			detail = facts;
		}
		policy = device->policy;
		image = device->attempt.has_image ? device->attempt.image.name
						  : NULL;
	} else if (decision->what == DECIDE_ASK) {
		snprintf(facts, sizeof(facts),
		    "a policy asks for what is not known of it yet%s%s",
		    device->facts.no_info[0] != '\0' ? ", and " : "",
		    device->facts.no_info);
		detail = facts;
	} else if (decision->policy == NULL) {
		detail = "no policy fits it";
	}
	return add_image(
	    json_pack("{s:s, s:o, s:s?, s:s, s:o, s:o, s:o, s:o, s:o}", "id",
		device->id, "label", device_json_text(device->label),
		"attention", attention_token(attention_of(device)), "action",
		decide_action(device, decision), "image",
		device_json_text(image), "policy", device_json_text(policy),
		"reason", device_json_text(reason), "detail",
		device_json_text(detail), "advice", device_json_text(advice)),
	    planned_image(device, decision, &found));
}

json_t *
report_history(const struct device *device)
{
	json_int_t seconds = device->attempt.begun != 0 &&
		device->since_s > device->attempt.begun_s
	    ? (json_int_t)(device->since_s - device->attempt.begun_s)
	    : 0;
	/* The history is about the attempt that ended, not the next one. */
	enum state end =
	    device->state == STATE_PROBING ? STATE_HELD : device->state;
	const struct device_image *image =
	    device->attempt.has_image ? &device->attempt.image : NULL;
	bool is_stopped =
	    device->state == STATE_HELD && device->hold == HOLD_CANCELLED;

	return add_image(
	    json_pack("{s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I}",
		"time", time_json(device->since), "device", device->id, "label",
		device_json_text(device->label), "state", state_name(end),
		"reason", device_json_text(reason_token(device->reason)),
		"detail", device_json_text(device->detail), "policy",
		device_json_text(device->policy), "image",
		device_json_text(image != NULL ? image->name : NULL), "who",
		device_json_text(is_stopped ? device->people.cancelled
					    : device->people.attempt),
		"bytes", (json_int_t)device->download.bytes, "seconds",
		seconds),
	    image);
}

json_t *
report_past(const json_t *line)
{
	static const char *const later[] = { "label", "detail", "sha256",
		"image_version", "image_label", "who" };
	json_t *copy = json_deep_copy(line);

	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (json_object_get(copy, later[i]) == NULL)
			json_object_set_new(copy, later[i], json_null());
	return copy;
}
