/* SPDX-License-Identifier: ISC */
/*
 * mac -- the MAC of a device, by which it is known under any firmware.
 *
 * The MAC comes from the kernel's table of neighbours, right after the device
 * has answered: neither the old firmware nor an announcement tells it.
 */
#ifndef REFLASHD_MAC_H
#define REFLASHD_MAC_H

#include "core/device/device.h"
#include "io/net/neigh.h"

struct reachable;

/* Addresses with one MAC that are looked at: a repeater may show many. */
#define MAC_ADDRESSES 8

/*
 * Learn the MAC of a device that has just proved by its id that it is at its
 * address.
 */
void mac_learn(struct device *);

/* Return which MAC the kernel sees at an address: that of the device? */
enum mac { MAC_SAME, MAC_OTHER, MAC_UNKNOWN };
enum mac mac_at(const struct device *, struct in_addr);

/* Do the same, and write the MAC that is there, "" if it is not known. */
enum mac
mac_read(const struct device *, struct in_addr, char mac[NEIGH_MAC_SIZE]);

/*
 * Return true if the kernel sees the MAC at this address and at no other.  A
 * repeater may show all devices behind it with its own MAC, so a MAC with
 * several addresses tells nothing about any of them.
 */
bool mac_is_alone_at(const struct device *, struct in_addr);

/* Load the table for mac_find() and neigh_fini(); empty: that has failed. */
void mac_load_table(struct neigh_table *);

/*
 * Find the addresses where the kernel sees the MAC of the device and a request
 * may go, but leave one out.  Returns how many there are, at most max.
 */
size_t mac_find(const struct neigh_table *, const struct device *,
    struct in_addr left_out, struct reachable *, struct in_addr *out,
    size_t max);

#endif
