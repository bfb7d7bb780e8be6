/* SPDX-License-Identifier: ISC */
/*
 * updater -- fetches the next firmware of a Tasmota, as ESP8266httpUpdate.cpp
 * of the Arduino core 2.7 and the loop around it in support_tasmota.ino do.
 */
#ifndef REFLASHD_SIM_UPDATER_H
#define REFLASHD_SIM_UPDATER_H

struct tasmota;

/* Upgrade 1: begins soon. */
void updater_start(struct tasmota *);

#endif
