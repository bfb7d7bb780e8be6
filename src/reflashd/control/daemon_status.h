/* SPDX-License-Identifier: ISC */
/*
 * daemon_status -- parts of status and plan that are about the whole daemon.
 *
 * Every function returns a new reference.
 */
#ifndef REFLASHD_DAEMON_STATUS_H
#define REFLASHD_DAEMON_STATUS_H

#include "core/policy/policy_stats.h"
#include "reflashd/control/commands.h"

/* Count the devices in each state. */
json_t *daemon_status_counts(struct registry *);

/* List a sentence for each problem. */
json_t *daemon_status_problems(const struct commands_parts *);

/* List what a person has to do, the most urgent first. */
json_t *daemon_status_todo(const struct commands_parts *);

/* List the policies, and how many devices each decides about. */
json_t *daemon_status_policies(
    const struct commands_parts *, const struct policy_stats *);

/* List a sentence for each policy that decides about no device. */
json_t *
daemon_status_notes(const struct policy_list *, const struct policy_stats *);

#endif
