/* SPDX-License-Identifier: ISC */
/*
 * rejoin -- the look-out for flashed devices that somebody has given the Wi-Fi
 * meanwhile: a Tasmota announces nothing, so it has to be asked for.
 */
#ifndef REFLASHD_REJOIN_H
#define REFLASHD_REJOIN_H

struct postflash_run;
struct reachable;
struct registry;
struct rejoin;
struct subnet;

/* All borrowed until rejoin_free(). */
struct rejoin_parts {
	struct postflash_run *postflash_run;
	struct registry *registry;
	struct reachable *reachable;
	struct subnet *subnet;
};

struct rejoin *rejoin_new(const struct rejoin_parts *);
void rejoin_free(struct rejoin *); /* NULL is fine */

/* Look for the next devices that are awaited, so many in a round. */
void rejoin_all(struct rejoin *);

/* For subnet's answered(): look at what a sweep has brought to light. */
void rejoin_swept(struct rejoin *);

#endif
