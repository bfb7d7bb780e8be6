/* SPDX-License-Identifier: ISC */
/*
 * subnet -- looks for devices at addresses that nobody has told of: sweeps the
 * network around one, and no network more often than it must be.
 */
#ifndef REFLASHD_SUBNET_H
#define REFLASHD_SUBNET_H

#include "reflashd/daemon.h"

struct subnet;

struct subnet *subnet_new(void);
void subnet_free(struct subnet *); /* NULL is fine */

#define SUBNET_AGAIN_MS                                                        \
	15000 /* between two sweeps for a device that is due                   \
	       */

/*
 * Sweep the neighbours of that address that may be contacted, unless that was
 * done within the last ms.  True: it was done now, and the kernel knows soon
 * who is there.
 */
bool subnet_sweep(struct daemon *, struct in_addr, uint64_t ms);

/* One address only, if it may be contacted; rejoin_swept() then looks. */
void subnet_ask(struct daemon *, struct in_addr);

/* By then the kernel knows: it asks three times, a second apart. */
#define SUBNET_ANSWER_SEC 4

#endif
