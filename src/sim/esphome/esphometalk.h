/* SPDX-License-Identifier: ISC */
/*
 * esphometalk -- what ESPHome answers at its ports (2024.10: components/api,
 * components/web_server, components/esphome/ota).
 */
#ifndef REFLASHD_SIM_ESPHOMETALK_H
#define REFLASHD_SIM_ESPHOMETALK_H

#include <stdbool.h>

#include "base/error.h"

struct device;
struct esphometalk;

struct esphometalk *esphometalk_new(struct device *);
void esphometalk_free(struct esphometalk *); /* NULL is fine */

/* Listen at the ports that the faults of the device leave; stop that. */
bool esphometalk_open(struct esphometalk *, struct error *);
void esphometalk_close(struct esphometalk *);

#endif
