/* SPDX-License-Identifier: ISC */
/*
 * address -- may a request go to this IPv4 address?
 *
 * Any host on the LAN can send addresses of devices.  None of them may turn the
 * daemon against this machine, against the router or against a group
 * (cups-browsed, CVE-2024-47176, is what happens otherwise).
 */
#ifndef REFLASHD_ADDRESS_H
#define REFLASHD_ADDRESS_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct address_own {
	struct in_addr address;
	struct in_addr netmask;
	char interface[IF_NAMESIZE];
	bool is_running; /* switched on, and there is somebody at the other end
			  */
	bool is_off;	 /* switched off */
};

/* The kernel's route to an address. */
struct address_way {
	bool is_known; /* false: the kernel could not be asked */
	bool is_there;
	struct in_addr local; /* our own address on that way */
};

/*
 * The addresses and routes of this machine: io/net/route.h fills them in, tests
 * make them up.
 */
struct address_facts {
	struct address_own *own;
	size_t own_count;
	struct in_addr *gateways;
	size_t gateway_count;
};

bool address_is_own(const struct address_facts *, struct in_addr);

/*
 * Return true if the address is one other host.  It must not be loopback, this
 * network, a group, reserved, one of our own, the broadcast or network address
 * of a net of ours, or, unless that is allowed, the gateway.  With an interface
 * (NULL or "": any) it must also be on a net of that interface.  On false the
 * error says why.
 */
bool address_may_be_contacted(const struct address_facts *, struct in_addr,
    const char *interface, bool allow_gateway, struct error *);

/* Return false if our addresses show that this machine is cut off. */
bool address_has_way(const struct address_facts *, struct in_addr);

/* Return the bits of the narrowest net of ours with the address; 0: none. */
unsigned address_prefix(const struct address_facts *, struct in_addr);

/*
 * Return true, and why in a clause, if this machine cannot reach a network.
 * The address is that of a device there, which was on our own link (prefix as
 * above) or behind a router (0).
 */
bool address_is_cut_off(const struct address_facts *, struct in_addr,
    unsigned prefix, const struct address_way *, char *why, size_t size);

/*
 * Return the addresses around this one, in host byte order, that a question on
 * the link reaches: of the 256 that differ in the last byte, those on our net.
 * Returns false if it is on no net of ours, or on one without neighbours.
 */
bool address_neighbours(const struct address_facts *, struct in_addr around,
    uint32_t *first, uint32_t *last);

#endif
