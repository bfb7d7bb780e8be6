/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "io/net/neigh.h"
#include "reflashd/net/mac.h"

#define MANY 8 /* rows; an address may have one for each interface */

void
mac_learn(struct device *device)
{
	char mac[NEIGH_MAC_SIZE];
	struct error err;

	if (!device->has_address)
		return;
	if (neigh_find_mac(device->address, mac, &err))
		text_copy(device->mac, sizeof(device->mac), mac);
	else if (device->mac[0] == '\0')
		log_debug("device", "device %s: %s", device->id, err.text);
}

enum mac
mac_at(const struct device *device, struct in_addr address)
{
	char mac[NEIGH_MAC_SIZE];
	struct error err;

	if (device->mac[0] == '\0' || !neigh_find_mac(address, mac, &err))
		return MAC_UNKNOWN;
	return strcasecmp(mac, device->mac) == 0 ? MAC_SAME : MAC_OTHER;
}

bool
mac_is_alone_at(const struct device *device, struct in_addr address)
{
	struct in_addr found[MANY];
	struct neigh_table table;
	struct error err;
	size_t count;
	bool alone;

	if (device->mac[0] == '\0' || !neigh_load(&table, &err))
		return false;
	count = neigh_find_addresses(&table, device->mac, found, MANY);
	neigh_fini(&table);
	alone = count > 0 && count < MANY;
	for (size_t i = 0; i < count; i++)
		alone &= found[i].s_addr == address.s_addr;
	return alone;
}
