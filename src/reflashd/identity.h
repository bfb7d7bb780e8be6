/* SPDX-License-Identifier: ISC */
/*
 * identity -- the MAC of a device, by which it is known under any firmware.
 *
 * It is taken from the neighbour table right after the device has answered,
 * while it still runs its old firmware: neither that nor its announcement
 * tells it.
 */
#ifndef REFLASHD_IDENTITY_H
#define REFLASHD_IDENTITY_H

#include "core/device.h"

void identity_learn(struct device *);

#endif
