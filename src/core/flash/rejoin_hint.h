/* SPDX-License-Identifier: ISC */
/*
 * rejoin_hint -- how to reach a device that left after its flash: the name of
 * the access point of a Tasmota without Wi-Fi settings, and what to do there;
 * and how often the network is searched for a device that has Wi-Fi settings.
 */
#ifndef REFLASHD_REJOIN_HINT_H
#define REFLASHD_REJOIN_HINT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "core/device/device.h"

/*
 * Write the name of the access point that the Tasmota of its image opens
 * without Wi-Fi settings: up to 9.x with '_', since 10.0 with '-', and so where
 * the version is not known.  Returns false if the MAC is not known.
 */
bool rejoin_access_point(const struct device *, char *dst, size_t size);

/* Write the end of a sentence, from the ';' on; "" if it is no Tasmota. */
const char *rejoin_hint(const struct device *, char *dst, size_t size);

/*
 * Return the seconds between two searches for a device that has been away so
 * long; 0: search no more.
 */
unsigned rejoin_hint_search_sec(time_t away);

#endif
