/* SPDX-License-Identifier: ISC */
/*
 * flash -- carries out jobs: their requests, their timers, their images.
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
struct identify;
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
	 * Decide again about a device whose job has this image: see the decide
	 * of core/flash/job.
	 */
	bool (*decide)(const struct device *, struct image *, struct decision *,
	    void *ctx);
	/*
	 * The job has ended; the state of the device says how.  The policy is
	 * that of the job, NULL if it is gone.
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
	struct persist *persist;
	struct events *events;
	struct reachable *reachable;
	struct outage *outage;
	struct id_conflict *id_conflict;
	struct identify *identify;
	struct subnet *subnet;
	const struct flash_ops *ops;
	void *ctx;
};

struct flash *flash_new(const struct flash_parts *);

/* End every job, too, without changing its device's state.  NULL is fine. */
void flash_free(struct flash *);

/*
 * Return true if MaxParallel= allows a job for this device; if not, why has the
 * limit.  Half of the slots are for devices that have answered, as the others
 * may be invented.
 */
bool
flash_has_slot(struct flash *, const struct device *, char *why, size_t size);

/* Return true if a device waits that gets a slot as soon as it answers. */
bool flash_waits_for_answer(const struct flash *);

/* Start a job for a device that has none.  The image is borrowed. */
void
flash_start(struct flash *, struct device *, struct policy *, struct image *);

/*
 * Go on after a restart with a job that was under way, at the same URL with the
 * same image.  The device had fetched so many bytes.
 */
void flash_resume(struct flash *, struct device *, uint64_t bytes);

/*
 * Return the device with a job at the same address and port, or NULL.  One of
 * the two must be invented.
 */
const struct device *
flash_at_same_place(const struct flash *, const struct device *);

/*
 * Return the device with a job that has the same MAC, or NULL.  Both can be
 * real: a repeater shows all devices behind it with its own MAC.  A device with
 * a job of its own gives way to the device that is returned.
 */
const struct device *
flash_with_same_mac(const struct flash *, const struct device *);

/* Tell the job of a device, if it has one, that the device has moved. */
void flash_moved(struct device *);

/* Note that a device that fetches is announced at this address, too. */
void flash_expect(struct device *, struct in_addr address);

/*
 * Tell the job of a device, if it has one, that this machine cannot reach its
 * network, or can again; the sentence says for how long not, and why.
 */
void flash_cut_off(struct device *);
void flash_reconnected(struct device *, const char *what);

/* Tell the jobs concerned that addresses of this machine have changed. */
void flash_look_at_local(struct flash *);

/*
 * Tell the job of a device, if it has one, that this machine cannot serve it
 * now, for the reason in the sentence.
 */
void flash_excuse(struct device *, const char *what);

#endif
