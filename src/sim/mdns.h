/* SPDX-License-Identifier: ISC */
/*
 * mdns -- the responder on port 5353: one socket that hears for all devices,
 * and the voice of each, which speaks from the device's own address.
 */
#ifndef REFLASHD_SIM_MDNS_H
#define REFLASHD_SIM_MDNS_H

#include "base/error.h"

struct device;
struct mdns;
struct sim;
struct voice;

struct mdns *mdns_new(struct sim *, struct error *);
void mdns_free(struct mdns *);

/* NULL where there is no multicast; the others take that. */
struct voice *voice_new(struct device *);
void voice_free(struct voice *);

/* Say it now, and what belongs to it (late, thrice, goodbye). */
void voice_come(struct voice *);
void voice_announce(struct voice *);
void voice_leave(struct voice *);

#endif
