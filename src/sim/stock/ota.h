/* SPDX-License-Identifier: ISC */
/*
 * ota -- the device's download client, as strict as the oldest one that is
 * known: exact status line, header names in Title-Case, 4096 bytes a range,
 * a header under 1024 bytes, three reconnects, ten seconds for each range.
 *
 *	wait -> connect -> ask -> read -+-> verdict -> device_flashed()
 *		   ^	    ^-----------+
 *		   +--lost (three times)
 */
#ifndef REFLASHD_SIM_OTA_H
#define REFLASHD_SIM_OTA_H

#include <stdbool.h>

#include "base/error.h"

struct device;
struct ota;

/* Download after a delay in ms; device_flashed() is the end, and frees it. */
struct ota *ota_new(struct device *, const char *url, const char *sha256,
    unsigned delay, struct error *);
void ota_free(struct ota *);

/* Return true if the download waits for nothing any more. */
bool ota_is_stalled(const struct ota *);

#endif
