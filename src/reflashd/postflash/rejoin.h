/* SPDX-License-Identifier: ISC */
/*
 * rejoin -- looks for flashed devices that a person has given the Wi-Fi in the
 * meantime: a Tasmota announces nothing, so it must be asked.
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

/* Look for the next awaited devices: not more than 32 in a round. */
void rejoin_all(struct rejoin *);

/* Look where the devices are that a sweep has found: subnet's answered(). */
void rejoin_swept(struct rejoin *);

#endif
