/* SPDX-License-Identifier: ISC */
/*
 * campaign -- whose turn it is: what persons have paused, what has paused
 * itself, and how many devices of each policy may go.
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

/* What a restart must know; a new reference, and back. */
json_t *campaign_make(const struct campaign *);
void campaign_apply(struct campaign *, const json_t *);

/* A device has changed: the counts are not true any more. */
void campaign_changed(struct campaign *);

/*
 * What the device must wait for, or HOLD_NONE.  A policy that has failed too
 * often is paused by this call; *stopped is true then.  now_s: as of rollout.
 */
enum hold campaign_wait(struct campaign *, const struct device *,
    const struct policy *, const char *sha256, int64_t now_s, char *detail,
    size_t size, bool *stopped);

/*
 * policy NULL: everything, which is a pause of its own: a policy that is paused
 * by its name stays paused when it ends.  False if there was nothing to do.
 * Resuming a policy forgives the failures that it has had, and these alone: by
 * device and not by time, as the clock may be set back.
 */
bool campaign_pause(struct campaign *, const char *policy, const char *why);
bool campaign_resume(struct campaign *, const char *policy);

/* Why it is paused, borrowed, or NULL; policy NULL: everything. */
const char *campaign_paused(const struct campaign *, const char *policy);

#endif
