/* SPDX-License-Identifier: ISC */
/*
 * rejoin_hint -- how a device is to be met again that has left: the name of the
 * access point of a Tasmota without Wi-Fi settings, and what to do there; and
 * how often the network is searched for one that was given them.
 */
#ifndef REFLASHD_REJOIN_HINT_H
#define REFLASHD_REJOIN_HINT_H

#include <stddef.h>
#include <time.h>

#include "core/device/device.h"

/*
 * The end of a sentence about the device, from the ';' on; "" where its image
 * is no Tasmota.
 */
const char *rejoin_hint(const struct device *, char *dst, size_t size);

/* Seconds between two searches for who has been away so long; 0: none. */
unsigned rejoin_hint_search_sec(time_t away);

#endif
