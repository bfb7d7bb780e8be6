/* SPDX-License-Identifier: ISC */
/*
 * Tells the operator how a flashed device gets back into the network, and the
 * daemon how often to search for it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/flash/rejoin_hint.h"
#include "core/tasmota/tasmota.h"

/*
 * Some Mini R2 open no access point after their first boot (NJH
 * sonoff-ota#4, #5).  Seven quick starts make a Tasmota drop its settings and
 * with them what the stock firmware has left in their place.
 */
#define NO_ACCESS_POINT                                                        \
	"If there is none in 10 min (as with a Mini R2): 30 s without power, " \
	"six times on and off (2 s each), then on"

/*
 * Just after a flash the operator stands beside the device and waits, so the
 * search is frequent.  Later five minutes are soon enough, and the 254
 * questions of a search, which every station hears, are less than one a second.
 * After a week the device is only looked for at its last address.
 */
#define MIN_LOOK_SEC 15
#define MAX_LOOK_SEC 300
#define MAX_AWAY_SEC (7 * 24 * 3600)

bool
rejoin_access_point(const struct device *device, char *dst, size_t size)
{
	const char *version = device->attempt.image.version;
	bool is_old = version[0] != '\0' && atoi(version) < 10;

	return tasmota_access_point(
	    device->place.mac, is_old ? '_' : '-', dst, size);
}

/* Name the access point; where the version is not known, in both ways. */
static void
name_access_point(const struct device *device, char *dst, size_t size)
{
	char name[32] = "tasmota-...", old[32] = "tasmota_...";

	if (rejoin_access_point(device, name, sizeof(name)) &&
	    device->attempt.image.version[0] != '\0') {
		snprintf(dst, size, "%s", name);
		return;
	}
	tasmota_access_point(device->place.mac, '_', old, sizeof(old));
	snprintf(dst, size, "%s (%s before version 10)", name, old);
}

const char *
rejoin_hint(const struct device *device, char *dst, size_t size)
{
	char name[96];

	dst[0] = '\0';
	if (strcmp(device->attempt.image.kind, "tasmota") != 0)
		return dst;
	name_access_point(device, name, sizeof(name));
	snprintf(dst, size,
	    "; its access point is %s: give it your Wi-Fi at "
	    "http://192.168.4.1. " NO_ACCESS_POINT,
	    name);
	return dst;
}

/*
 * Return the time between two searches.  A clock that was set back does not
 * make the flash look recent.
 */
unsigned
rejoin_hint_search_sec(time_t away)
{
	if (away > MAX_AWAY_SEC)
		return 0;
	if (away < 0 || away / 4 > MAX_LOOK_SEC)
		return MAX_LOOK_SEC;
	return away / 4 < MIN_LOOK_SEC ? MIN_LOOK_SEC : (unsigned)(away / 4);
}
