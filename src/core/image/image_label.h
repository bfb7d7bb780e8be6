/* SPDX-License-Identifier: ISC */
/*
 * image_label -- what an image is called where people read of it.
 *
 * One function makes it, so that the same image has the same name in every
 * list, message and program.
 */
#ifndef REFLASHD_IMAGE_LABEL_H
#define REFLASHD_IMAGE_LABEL_H

#include "core/image/image.h"

#define IMAGE_LABEL_SIZE 80

/*
 * Write the project, and the version and the variant as far as they are known:
 * "Tasmota 9.5.0 lite", "ESPHome", "unknown firmware".  Returns dst.
 */
char *image_label(const struct image_report *, char dst[IMAGE_LABEL_SIZE]);

#endif
