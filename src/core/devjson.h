/* SPDX-License-Identifier: ISC */
/*
 * devjson -- the parts of a device that its record and its reports write alike.
 *
 * Every function returns a new reference; what is not known is null.
 */
#ifndef REFLASHD_DEVJSON_H
#define REFLASHD_DEVJSON_H

#include <jansson.h>

#include "core/device.h"

json_t *devjson_text(const char *); /* NULL and "" are null */
json_t *devjson_address(const struct device *);
json_t *devjson_image(const struct device *);

#endif
