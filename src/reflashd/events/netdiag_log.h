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

struct netdiag_log;
struct reachable;
struct registry;

/* Both are borrowed. */
struct netdiag_log *netdiag_log_new(struct registry *, struct reachable *);
void netdiag_log_free(struct netdiag_log *); /* NULL is fine */

/* The TCP port that devices come to. */
void netdiag_log_set_port(struct netdiag_log *, unsigned port);

/* A machine has connected to that port. */
void netdiag_log_came(struct netdiag_log *, struct in_addr from);

/* Discovery knows whether any other machine can be heard. */
void netdiag_log_heard(struct netdiag_log *, enum scan_heard);

/*
 * An attempt has failed: if the device never came, say in its detail why that
 * may be.  True: netdiag_log_tell_tcp() has something new to tell.
 */
bool netdiag_log_explain(struct netdiag_log *, struct device *);
void netdiag_log_tell_tcp(const struct netdiag_log *);

/* Discovery works, and has asked the LAN again. */
void netdiag_log_asked(struct netdiag_log *);

/* What is suspected now, for status; appended to a list. */
void netdiag_log_problems(const struct netdiag_log *, json_t *problems);

#endif
