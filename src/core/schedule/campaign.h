/* SPDX-License-Identifier: ISC */
/*
 * campaign -- which device may start now: what persons have paused, which
 * policies paused themselves, and how many devices of each policy may go.
 */
#ifndef REFLASHD_CAMPAIGN_H
#define REFLASHD_CAMPAIGN_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "core/device/device.h"
#include "core/device/registry.h"
#include "core/policy/policy.h"

struct campaign;

struct campaign *campaign_new(struct registry *); /* borrowed */
void campaign_free(struct campaign *);		  /* NULL is fine */

/*
 * campaign_make() returns what a restart must know as a new reference;
 * campaign_apply() takes it in again.
 */
json_t *campaign_make(const struct campaign *);
void campaign_apply(struct campaign *, const json_t *);

/* Tell that a device has changed, which makes the counts outdated. */
void campaign_changed(struct campaign *);

/*
 * Return what the device must wait for, or HOLD_NONE.  This call pauses a
 * policy that has failed too often; *stopped is true then. now_s is the same
 * clock as in core/schedule/rollout.
 */
enum hold campaign_wait(struct campaign *, const struct device *,
    const struct policy *, const char *sha256, int64_t now_s, char *detail,
    size_t size, bool *stopped);

/*
 * Pause or resume a policy.  With policy NULL everything pauses, and that is a
 * pause of its own: a policy paused by its name stays paused when it ends.
 * Both return false if there was nothing to do.  Resuming a policy forgives the
 * failures that it has had, and only these.  They are remembered by device and
 * not by time, as the clock may be set back.
 */
bool campaign_pause(struct campaign *, const char *policy, const char *why);
bool campaign_resume(struct campaign *, const char *policy);

/* Return why the policy (NULL: everything) is paused, borrowed, or NULL. */
const char *campaign_paused(const struct campaign *, const char *policy);

/* Return true if the policy has paused itself because of its failures. */
bool campaign_has_stopped(const struct campaign *, const char *policy);

#endif
