/* SPDX-License-Identifier: ISC */
/*
 * registry -- all devices, by id.
 *
 * It has a limit: what a flood of invented announcements could add stops
 * there.  A device that has a record or a job, or is named, is never displaced;
 * one that a policy fits is by none but such a one, as what it says of itself
 * may be invented, too.
 */
#ifndef REFLASHD_REGISTRY_H
#define REFLASHD_REGISTRY_H

#include "core/device/device.h"

struct registry;

/* ops and ctx are borrowed and given to every device. */
struct registry *registry_new(size_t max, const struct device_ops *, void *ctx);
void registry_free(struct registry *); /* and every device */

size_t registry_count(const struct registry *);
size_t registry_dropped(const struct registry *); /* for want of room */

/* Borrowed until registry_remove(); NULL: not known. */
struct device *registry_find(const struct registry *, const char *id);

/*
 * The same, made if it is new, in the place of a lower one if need be; NULL
 * where there is no room.
 */
struct device *
registry_get(struct registry *, const char *id, enum device_rank);

/* By a policy, a record or a job, and not by an announcement alone. */
bool registry_is_known(const struct device *);

bool registry_has_room(const struct registry *);

/*
 * A device that has been silent since then, also when it was asked again, that
 * never had to do with a flash and is not named; NULL: there is none.  That it
 * answered once does not count: devices that answer can be invented, too.
 */
struct device *registry_stale(const struct registry *, uint64_t before_ms);

/* The device must not be at work. */
void registry_remove(struct registry *, struct device *);

/* In the order of ids.  NULL starts; NULL ends.  No removal meanwhile. */
struct device *registry_next(struct registry *, struct device *);

/*
 * Each device in its turn, over several turns of the event loop: the devices
 * that are known when the walk begins, and still are when their turn comes.
 */

struct registry_walk;

struct registry_walk *registry_walk_new(struct registry *); /* borrowed */
void registry_walk_free(struct registry_walk *);	    /* NULL is fine */

/* In the order of ids; borrowed from the registry.  NULL: that was the last. */
struct device *registry_walk_next(struct registry_walk *);

#endif
