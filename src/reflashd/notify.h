/* SPDX-License-Identifier: ISC */
/*
 * notify -- hand a change of a device to the hooks.
 */
#ifndef REFLASHD_NOTIFY_H
#define REFLASHD_NOTIFY_H

#include "reflashd/daemon.h"

struct device;

void notify_change(struct daemon *, const struct device *, enum state old);

#endif
