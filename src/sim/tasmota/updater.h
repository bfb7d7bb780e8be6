/* SPDX-License-Identifier: ISC */
/*
 * updater -- downloads the next firmware of a Tasmota, as ESP8266httpUpdate.cpp
 * of the Arduino core 2.7 and the loop around it in support_tasmota.ino do.
 *
 *	wait --> connect --> read --well--> restart as the new one
 *	  ^                    |
 *	  +-----retry-ms-------+--no more tries--> restart as it was
 *
 * Meanwhile its web server is closed.  Every try is noted in the report.
 */
#ifndef REFLASHD_SIM_UPDATER_H
#define REFLASHD_SIM_UPDATER_H

struct tasmota;
struct updater;

struct updater *updater_new(struct tasmota *);
void updater_free(struct updater *); /* NULL is fine */

/* Start an upgrade soon; a minimal build goes on by itself, later. */
void updater_start(struct updater *);
void updater_go_on(struct updater *);

/* Stop: the power is off. */
void updater_stop(struct updater *);

#endif
