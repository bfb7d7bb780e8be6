/* SPDX-License-Identifier: ISC */
/*
 * mdns -- the responder on port 5353: one socket receives for all devices, and
 * each sends through it (voice.h).
 */
#ifndef REFLASHD_SIM_MDNS_H
#define REFLASHD_SIM_MDNS_H

#include "base/error.h"

#define MDNS_PORT  5353
#define MDNS_GROUP "224.0.0.251"

struct mdns;
struct sim;

struct mdns *mdns_new(struct sim *, struct error *);
void mdns_free(struct mdns *);

/* Return the socket through which every device sends. */
int mdns_socket(const struct mdns *);

#endif
