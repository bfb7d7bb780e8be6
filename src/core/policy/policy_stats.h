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

struct tally;

struct tally *tally_new(const struct policy_list *); /* borrowed */
void tally_free(struct tally *);

void tally_add(struct tally *, const struct policy_facts *);

/* A device that the policy of that name has flashed: no [Match] fits it now. */
void tally_add_done(struct tally *, const char *policy);

/* The policy of that place in the list. */
unsigned tally_decided(const struct tally *, size_t policy);

/*
 * Why it decides about none of the devices, a sentence for free(); NULL if it
 * does about some, or there are no devices.
 */
char *tally_why_none(const struct tally *, size_t policy);

#endif
