/* SPDX-License-Identifier: ISC */
/*
 * lan -- the network that exists only for the simulation.
 *
 *	namespace of COMMAND		namespace of the simulator
 *	eth0 192.168.77.1  <-- veth -->	lan0 -+- d0 192.168.77.10  (macvlan)
 *					      +- d1 192.168.77.11
 *					      +- ...
 *
 * Each device has an interface with a MAC of its own, so that ARP, the
 * neighbour table and multicast are those of a real LAN.  Where no namespace
 * can be made, devices are addresses of the loopback network and there is no
 * multicast.
 */
#ifndef REFLASHD_SIM_LAN_H
#define REFLASHD_SIM_LAN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct lan {
	bool loopback;
	int netlink;
	unsigned lower; /* interface index of lan0 */
	struct in_addr server;
	unsigned prefix;
	uint32_t first;	  /* address of device 0, host byte order */
	unsigned handed;  /* addresses given away so far */
	unsigned created; /* interfaces made so far */
};

/* One place on the LAN: of a device, or of a machine that is none. */
struct lan_port {
	struct in_addr address;
	unsigned ifindex; /* 0 on loopback */
	char name[16];
	unsigned char mac[6];
};

/* Return true if a LAN can be made here, as a child process tries. */
bool lan_probe(struct error *);

/* Enter a new network namespace; without root, in a new user namespace. */
bool lan_enter(struct error *);

/* Choose the addresses, with room for twice as many devices. */
void lan_init(struct lan *, unsigned devices, bool loopback);

/* After lan_enter() and before any port, make the cable. */
bool lan_connect(struct lan *, pid_t server, struct error *);

/* In the other process, set up its end of the cable, addresses and routes. */
bool lan_setup_server(const struct lan *, struct error *);

/* Add an interface with the next free address; it is down. */
bool lan_add_port(struct lan *, const unsigned char mac[6], struct lan_port *,
    struct error *);
bool lan_set_up(struct lan *, const struct lan_port *, bool up, struct error *);

/* Show the LAN the MAC of the device, or that of a repeater before it. */
bool lan_repeat(
    struct lan *, const struct lan_port *, bool repeated, struct error *);

/* Return the next free address; move an interface to an address. */
struct in_addr lan_next_address(struct lan *);
bool
lan_move(struct lan *, struct lan_port *, struct in_addr to, struct error *);

/* Open a socket that is bound to the interface and address of that place. */
int
lan_socket(const struct lan_port *, int type, uint16_t port, struct error *);

/* Plug in the cable to the other process, or pull it. */
bool lan_plug(struct lan *, bool in, struct error *);

void lan_close(struct lan *);

#endif
