/* SPDX-License-Identifier: ISC */
/*
 * netdiag_log -- warns once when the firewall of this machine seems to keep
 * devices out; core/net/netdiag knows the signs.
 */
#ifndef REFLASHD_NETDIAG_LOG_H
#define REFLASHD_NETDIAG_LOG_H

#include <jansson.h>

#include "core/device/device.h"
#include "core/mdns/scanline.h"

struct netdiag_log;
struct reachable;
struct registry;

/* Both are borrowed. */
struct netdiag_log *netdiag_log_new(struct registry *, struct reachable *);
void netdiag_log_free(struct netdiag_log *); /* NULL is fine */

/* Set the TCP port that devices connect to. */
void netdiag_log_set_port(struct netdiag_log *, unsigned port);

/* Note that a machine has connected to that port. */
void netdiag_log_came(struct netdiag_log *, struct in_addr from);

/* Note whether discovery hears any other machine. */
void netdiag_log_heard(struct netdiag_log *, enum scan_heard);

/*
 * Add to the detail of a failed attempt why the device may not have connected.
 * Returns true if netdiag_log_tell_tcp() has something new to log.
 */
bool netdiag_log_explain(struct netdiag_log *, struct device *);
void netdiag_log_tell_tcp(const struct netdiag_log *);

/* Note that discovery works and has asked the LAN again. */
void netdiag_log_asked(struct netdiag_log *);

/* Append what is suspected now to a list, for status. */
void netdiag_log_problems(const struct netdiag_log *, json_t *problems);

#endif
