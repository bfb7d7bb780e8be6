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

/* One place on the LAN: of a device, or of a stranger. */
struct lan_port {
	struct in_addr address;
	unsigned ifindex; /* 0 on loopback */
	char name[16];
	unsigned char mac[6];
};

/* Whether all of it can be made here, tried in a child process. */
bool lan_probe(struct error *);

/* Enter a new network namespace, as a user without rights in a new user one. */
bool lan_enter(struct error *);

/* Choose addresses; room for that many devices and as many again. */
void lan_init(struct lan *, unsigned devices, bool loopback);

/* Between lan_enter() and the first port: the cable to the other process. */
bool lan_connect(struct lan *, pid_t server, struct error *);

/* In the other process: its end of the cable, addresses and routes. */
bool lan_setup_server(const struct lan *, struct error *);

/* An interface with the next free address, down. */
bool lan_add_port(struct lan *, const unsigned char mac[6], struct lan_port *,
    struct error *);
bool lan_set_up(struct lan *, const struct lan_port *, bool up, struct error *);

/* With its own MAC, or as behind a repeater that puts its own in its place. */
bool lan_repeat(
    struct lan *, const struct lan_port *, bool repeated, struct error *);

/* The next free address. */
struct in_addr lan_next_address(struct lan *);
bool
lan_move(struct lan *, struct lan_port *, struct in_addr to, struct error *);

/* A socket of that place: bound to its interface and address. */
int
lan_socket(const struct lan_port *, int type, uint16_t port, struct error *);

/* Pull the cable to the other process, which loses its carrier; or plug it. */
bool lan_plug(struct lan *, bool in, struct error *);

void lan_close(struct lan *);

#endif
