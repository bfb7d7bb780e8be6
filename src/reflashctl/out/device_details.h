/* SPDX-License-Identifier: ISC */
/* device_details -- all about one device, as show and watch tell it. */
#ifndef REFLASHD_REFLASHCTL_DEVICE_DETAILS_H
#define REFLASHD_REFLASHCTL_DEVICE_DETAILS_H

#include <jansson.h>
#include <stdio.h>

/* Write the lines, each wrapped to so many columns. */
void device_details(FILE *, size_t columns, const json_t *device);

#endif
