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

/* False, and a refusal: not a file for an ESP8266, but one of some other sort.
 */
bool image_check_foreign(
    const unsigned char *data, size_t size, struct image_report *);

/*
 * Boot loader, application, sums, flash mode and size of a file that passed
 * image_check_foreign().  False, and a refusal, or true, with warnings.
 */
bool
image_check_form(const unsigned char *data, size_t size, struct image_report *);

/* Refuse.  Always returns false, so it can be the return value. */
bool image_refuse(struct image_report *, enum reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Warn.  There is room for as many as the rules can make. */
void image_warn(struct image_report *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
