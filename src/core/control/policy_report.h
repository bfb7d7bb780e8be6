/* SPDX-License-Identifier: ISC */
/*
 * policy_report -- a policy as the JSON that reflashctl policies shows.
 */
#ifndef REFLASHD_POLICY_REPORT_H
#define REFLASHD_POLICY_REPORT_H

#include <jansson.h>
#include <stddef.h>

#include "core/policy/policy.h"
#include "core/policy/preflight.h"
#include "core/schedule/policy_estimate.h"
#include "core/schedule/policy_progress.h"

/* All that is told of a policy.  Borrowed for the time of the call. */
struct policy_report {
	const struct policy *policy;
	const struct policy_progress *progress;
	const struct policy_estimate *estimate;
	const struct preflight_image *image; /* NULL: the policy has none */
	const struct preflight_fault *faults;
	size_t fault_count;
	unsigned behind;    /* devices that it fits, but another one decides */
	unsigned undecided; /* devices whose firmware must be known first */
	const char *note;   /* why it decides about no device; NULL */
	const char *paused; /* why the policy is paused; NULL: it is not */
	const char *halted; /* why no policy starts anything; NULL */
};

/* Return an element of `policies`, a new reference. */
json_t *policy_report(const struct policy_report *);

#endif
