/* SPDX-License-Identifier: ISC */
/*
 * announced -- what an announcement says, and how much of it is believed.
 *
 * Anybody on the LAN can announce anything.  So a device that nobody knows may
 * be there; where it is, is looked into; what it says of itself keeps it from
 * being flashed, at the most.
 */
#ifndef REFLASHD_ANNOUNCED_H
#define REFLASHD_ANNOUNCED_H

#include "reflashd/daemon.h"

struct announce;

void announced_announced(struct daemon *, const struct announce *);

#endif
