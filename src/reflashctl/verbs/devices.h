/* SPDX-License-Identifier: ISC */
/* devices -- a table of devices for people, as the verb devices prints it. */
#ifndef REFLASHD_REFLASHCTL_DEVICES_H
#define REFLASHD_REFLASHCTL_DEVICES_H

#include <jansson.h>

/*
 * Print a row for each device of an array, those that need a person first, and
 * below the table what they wait for; none: what to say of an empty one.
 */
void devices_print(const json_t *devices, const char *none);

#endif
