/* SPDX-License-Identifier: ISC */
/*
 * hookenv -- what a hook finds in its environment about a device: the fields
 * that a shell script wants without reading JSON.
 */
#ifndef REFLASHD_HOOKENV_H
#define REFLASHD_HOOKENV_H

#include "base/strlist.h"
#include "core/device/device.h"

/* Append "REFLASHD_DEVICE=..." and so on: all variables, some of them empty. */
void hookenv_make(const struct device *, enum state old, struct strlist *);

#endif
