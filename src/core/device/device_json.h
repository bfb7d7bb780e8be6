/* SPDX-License-Identifier: ISC */
/*
 * device_json -- the parts of a device that its record and its reports write
 * alike.
 *
 * Every function returns a new reference; what is not known is null.
 */
#ifndef REFLASHD_DEVICE_JSON_H
#define REFLASHD_DEVICE_JSON_H

#include <jansson.h>

#include "core/device/device.h"

/*
 * Return a string, even if the bytes are no UTF-8.  A character cut off at the
 * end is left out; other bad bytes make all of it escaped.
 */
json_t *device_json_string(const char *);
json_t *device_json_text(const char *); /* the same, but NULL and "" are null */
json_t *device_json_address(const struct device *);
json_t *device_json_image(const struct device_image *); /* NULL: null */

#endif
