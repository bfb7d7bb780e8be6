/* SPDX-License-Identifier: ISC */
/*
 * firewall -- says aloud, once, when this machine's firewall seems to keep
 * devices out; core/suspect knows the signs.
 */
#ifndef REFLASHD_FIREWALL_H
#define REFLASHD_FIREWALL_H

#include "reflashd/daemon.h"

/* Somebody has connected to the HTTP port. */
void firewall_came(struct daemon *, struct in_addr from);

/*
 * An attempt has failed: if the device never came, say in its detail why that
 * may be.  True: firewall_tell_tcp() has something new to tell.
 */
bool firewall_explain(struct daemon *, struct device *);
void firewall_tell_tcp(const struct daemon *);

/* The LAN was asked again. */
void firewall_asked(struct daemon *);

/* What is suspected now, for status; appended to a list. */
void firewall_problems(const struct daemon *, json_t *problems);

#endif
