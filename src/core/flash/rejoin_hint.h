/* SPDX-License-Identifier: ISC */
/*
 * rejoin_hint -- how to reach a device that left after its flash: the name of
 * the access point of a Tasmota without Wi-Fi settings, and what to do there;
 * and how often the network is searched for a device that has Wi-Fi settings.
 */
#ifndef REFLASHD_REJOIN_HINT_H
#define REFLASHD_REJOIN_HINT_H

#include <stddef.h>
#include <time.h>

#include "core/device/device.h"

/*
 * Write the end of a sentence about the device, from the ';' on; "" if its
 * image is no Tasmota.
 */
const char *rejoin_hint(const struct device *, char *dst, size_t size);

/*
 * Return the seconds between two searches for a device that has been away so
 * long; 0: search no more.
 */
unsigned rejoin_hint_search_sec(time_t away);

#endif
