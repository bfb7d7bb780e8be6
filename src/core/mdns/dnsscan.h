/* SPDX-License-Identifier: ISC */
/*
 * dnsscan -- whose services a multicast DNS response announces, and what it
 * says about them.
 *
 * Only what one packet says counts: there is no cache, and nothing is asked.
 * Stock firmware leaves its A record out of announcements; the caller knows the
 * sender of the packet.
 */
#ifndef REFLASHD_DNSSCAN_H
#define REFLASHD_DNSSCAN_H

#include <stddef.h>

#include "core/mdns/dnsname.h"

#define DNSSCAN_HITS 8 /* a device announces itself, not its neighbours */
#define DNSSCAN_SRV  (6 + DNSNAME_WIRE)
#define DNSSCAN_A    4

struct dnsscan_hit {
	size_t service; /* index of the service it belongs to */
	unsigned char instance[DNSNAME_LABEL];
	size_t len;

	/* Data of its records; of length 0 if the packet has none. */
	unsigned char srv[DNSSCAN_SRV]; /* its name is not compressed */
	size_t srv_len;
	const unsigned char *txt; /* borrowed from the packet */
	size_t txt_len;
	unsigned char a[DNSSCAN_A]; /* of the host in srv */
	size_t a_len;
};

/*
 * Find the instances of "SERVICE.local" that the packet announces, each one
 * once.  Farewells (TTL 0), queries and broken packets announce none.  Of two
 * records of a kind the first counts.  Stops at the first broken record but
 * keeps what came before it.  Returns how many were found.
 */
size_t
dnsscan_find(const void *packet, size_t len, const char *const services[],
    size_t count, struct dnsscan_hit hits[DNSSCAN_HITS]);

#endif
