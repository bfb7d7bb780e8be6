/* SPDX-License-Identifier: ISC */
/*
 * policy_stats -- how many devices each policy decides about, and why a policy
 * decides about none.
 *
 * A policy whose [Match] fits nothing is no mistake, but it is seldom meant:
 * most often one word of it is wrong, or another policy comes before it.
 */
#ifndef REFLASHD_POLICY_STATS_H
#define REFLASHD_POLICY_STATS_H

#include <stddef.h>

#include "core/policy/policy.h"

struct policy_stats;

struct policy_stats *
policy_stats_new(const struct policy_list *); /* borrowed */
void policy_stats_free(struct policy_stats *);

void policy_stats_add(struct policy_stats *, const struct policy_facts *);

/* Count a device that the named policy has flashed: no [Match] fits it now. */
void policy_stats_add_done(struct policy_stats *, const char *policy);

/*
 * Return how many devices the policy at that place in the list decides about.
 */
unsigned policy_stats_decided(const struct policy_stats *, size_t policy);

/*
 * Return how many devices it would fit, but another policy decides; and how
 * many it may fit once their firmware is known.
 */
unsigned policy_stats_behind(const struct policy_stats *, size_t policy);
unsigned policy_stats_undecided(const struct policy_stats *, size_t policy);

/*
 * Return why the policy decides about none of the devices, a sentence for
 * free().  NULL if it does decide about some, or if there are no devices.
 */
char *policy_stats_why_none(const struct policy_stats *, size_t policy);

#endif
