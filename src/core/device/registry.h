/* SPDX-License-Identifier: ISC */
/*
 * registry -- all devices, by id.
 *
 * The registry has a limit, which stops a flood of invented announcements.  A
 * device that is named, or has a record or a job, is never displaced.  A device
 * that a policy fits is displaced only by such a device, as what it announces
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

/* Find a device, borrowed until registry_remove(); NULL: not known. */
struct device *registry_find(const struct registry *, const char *id);

/*
 * Find the device, or make it, if need be in the place of a device of a lower
 * rank.  Returns NULL if there is no room.
 */
struct device *
registry_get(struct registry *, const char *id, enum device_rank);

/*
 * Note that something was learned of a device.  The listener is called once,
 * and takes all such devices in the next turn of the event loop, in the order
 * in which they were noted; registry_take_learned() returns NULL after the
 * last. ctx is borrowed; learned NULL: nobody listens any more.
 */
void registry_listen(struct registry *, void (*learned)(void *ctx), void *ctx);
void registry_learned(struct registry *, struct device *);
struct device *registry_take_learned(struct registry *);

/*
 * Return true if more than an announcement knows the device: a policy, a record
 * or a job.
 */
bool registry_is_known(const struct device *);

bool registry_has_room(const struct registry *);

/*
 * Return a device that was silent since then, also when it was asked again,
 * that never had to do with a flash and is not named; NULL: there is none.  An
 * earlier answer does not protect it: devices that answer can be invented, too.
 */
struct device *registry_stale(const struct registry *, uint64_t before_ms);

/* Remove a device.  It must not be at work. */
void registry_remove(struct registry *, struct device *);

/*
 * Return the next device in the order of ids.  NULL starts; NULL ends.  Do not
 * remove any meanwhile.  registry_foreach() declares the device and visits all.
 */
struct device *registry_next(struct registry *, struct device *);

#define registry_foreach(registry, device)                                     \
	for (struct device *device = NULL;                                     \
	    (device = registry_next(registry, device)) != NULL;)

/*
 * Walk over the devices in several turns of the event loop: those that are
 * known when the walk begins, and still are when their turn comes.
 */

struct registry_walk;

struct registry_walk *registry_walk_new(struct registry *); /* borrowed */
void registry_walk_free(struct registry_walk *);	    /* NULL is fine */

/*
 * Return the next device in the order of ids, borrowed from the registry; NULL:
 * that was the last.
 */
struct device *registry_walk_next(struct registry_walk *);

#endif
