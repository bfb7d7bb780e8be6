/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>

#include "core/net/netdiag.h"

#define ROUNDS 2 /* each of them several packets, RequerySec apart */

void
suspect_came(struct suspect *s, struct in_addr from)
{
	s->tcp = false;
	if (s->came_count == 2 ||
	    (s->came_count == 1 && s->came[0].s_addr == from.s_addr))
		return;
	s->came[s->came_count++] = from;
}

enum suspect_way
suspect_never_came(struct suspect *s, struct in_addr device)
{
	for (size_t i = 0; i < s->came_count; i++)
		if (s->came[i].s_addr != device.s_addr)
			return SUSPECT_NETWORK;
	if (s->came_count > 0)
		return SUSPECT_NOTHING; /* it was here before */
	s->tcp = true;
	return SUSPECT_FIREWALL;
}

void
suspect_heard(struct suspect *s, enum scan_heard heard)
{
	if (s->heard == SCAN_HEARD_OTHERS)
		return;
	s->heard = heard;
	if (heard == SCAN_HEARD_OTHERS) {
		s->silent = 0;
		s->udp = false;
	}
}

enum suspect_silence
suspect_asked(struct suspect *s, bool has_device)
{
	if (s->heard == SCAN_HEARD_UNKNOWN || s->udp || s->told_empty ||
	    (s->heard == SCAN_HEARD_OTHERS && has_device))
		return SUSPECT_NO_SILENCE;
	if (++s->silent < ROUNDS)
		return SUSPECT_NO_SILENCE;
	if (s->heard == SCAN_HEARD_NOBODY) {
		s->udp = true;
		return SUSPECT_NOBODY;
	}
	s->told_empty = true;
	return SUSPECT_EMPTY;
}

char *
suspect_commands(char *dst, size_t size, unsigned port, const char *protocol)
{
	snprintf(dst, size,
	    "with ufw: ufw allow %u/%s; with firewalld: firewall-cmd "
	    "--permanent --add-port=%u/%s && firewall-cmd --reload; with "
	    "nftables: nft insert rule inet filter input %s dport %u accept",
	    port, protocol, port, protocol, protocol, port);
	return dst;
}
