/* SPDX-License-Identifier: ISC */
/*
 * netdiag -- what may be in the way between us and the devices, said only
 * where the signs fit.
 *
 * Most tools for these devices fail silently behind a firewall: the device
 * accepts, and never comes (itead/Sonoff_Devices_DIY_Tools#19, #41, #44, #64).
 * Whether it is this machine or the network of the device is told by whether
 * anybody else has ever come.  Pure: it is told what happens and answers.
 */
#ifndef REFLASHD_NETDIAG_H
#define REFLASHD_NETDIAG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/mdns/scanline.h"

/* Needs no init beyond = {0}. */
struct netdiag {
	/* Who came to the HTTP port: of two, one is another than the device. */
	struct in_addr came[2];
	size_t came_count;
	bool tcp; /* the firewall of this machine: suspected */

	enum scan_heard heard;
	unsigned silent; /* rounds of queries that nobody answered */
	bool udp;	 /* suspected */
	bool told_empty; /* that there are others, but no device */
};

enum netdiag_way {
	NETDIAG_NOTHING,
	NETDIAG_FIREWALL, /* ours: nobody has come yet */
	NETDIAG_NETWORK,  /* the device's: others have come */
};

/* Another machine has connected to the HTTP port. */
void netdiag_came(struct netdiag *, struct in_addr from);

/* A device was told to fetch and never came: whose fault is it? */
enum netdiag_way netdiag_never_came(struct netdiag *, struct in_addr device);

/* Discovery knows (or not) whether anybody else can be heard. */
void netdiag_heard(struct netdiag *, enum scan_heard);

enum netdiag_silence {
	NETDIAG_NO_SILENCE,
	NETDIAG_NOBODY, /* heard nobody at all, for several rounds */
	NETDIAG_EMPTY,	/* others, but no device */
};

/* The LAN was asked again; each answer but the first is given once. */
enum netdiag_silence netdiag_asked(struct netdiag *, bool has_device);

/* The commands that let a port in, for the three usual firewalls. */
char *
netdiag_commands(char *dst, size_t size, unsigned port, const char *protocol);

#endif
