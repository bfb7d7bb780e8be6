/* SPDX-License-Identifier: ISC */
/*
 * imageform -- the rules for the bytes of a firmware file, whatever is in it.
 * A part of core/image/image.
 */
#ifndef REFLASHD_IMAGEFORM_H
#define REFLASHD_IMAGEFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/image/image.h"

/* Return false and a refusal if the file is not for an ESP8266. */
bool image_check_foreign(
    const unsigned char *data, size_t size, struct image_report *);

/*
 * Check boot loader, application, checksums, flash mode and size of a file that
 * passed image_check_foreign().  Returns false and a refusal, or true, with
 * warnings.
 */
bool
image_check_form(const unsigned char *data, size_t size, struct image_report *);

/* Refuse.  Always returns false, so it can be the return value. */
bool image_refuse(struct image_report *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Warn.  There is room for all the warnings that the rules can make. */
void image_warn(struct image_report *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
