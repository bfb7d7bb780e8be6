/* SPDX-License-Identifier: ISC */
/* decide_explain -- why a job that has begun does not go on. */
#ifndef REFLASHD_DECIDE_EXPLAIN_H
#define REFLASHD_DECIDE_EXPLAIN_H

#include "core/schedule/decide.h"

/*
 * Set the detail of a decision that ends the job of a device.  is_begun: the
 * decision is by the policy under which the job began.
 */
void decide_explain(const struct device *, const struct decide_world *,
    bool is_begun, struct decision *);

#endif
