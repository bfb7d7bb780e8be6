/* SPDX-License-Identifier: ISC */
/* policy_name -- the policy that a person has typed, or the start of its name.
 */
#ifndef REFLASHD_REFLASHCTL_POLICY_NAME_H
#define REFLASHD_REFLASHCTL_POLICY_NAME_H

#include "reflashctl/ctl.h"

/*
 * Find the policy that is meant; *name is yours.  Returns an exit code; errors
 * are printed.
 */
int policy_name_find(struct ctl *, const char *typed, char **name);

#endif
