/* SPDX-License-Identifier: ISC */
/*
 * netlink -- interfaces, addresses and routes of the network namespace in
 * which the socket was opened.  Each call waits for the kernel's answer, which
 * it gives at once.
 */
#ifndef REFLASHD_SIM_NETLINK_H
#define REFLASHD_SIM_NETLINK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

int netlink_open(struct error *); /* -1 on failure */

/* Add a pair of interfaces, the peer in the namespace of the process. */
bool netlink_add_veth(int nl, const char *name, const char *peer,
    const unsigned char peer_mac[6], pid_t, struct error *);
bool netlink_add_macvlan(int nl, const char *name, unsigned lower,
    const unsigned char mac[6], struct error *);
bool netlink_set_mac(
    int nl, unsigned ifindex, const unsigned char mac[6], struct error *);
bool netlink_set_link(int nl, unsigned ifindex, bool up, struct error *);
bool netlink_set_address(int nl, unsigned ifindex, struct in_addr,
    unsigned prefix, bool add, struct error *);

/* Add a route; via 0: on the link; prefix 0: the default route. */
bool netlink_add_route(int nl, unsigned ifindex, struct in_addr dst,
    unsigned prefix, struct in_addr via, struct error *);
bool netlink_add_neighbour(int nl, unsigned ifindex, struct in_addr,
    const unsigned char mac[6], struct error *);

#endif
