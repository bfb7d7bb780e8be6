/* SPDX-License-Identifier: ISC */
/*
 * orders -- policies made of what a person said: `flash ID --image FILE`.
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
 * The policy that flashes this image, named as in a policy; made once and
 * borrowed until orders_tidy().  NULL: no image can have this name.
 */
struct policy *orders_policy(struct orders *, const char *path);

/*
 * Where there are many, drop those that no device is ordered to be flashed by.
 * True: there may be images that nobody needs any more.
 */
bool orders_tidy(struct orders *, struct registry *);

#endif
