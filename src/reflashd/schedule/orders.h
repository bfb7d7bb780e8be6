/* SPDX-License-Identifier: ISC */
/*
 * orders -- makes policies of orders: `flash ID --image FILE`.
 */
#ifndef REFLASHD_ORDERS_H
#define REFLASHD_ORDERS_H

#include "core/device/registry.h"
#include "core/policy/policy.h"

#define ORDERS_POLICY "reflashctl" /* the name such a policy has */

struct orders;

struct orders *orders_new(void);
void orders_free(struct orders *); /* NULL is fine */

/*
 * Return the policy that flashes this image, named as in a policy, borrowed
 * until orders_tidy().  NULL: no image can have this name.
 */
struct policy *orders_policy(struct orders *, const char *path);

/*
 * If there are many, drop the policies that no order needs.  Returns true if
 * their images may be dropped, too.
 */
bool orders_tidy(struct orders *, struct registry *);

#endif
