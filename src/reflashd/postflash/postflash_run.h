/* SPDX-License-Identifier: ISC */
/*
 * postflash_run -- carries out what follows a flash: requests to the new
 * firmware, the upgrade on the server, and announcements of devices that are
 * back.
 */
#ifndef REFLASHD_POSTFLASH_RUN_H
#define REFLASHD_POSTFLASH_RUN_H

#include "core/policy/policy.h"
#include "io/http/client.h"

struct announce;
struct device;
struct esphome_check;
struct esphome_sign;
struct event_base;
struct events;
struct identify;
struct image_cache;
struct neigh_table;
struct outage;
struct persist;
struct postflash_run;
struct reachable;
struct registry;
struct server;
struct setup;
struct subnet;

/* All borrowed until postflash_run_free(). */
struct postflash_run_parts {
	struct identify *identify;
	struct event_base *base;
	const struct setup *setup; /* what is in it may be replaced */
	struct registry *registry;
	struct image_cache *images;
	struct client *client;
	struct server *server;
	struct persist *persist;
	struct events *events;
	struct reachable *reachable;
	struct outage *outage;
	struct subnet *subnet;
	struct esphome_check *esphome_check;
	/* A verification or set-up has ended; the state of its device says how.
	 */
	void (*ended)(void *ctx);
	void *ctx;
};

struct postflash_run *postflash_run_new(const struct postflash_run_parts *);

/*
 * Ends what is under way, without changing the state of any device.  NULL is
 * fine.
 */
void postflash_run_free(struct postflash_run *);

/* Verify a device in that state, by its policy as it is now. */
void postflash_run_start(struct postflash_run *, struct device *);

/*
 * Go on after the job of a device has ended, if there is more to do or to find
 * out.  The policy is that of the job, NULL if it is gone.
 */
void postflash_run_take_over(
    struct postflash_run *, struct device *, const struct policy *);

/* Verify once more a device that failed after its flash. */
void postflash_run_retry(struct postflash_run *, struct device *);

/*
 * Verify an awaited device that answers under its new firmware at an address.
 */
void
postflash_run_is_back(struct postflash_run *, struct device *, struct in_addr);

/*
 * Find where the device may be: at its last address, and where the kernel sees
 * its MAC.  Returns how many there are, at most max.
 */
size_t postflash_run_addresses(struct postflash_run *, const struct device *,
    const struct neigh_table *, struct in_addr *, size_t max);

/* Send a command to a Tasmota; password may be NULL. */
struct client_call *postflash_run_get(struct postflash_run *, struct in_addr,
    const char *command, const char *password, client_cb *, void *ctx);

/* Take in an announcement of a MAC under a new firmware. */
void postflash_run_announced(struct postflash_run *, const struct announce *);

/*
 * Check whether the device itself is where its MAC was announced.  If the
 * kernel does not know, ask and wait, or forget the announcement.
 */
void
postflash_run_heard(struct postflash_run *, struct device *, bool may_wait);

/*
 * Look for an ESPHome at each of the addresses where the kernel sees the MAC of
 * the device: a forger may have announced any other.
 */
void postflash_run_knock_at_each(struct postflash_run *, const struct device *,
    const struct in_addr *, size_t count);

/* For the ended() of esphome_check. */
void postflash_run_knocked(struct postflash_run *, struct device *,
    struct in_addr, const struct esphome_sign *);

/* End what is under way: the device runs its old firmware after all. */
void postflash_run_abandon(struct device *);

/* Look at once: this machine can reach the network of the device again. */
void postflash_run_reconnected(struct device *);

/* Let a download not count: this machine could not serve the device. */
void postflash_run_excuse(struct device *);

#endif
