/* SPDX-License-Identifier: ISC */
/* Lists the interfaces of this machine, with what doctor looks at. */
#include "config.h"

#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "reflashctl/doctor/lan_interface.h"

/* The list under construction. */
struct list {
	const struct config *config; /* borrowed */
	struct lan_interface *items; /* owned */
	size_t count;
};

static bool
is_named(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->interfaces.count; i++)
		if (strcmp(config->interfaces.items[i], name) == 0)
			return true;
	return false;
}

static struct lan_interface *
get(struct list *list, const char *name)
{
	struct lan_interface *one;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	list->items =
	    xrealloc(list->items, list->count + 1, sizeof(*list->items));
	one = &list->items[list->count++];
	*one = (struct lan_interface){ .is_configured =
					   is_named(list->config, name) };
	text_copy(one->name, sizeof(one->name), name);
	return one;
}

static void
take_address(
    struct list *list, struct lan_interface *one, const struct ifaddrs *entry)
{
	struct sockaddr_in address, mask = { 0 };

	if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_INET ||
	    one->address.s_addr != 0)
		return;
	memcpy(&address, entry->ifa_addr, sizeof(address));
	if (entry->ifa_netmask != NULL)
		memcpy(&mask, entry->ifa_netmask, sizeof(mask));
	one->address = address.sin_addr;
	one->prefix =
	    (unsigned)__builtin_popcount((unsigned)mask.sin_addr.s_addr);
	one->is_allowed =
	    networks_has(&list->config->allow_networks, one->address);
}

/* Take an entry: there is one for the interface, and one for each address. */
static void
take_entry(struct list *list, const struct ifaddrs *entry)
{
	const unsigned not_lan = IFF_LOOPBACK | IFF_POINTOPOINT;
	struct lan_interface *one;

	if (list->config->interfaces.count > 0
		? !is_named(list->config, entry->ifa_name)
		: (entry->ifa_flags & not_lan) != 0)
		return;
	one = get(list, entry->ifa_name);
	one->exists = true;
	one->is_up = (entry->ifa_flags & IFF_UP) != 0;
	one->has_link = (entry->ifa_flags & IFF_RUNNING) != 0;
	one->has_multicast = (entry->ifa_flags & IFF_MULTICAST) != 0;
	take_address(list, one, entry);
}

struct lan_interface *
lan_interfaces(const struct config *config, size_t *count)
{
	struct list list = { .config = config };
	struct ifaddrs *entries = NULL;

	for (size_t i = 0; i < config->interfaces.count; i++)
		get(&list, config->interfaces.items[i]);
	if (getifaddrs(&entries) == 0)
		for (const struct ifaddrs *entry = entries; entry != NULL;
		    entry = entry->ifa_next)
			take_entry(&list, entry);
	freeifaddrs(entries);
	*count = list.count;
	return list.items;
}

bool
lan_interface_is_usable(const struct lan_interface *one)
{
	return one->exists && one->is_up && one->has_link &&
	    one->address.s_addr != 0 && one->is_allowed;
}
