/* SPDX-License-Identifier: ISC */
/*
 * The parts of firewall that do not depend on the kind of rules: how verdicts
 * add up, and which command opens a port.
 */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/memory.h"
#include "base/remedy.h"
#include "core/net/firewall_parts.h"

enum firewall_verdict
firewall_weigh(struct firewall_way *way, enum firewall_fit fit,
    enum firewall_verdict verdict)
{
	if (fit == FIREWALL_NO)
		return FIREWALL_GOES_ON;
	if (fit == FIREWALL_YES)
		return verdict;
	/* A return leads to other rules, which may accept. */
	if (verdict == FIREWALL_ACCEPT || verdict == FIREWALL_RETURN)
		way->may_be_taken = true;
	return FIREWALL_GOES_ON;
}

enum firewall_answer
firewall_conclude(const struct firewall_way *way, enum firewall_verdict verdict)
{
	if (way->steps >= FIREWALL_STEPS)
		return FIREWALL_PERHAPS;
	if (verdict != FIREWALL_DROP)
		return FIREWALL_OPEN;
	return way->may_be_taken ? FIREWALL_PERHAPS : FIREWALL_CLOSED;
}

bool
firewall_is_within(
    struct in_addr address, const char *net, unsigned bits, bool *ok)
{
	struct in_addr in;
	uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits % 33) % 32;

	*ok = bits <= 32 && inet_pton(AF_INET, net, &in) == 1;
	if (bits == 32)
		mask = UINT32_MAX;
	return *ok && ((ntohl(address.s_addr) ^ ntohl(in.s_addr)) & mask) == 0;
}

bool
firewall_name_fits(const char *name, const char *pattern, char sign)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == sign)
		return strncmp(name, pattern, len - 1) == 0;
	return strcmp(name, pattern) == 0;
}

char *
firewall_command(
    const struct firewall_place *place, const struct firewall_packet *packet)
{
	const char *protocol = packet->is_udp ? "udp" : "tcp";
	char *table = remedy_quote(place->table);
	char *chain = remedy_quote(place->chain), *command;

	command = place->is_iptables
	    ? xasprintf("iptables -t %s -I %s -p %s --dport %u -j ACCEPT",
		  table, chain, protocol, packet->port)
	    : xasprintf("nft insert rule %s %s %s %s dport %u accept",
		  place->family, table, chain, protocol, packet->port);
	free(table);
	free(chain);
	return command;
}
