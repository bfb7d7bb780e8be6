/* SPDX-License-Identifier: ISC */
/* image_text -- an image as the daemon describes it, in words. */
#ifndef REFLASHD_REFLASHCTL_IMAGE_TEXT_H
#define REFLASHD_REFLASHCTL_IMAGE_TEXT_H

#include <jansson.h>
#include <stddef.h>

#include "reflashctl/out/term.h"

/* Write what the image is good for, as "first flash" or "Upgrade= only". */
char *image_text_use(const json_t *image, char *dst, size_t size);
enum term_color image_text_color(const json_t *image);

/*
 * Print what was done with an image, as "added", what it is, its checksum, and
 * what is unusual.
 */
void image_text_print(const json_t *image, const char *done);

#endif
