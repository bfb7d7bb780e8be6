/* SPDX-License-Identifier: ISC */
/*
 * show -- one device in full, for people.
 */
#ifndef REFLASHD_REFLASHCTL_SHOW_H
#define REFLASHD_REFLASHCTL_SHOW_H

#include <jansson.h>
#include <stdbool.h>

/* The device is borrowed.  With json as {"format":1,"device":...}. */
void show_device(json_t *device, bool json);

#endif
