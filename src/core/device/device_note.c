/* SPDX-License-Identifier: ISC */
/* Says in three words whether a device can be flashed, and why not. */
#include "config.h"

#include <string.h>

#include "core/device/device_note.h"
#include "core/device/eligible.h"

#define KEEP_ON "do NOT unplug"

static const char *const notes[REASON_COUNT] = {
	[REASON_NOT_DIY_MODE] = "eWeLink mode",
	[REASON_WRONG_TYPE] = "type not flashable",
	[REASON_WRONG_CHIP] = "ESP32 chip",
	[REASON_FIRMWARE_OUT_OF_RANGE] = "unknown firmware",
	[REASON_IMAGE_MISSING] = "image is missing",
	[REASON_IMAGE_UNREADABLE] = "image not readable",
	[REASON_IMAGE_INVALID] = "image is broken",
	[REASON_IMAGE_TOO_LARGE] = "image too large",
	[REASON_IMAGE_MINIMAL] = "image is unfit",
	[REASON_IMAGE_COMPRESSED] = "image is compressed",
	[REASON_IMAGE_FLASH_MODE] = "image is unfit",
	[REASON_IMAGE_HASH_MISMATCH] = "checksum differs",
	[REASON_IMAGE_CHANGED] = "image was replaced",
	[REASON_FINISH_NOT_READY] = "set-up not ready",
	[REASON_ADDRESS_NOT_ALLOWED] = "address not allowed",
	[REASON_WRONG_DEVICE] = "two devices there",
	[REASON_NO_ANSWER] = "does not answer",
	[REASON_BAD_ANSWER] = "strange answer",
	[REASON_UNLOCK_REFUSED] = "unlock was refused",
	[REASON_UNLOCK_UNREACHABLE] = "has no Internet",
	[REASON_UNLOCK_NO_EFFECT] = "stays locked",
	[REASON_OFFER_REFUSED] = "refused the download",
	[REASON_NOT_OFFERED] = "nothing was sent",
	[REASON_NEVER_FETCHED] = "never downloaded",
	[REASON_STALLED] = "download broke off",
	[REASON_DOWNLOAD_ERROR] = "download broke off",
	[REASON_DIGEST_ERROR] = KEEP_ON,
	[REASON_DEVICE_ERROR] = KEEP_ON,
	[REASON_CAME_BACK_STOCK] = "old firmware again",
	[REASON_NOT_SEEN_AGAIN] = "did not return",
	[REASON_WRONG_FIRMWARE] = "other firmware runs",
	[REASON_FINISH_FAILED] = "set-up failed",
	[REASON_TRIED_BEFORE] = "tried before",
	[REASON_RECORD_LOST] = "record was lost",
	[REASON_CANCELLED] = "was cancelled",
};

/*
 * What a type means to its owner.  In eWeLink mode a plug announces "plug", and
 * may become a diy_plug; the others here never do.
 */
static const struct {
	const char *part; /* of the type */
	const char *note;
} kinds[] = {
	{ "light", "a bulb" },
	{ "strip", "several relays" },
	{ "meter", "a power meter" },
};

const char *
device_note_of_reason(enum reason reason)
{
	return notes[reason];
}

/* Return what kind of device the type names, or NULL. */
static const char *
kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strstr(type, kinds[i].part) != NULL)
			return kinds[i].note;
	return NULL;
}

/* Say why the device cannot be flashed: where several reasons apply, the one
 * that stays when the others are removed. */
static const char *
describe_ineligible(const struct device *device, enum reason reason)
{
	const char *kind = kind_of(device->facts.type);

	if (kind != NULL)
		return kind;
	if (device->facts.has_switches)
		return notes[REASON_WRONG_CHIP];
	if (reason == REASON_WRONG_TYPE && device->facts.is_foreign)
		return "bulb or dimmer";
	if (reason == REASON_FIRMWARE_OUT_OF_RANGE && device->facts.has_no_info)
		return "firmware too old";
	return notes[reason];
}

/* Describe a device that works on its image, or has it. */
static const char *
describe_flash(const struct device *device)
{
	if (device->state == STATE_VERIFIED)
		return "runs new firmware";
	if (device->state == STATE_FLASHED)
		return strcmp(device->attempt.image.kind, "tasmota") == 0
		    ? "wants your Wi-Fi"
		    : "flashed, not back";
	if (device->state == STATE_FINISHING &&
	    device->reason == REASON_FINISH_NOT_READY)
		return notes[REASON_FINISH_NOT_READY];
	return device->state == STATE_VERIFYING ||
		device->state == STATE_FINISHING
	    ? "is set up"
	    : "is being flashed";
}

/* Describe a device that could be flashed as far as is known. */
static const char *
describe_eligible(const struct device *device)
{
	if (device->state == STATE_HELD && device->hold == HOLD_CANCELLED)
		return notes[REASON_CANCELLED];
	if (device->facts.no_info[0] != '\0')
		return notes[REASON_NO_ANSWER];
	if (!device->seen.is_present)
		return "not here now";
	return device->facts.info_known ? "can be flashed" : "not asked yet";
}

bool
device_must_stay_on(const struct device *device)
{
	return (device->attempt.damaged && !state_is_success(device->state)) ||
	    (device->state == STATE_FAILED &&
		device->reason == REASON_DEVICE_ERROR);
}

const char *
device_note(const struct device *device)
{
	char detail[DEVICE_DETAIL_SIZE];
	enum reason reason;

	if (device_must_stay_on(device))
		return KEEP_ON;
	if (state_is_at_work(device->state) || state_is_success(device->state))
		return describe_flash(device);
	if (device->state == STATE_FAILED && notes[device->reason] != NULL)
		return notes[device->reason];
	reason = eligible_device(device, detail, sizeof(detail));
	if (reason != REASON_NONE)
		return describe_ineligible(device, reason);
	if (device->state == STATE_REFUSED && notes[device->reason] != NULL)
		return notes[device->reason];
	return describe_eligible(device);
}

enum device_flashable
device_flashable(const struct device *device)
{
	char detail[DEVICE_DETAIL_SIZE];

	if (device_took_image(device) ||
	    eligible_device(device, detail, sizeof(detail)) != REASON_NONE)
		return DEVICE_FLASHABLE_NO;
	return device->facts.info_known ? DEVICE_FLASHABLE_YES
					: DEVICE_FLASHABLE_UNKNOWN;
}
