/* SPDX-License-Identifier: ISC */
/* Decides which devices need a person, and how urgently. */
#include "config.h"

#include <string.h>

#include "core/control/attention.h"
#include "core/device/device_note.h"
#include "core/flash/rejoin_hint.h"

static const char *const tokens[ATTENTION_COUNT] = {
#define X(symbol, token) [ATTENTION_##symbol] = token,
	ATTENTIONS(X)
#undef X
};

/*
 * Return true if a refusal may end by what a person does.  Nobody can change
 * the type or the chip of a device.
 */
static bool
has_cure(enum reason reason)
{
	return reason != REASON_WRONG_TYPE && reason != REASON_WRONG_CHIP;
}

/* Return true if a Tasmota has left with its image and is in no network yet. */
static bool
waits_for_wifi(const struct device *device)
{
	return device->state == STATE_FLASHED &&
	    strcmp(device->attempt.image.kind, "tasmota") == 0;
}

enum attention
attention_of(const struct device *device)
{
	if (device_must_stay_on(device))
		return ATTENTION_KEEP_ON;
	if (device->state == STATE_FAILED)
		return ATTENTION_FAILED;
	if (device->state == STATE_FINISHING &&
	    device->reason == REASON_FINISH_NOT_READY)
		return ATTENTION_STUCK;
	if (device->state == STATE_HELD && device->hold == HOLD_APPROVAL)
		return ATTENTION_APPROVE;
	if (waits_for_wifi(device))
		return ATTENTION_JOIN;
	if (device->state == STATE_REFUSED && has_cure(device->reason))
		return ATTENTION_REFUSED;
	return ATTENTION_NONE;
}

const char *
attention_token(enum attention attention)
{
	return tokens[attention];
}

enum attention
attention_find(const char *token)
{
	for (enum attention a = ATTENTION_NONE + 1;
	    token != NULL && a < ATTENTION_COUNT; a++)
		if (strcmp(tokens[a], token) == 0)
			return a;
	return ATTENTION_NONE;
}

bool
attention_access_point(const struct device *device, char *dst, size_t size)
{
	dst[0] = '\0';
	return waits_for_wifi(device) && rejoin_access_point(device, dst, size);
}
