/* SPDX-License-Identifier: ISC */
/*
 * fuzz_announce -- whatever a line of reflash-scan says, what is read from it
 * is printable, and a target has an id.
 */
#include "config.h"

#include <string.h>

#include "core/sonoff/announce.h"
#include "core/sonoff/devapi.h"

#include "fuzz.h"

static bool
is_printable(const char *text, size_t size)
{
	if (strnlen(text, size) == size)
		return false;
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

#define PRINTABLE(member) HOLDS(is_printable(a.member, sizeof(a.member)))

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct announce a;
	struct error err;

	if (!announce_parse((const char *)data, size, &a, &err))
		return 0;
	PRINTABLE(service);
	PRINTABLE(instance);
	PRINTABLE(interface);
	PRINTABLE(host);
	PRINTABLE(type);
	PRINTABLE(firmware);
	PRINTABLE(mac);
	PRINTABLE(version);
	PRINTABLE(backend);
	PRINTABLE(text);
	HOLDS(a.id[0] == '\0' || devapi_is_id(a.id));
	HOLDS(!a.is_target || a.id[0] != '\0');
	HOLDS(a.mac[0] == '\0' || strlen(a.mac) == 17);
	HOLDS(a.kind == ANNOUNCE_STATUS || a.service[0] != '\0');
	return 0;
}
