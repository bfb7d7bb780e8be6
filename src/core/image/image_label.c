/* SPDX-License-Identifier: ISC */
/* Names an image for people: its project, version and variant. */
#include "config.h"

#include <stdio.h>

#include "core/image/image_label.h"

static const char *const projects[] = {
	[IMAGE_UNKNOWN] = "unknown firmware",
	[IMAGE_TASMOTA] = "Tasmota",
	[IMAGE_ESPHOME] = "ESPHome",
	[IMAGE_ESPURNA] = "ESPurna",
	[IMAGE_ESPEASY] = "ESP Easy",
};

char *
image_label(const struct image_report *report, char dst[IMAGE_LABEL_SIZE])
{
	const char *version = report->version;

	if (version[0] == '\0' && report->is_14)
		version = "14.0 or later";
	snprintf(dst, IMAGE_LABEL_SIZE, "%s%s%s%s%s", projects[report->kind],
	    version[0] != '\0' ? " " : "", version,
	    report->variant[0] != '\0' ? " " : "", report->variant);
	return dst;
}
