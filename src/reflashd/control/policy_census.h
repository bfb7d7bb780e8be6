/* SPDX-License-Identifier: ISC */
/*
 * policy_census -- about how many devices each policy decides, for whoever
 * asks.
 *
 * To compare each device with each policy may take longer than a turn of the
 * event loop has time.  So they are counted some in each turn, and all who ask
 * meanwhile wait for the same count: the next one that begins.
 */
#ifndef REFLASHD_POLICY_CENSUS_H
#define REFLASHD_POLICY_CENSUS_H

#include "core/policy/policy_stats.h"
#include "io/conffiles.h"

struct policy_census;
struct event_base;
struct streams;
struct registry;

/* All borrowed; the listings are hurried when a count is at its end. */
struct policy_census_parts {
	struct event_base *base;
	struct registry *registry;
	const struct setup *setup;
	struct streams *streams;
};

struct policy_census *policy_census_new(const struct policy_census_parts *);
void policy_census_free(struct policy_census *); /* NULL is fine */

/* See to it that they are counted; the number is for policy_census_get(). */
uint64_t policy_census_ask(struct policy_census *);

/* What that count came to, or a later one; NULL: it is not at its end yet. */
const struct policy_stats *
policy_census_get(const struct policy_census *, uint64_t number);

/* There are other policies: what was counted means nothing any more. */
void policy_census_again(struct policy_census *);

#endif
