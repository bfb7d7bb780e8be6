/* SPDX-License-Identifier: ISC */
/*
 * device_find -- which device a person or a program means.
 *
 * A name is the first of these that fits: an id in full, a label, an IPv4
 * address, an IPv6 address that a device makes of its MAC, the start of one id
 * or label. It stands for one device or for none, and never for a guess.
 */
#ifndef REFLASHD_DEVICE_FIND_H
#define REFLASHD_DEVICE_FIND_H

#include "base/strlist.h"
#include "core/device/registry.h"

/*
 * Find the device, borrowed from the registry.  NULL: the name fits several
 * (ENOTUNIQ), whose ids are added to fits, or none (ENOENT).  The error names
 * the devices that may be meant.
 */
struct device *device_find(
    struct registry *, const char *name, struct strlist *fits, struct error *);

/* Make a name that was typed fit for a sentence; returns dst. */
const char *device_find_shown(const char *name, char *dst, size_t size);

/* Find the device with this label; NULL: there is none. */
struct device *device_find_label(struct registry *, const char *label);

#endif
