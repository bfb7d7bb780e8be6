/* SPDX-License-Identifier: ISC */
/*
 * finish -- the steps that a policy's [Finish] asks for, for one device.
 *
 * $ID, $MAC, $NAME and $ADDRESS in a value stand for those of the device; $MAC
 * is without colons, as in host names and topics.  "$$" is one "$".
 */
#ifndef REFLASHD_FINISH_H
#define REFLASHD_FINISH_H

#include "core/device/device.h"
#include "core/policy/policy.h"
#include "core/tasmota/tasmota.h"

/* password is the one that its web pages are to have, or NULL. */
void finish_steps(const struct policy *, const struct device *,
    const char *password, struct tasmota_steps *);

/*
 * Put the device's values in.  Of its name, which whoever announces it has
 * chosen, anything but letters, digits and " -._" becomes a '_': it must not
 * end a command or a string.  Freed with free().
 */
char *finish_expand(const char *text, const struct device *);

/*
 * Does WebPasswordFile= name a file for each device, with $ID or $MAC?  The
 * name of the file of this device then; NULL: its MAC is in it, and is not
 * known. Freed with free().
 */
bool finish_has_own_file(const char *name);
char *finish_own_file(const char *name, const struct device *);

/*
 * The length of the password at the start of the text of a file; 0, and the
 * sentence why (borrowed for ever), if it cannot be one of a Tasmota's web
 * pages.
 */
size_t finish_password(const char *text, size_t len, const char **why);

#endif
