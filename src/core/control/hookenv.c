/* SPDX-License-Identifier: ISC */
/*
 * Writes what is known of a device as environment variables, for the hooks of
 * the operator.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/hookenv.h"
#include "core/control/report.h"
#include "core/tasmota/tasmota.h"

static void
add(struct strlist *env, const char *name, const char *value)
{
	char *text =
	    xasprintf("REFLASHD_%s=%s", name, value != NULL ? value : "");

	strlist_add(env, text);
	free(text);
}

/*
 * Add the name of the access point of a Tasmota that has no Wi-Fi settings yet.
 */
static void
add_access_point(struct strlist *env, const struct device *device)
{
	char name[40] = "";

	if (device->state == STATE_FLASHED &&
	    strcmp(device->image.kind, "tasmota") == 0)
		tasmota_access_point(device->mac, '-', name, sizeof(name));
	add(env, "ACCESS_POINT", name);
}

void
hookenv_make(const struct device *device, enum state old, struct strlist *env)
{
	char address[INET_ADDRSTRLEN] = "";
	const struct device_image *image = device_shown_image(device);

	if (device->has_address)
		inet_ntop(AF_INET, &device->address, address, sizeof(address));
	add(env, "DEVICE", device->id);
	add(env, "NAME", device->name);
	add(env, "STATE", state_name(device->state));
	add(env, "OLD_STATE", state_name(old));
	add(env, "REASON", report_reason(device));
	add(env, "DETAIL", device->detail);
	add(env, "ADVICE", report_advice(device));
	add(env, "ADDRESS", address);
	add(env, "MAC", device->mac);
	add(env, "FIRMWARE", device->firmware);
	add(env, "POLICY", device->policy);
	add(env, "IMAGE", image != NULL ? image->name : NULL);
	add(env, "SHA256", image != NULL ? image->sha256 : NULL);
	add_access_point(env, device);
}
