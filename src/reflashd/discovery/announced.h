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
struct id_conflict;
struct identify;
struct postflash_run;
struct reachable;
struct registry;
struct scheduler;

/* All borrowed until announced_free(); a reload may change the settings. */
struct announced_parts {
	const struct setup *setup;
	struct registry *registry;
	struct scheduler *scheduler;
	struct reachable *reachable;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct postflash_run *postflash_run;
};

struct announced *announced_new(const struct announced_parts *);
void announced_free(struct announced *); /* NULL is fine */

/* reflash-scan has heard this announcement, which is borrowed for the call. */
void announced_hear(struct announced *, const struct announce *);

#endif
