/* SPDX-License-Identifier: ISC */
/*
 * lint -- what is no mistake in a policy, but can hardly be meant.
 */
#ifndef REFLASHD_LINT_H
#define REFLASHD_LINT_H

#include "base/problems.h"
#include "core/policy.h"

/* Adds a sentence for each doubt, which begins with the file. */
void lint_policies(const struct policy_list *, struct problems *doubts);

#endif
