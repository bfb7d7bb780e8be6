/* SPDX-License-Identifier: ISC */
/*
 * fuzz_devapi -- whatever a device answers, the strings of the result are
 * printable and of their form, and only an error of 0 is no reason to stop.
 */
#include "config.h"

#include <string.h>

#include "core/sonoff/devapi.h"

#include "fuzz.h"

static void
check_printable(const char *text, size_t size)
{
	HOLDS(memchr(text, '\0', size) != NULL);
	for (; *text != '\0'; text++)
		HOLDS(*text >= 0x20 && *text < 0x7f);
}

static void
check_info(const struct devapi_info *info)
{
	check_printable(info->id, sizeof(info->id));
	check_printable(info->firmware, sizeof(info->firmware));
	check_printable(info->ssid, sizeof(info->ssid));
	check_printable(info->bssid, sizeof(info->bssid));
	HOLDS(info->id[0] == '\0' || devapi_is_id(info->id));
	HOLDS(info->bssid[0] == '\0' || strlen(info->bssid) == 17);
	HOLDS(!info->unlocked || info->has_unlocked);
	HOLDS(!info->has_rssi || (info->rssi < 0 && info->rssi >= -128));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct devapi_reply reply;
	struct error err = { 0 };

	if (!devapi_parse_reply(data, size, &reply, &err)) {
		HOLDS(err.text[0] != '\0');
		check_printable(err.text, sizeof(err.text));
		return 0;
	}
	check_info(&reply.info);
	for (enum devapi_call call = DEVAPI_INFO; call <= DEVAPI_FLASH;
	    call++) {
		bool fine = devapi_reason(call, &reply) == REASON_NONE;

		HOLDS(fine ==
		    (reply.has_error && reply.error == 0 && !reply.encrypted));
	}
	HOLDS(!reply.has_info || !reply.encrypted);
	return 0;
}
