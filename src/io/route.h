/* SPDX-License-Identifier: ISC */
/*
 * route -- what the kernel says of our addresses and of the ways out.
 *
 * Asked anew each time: interfaces come and go, and nothing here waits.
 */
#ifndef REFLASHD_ROUTE_H
#define REFLASHD_ROUTE_H

#include "core/address.h"

/* Our own address on the route to another: what goes into its URL. */
bool
route_local_address(struct in_addr to, struct in_addr *local, struct error *);

/* Freed with route_fini(), which a zeroed one survives as well. */
bool route_load(struct address_facts *, struct error *);
void route_fini(struct address_facts *);

#endif
