/* SPDX-License-Identifier: ISC */
/*
 * neigh -- the kernel's table of neighbours: which MAC has which address.
 *
 * Read without privilege and without waiting.  Only what this machine spoke
 * to a short while ago is in it, and only what is on the same segment.
 */
#ifndef REFLASHD_NEIGH_H
#define REFLASHD_NEIGH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define NEIGH_MAC_SIZE 18 /* "aa:bb:cc:dd:ee:ff", lower case */

struct neigh {
	struct in_addr address;
	char mac[NEIGH_MAC_SIZE];
};

/* Every neighbour that has been reached. */
bool neigh_walk(
    void (*visit)(const struct neigh *, void *ctx), void *ctx, struct error *);

/* ENOENT if the table does not know; mac is "" then. */
bool neigh_find_mac(struct in_addr, char mac[NEIGH_MAC_SIZE], struct error *);

/* The addresses of a MAC (either case): how many were found and fitted. */
bool neigh_find_addresses(const char *mac, struct in_addr *, size_t max,
    size_t *count, struct error *);

#endif
