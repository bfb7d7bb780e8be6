/* SPDX-License-Identifier: ISC */
/*
 * imagetext -- the verdict on an image, for people and for programs.
 */
#ifndef REFLASHD_IMAGETEXT_H
#define REFLASHD_IMAGETEXT_H

#include <jansson.h>

#include "core/image/image.h"

/*
 * One line, and below it one indented line for each remark and for the advice
 * of a refusal; ends with a newline.  file is escaped.  The caller's.
 */
char *image_report_text(const char *file, const struct image_report *);

/* "tasmota 9.5.0 lite", as far as it is known.  Returns dst. */
char *image_report_what(char *dst, size_t size, const struct image_report *);

/*
 * {"file","size","sha256","kind","version","verdict","reason","notes"}, with
 * null for what is not known.  The sentence of a refusal is the first note.
 */
json_t *image_report_json(
    const char *file, const char *sha256, const struct image_report *);

#endif
