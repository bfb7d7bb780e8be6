/* SPDX-License-Identifier: ISC */
/*
 * web_password -- the web password of a policy, read when it is needed.
 *
 * It comes from the file that WebPasswordFile names; a name without a slash is
 * that of a systemd credential.  It is never logged, shown or kept.
 */
#ifndef REFLASHD_WEB_PASSWORD_H
#define REFLASHD_WEB_PASSWORD_H

#include <stdbool.h>

#include "base/error.h"
#include "core/device/device.h"

/*
 * NULL and why if it cannot be read, or cannot be a password.  Freed with
 * web_password_free().
 */
char *web_password_read(const char *file, struct error *);

/*
 * The password of this device, where the name is one of a file for each device
 * ($ID, $MAC in it: core/policy/finish) or of one file for all.
 */
char *
web_password_read_of(const char *file, const struct device *, struct error *);

/* Is it the name of a credential, of which this process has none? */
bool web_password_is_elsewhere(const char *file);
void web_password_free(char *); /* NULL is fine */

#endif
