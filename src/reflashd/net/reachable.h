/* SPDX-License-Identifier: ISC */
/*
 * reachable -- may a request go to this address?  Asked before each one whose
 * address somebody else has named.
 */
#ifndef REFLASHD_REACHABLE_H
#define REFLASHD_REACHABLE_H

#include "core/net/address.h"
#include "reflashd/daemon.h"

/*
 * Why not, a sentence that is good until the next call; NULL: it may.
 * interface is where the address was announced, NULL or "" if it was not; one
 * that is configured may be anywhere.
 */
const char *
reachable_why_not(const struct daemon *, struct in_addr, const char *interface);

/* The same, of the address that a device has; NULL also if it has none. */
const char *
reachable_device_why_not(const struct daemon *, const struct device *);

/* As address_neighbours(), on the nets that this machine is on now. */
bool reachable_neighbours(struct in_addr, uint32_t *first, uint32_t *last);

bool reachable_is_own(struct in_addr); /* or loopback */

/* Is this machine on any network that a device could be in? */
bool reachable_has_network(void);

/* Has this interface, by its name, an address of this machine? */
bool reachable_has_interface(const char *name);

/* Whether a device that is being flashed, or set up, has this address. */
bool reachable_is_at_work(const struct daemon *, struct in_addr);

/* Whether one fetches there, which serves one connection at a time. */
bool reachable_is_fetching(const struct daemon *, struct in_addr);

/* What this machine is now; good until the next call of any of these. */
const struct address_facts *reachable_facts(void);

/* Activate an event as soon as that has changed; borrowed, NULL: no more. */
void reachable_tell_changes(struct event *);

/* The address under which the device reaches us. */
bool reachable_advertised(const struct daemon *, const struct device *,
    struct in_addr *, struct error *);

#endif
