/* SPDX-License-Identifier: ISC */
/*
 * daemon_status -- the daemon at a glance, as status and plan tell it.
 *
 * Every function returns a new reference.
 */
#ifndef REFLASHD_DAEMON_STATUS_H
#define REFLASHD_DAEMON_STATUS_H

#include "core/policy/policy_stats.h"
#include "reflashd/control/commands.h"

/* How many devices are in each state. */
json_t *daemon_status_counts(struct registry *);

/* A sentence for each problem. */
json_t *daemon_status_problems(const struct commands_parts *);

/* The policies, and what they decide. */
json_t *daemon_status_policies(
    const struct commands_parts *, const struct policy_stats *);

/* A sentence for each policy that decides about no device. */
json_t *
daemon_status_notes(const struct policy_list *, const struct policy_stats *);

#endif
