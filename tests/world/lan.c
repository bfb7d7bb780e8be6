/* SPDX-License-Identifier: ISC */
/*
 * The network of this machine: one interface, whose cable can be out, and the
 * kernel's table of neighbours.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "io/net/neigh.h"
#include "io/net/route.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/world.h"

static struct {
	bool is_down, has_changed;
	unsigned own;
} lan = { .own = 1, .has_changed = true };

struct in_addr
lan_address(unsigned last)
{
	return (struct in_addr){ htonl((LAN_OWN & 0xffffff00u) | last) };
}

struct in_addr
lan_own(void)
{
	return lan_address(lan.own);
}

bool
lan_is_up(void)
{
	return !lan.is_down;
}

static void
changed(void)
{
	lan.has_changed = true;
	loop_network_changed();
}

void
lan_set_up(bool up)
{
	lan.is_down = !up;
	changed();
}

void
lan_set_own(unsigned last)
{
	lan.own = last;
	changed();
}

bool
route_local_address(struct in_addr to, struct in_addr *local, struct error *err)
{
	(void)to;
	*local = lan_own();
	return lan_is_up() || error_errno(err, ENETUNREACH, "connect");
}

void
route_way(struct in_addr to, struct address_way *way)
{
	(void)to;
	*way = (struct address_way){
		.is_known = true, .is_there = lan_is_up(), .local = lan_own()
	};
}

int
route_fd(void)
{
	return 0; /* watch_set() ignores it */
}

bool
route_changed(void)
{
	bool has_changed = lan.has_changed;

	lan.has_changed = false;
	return has_changed;
}

bool
route_load(struct address_facts *facts, struct error *err)
{
	(void)err;
	*facts = (struct address_facts){ 0 };
	facts->own = xcalloc(1, sizeof(*facts->own));
	facts->own_count = 1;
	facts->own[0] = (struct address_own){ .address = lan_own(),
		.netmask = { htonl(0xffffff00u) },
		.interface = "eth0",
		.is_running = lan_is_up() };
	facts->gateways = xcalloc(1, sizeof(*facts->gateways));
	facts->gateways[0] = lan_address(LAN_ROUTER);
	facts->gateway_count = 1;
	return true;
}

void
route_fini(struct address_facts *facts)
{
	free(facts->own);
	free(facts->gateways);
	*facts = (struct address_facts){ 0 };
}

bool
neigh_find_mac(
    struct in_addr address, char mac[NEIGH_MAC_SIZE], struct error *err)
{
	const struct thing *thing = lan_is_up() ? thing_at(address) : NULL;

	mac[0] = '\0';
	if (thing == NULL)
		return error_set(err, ENOENT, "no neighbour there");
	memcpy(mac, thing->mac, NEIGH_MAC_SIZE);
	return true;
}

bool
neigh_load(struct neigh_table *table, struct error *err)
{
	(void)err;
	*table = (struct neigh_table){ 0 };
	table->rows = xcalloc(thing_count + 1, sizeof(*table->rows));
	for (size_t i = 0; i < thing_count && lan_is_up(); i++) {
		struct neigh *row = &table->rows[table->count];

		if (thing_at(thing_address(&things[i])) != &things[i])
			continue;
		row->address = thing_address(&things[i]);
		memcpy(row->mac, things[i].mac, NEIGH_MAC_SIZE);
		table->count++;
	}
	return true;
}

void
neigh_fini(struct neigh_table *table)
{
	free(table->rows);
	*table = (struct neigh_table){ 0 };
}

size_t
neigh_find_addresses(const struct neigh_table *table, const char *mac,
    struct in_addr *found, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count && count < max; i++)
		if (strcasecmp(table->rows[i].mac, mac) == 0)
			found[count++] = table->rows[i].address;
	return count;
}

void
neigh_sweep(uint32_t first, uint32_t last,
    bool (*may)(struct in_addr, void *ctx), void *ctx)
{
	(void)first;
	(void)last;
	(void)may;
	(void)ctx; /* the table has every neighbour already */
}
