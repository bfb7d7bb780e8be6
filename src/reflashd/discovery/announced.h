/* SPDX-License-Identifier: ISC */
/*
 * announced -- takes in announcements, as far as they can be believed.
 *
 * Anybody on the LAN can announce anything.  So an announcement can make a new
 * device known, and the daemon checks where that device is.  What a device
 * announces of itself can keep it from being flashed, and nothing else.
 */
#ifndef REFLASHD_ANNOUNCED_H
#define REFLASHD_ANNOUNCED_H

#include "base/ratelimit.h"
#include "reflashd/discovery/discovery.h"

struct announce;

/*
 * Take in an announcement, which is borrowed for the call.  no_room limits the
 * warnings that there are too many devices.
 */
void announced_hear(const struct discovery_parts *, struct ratelimit *no_room,
    const struct announce *);

#endif
