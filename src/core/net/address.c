/* SPDX-License-Identifier: ISC */
/*
 * Decides which IPv4 addresses may be asked, and which of them this machine can
 * reach, from its own addresses and routes.
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/net/address.h"

/* Addresses that cannot be another host, by RFC 6890. */
static const struct {
	uint32_t net;
	uint32_t mask;
	const char *what;
} no_hosts[] = {
	{ 0x00000000, 0xff000000, "no address of a host" },
	{ 0x7f000000, 0xff000000, "a loopback address" },
	{ 0xe0000000, 0xf0000000, "a multicast address" },
	{ 0xffffffff, 0xffffffff, "a broadcast address" },
	{ 0xf0000000, 0xf0000000, "a reserved address" },
};

bool
address_is_own(const struct address_facts *facts, struct in_addr address)
{
	for (size_t i = 0; i < facts->own_count; i++)
		if (facts->own[i].address.s_addr == address.s_addr)
			return true;
	return false;
}

static bool
is_gateway(const struct address_facts *facts, struct in_addr address)
{
	for (size_t i = 0; i < facts->gateway_count; i++)
		if (facts->gateways[i].s_addr == address.s_addr)
			return true;
	return false;
}

static const char *
find_no_host(struct in_addr address)
{
	uint32_t value = ntohl(address.s_addr);

	for (size_t i = 0; i < sizeof(no_hosts) / sizeof(no_hosts[0]); i++)
		if ((value & no_hosts[i].mask) == no_hosts[i].net)
			return no_hosts[i].what;
	return NULL;
}

static bool
is_on_net(const struct address_own *own, struct in_addr address)
{
	return ((own->address.s_addr ^ address.s_addr) & own->netmask.s_addr) ==
	    0;
}

/* Return true for the network or broadcast address of our net. */
static bool
is_net_or_broadcast(const struct address_own *own, struct in_addr address)
{
	uint32_t host = ~ntohl(own->netmask.s_addr);
	uint32_t value = ntohl(address.s_addr) & host;

	return host > 1 && is_on_net(own, address) &&
	    (value == 0 || value == host);
}

static bool
is_on_interface(const struct address_facts *facts, struct in_addr address,
    const char *interface)
{
	for (size_t i = 0; i < facts->own_count; i++)
		if (strcmp(facts->own[i].interface, interface) == 0 &&
		    is_on_net(&facts->own[i], address))
			return true;
	return false;
}

bool
address_may_be_contacted(const struct address_facts *facts,
    struct in_addr address, const char *interface, bool allow_gateway,
    struct error *err)
{
	const char *what = find_no_host(address);

	if (what != NULL)
		return error_set(err, EADDRNOTAVAIL, "it is %s", what);
	if (address_is_own(facts, address))
		return error_set(
		    err, EADDRNOTAVAIL, "it is an address of this machine");
	for (size_t i = 0; i < facts->own_count; i++)
		if (is_net_or_broadcast(&facts->own[i], address))
			return error_set(err, EADDRNOTAVAIL,
			    "it is the network or broadcast address of %s",
			    facts->own[i].interface);
	if (!allow_gateway && is_gateway(facts, address))
		return error_set(err, EADDRNOTAVAIL, "it is the gateway");
	if (interface != NULL && *interface != '\0' &&
	    !is_on_interface(facts, address, interface))
		return error_set(err, EADDRNOTAVAIL,
		    "it is not on the network of %s", interface);
	return true;
}

bool
address_has_way(const struct address_facts *facts, struct in_addr address)
{
	bool is_ours = false;

	for (size_t i = 0; i < facts->own_count; i++) {
		if (!is_on_net(&facts->own[i], address))
			continue;
		if (facts->own[i].is_running)
			return true;
		is_ours = true;
	}
	return !is_ours && facts->gateway_count > 0;
}

static unsigned
bits_of(struct in_addr netmask)
{
	uint32_t mask = ntohl(netmask.s_addr);
	unsigned bits = 0;

	for (; mask & 0x80000000; mask <<= 1)
		bits++;
	return bits;
}

/*
 * Find the narrowest of our nets that has the address.  A net of one address is
 * left out, as it has room for no other host.
 */
static const struct address_own *
find_net(const struct address_facts *facts, struct in_addr address)
{
	const struct address_own *found = NULL;

	for (size_t i = 0; i < facts->own_count; i++) {
		const struct address_own *own = &facts->own[i];
		unsigned bits = bits_of(own->netmask);

		if (is_on_net(own, address) && bits < 32 &&
		    (found == NULL || bits > bits_of(found->netmask)))
			found = own;
	}
	return found;
}

unsigned
address_prefix(const struct address_facts *facts, struct in_addr address)
{
	const struct address_own *own = find_net(facts, address);

	return own != NULL ? bits_of(own->netmask) : 0;
}

static const struct address_own *
find_own(const struct address_facts *facts, struct in_addr address)
{
	for (size_t i = 0; i < facts->own_count; i++)
		if (facts->own[i].address.s_addr == address.s_addr)
			return &facts->own[i];
	return NULL;
}

/*
 * Say why the interface to the address is of no use: it is off, has no carrier,
 * or has no route.
 */
static bool
blame_interface(const struct address_own *own, char *why, size_t size)
{
	if (own == NULL)
		snprintf(why, size,
		    "no interface of this machine has an address there");
	else if (own->is_off)
		snprintf(why, size, "%s is switched off", own->interface);
	else if (!own->is_running)
		snprintf(why, size,
		    "%s has no carrier (its cable, switch or Wi-Fi)",
		    own->interface);
	else
		snprintf(why, size, "there is no route by %s", own->interface);
	return true;
}

bool
address_is_cut_off(const struct address_facts *facts, struct in_addr address,
    unsigned prefix, const struct address_way *way, char *why, size_t size)
{
	const struct address_own *net = find_net(facts, address);
	const struct address_own *own =
	    way->is_there ? find_own(facts, way->local) : NULL;

	if (!way->is_known)
		return !address_has_way(facts, address) &&
		    blame_interface(net, why, size);
	if (!way->is_there && (prefix > 0 || net != NULL))
		return blame_interface(net, why, size);
	if (!way->is_there) {
		snprintf(why, size, "there is no route to it");
		return true;
	}
	if (own != NULL && !own->is_running)
		return blame_interface(own, why, size);
	/* The device was on our own link, not behind that router. */
	if (prefix > 0 && own != NULL &&
	    !is_on_interface(facts, address, own->interface))
		return blame_interface(net, why, size);
	return false;
}

/* Return the neighbours on the narrowest net of ours, as the routes have it. */
bool
address_neighbours(const struct address_facts *facts, struct in_addr around,
    uint32_t *first, uint32_t *last)
{
	uint32_t value = ntohl(around.s_addr), mask = 0;

	if (find_no_host(around) != NULL)
		return false;
	for (size_t i = 0; i < facts->own_count; i++)
		if (is_on_net(&facts->own[i], around) &&
		    ntohl(facts->own[i].netmask.s_addr) > mask)
			mask = ntohl(facts->own[i].netmask.s_addr);
	if (mask == 0 || ~mask <= 1)
		return false;
	mask |= 0xffffff00;
	*first = value & mask;
	*last = value | ~mask;
	return true;
}
