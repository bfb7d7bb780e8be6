/* SPDX-License-Identifier: ISC */
/*
 * lint -- what is no mistake in a policy, but can hardly be meant.
 */
#ifndef REFLASHD_LINT_H
#define REFLASHD_LINT_H

#include "base/problems.h"
#include "core/policy/policy.h"

/* What else than the policies counts. */
struct lint_world {
	const struct match_nets *allowed; /* AllowNetworks */
	bool is_service; /* in the sandbox of the unit, which hides folders */
};

/* Adds a sentence for each doubt, which begins with the file. */
void lint_policies(const struct policy_list *, const struct lint_world *,
    struct problems *doubts);

/* Does the sandbox of the service hide what is there? */
bool lint_is_hidden(const char *path);

#endif
