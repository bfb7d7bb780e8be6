/* SPDX-License-Identifier: ISC */
/*
 * tasmotaset -- the settings of Tasmota: their names, their defaults, what
 * each says when it is read or written, and the template.
 */
#ifndef REFLASHD_SIM_TASMOTASET_H
#define REFLASHD_SIM_TASMOTASET_H

#include <jansson.h>
#include <stdbool.h>

struct tasmota;

/* Read ("") or write a setting; false: there is none of that name. */
bool tasmotaset_run(struct tasmota *, const char *name, unsigned index,
    const char *value, json_t *messages);

/* False: not JSON, and nothing has changed. */
bool tasmota_set_template(struct tasmota *, const char *json);

#endif
