/* SPDX-License-Identifier: ISC */
/*
 * postflash_run -- the world of what follows a flash: calls to the new
 * firmware, the upgrade on the server, and the watch for devices that come back
 * later.
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
	struct persist *keep;
	struct events *events;
	struct reachable *reachable;
	struct outage *outage;
	struct subnet *subnet;
	struct esphome_check *esphome_check;
	/* The state of a device says how its verification or set-up ended. */
	void (*ended)(void *ctx);
	void *ctx;
};

struct postflash_run *postflash_run_new(const struct postflash_run_parts *);

/*
 * End all that is under way, too, without changing the state of a device.  NULL
 * is fine.
 */
void postflash_run_free(struct postflash_run *);

/* Go on with a device that is verifying, by its policy as it is now. */
void postflash_run_start(struct postflash_run *, struct device *);

/*
 * The job of the device has ended: go on where there is more to do, or to know,
 * by the policy that the job went by, NULL if that is gone.
 */
void postflash_run_take_over(
    struct postflash_run *, struct device *, const struct policy *);

/*
 * Verify a device once more that failed after its flash, by its policy as it is
 * now.
 */
void postflash_run_retry(struct postflash_run *, struct device *);

/* An awaited device answers under its new firmware at this address: verify it.
 */
void
postflash_run_is_back(struct postflash_run *, struct device *, struct in_addr);

/*
 * Where the device may be: its last address, and those at which its MAC was
 * seen.
 */
size_t postflash_run_addresses(struct postflash_run *, const struct device *,
    const struct neigh_table *, struct in_addr *, size_t max);

/* Ask a Tasmota; password may be NULL. */
struct client_call *postflash_run_get(struct postflash_run *, struct in_addr,
    const char *command, const char *password, client_cb *, void *ctx);

/* Something announced a MAC under a new firmware. */
void postflash_run_announced(struct postflash_run *, const struct announce *);

/*
 * Was it the device that announced its MAC?  The kernel may know; if it does
 * not, ask and wait, or forget what was announced.
 */
void
postflash_run_heard(struct postflash_run *, struct device *, bool may_wait);

/* Look for an ESPHome at those addresses where the kernel sees its MAC. */
void postflash_run_knock_at_each(struct postflash_run *, const struct device *,
    const struct in_addr *, size_t count);

/* For the ended() of esphome_check. */
void postflash_run_knocked(struct postflash_run *, struct device *,
    struct in_addr, const struct esphome_sign *);

/* The device runs its old firmware after all; end what is under way. */
void postflash_run_abandon(struct device *);

/* This machine can reach the network of a device again: look at once. */
void postflash_run_reconnected(struct device *);

/* This machine cannot serve the device: what it was told to fetch counts not.
 */
void postflash_run_excuse(struct device *);

#endif
