/* SPDX-License-Identifier: ISC */
/*
 * booted -- what a device is once it has booted the image that it was given:
 *
 *	away --join--> joining --join-ms--> lan --leave--> away
 *
 * Its place on the LAN, and whatever answers there: Tasmota (tasmota.h),
 * ESPHome, which only announces itself (esphome.h), or a web server of
 * somebody else.
 */
#ifndef REFLASHD_SIM_BOOTED_H
#define REFLASHD_SIM_BOOTED_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "sim/image/firmware.h"

struct booted;
struct device;

struct booted *booted_new(struct device *);
void booted_free(struct booted *);

/* It boots: away, or soon on the LAN. */
void booted_boot(struct booted *, const struct firmware *);

/* Somebody gave it the credentials of the network. */
bool booted_join(struct booted *, struct error *);

/* Power off: it keeps what it has in its flash. */
void booted_leave(struct booted *);

/* Another address from now on. */
void booted_move(struct booted *);

/* Two that have booted have each other's address from now on. */
bool booted_swap(struct booted *, struct booted *, struct error *);

/* It is something else now: all is forgotten. */
void booted_end(struct booted *);

bool booted_is_on_lan(const struct booted *);
bool booted_is_esphome(const struct booted *);
const struct firmware *booted_firmware(const struct booted *);

/* Into the report of the device: after, after_state, tasmota. */
void booted_report(const struct booted *, json_t *into);

#endif
