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

struct after;
struct device;

struct after *after_new(struct device *);
void after_free(struct after *);

/* It boots: away, or soon on the LAN. */
void after_boot(struct after *, const struct firmware *);

/* Somebody gave it the credentials of the network. */
bool after_join(struct after *, struct error *);

/* Power off: it keeps what it has in its flash. */
void after_leave(struct after *);

/* Another address from now on. */
void after_move(struct after *);

/* Two that have booted have each other's address from now on. */
bool after_swap(struct after *, struct after *, struct error *);

/* It is something else now: all is forgotten. */
void after_end(struct after *);

bool after_is_on_lan(const struct after *);
bool after_is_esphome(const struct after *);
const struct firmware *after_firmware(const struct after *);

/* Into the report of the device: after, after_state, tasmota. */
void after_report(const struct after *, json_t *into);

#endif
