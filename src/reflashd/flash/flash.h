/* SPDX-License-Identifier: ISC */
/*
 * flash -- the world of a job: its calls, its timer, its image on the server.
 */
#ifndef REFLASHD_FLASH_H
#define REFLASHD_FLASH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct client;
struct decision;
struct device;
struct event_base;
struct events;
struct flash;
struct id_conflict;
struct image;
struct image_cache;
struct outage;
struct persist;
struct policy;
struct reachable;
struct server;
struct setup;
struct subnet;

/* What flash tells upwards, and asks. */
struct flash_ops {
	/*
	 * Decide about a device at work as it is known now, whose job has this
	 * image: see the decide of core/flash/job.
	 */
	bool (*decide)(const struct device *, struct image *, struct decision *,
	    void *ctx);
	/*
	 * The job of the device has ended, as the state of the device says; it
	 * went by this policy, NULL if that is gone.
	 */
	void (*ended)(struct device *, const struct policy *, void *ctx);
	/* A device that waits for a slot may have one now. */
	void (*slot_is_free)(void *ctx);
};

/* All borrowed until flash_free(). */
struct flash_parts {
	struct event_base *base;
	const struct setup *setup; /* what is in it may be replaced */
	struct image_cache *images;
	struct client *client;
	struct server *server;
	struct persist *keep;
	struct events *events;
	struct reachable *reachable;
	struct outage *outage;
	struct id_conflict *id_conflict;
	struct subnet *subnet;
	const struct flash_ops *ops;
	void *ctx;
};

struct flash *flash_new(const struct flash_parts *);

/* End every job, too, without changing its device's state.  NULL is fine. */
void flash_free(struct flash *);

/*
 * May a job begin for this device, by MaxParallel?  Anybody can invent devices
 * that no policy can tell from real ones, so half of the slots is for devices
 * that have answered.
 */
bool flash_has_slot(struct flash *, const struct device *);

/* A device has no slot, but would have one as soon as it has answered. */
bool flash_waits_for_answer(const struct flash *);

/* Start a job for a device that is not at work.  The image is borrowed. */
void
flash_start(struct flash *, struct device *, struct policy *, struct image *);

/*
 * Go on with a job that was under way when the daemon ended, at the same URL
 * with the same bytes, of which so many were handed over.
 */
void flash_resume(struct flash *, struct device *, uint64_t bytes);

/*
 * The device that is at work at the address and port of this one, or NULL. They
 * cannot both be there: at least one of them is invented.
 */
const struct device *
flash_at_same_place(const struct flash *, const struct device *);

/*
 * The device that is at work and has the MAC of this one as the kernel sees it,
 * or NULL.  Both can be real: a repeater shows all devices behind it with its
 * own MAC.  For a device that is at work itself: the one to which it gives way.
 */
const struct device *
flash_with_same_mac(const struct flash *, const struct device *);

/* The device has another address: its job, if there is one, goes on there. */
void flash_moved(struct device *);

/* A device that fetches is announced at this address, too. */
void flash_expect(struct device *, struct in_addr address);

/*
 * This machine cannot reach the network of a device; it can again, and could
 * not, as a sentence says.  For a device without a job they do nothing.
 */
void flash_cut_off(struct device *);
void flash_reconnected(struct device *, const char *what);

/* Addresses of this machine have changed: tell the jobs that fetch from one. */
void flash_look_at_local(struct flash *);

/*
 * This machine cannot serve the device now, as a sentence says.  It does
 * nothing for a device without a job.
 */
void flash_excuse(struct device *, const char *what);

#endif
