/* SPDX-License-Identifier: ISC */
/*
 * Guesses from missing answers and connections whether a firewall is in the
 * way, and names the command that opens it.
 */
#include "config.h"

#include <stdio.h>

#include "core/net/netdiag.h"

#define ROUNDS 2 /* each of them several packets, RequerySec apart */

void
netdiag_came(struct netdiag *s, struct in_addr from)
{
	s->tcp = false;
	if (s->came_count == 2 ||
	    (s->came_count == 1 && s->came[0].s_addr == from.s_addr))
		return;
	s->came[s->came_count++] = from;
}

enum netdiag_way
netdiag_never_came(struct netdiag *s, struct in_addr device)
{
	for (size_t i = 0; i < s->came_count; i++)
		if (s->came[i].s_addr != device.s_addr)
			return NETDIAG_NETWORK;
	if (s->came_count > 0)
		return NETDIAG_NOTHING; /* the device was here before */
	s->tcp = true;
	return NETDIAG_FIREWALL;
}

void
netdiag_heard(struct netdiag *s, enum scan_heard heard)
{
	if (s->heard == SCAN_HEARD_OTHERS)
		return;
	s->heard = heard;
	if (heard == SCAN_HEARD_OTHERS) {
		s->silent = 0;
		s->udp = false;
	}
}

enum netdiag_silence
netdiag_asked(struct netdiag *s, bool has_device)
{
	if (s->heard == SCAN_HEARD_UNKNOWN || s->udp || s->told_empty ||
	    (s->heard == SCAN_HEARD_OTHERS && has_device))
		return NETDIAG_NO_SILENCE;
	if (++s->silent < ROUNDS)
		return NETDIAG_NO_SILENCE;
	if (s->heard == SCAN_HEARD_NOBODY) {
		s->udp = true;
		return NETDIAG_NOBODY;
	}
	s->told_empty = true;
	return NETDIAG_EMPTY;
}

char *
netdiag_commands(char *dst, size_t size, unsigned port, const char *protocol)
{
	snprintf(dst, size,
	    "with ufw: ufw allow %u/%s; with firewalld: firewall-cmd "
	    "--permanent --add-port=%u/%s && firewall-cmd --reload; with "
	    "nftables: nft insert rule inet filter input %s dport %u accept",
	    port, protocol, port, protocol, protocol, port);
	return dst;
}
