/* SPDX-License-Identifier: ISC */
/*
 * announced -- what an announcement says, and how much of it is believed.
 *
 * Anybody on the LAN can announce anything.  So an announcement can make a new
 * device known, and the daemon checks where that device is.  What a device
 * announces of itself can keep it from being flashed, and nothing else.
 */
#ifndef REFLASHD_ANNOUNCED_H
#define REFLASHD_ANNOUNCED_H

#include "io/conffiles.h"

struct announce;
struct announced;
struct daemon;
struct registry;
struct scheduler;

/* All borrowed until announced_free(); a reload may change the settings. */
struct announced_parts {
	const struct setup *setup;
	struct registry *registry;
	struct scheduler *scheduler;
	struct daemon *daemon; /* for the objects that are part of it */
};

struct announced *announced_new(const struct announced_parts *);
void announced_free(struct announced *); /* NULL is fine */

/* reflash-scan has heard this announcement, which is borrowed for the call. */
void announced_hear(struct announced *, const struct announce *);

#endif
