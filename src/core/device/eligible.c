/* SPDX-License-Identifier: ISC */
/*
 * Refuses devices that a flash over the network would break, whatever the
 * policies say.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/device/eligible.h"

/*
 * Return true for the only type that itead lists.  A B02-BL answers, too, but
 * its downloader is broken (itead/Sonoff_Devices_DIY_Tools#129).
 */
static bool
is_plug(const char *type)
{
	return strcmp(type, "diy_plug") == 0;
}

static bool
is_known(const char *firmware)
{
	return strncmp(firmware, "3.", 2) == 0;
}

enum reason
eligible_device(const struct device *device, char *detail, size_t size)
{
	const struct device_facts *facts = &device->facts;
	const char *type = facts->type[0] != '\0' ? facts->type : "unknown";

	/*
	 * An SPM-Main has an id of 24 digits; it may be paired, but is never a
	 * plug.
	 */
	if (strlen(device->id) != DEVAPI_ID_MIN) {
		snprintf(detail, size,
		    "its id has %zu digits, as no plug has (type %s)",
		    strlen(device->id), type);
		return REASON_WRONG_TYPE;
	}
	if (facts->encrypted) {
		if (!device->said.encrypted && facts->no_info[0] != '\0')
			snprintf(detail, size, "%s", facts->no_info);
		else
			snprintf(detail, size,
			    "it announces encrypt=true (type %s)", type);
		return REASON_NOT_DIY_MODE;
	}
	if (facts->type[0] != '\0' && !is_plug(facts->type)) {
		snprintf(detail, size, "its type is %s", facts->type);
		return REASON_WRONG_TYPE;
	}
	if (facts->type[0] == '\0' && facts->info_known) {
		snprintf(detail, size,
		    "it has announced no type, and its info is not that of a "
		    "diy_plug");
		return REASON_WRONG_TYPE;
	}
	if (facts->is_foreign) {
		snprintf(detail, size,
		    "its info is that of a bulb or a dimmer, and not of a "
		    "plug");
		return REASON_WRONG_TYPE;
	}
	/*
	 * A Mini R3 announces diy_plug too, but has a list "switches": its chip
	 * is an ESP32.
	 */
	if (facts->has_switches) {
		snprintf(detail, size,
		    "it lists several switches, as the ESP32 models do");
		return REASON_WRONG_CHIP;
	}
	if (facts->has_no_info) {
		snprintf(detail, size,
		    "it answers like firmware 3.0 to 3.2, which gives no info; "
		    "it needs firmware 3.3 or later");
		return REASON_FIRMWARE_OUT_OF_RANGE;
	}
	if (facts->firmware[0] != '\0' && !is_known(facts->firmware)) {
		snprintf(detail, size, "its firmware is %s", facts->firmware);
		return REASON_FIRMWARE_OUT_OF_RANGE;
	}
	return REASON_NONE;
}

bool
eligible_may_become(const struct device *device)
{
	const struct device_said *said = &device->said;

	if (strlen(device->id) != DEVAPI_ID_MIN)
		return false;
	return device->seen.has_answered ||
	    (!said->encrypted && !said->has_switches &&
		(said->type[0] == '\0' || is_plug(said->type)) &&
		(said->firmware[0] == '\0' || is_known(said->firmware)));
}
