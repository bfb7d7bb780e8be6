/* SPDX-License-Identifier: ISC */
/*
 * secret -- the web password of a policy, read when it is needed.
 *
 * It comes from the file that WebPasswordFile names; a name without a slash is
 * that of a systemd credential.  It is never logged, shown or kept.
 */
#ifndef REFLASHD_SECRET_H
#define REFLASHD_SECRET_H

#include "core/policy.h"

struct device;

/*
 * The Authorization header for it, or NULL where there is none or it cannot be
 * read, which is said in the log.  Freed with secret_free().
 */
char *secret_authorization(const struct policy *, const struct device *);
void secret_free(char *); /* NULL is fine */

#endif
