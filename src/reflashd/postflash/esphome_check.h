/* SPDX-License-Identifier: ISC */
/*
 * esphome_check -- does an ESPHome answer where one is announced?
 *
 * Anybody can announce the MAC and the address of a device.  So an announcement
 * makes the daemon look, and nothing else: only an answer from an address where
 * the kernel sees the MAC comes from the device itself, and only what answers
 * as ESPHome does is one.
 */
#ifndef REFLASHD_ESPHOME_CHECK_H
#define REFLASHD_ESPHOME_CHECK_H

#include "reflashd/daemon.h"

/*
 * Ask the questions of core/esphome/esphome one after the other, unless that is
 * under way for this device at this address, which has been checked.  The end
 * is postflash_run_knocked().
 */
void esphome_check_at(struct daemon *, const struct device *, struct in_addr);

void esphome_check_stop(struct daemon *); /* forget all that are under way */

#endif
