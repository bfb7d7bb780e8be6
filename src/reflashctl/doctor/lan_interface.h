/* SPDX-License-Identifier: ISC */
/*
 * lan_interface -- the interfaces of this machine on which devices can be.
 */
#ifndef REFLASHD_REFLASHCTL_LAN_INTERFACE_H
#define REFLASHD_REFLASHCTL_LAN_INTERFACE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/config/configuration.h"

struct lan_interface {
	char name[IF_NAMESIZE];
	bool is_configured;   /* Interfaces= names it */
	bool exists;	      /* else nothing else is known */
	bool is_up, has_link; /* switched on; and has a carrier */
	bool has_multicast;
	struct in_addr address; /* IPv4; 0.0.0.0: none */
	unsigned prefix;	/* bits of its network */
	bool is_allowed;	/* AllowNetworks= has the address */
};

/*
 * List those that Interfaces= names, else all but loopback and tunnels.  The
 * array is yours, to free().
 */
struct lan_interface *lan_interfaces(const struct config *, size_t *count);

/* Return true if devices can be reached over it. */
bool lan_interface_is_usable(const struct lan_interface *);

#endif
