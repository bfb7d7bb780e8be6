/* SPDX-License-Identifier: ISC */
/*
 * neigh -- the kernel's table of neighbours: which MAC has which address.
 *
 * The table is read without privileges and without waiting.  It only has hosts
 * on the same segment that this machine has spoken to a short while ago.
 */
#ifndef REFLASHD_NEIGH_H
#define REFLASHD_NEIGH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NEIGH_MAC_SIZE 18 /* "aa:bb:cc:dd:ee:ff", lower case */

struct neigh {
	struct in_addr address;
	char mac[NEIGH_MAC_SIZE];
	bool stale; /* may be outdated */
};

/*
 * Find the MAC at an address.  ENOENT if the table does not know; mac is ""
 * then.  An address may have a row for each interface: the one that is in use
 * is not stale.  If two rows are not stale and have different MACs, the MAC is
 * not known for a while.
 */
bool neigh_find_mac(struct in_addr, char mac[NEIGH_MAC_SIZE], struct error *);

/*
 * Every neighbour that has been reached, as the kernel has them now, for many
 * look-ups: reading 1000 of them takes as long as a write to the disk.
 */
struct neigh_table {
	struct neigh *rows; /* by MAC */
	size_t count, room;
};

/* Load the table.  On false nothing needs to be freed. */
bool neigh_load(struct neigh_table *, struct error *);
void neigh_fini(struct neigh_table *);

/* Find the addresses of a MAC (any case).  Returns how many fitted. */
size_t neigh_find_addresses(const struct neigh_table *, const char *mac,
    struct in_addr *found, size_t max);

/*
 * Make the kernel ask who has the addresses of a network, so that its table of
 * neighbours knows a device that has got a new address.
 *
 * Nothing else tells the kernel: it takes no address from an ARP packet that it
 * has not asked for (arp_accept), and a Tasmota neither announces itself nor
 * calls this machine.
 */

/*
 * Send one empty datagram to the discard port of each address from first to
 * last, in host byte order, that may be contacted.  Waits for nothing.
 */
void neigh_sweep(uint32_t first, uint32_t last,
    bool (*may)(struct in_addr, void *ctx), void *ctx);

#endif
