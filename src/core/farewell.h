/* SPDX-License-Identifier: ISC */
/*
 * farewell -- how a device is to be met again that has left as a Tasmota
 * without Wi-Fi settings: the name of its access point, and what to do there.
 */
#ifndef REFLASHD_FAREWELL_H
#define REFLASHD_FAREWELL_H

#include <stddef.h>

#include "core/device.h"

/*
 * The end of a sentence about the device, from the ';' on; "" where its image
 * is no Tasmota.
 */
const char *farewell(const struct device *, char *dst, size_t size);

#endif
