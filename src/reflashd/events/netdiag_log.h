/* SPDX-License-Identifier: ISC */
/*
 * netdiag_log -- says aloud, once, when this machine's firewall seems to keep
 * devices out; core/net/netdiag knows the signs.
 */
#ifndef REFLASHD_NETDIAG_LOG_H
#define REFLASHD_NETDIAG_LOG_H

#include <jansson.h>

#include "core/device/device.h"
#include "core/mdns/scanline.h"

struct firewall;
struct registry;

/* The registry is borrowed. */
struct firewall *firewall_new(struct registry *);
void firewall_free(struct firewall *); /* NULL is fine */

/* The TCP port that devices come to. */
void firewall_set_port(struct firewall *, unsigned port);

/* A machine has connected to that port. */
void firewall_came(struct firewall *, struct in_addr from);

/* Discovery knows whether any other machine can be heard. */
void firewall_heard(struct firewall *, enum scan_heard);

/*
 * An attempt has failed: if the device never came, say in its detail why that
 * may be.  True: firewall_tell_tcp() has something new to tell.
 */
bool firewall_explain(struct firewall *, struct device *);
void firewall_tell_tcp(const struct firewall *);

/* Discovery works, and has asked the LAN again. */
void firewall_asked(struct firewall *);

/* What is suspected now, for status; appended to a list. */
void firewall_problems(const struct firewall *, json_t *problems);

#endif
