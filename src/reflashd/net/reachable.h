/* SPDX-License-Identifier: ISC */
/*
 * reachable -- may a request go to this address?  Asked before each request to
 * an address that somebody else has named.
 */
#ifndef REFLASHD_REACHABLE_H
#define REFLASHD_REACHABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/net/address.h"

struct device;
struct reachable;
struct registry;
struct setup;

/* All borrowed until reachable_free(). */
struct reachable_parts {
	const struct setup *setup; /* what is in it may be replaced */
	struct registry *registry;
	/*
	 * The kernel says that this machine has other addresses or routes.
	 * This is told in the middle of a question to reachable: act on it in
	 * the next turn of the event loop.
	 */
	void (*changed)(void *ctx);
	void *ctx;
};

struct reachable *reachable_new(const struct reachable_parts *);
void reachable_free(struct reachable *); /* NULL is fine */

/*
 * Why a request may not go to this address: a sentence that is good until the
 * next call; NULL if it may.  interface is where the address was announced,
 * NULL or "" if it was not; a configured address may be at any interface.
 */
const char *
reachable_why_not(struct reachable *, struct in_addr, const char *interface);

/* The same, of the address that a device has; NULL also if it has none. */
const char *reachable_device_why_not(struct reachable *, const struct device *);

/* As address_neighbours(), on the nets that this machine is on now. */
bool reachable_neighbours(
    struct reachable *, struct in_addr, uint32_t *first, uint32_t *last);

/* Is it an address of this machine, or loopback? */
bool reachable_is_own(struct reachable *, struct in_addr);

/* Is this machine on any network that a device could be in? */
bool reachable_has_network(struct reachable *);

/* Has this interface, by its name, an address of this machine? */
bool reachable_has_interface(struct reachable *, const char *name);

/* Does a device that is being flashed, or set up, have this address? */
bool reachable_is_at_work(const struct reachable *, struct in_addr);

/* Does a device fetch there?  It serves one connection at a time. */
bool reachable_is_fetching(const struct reachable *, struct in_addr);

/* What this machine is now; good until the next call of any of these. */
const struct address_facts *reachable_facts(struct reachable *);

/*
 * The address under which the device reaches us; listen is the address that the
 * server listens to.
 */
bool reachable_advertised(const struct reachable *, const struct device *,
    struct in_addr listen, struct in_addr *local, struct error *);

#endif
