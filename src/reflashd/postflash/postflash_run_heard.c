/* SPDX-License-Identifier: ISC */
/*
 * Takes in announcements of devices under a new firmware, and believes only
 * what the kernel and the device itself confirm: any MAC can be announced.
 */
#include "config.h"

#include <string.h>
#include <strings.h>
#include <utlist.h>

#include "base/log.h"
#include "base/text.h"
#include "core/device/registry.h"
#include "core/esphome/esphome.h"
#include "core/postflash/postflash.h"
#include "core/sonoff/announce.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/reachable.h"
#include "reflashd/net/subnet.h"
#include "reflashd/postflash/esphome_check.h"
#include "reflashd/postflash/postflash_run_parts.h"

/*
 * Return true if the kernel sees the MAC where it was announced.  An earlier
 * announcement counts as well: an ESPHome is back within seconds, before the
 * daemon is sure that the device has left, and may not announce itself again.
 */
static bool
is_heard(struct postflash_run *run, struct device *device, bool may_wait)
{
	struct in_addr at = device->awaited.heard_at;
	enum mac who;

	if (at.s_addr == 0)
		return false;
	who = mac_at(device, at);
	if (who == MAC_UNKNOWN && may_wait) {
		subnet_ask(run->parts.subnet, at);
	} else if (who != MAC_SAME) {
		log_debug("device",
		    "device %s: another device has announced its MAC",
		    device->id);
		device->awaited.heard_at.s_addr = 0;
	}
	return who == MAC_SAME;
}

/*
 * Note where the device was announced.  One address at a time is noted, so that
 * a forger of many does not keep the kernel asking.
 */
static bool
note_heard(struct device *device, const struct announce *a)
{
	if (device->state != STATE_REBOOTING && !device_is_awaited(device) &&
	    !device_took_image(device))
		return false;
	if (device->awaited.heard_at.s_addr != 0 &&
	    mac_at(device, a->address) != MAC_SAME)
		return false;
	device->awaited.heard_at = a->address;
	text_copy(device->awaited.heard_version,
	    sizeof(device->awaited.heard_version), a->version);
	return true;
}

void
postflash_run_heard(
    struct postflash_run *run, struct device *device, bool may_wait)
{
	bool is_looked_for = device->after != NULL || device_is_awaited(device);

	if (is_looked_for && is_heard(run, device, may_wait))
		esphome_check_at(
		    run->parts.esphome_check, device, device->awaited.heard_at);
}

void
postflash_run_knock_at_each(struct postflash_run *run,
    const struct device *device, const struct in_addr *at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (reachable_why_not(run->parts.reachable, at[i], NULL) ==
			NULL &&
		    mac_at(device, at[i]) == MAC_SAME)
			esphome_check_at(
			    run->parts.esphome_check, device, at[i]);
}

/*
 * Note that no ESPHome answers where one was announced.  The address is tried
 * again for as long as the device is searched for.
 */
static void
note_no_answer(struct device *device, struct in_addr at)
{
	struct postflash_care *care = device->after;

	if (device->awaited.heard_at.s_addr != at.s_addr)
		return; /* it was announced elsewhere since */
	if (care != NULL)
		postflash_only_announced(care->after, device->awaited.heard_at);
	else
		device->awaited.heard_at.s_addr = 0;
}

void
postflash_run_knocked(struct postflash_run *run, struct device *device,
    struct in_addr at, const struct esphome_sign *sign)
{
	struct postflash_care *care = device->after;

	if (sign == NULL || mac_at(device, at) != MAC_SAME) {
		note_no_answer(device, at);
		return;
	}
	if (device->awaited.heard_at.s_addr != at.s_addr)
		/* It was told by another address. */
		device->awaited.heard_version[0] = '\0';
	if (sign->version[0] != '\0')
		text_copy(device->awaited.heard_version,
		    sizeof(device->awaited.heard_version), sign->version);
	device->awaited.heard_at = at;
	if (care != NULL) {
		device->awaited.heard_at.s_addr = 0;
		postflash_announced(care->after, DEVICE_EXPECT_ESPHOME, at,
		    device->awaited.heard_version, sign->how);
	} else if (device_is_awaited(device)) {
		postflash_run_is_back(run, device, at);
	}
}

/*
 * Tell the devices that are searched for that an unknown MAC was announced at
 * an address, which then is not theirs.
 */
static void
announced_other(struct postflash_run *run, const struct announce *a)
{
	struct postflash_care *care;

	DL_FOREACH (run->cares, care)
		if (strcmp(a->service, ANNOUNCE_ESPHOME) == 0)
			postflash_announced_other(care->after,
			    DEVICE_EXPECT_ESPHOME, a->address, a->mac);
}

void
postflash_run_announced(struct postflash_run *run, const struct announce *a)
{
	if (a->mac[0] == '\0' || !a->has_address ||
	    reachable_why_not(run->parts.reachable, a->address, a->interface) !=
		NULL)
		return;
	registry_foreach (run->parts.registry, device) {
		if (strcasecmp(device->place.mac, a->mac) != 0)
			continue;
		if (note_heard(device, a))
			postflash_run_heard(run, device, true);
		return;
	}
	announced_other(run, a);
}
