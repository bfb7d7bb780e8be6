/* SPDX-License-Identifier: ISC */
/*
 * mac -- the MAC of a device, by which it is known under any firmware.
 *
 * It is taken from the neighbour table right after the device has answered,
 * while it still runs its old firmware: neither that nor its announcement
 * tells it.
 */
#ifndef REFLASHD_MAC_H
#define REFLASHD_MAC_H

#include "core/device/device.h"

/* It has proved by its id who answers at its address: its MAC is that one. */
void mac_learn(struct device *);

/* Who is at an address, as far as the kernel knows? */
enum mac { MAC_SAME, MAC_OTHER, MAC_UNKNOWN };

enum mac mac_at(const struct device *, struct in_addr);

/*
 * And is it nowhere else?  A repeater may show all who are behind it with its
 * own MAC, and a router that answers for others does: what has several
 * addresses is known by none of them.
 */
bool mac_is_alone_at(const struct device *, struct in_addr);

#endif
