/* SPDX-License-Identifier: ISC */
/*
 * show -- one device in full, for people.
 */
#ifndef REFLASHD_REFLASHCTL_SHOW_H
#define REFLASHD_REFLASHCTL_SHOW_H

#include <jansson.h>
#include <stdbool.h>

/* Print a device, which is borrowed; with json as {"format":1,"device":...}. */
void show_device(json_t *device, bool json);

#endif
