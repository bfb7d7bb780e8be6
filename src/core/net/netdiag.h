/* SPDX-License-Identifier: ISC */
/*
 * netdiag -- what may be in the way between us and the devices, said only where
 * the signs fit.
 *
 * Most tools for these devices fail silently behind a firewall: the device
 * accepts, and never comes (itead/Sonoff_Devices_DIY_Tools#19, #41, #44, #64).
 * If another host has ever come, the fault is not this machine's but that of
 * the device's network.  Pure: it is told what happens and answers.
 */
#ifndef REFLASHD_NETDIAG_H
#define REFLASHD_NETDIAG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/mdns/scanline.h"

/* Initialize with = {0}; nothing else is needed. */
struct netdiag {
	/*
	 * The hosts that came to the HTTP port.  Two are enough: one of them is
	 * not the device in question.
	 */
	struct in_addr came[2];
	size_t came_count;
	bool tcp; /* the firewall of this machine: suspected */

	enum scan_heard heard;
	unsigned silent; /* rounds of queries without an answer */
	bool udp;	 /* suspected */
	bool told_empty; /* that there are others, but no device */
};

enum netdiag_way {
	NETDIAG_NOTHING,
	NETDIAG_FIREWALL, /* ours: no host has come yet */
	NETDIAG_NETWORK,  /* the device's: others have come */
};

/* Tell that another machine has connected to the HTTP port. */
void netdiag_came(struct netdiag *, struct in_addr from);

/*
 * Tell that a device was told to fetch and never came.  Returns where the fault
 * probably is.
 */
enum netdiag_way netdiag_never_came(struct netdiag *, struct in_addr device);

/* Tell whether discovery hears any other host. */
void netdiag_heard(struct netdiag *, enum scan_heard);

enum netdiag_silence {
	NETDIAG_NO_SILENCE,
	NETDIAG_NOBODY, /* no host was heard for several rounds */
	NETDIAG_EMPTY,	/* others, but no device */
};

/*
 * Tell that the LAN was asked again.  Each answer but the first is given once.
 */
enum netdiag_silence netdiag_asked(struct netdiag *, bool has_device);

/* Write the commands that open a port, for the three usual firewalls. */
char *
netdiag_commands(char *dst, size_t size, unsigned port, const char *protocol);

#endif
