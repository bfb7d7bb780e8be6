/* SPDX-License-Identifier: ISC */
/*
 * Whatever a device answers, the strings of the result are printable and of
 * their form, and a result that means nothing bad has an error of 0.
 */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/devapi.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_printable(const char *text, size_t size)
{
	assert(memchr(text, '\0', size) != NULL);
	for (; *text != '\0'; text++)
		assert(*text >= 0x20 && *text < 0x7f);
}

static void
check_info(const struct devapi_info *info)
{
	check_printable(info->id, sizeof(info->id));
	check_printable(info->firmware, sizeof(info->firmware));
	check_printable(info->ssid, sizeof(info->ssid));
	check_printable(info->bssid, sizeof(info->bssid));
	assert(info->id[0] == '\0' || devapi_is_id(info->id));
	assert(info->bssid[0] == '\0' || strlen(info->bssid) == 17);
	assert(!info->unlocked || info->has_unlocked);
	assert(!info->has_rssi || (info->rssi < 0 && info->rssi >= -128));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct devapi_reply reply;
	struct error err = { 0 };

	if (!devapi_parse_reply(data, size, &reply, &err)) {
		assert(err.text[0] != '\0');
		check_printable(err.text, sizeof(err.text));
		return 0;
	}
	check_info(&reply.info);
	for (enum devapi_call call = DEVAPI_INFO; call <= DEVAPI_FLASH;
	     call++) {
		bool fine = devapi_reason(call, &reply) == REASON_NONE;

		assert(fine ==
		    (reply.has_error && reply.error == 0 && !reply.encrypted));
	}
	assert(!reply.has_info || !reply.encrypted);
	return 0;
}
