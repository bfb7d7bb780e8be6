/* SPDX-License-Identifier: ISC */
/*
 * subnet -- finds devices at unknown addresses: it sweeps the network around an
 * address, but no network too often.
 */
#ifndef REFLASHD_SUBNET_H
#define REFLASHD_SUBNET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct reachable;
struct subnet;

/* All borrowed until subnet_free(). */
struct subnet_parts {
	struct event_base *base;
	struct reachable *reachable;
	/* Called when the kernel knows who has answered: see subnet_tell(). */
	void (*answered)(void *ctx);
	void *ctx;
};

struct subnet *subnet_new(const struct subnet_parts *);
void subnet_free(struct subnet *); /* NULL is fine */

/* Milliseconds between two sweeps for a device that must be found. */
#define SUBNET_AGAIN_MS 15000

/*
 * Sweep the network around an address, unless that was done within the last ms.
 * Returns true if it was done now.
 */
bool subnet_sweep(struct subnet *, struct in_addr, uint64_t ms);

/* Call answered() once the kernel knows who is there. */
void subnet_tell(struct subnet *);

/* Ask at one address only, and call answered(). */
void subnet_ask(struct subnet *, struct in_addr);

#endif
