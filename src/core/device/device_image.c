/* SPDX-License-Identifier: ISC */
/* Notes what a device keeps in mind of an image. */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "core/device/device_image.h"

void
device_image_set(struct device_image *image, const char *name,
    const char *sha256, const struct image_report *report)
{
	text_escape(image->name, sizeof(image->name), name, strlen(name));
	text_copy(image->sha256, sizeof(image->sha256), sha256);
	text_copy(
	    image->kind, sizeof(image->kind), image_kind_name(report->kind));
	text_copy(image->version, sizeof(image->version), report->version);
	image_label(report, image->label);
	image->size = report->size;
}
