/* SPDX-License-Identifier: ISC */
/* lint -- finds what is formally right in a policy, but is hardly meant. */
#ifndef REFLASHD_LINT_H
#define REFLASHD_LINT_H

#include "base/problems.h"
#include "core/policy/policy.h"

/* The facts that lint needs besides the policies. */
struct lint_world {
	const struct networks *allowed; /* AllowNetworks */
	bool is_service; /* in the sandbox of the unit, which hides folders */
};

/* Add a sentence for each doubt; it begins with the name of the file. */
void lint_policies(const struct policy_list *, const struct lint_world *,
    struct problems *doubts);

/* Add a sentence for each value of a file that has a comment behind it. */
void lint_comments(const struct options *, struct problems *doubts);

/* Return true if the sandbox of the service hides what is at the path. */
bool lint_is_hidden(const char *path);

#endif
