/* SPDX-License-Identifier: ISC */
/*
 * address -- may a request go to this IPv4 address?
 *
 * Addresses of devices come from whoever speaks on the LAN.  None of them may
 * turn the daemon against this machine, against the router or against a
 * group (cups-browsed, CVE-2024-47176, is what happens otherwise).
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

/* What the kernel says of the way to an address. */
struct address_way {
	bool is_known; /* false: it could not be asked */
	bool is_there;
	struct in_addr local; /* our own address on that way */
};

/* What this machine is: io/net/route.h fills it in, tests make it up. */
struct address_facts {
	struct address_own *own;
	size_t own_count;
	struct in_addr *gateways;
	size_t gateway_count;
};

bool address_is_own(const struct address_facts *, struct in_addr);
bool address_is_gateway(const struct address_facts *, struct in_addr);

/*
 * One host elsewhere: not loopback, this network, a group, reserved, one of
 * our own, or the broadcast or network address of a net of ours, or the
 * gateway unless that is allowed.  With an interface (NULL or "": any) it
 * must also be on a net of that.  Where it may not, the error says why.
 */
bool address_may_be_contacted(const struct address_facts *, struct in_addr,
    const char *interface, bool allow_gateway, struct error *);

/* As far as our addresses tell; false: this machine itself is cut off now. */
bool address_has_way(const struct address_facts *, struct in_addr);

/* How many bits name the narrowest net of ours that an address is on; 0 none.
 */
unsigned address_prefix(const struct address_facts *, struct in_addr);

/*
 * Whether this machine cannot reach a network, and why, in a clause.  The
 * address is of somebody there, who was on our own link (prefix as above) or
 * behind a router (0).
 */
bool address_is_cut_off(const struct address_facts *, struct in_addr,
    unsigned prefix, const struct address_way *, char *why, size_t size);

/*
 * The addresses around this one, in host byte order, that a question on the
 * link reaches: of the 256 that differ in the last byte those on our net.
 * False: it is on no net of ours, or on one without neighbours.
 */
bool address_neighbours(const struct address_facts *, struct in_addr around,
    uint32_t *first, uint32_t *last);

#endif
