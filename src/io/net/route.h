/* SPDX-License-Identifier: ISC */
/*
 * route -- what the kernel says about this machine's addresses and the ways
 * out.
 *
 * Interfaces come and go while the daemon runs, and the kernel reports it.
 */
#ifndef REFLASHD_ROUTE_H
#define REFLASHD_ROUTE_H

#include "core/net/address.h"

/* Find this machine's address on the route to a host, for URLs. */
bool
route_local_address(struct in_addr to, struct in_addr *local, struct error *);

/* Find what the kernel would do with a packet to that host. */
void route_way(struct in_addr to, struct address_way *);

/*
 * Return a descriptor that becomes readable when something changes; -1 where
 * the kernel does not tell.
 */
int route_fd(void);

/*
 * Return true if addresses, interfaces or routes may have changed since the
 * last call.  The first call returns true, and where the kernel does not tell,
 * each one does.
 */
bool route_changed(void);

/*
 * Load the facts.  Free them with route_fini(), which also takes zeroed ones.
 */
bool route_load(struct address_facts *, struct error *);
void route_fini(struct address_facts *);

#endif
