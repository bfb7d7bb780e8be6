/* SPDX-License-Identifier: ISC */
/*
 * dnsscan -- whose services a multicast DNS response speaks of.
 *
 * Reads no more of a packet than the names, to learn from which address a
 * service was announced: stock firmware leaves its A record out of
 * announcements, and libavahi does not tell the sender of a packet.
 */
#ifndef REFLASHD_DNSSCAN_H
#define REFLASHD_DNSSCAN_H

#include <stddef.h>

#include "core/dnsname.h"

#define DNSSCAN_HITS 8 /* a device announces itself, not its neighbours */

struct dnsscan_hit {
	size_t service; /* index of the service it belongs to */
	unsigned char instance[DNSNAME_LABEL];
	size_t len;
};

/*
 * Find the instances of "SERVICE.local" that the packet announces: each one
 * once, farewells (TTL 0), queries and broken packets none.  Stops at the
 * first broken record but keeps what came before it.  Returns how many.
 */
size_t
dnsscan_find(const void *packet, size_t len, const char *const services[],
    size_t count, struct dnsscan_hit hits[DNSSCAN_HITS]);

#endif
