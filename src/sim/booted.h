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

/* Boot the image: the device stays away, or is on the LAN soon. */
void booted_boot(struct booted *, const struct firmware *);

/* Join the LAN, as after a person has entered the Wi-Fi credentials. */
bool booted_join(struct booted *, struct error *);

/* Switch the power off; the flash of the device keeps its contents. */
void booted_leave(struct booted *);

/* Give the device another address. */
void booted_move(struct booted *);

/* Swap the addresses of two devices that have booted. */
bool booted_swap(struct booted *, struct booted *, struct error *);

/* End this firmware and forget everything about it. */
void booted_end(struct booted *);

bool booted_is_on_lan(const struct booted *);
bool booted_is_esphome(const struct booted *);
const struct firmware *booted_firmware(const struct booted *);

/* Add "after", "after_state" and "tasmota" to the report of the device. */
void booted_report(const struct booted *, json_t *into);

#endif
