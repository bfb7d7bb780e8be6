/* SPDX-License-Identifier: ISC */
/*
 * scanline -- the lines that reflash-scan writes and core/sonoff/announce
 * reads.
 *
 * One JSON object per line, printable ASCII only, shorter than SCANLINE_MAX
 * whatever the network sent: NUL, DEL and bytes that are no UTF-8 become
 * U+FFFD, other control characters \u00XX, and a TXT record that is too long
 * loses its last strings.
 *
 *   {"event":"seen","service":"_ewelink._tcp","instance":"eWeLink_1000a05bf6",
 *    "interface":"eth0","host":"eWeLink_1000a05bf6.local",
 *    "address":"192.168.1.23","port":8081,"txt":{"id":"1000a05bf6",...}}
 *   {"event":"gone","service":...,"instance":...,"interface":...}
 *   {"event":"status","backend":"avahi","ready":true,"text":"...","next":60,
 *    "heard":true}
 *
 * "host", "address", "port" and "txt" are left out while unknown.  With
 * "address_hint":true the address is the sender of the announcement and not
 * from an A record.  A TXT string without "=" has the value null.  "next"
 * promises another line within so many seconds.  "heard" says whether any
 * packet of multicast DNS has come from another machine; left out, nobody
 * knows.
 */
#ifndef REFLASHD_SCANLINE_H
#define REFLASHD_SCANLINE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mdns/dnsname.h"

#define SCANLINE_MAX	   8192 /* with the newline */
#define SCANLINE_TXT	   1300 /* what Sonoff allows a TXT record */
#define SCANLINE_INTERFACE 16	/* IF_NAMESIZE */

/* A service on an interface, as its records describe it. */
struct sighting {
	const char *service; /* borrowed */
	unsigned char instance[DNSNAME_LABEL];
	size_t instance_len;
	char interface[SCANLINE_INTERFACE];
	bool has_host, has_address, address_is_hint, has_port, has_txt;
	struct dnsname host;
	struct in_addr address;
	uint16_t port;
	const unsigned char *txt; /* borrowed; in wire format */
	size_t txt_len;		  /* at most SCANLINE_TXT */
};

/* The hosts whose multicast DNS has come in: unknown, none, or others. */
enum scan_heard { SCAN_HEARD_UNKNOWN, SCAN_HEARD_NOBODY, SCAN_HEARD_OTHERS };

struct scanstatus {
	const char *backend, *text; /* borrowed */
	bool ready;
	unsigned next_sec;
	enum scan_heard heard;
};

/* Each returns a line with its newline, to be freed with free(). */
char *scanline_seen(const struct sighting *);
char *scanline_gone(const struct sighting *);
char *scanline_status(const struct scanstatus *);

#endif
