/* SPDX-License-Identifier: ISC */
/*
 * network -- is an address in a list of networks and addresses?
 *
 * An entry with ! in front excludes.  An address is in the list if no excluding
 * entry has it, and if any other entry has it or there are no others.  So an
 * empty list has every address.
 */
#ifndef REFLASHD_NETWORK_H
#define REFLASHD_NETWORK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* "192.168.1.0/24 !192.168.1.7 10.0.0.5" */
struct network {
	in_addr_t address, mask; /* host byte order */
	unsigned bits;
	bool excluded;
};

struct networks {
	struct network *items;
	size_t count;
};

bool networks_add(struct networks *, const char *words, struct error *);
bool networks_has(const struct networks *, struct in_addr);
/* Return true if a word names loopback, or a part of it, explicitly. */
bool networks_name_loopback(const struct networks *);
void networks_fini(struct networks *);

#endif
