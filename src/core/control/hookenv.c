/* SPDX-License-Identifier: ISC */
/* Writes what is known of a device as environment variables for hooks. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/control/attention.h"
#include "core/control/hookenv.h"
#include "core/control/report.h"

static void
add(struct strlist *env, const char *name, const char *value)
{
	char *text =
	    xasprintf("REFLASHD_%s=%s", name, value != NULL ? value : "");

	strlist_add(env, text);
	free(text);
}

void
hookenv_make(const struct device *device, enum state old, struct strlist *env)
{
	char address[INET_ADDRSTRLEN] = "", access_point[40];
	char advice[ADVICE_SIZE];
	const struct device_image *image = device_shown_image(device);

	if (device->place.has_address)
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));
	add(env, "DEVICE", device->id);
	add(env, "NAME", device->name);
	add(env, "STATE", state_name(device->state));
	add(env, "OLD_STATE", state_name(old));
	add(env, "REASON", report_reason(device));
	add(env, "DETAIL", device->detail);
	add(env, "ADVICE", report_advice(device, advice));
	add(env, "ADDRESS", address);
	add(env, "MAC", device->place.mac);
	add(env, "FIRMWARE", device->facts.firmware);
	add(env, "POLICY", device->policy);
	add(env, "IMAGE", image != NULL ? image->name : NULL);
	add(env, "SHA256", image != NULL ? image->sha256 : NULL);
	attention_access_point(device, access_point, sizeof(access_point));
	add(env, "ACCESS_POINT", access_point);
	add(env, "LABEL", device->label);
}
