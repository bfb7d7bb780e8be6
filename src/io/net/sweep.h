/* SPDX-License-Identifier: ISC */
/*
 * sweep -- make the kernel ask who has the addresses of a network, so that its
 * table of neighbours knows a device that has got a new one.
 *
 * Nobody tells it otherwise: it takes no address from an ARP that it has not
 * asked for (arp_accept), and a Tasmota neither announces itself nor calls us.
 */
#ifndef REFLASHD_SWEEP_H
#define REFLASHD_SWEEP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One empty datagram to the discard port of each address from first to last,
 * in host byte order, that may be contacted.  Waits for nothing.
 */
void sweep(uint32_t first, uint32_t last,
    bool (*may)(struct in_addr, void *ctx), void *ctx);

#endif
