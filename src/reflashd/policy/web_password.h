/* SPDX-License-Identifier: ISC */
/*
 * web_password -- the web password that a policy sets, read when it is needed.
 *
 * It is read from the file of WebPasswordFile=, or from a systemd credential if
 * the name has no slash.  It is never logged, shown or kept.
 */
#ifndef REFLASHD_WEB_PASSWORD_H
#define REFLASHD_WEB_PASSWORD_H

#include <stdbool.h>

#include "base/error.h"
#include "core/device/device.h"

/*
 * Read a password; it is yours, for web_password_free().  NULL: the file cannot
 * be read, or holds no password.
 */
char *web_password_read(const char *file, struct error *);

/*
 * Read the password of a device, where file is the name of one file for all, or
 * has $ID or $MAC in it for one file per device: core/policy/finish.
 */
char *
web_password_read_of(const char *file, const struct device *, struct error *);

/* Return true for the name of a credential that this process cannot have. */
bool web_password_is_elsewhere(const char *file);
void web_password_free(char *); /* NULL is fine */

#endif
