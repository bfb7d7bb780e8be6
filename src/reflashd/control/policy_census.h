/* SPDX-License-Identifier: ISC */
/*
 * policy_census -- counts the devices that each policy decides about, and how
 * far the policy has come with them.
 *
 * To compare each device with each policy takes longer than a turn of the event
 * loop may last, so some are compared in each turn.  All requests that come
 * meanwhile wait for the same count: the next that begins.
 */
#ifndef REFLASHD_POLICY_CENSUS_H
#define REFLASHD_POLICY_CENSUS_H

#include "core/policy/policy_stats.h"
#include "core/schedule/policy_progress.h"
#include "io/conffiles.h"

struct policy_census;
struct event_base;
struct streams;
struct registry;

/* All borrowed; at the end of a count, the streams are hurried. */
struct policy_census_parts {
	struct event_base *base;
	struct registry *registry;
	const struct setup *setup;
	struct streams *streams;
};

struct policy_census *policy_census_new(const struct policy_census_parts *);
void policy_census_free(struct policy_census *); /* NULL is fine */

/* Ask for a count; returns its number, for policy_census_get(). */
uint64_t policy_census_ask(struct policy_census *);

/* Return the result of that count, or of a later one; NULL: not yet. */
const struct policy_stats *
policy_census_get(const struct policy_census *, uint64_t number);

/*
 * Return how far each policy of the list had come at that count, and after
 * these, all devices together.  Call it where the other function finds a
 * result.
 */
const struct policy_progress *
policy_census_progress(const struct policy_census *);

/* Count anew, as the policies have changed. */
void policy_census_again(struct policy_census *);

#endif
