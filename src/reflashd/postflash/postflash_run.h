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
#include "reflashd/daemon.h"

struct announce;
struct esphome_sign;
struct neigh_table;

/* Go on with a device that is verifying, by its policy as it is now. */
void postflash_run_start(struct daemon *, struct device *);

/*
 * Its job has ended: go on where there is more to do, or to know, by the policy
 * that it began by; NULL: it is gone.
 */
void postflash_run_take_over(
    struct daemon *, struct device *, const struct policy *);

/* Once more for one that failed after its flash, with the policy of now. */
void postflash_run_retry(struct daemon *, struct device *);

/* One that is awaited answers under its new firmware here: verify it. */
void postflash_run_is_back(struct daemon *, struct device *, struct in_addr);

/* Where it may be: its last address, and those at which its MAC was seen. */
size_t postflash_run_addresses(struct daemon *, const struct device *,
    const struct neigh_table *, struct in_addr *, size_t max);

/* Ask a Tasmota; password may be NULL. */
struct client_call *postflash_run_get(struct daemon *, struct in_addr,
    const char *command, const char *password, client_cb *, void *ctx);

/* Something announced a MAC under a new firmware. */
void postflash_run_announced(struct daemon *, const struct announce *);

/* Was it the device?  The kernel may know; else ask and wait, or forget it. */
void postflash_run_heard(struct daemon *, struct device *, bool may_wait);

/* Knock at all of these addresses at which the kernel sees its MAC. */
void postflash_run_knock_at_each(struct daemon *, const struct device *,
    const struct in_addr *, size_t count);

/* The end of esphome_check_at(); the sign is NULL if no ESPHome is there. */
void postflash_run_knocked(struct daemon *, struct device *, struct in_addr,
    const struct esphome_sign *);

/* The device runs its old firmware after all; end what is under way. */
void postflash_run_abandon(struct daemon *, struct device *);

/* This machine can reach the network of a device again: look at once. */
void postflash_run_reconnected(struct device *);

/* This machine cannot serve the device: what it was told to fetch counts not.
 */
void postflash_run_excuse(struct device *);

/* End everything without changing the state of a device. */
void postflash_run_stop(struct daemon *);

#endif
