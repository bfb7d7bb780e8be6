/* SPDX-License-Identifier: ISC */
/*
 * plan_policies -- for one device, what each policy makes of it: which fits,
 * which decides, and which key of the others does not fit.
 */
#ifndef REFLASHD_PLAN_POLICIES_H
#define REFLASHD_PLAN_POLICIES_H

#include <jansson.h>

#include "core/device/device.h"
#include "core/policy/policy.h"

/*
 * Return an object for each policy, in their order; a new reference.  decides:
 * the name of the policy that decides now; NULL: none does.
 */
json_t *plan_policies(
    const struct device *, const struct policy_list *, const char *decides);

#endif
