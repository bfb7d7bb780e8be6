/* SPDX-License-Identifier: ISC */
/*
 * device_order -- which device comes first where people read: those that need
 * a person, the most urgent on top, then those at work, then the rest.
 */
#ifndef REFLASHD_REFLASHCTL_DEVICE_ORDER_H
#define REFLASHD_REFLASHCTL_DEVICE_ORDER_H

#include <jansson.h>
#include <stdbool.h>

#include "core/control/attention.h"

/* Return what the device needs of a person, as the daemon says. */
enum attention device_attention(const json_t *device);

/* Return below 0 if one comes before other, above 0 if it comes after. */
int device_order(const json_t *one, const json_t *other);

/*
 * The same while a person watches the work: only what is urgent comes before
 * the devices at work.
 */
int device_order_at_work(const json_t *one, const json_t *other);

/*
 * Return the devices of an array in that order, equal ones as they were; a new
 * array.
 */
json_t *device_sort(
    const json_t *devices, int (*order)(const json_t *, const json_t *));

#endif
