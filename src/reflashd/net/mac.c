/* SPDX-License-Identifier: ISC */
/*
 * Compares the MAC of a device with what the kernel sees on the network, for
 * modules that must know who answers at an address.
 */
#include "config.h"

#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "reflashd/net/mac.h"
#include "reflashd/net/reachable.h"

void
mac_learn(struct device *device)
{
	char mac[NEIGH_MAC_SIZE];
	struct error err;

	if (!device->place.has_address)
		return;
	if (neigh_find_mac(device->place.address, mac, &err))
		text_copy(device->place.mac, sizeof(device->place.mac), mac);
	else if (device->place.mac[0] == '\0')
		log_debug("device", "device %s: %s", device->id, err.text);
}

enum mac
mac_read(const struct device *device, struct in_addr address,
    char mac[NEIGH_MAC_SIZE])
{
	struct error err;

	mac[0] = '\0';
	if (device->place.mac[0] == '\0' || !neigh_find_mac(address, mac, &err))
		return MAC_UNKNOWN;
	return strcasecmp(mac, device->place.mac) == 0 ? MAC_SAME : MAC_OTHER;
}

enum mac
mac_at(const struct device *device, struct in_addr address)
{
	char mac[NEIGH_MAC_SIZE];

	return mac_read(device, address, mac);
}

void
mac_load_table(struct neigh_table *table)
{
	struct error err;

	if (!neigh_load(table, &err))
		log_debug("device", "%s", err.text);
}

size_t
mac_find(const struct neigh_table *table, const struct device *device,
    struct in_addr left_out, struct reachable *reachable, struct in_addr *out,
    size_t max)
{
	struct in_addr found[MAC_ADDRESSES];
	size_t count, n = 0;

	if (device->place.mac[0] == '\0')
		return 0;
	count = neigh_find_addresses(
	    table, device->place.mac, found, MAC_ADDRESSES);
	for (size_t i = 0; i < count && n < max; i++)
		if (found[i].s_addr != left_out.s_addr &&
		    reachable_why_not(reachable, found[i], NULL) == NULL)
			out[n++] = found[i];
	return n;
}

bool
mac_is_alone_at(const struct device *device, struct in_addr address)
{
	struct in_addr found[MAC_ADDRESSES];
	struct neigh_table table;
	size_t count;
	bool alone;

	if (device->place.mac[0] == '\0')
		return false;
	mac_load_table(&table);
	count = neigh_find_addresses(
	    &table, device->place.mac, found, MAC_ADDRESSES);
	neigh_fini(&table);
	alone = count > 0 && count < MAC_ADDRESSES;
	for (size_t i = 0; i < count; i++)
		alone &= found[i].s_addr == address.s_addr;
	return alone;
}
