/* SPDX-License-Identifier: ISC */
/*
 * change -- what follows when the state of a device has changed: it is told,
 * kept and published, and the hooks are run.
 */
#ifndef REFLASHD_CHANGE_H
#define REFLASHD_CHANGE_H

#include "core/device.h"

/* For registry_new(), with the daemon as its ctx. */
extern const struct device_ops change_device_ops;

#endif
