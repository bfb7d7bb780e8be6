/* SPDX-License-Identifier: ISC */
/*
 * reachable -- decides whether a request may go to an address.  It is asked
 * before each request to an address that came from the network or a person.
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
	 * Called when this machine has other addresses or routes, within a call
	 * of any function below: act on it in the next turn of the event loop.
	 */
	void (*changed)(void *ctx);
	void *ctx;
};

struct reachable *reachable_new(const struct reachable_parts *);
void reachable_free(struct reachable *); /* NULL is fine */

/*
 * Return a sentence that says why a request may not go to this address, valid
 * until the next call; NULL: it may.  interface is where the address was
 * announced, NULL or "" if it was not; a configured address may be at any.
 */
const char *
reachable_why_not(struct reachable *, struct in_addr, const char *interface);

/* Do the same for the address of a device; NULL also if it has none. */
const char *reachable_device_why_not(struct reachable *, const struct device *);

/*
 * Do the same for an address without an interface, right before a connection:
 * the addresses of this machine and the configuration may have changed since
 * the call was queued.  A call that belongs to no job must not disturb a device
 * that downloads there, too.  For client_new(), with the reachable as ctx.
 */
const char *reachable_client_why_not(struct in_addr, bool is_urgent, void *ctx);

/* Call address_neighbours() with the networks of this machine. */
bool reachable_neighbours(
    struct reachable *, struct in_addr, uint32_t *first, uint32_t *last);

/* Return true for an address of this machine, or loopback. */
bool reachable_is_own(struct reachable *, struct in_addr);

/* Return true if this machine is on any network but loopback. */
bool reachable_has_network(struct reachable *);

/* Return true if the interface of this name has an address. */
bool reachable_has_interface(struct reachable *, const char *name);

/* Return true if a Device= of the configuration has this address. */
bool reachable_is_configured(const struct reachable *, struct in_addr);

/* Return true if a device that is being flashed or set up has this address. */
bool reachable_is_at_work(const struct reachable *, struct in_addr);

/* Return the networks of this machine; valid until the next call of any. */
const struct address_facts *reachable_facts(struct reachable *);

/* Return why the networks of this machine are not known; NULL: they are. */
const char *reachable_lost(struct reachable *);

/*
 * Find the address under which the device reaches this machine; listen is the
 * address that the server listens at.
 */
bool reachable_advertised(const struct reachable *, const struct device *,
    struct in_addr listen, struct in_addr *local, struct error *);

#endif
