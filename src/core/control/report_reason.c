/* SPDX-License-Identifier: ISC */
/*
 * Says why a device is in its state and what to do about it, with the names of
 * this very device.  A part of core/control/report.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/control/report.h"
#include "core/state/message.h"
#include "core/tasmota/tasmota.h"

bool
report_is_lacking(const struct device *device)
{
	return device->state == STATE_FINISHING &&
	    device->reason == REASON_FINISH_NOT_READY;
}

/* Return true if the reason of the device says why it is in its state. */
static bool
has_reason(const struct device *device)
{
	return device->state == STATE_REFUSED ||
	    device->state == STATE_FAILED || report_is_lacking(device);
}

const char *
report_reason(const struct device *device)
{
	if (device->state == STATE_HELD)
		return hold_name(device->hold);
	if (has_reason(device))
		return reason_token(device->reason);
	return NULL;
}

const char *
report_sentence(const struct device *device)
{
	if (device->state == STATE_HELD)
		return hold_meaning(device->hold);
	if (has_reason(device))
		return reason_sentence(device->reason);
	return state_meaning(device->state);
}

/* Return true if the device is in its state for one of the listed reasons. */
static bool
is_blamed(const struct device *device)
{
	return device->reason != REASON_NONE &&
	    (has_reason(device) ||
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
	    device->attempt.is_excused && device->reason != REASON_NONE;
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
	"by itself as soon as it can no longer be busy with the last download"

#define JOIN                                                                   \
	"Join its access point and give it your Wi-Fi, as the detail says; "   \
	"it is recognised when it is back"

/*
 * Return what calls the device in a command: its label, if a shell takes that
 * as it is, or its id.
 */
static const char *
command_word(const struct device *device)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	const char *label = device->label;

	return label != NULL && label[0] != '-' &&
		label[strspn(label, plain)] == '\0'
	    ? label
	    : device->id;
}

static const char *
fill(const struct device *device, const char *advice, char dst[ADVICE_SIZE])
{
	char address[INET_ADDRSTRLEN] = "", access_point[40] = "", port[8];

	snprintf(port, sizeof(port), "%u", device->ops->http_port(device->ctx));
	if (device->place.has_address)
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));
	tasmota_access_point(
	    device->place.mac, '-', access_point, sizeof(access_point));
	return advice_fill(dst, ADVICE_SIZE, advice,
	    &(struct advice_words){ .device = command_word(device),
		.id = device->id,
		.address = address,
		.policy = device->policy,
		.access_point = access_point,
		.port = port });
}

const char *
report_advice_of(
    const struct device *device, enum reason reason, char dst[ADVICE_SIZE])
{
	return fill(device, reason_advice(reason), dst);
}

/* Return the reason that a person must know of; REASON_NONE: there is none. */
static enum reason
reason_of(const struct device *device)
{
	enum reason reason = REASON_NONE;

	if (is_blamed(device))
		reason = reason_telling(device->kept.reason, device->reason);
	else if (device->state == STATE_HELD && device->hold == HOLD_ABSENT)
		reason = device->kept.reason;
	if (reason != REASON_NONE && device->attempt.damaged)
		return REASON_DIGEST_ERROR;
	if (device->state == STATE_SEEN && device->facts.encrypted)
		return REASON_NOT_DIY_MODE;
	return reason;
}

static bool
has_kind(const struct device *device, const char *kind)
{
	return strcmp(device->attempt.image.kind, kind) == 0;
}

const char *
report_advice(const struct device *device, char dst[ADVICE_SIZE])
{
	enum reason reason = reason_of(device);

	if (is_excused(device) && !device->attempt.damaged)
		return fill(device, OURS, dst);
	if (is_blamed(device) && device->reason == REASON_NOT_SEEN_AGAIN &&
	    has_kind(device, "esphome"))
		return fill(device, NO_ESPHOME, dst);
	if (reason != REASON_NONE)
		return report_advice_of(device, reason, dst);
	if (device->state == STATE_FLASHED && has_kind(device, "tasmota"))
		return fill(device, JOIN, dst);
	return NULL;
}
