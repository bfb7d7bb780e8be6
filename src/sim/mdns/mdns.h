/* SPDX-License-Identifier: ISC */
/*
 * mdns -- the responder on port 5353: one socket that hears for all devices
 * and through which the voice of each speaks (voice.h).
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

/* The socket by which every voice speaks. */
int mdns_socket(const struct mdns *);

#endif
