/* SPDX-License-Identifier: ISC */
/*
 * esphome_talk -- what ESPHome answers at its ports (2024.10: components/api,
 * components/web_server, components/esphome/ota).
 */
#ifndef REFLASHD_SIM_ESPHOME_TALK_H
#define REFLASHD_SIM_ESPHOME_TALK_H

#include <stdbool.h>

#include "base/error.h"

struct device;
struct esphome_talk;

struct esphome_talk *esphome_talk_new(struct device *);
void esphome_talk_free(struct esphome_talk *); /* NULL is fine */

/* Listen at the ports that the faults leave open; stop listening. */
bool esphome_talk_open(struct esphome_talk *, struct error *);
void esphome_talk_close(struct esphome_talk *);

#endif
