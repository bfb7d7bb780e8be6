/* SPDX-License-Identifier: ISC */
/*
 * image_after -- what an image will ask of a person after the flash.
 *
 * A good file is not yet a device in the network: a Tasmota has to be told the
 * Wi-Fi, and an ESPHome has to have it compiled in.  Who checks an image can
 * still change that.
 */
#ifndef REFLASHD_IMAGE_AFTER_H
#define REFLASHD_IMAGE_AFTER_H

#include "core/image/image.h"

/* Return the sentence, borrowed for ever; NULL: nothing is known. */
const char *image_after(const struct image_report *);

#endif
