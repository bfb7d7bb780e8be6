/* SPDX-License-Identifier: ISC */
/*
 * route -- what the kernel says of our addresses and of the ways out.
 *
 * Interfaces come and go, and the kernel says so by itself.
 */
#ifndef REFLASHD_ROUTE_H
#define REFLASHD_ROUTE_H

#include "core/net/address.h"

/* Our own address on the route to another: what goes into its URL. */
bool
route_local_address(struct in_addr to, struct in_addr *local, struct error *);

/* What the kernel would do with a packet to another. */
void route_way(struct in_addr to, struct address_way *);

/* Becomes readable when something changes; -1 where the kernel does not tell.
 */
int route_fd(void);

/*
 * Whether addresses, interfaces or routes may have changed since the last call;
 * true of the first one, and always where the kernel does not tell.
 */
bool route_changed(void);

/* Freed with route_fini(), which a zeroed one survives as well. */
bool route_load(struct address_facts *, struct error *);
void route_fini(struct address_facts *);

#endif
