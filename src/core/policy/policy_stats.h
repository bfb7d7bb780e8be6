/* SPDX-License-Identifier: ISC */
/*
 * policy_stats -- about how many devices each policy decides, and why about
 * none.
 *
 * A policy whose [Match] fits nothing is no mistake, but it is seldom meant:
 * most often one word of it is wrong, or another policy comes before.
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

/* A device that the policy of that name has flashed: no [Match] fits it now. */
void policy_stats_add_done(struct policy_stats *, const char *policy);

/* The policy of that place in the list. */
unsigned policy_stats_decided(const struct policy_stats *, size_t policy);

/*
 * Why it decides about none of the devices, a sentence for free(); NULL if it
 * does about some, or there are no devices.
 */
char *policy_stats_why_none(const struct policy_stats *, size_t policy);

#endif
