/* SPDX-License-Identifier: ISC */
/* Says what a device with this image will need before it is in the network. */
#include "config.h"

#include <stdlib.h>

#include "core/image/image_after.h"

/* Before version 10 there is a '_' in the name of a Tasmota's access point. */
#define TASMOTA(name)                                                          \
	"After the flash the device opens an access point, " name              \
	": somebody must join it and enter your Wi-Fi at http://192.168.4.1, " \
	"unless your Wi-Fi was compiled in."

#define ESPHOME                                                                \
	"Your Wi-Fi must be compiled in: after the flash nobody can enter "    \
	"it, "                                                                 \
	"unless the YAML of the device has an access point (ap:) as well."

const char *
image_after(const struct image_report *report)
{
	if (report->verdict == IMAGE_REFUSE)
		return NULL;
	if (report->kind == IMAGE_ESPHOME)
		return ESPHOME;
	if (report->kind != IMAGE_TASMOTA)
		return NULL;
	if (report->version[0] == '\0')
		return TASMOTA("tasmota-XXXXXX-NNNN (or with a _)");
	return atoi(report->version) < 10 ? TASMOTA("tasmota_XXXXXX-NNNN")
					  : TASMOTA("tasmota-XXXXXX-NNNN");
}
