/* SPDX-License-Identifier: ISC */
/*
 * identify -- questions asked outside of jobs: who is at this address, and what
 * does it run?  Nothing but info is ever asked here.
 */
#ifndef REFLASHD_IDENTIFY_H
#define REFLASHD_IDENTIFY_H

#include "reflashd/daemon.h"

struct config_device;

/* Its info is not known, and asking could help. */
bool identify_is_wanted(const struct device *);

/*
 * It cannot be flashed, for what it has answered: asked again, it may answer
 * something else.
 */
bool identify_may_clear(const struct device *);

/* No sign of it for several requeries. */
bool identify_is_silent(const struct daemon *, const struct device *);

/* Now, or when there is room for the question. */
void identify_at(struct daemon *, struct device *);
void identify_at_configured(struct daemon *, const struct config_device *);

/*
 * A device that was flashed is announced under its old firmware.  That may
 * come from a cache that does not know better: only an answer counts.
 */
void identify_whether_stock(
    struct daemon *, struct device *, struct in_addr, const char *interface);

/* Forget the questions about a device, or all. */
void identify_hang_up(struct daemon *, struct device *);
void identify_stop(struct daemon *);

#endif
