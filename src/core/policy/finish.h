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

/* Build the steps, with the password for the web pages (NULL: none). */
void finish_steps(const struct policy *, const struct device *,
    const char *password, struct tasmota_steps *);

/*
 * Put the device's values into a text.  In its name, which anybody who
 * announces it may choose, all but letters, digits and " -._" becomes '_': it
 * must not end a command or a string.  Freed with free().
 */
char *finish_expand(const char *text, const struct device *);

/*
 * finish_has_own_file() returns true if WebPasswordFile= names a file for each
 * device, with $ID or $MAC. finish_own_file() returns the name of this device's
 * file, freed with free(); NULL: the name has $MAC, and the MAC is not known.
 */
bool finish_has_own_file(const char *name);
char *finish_own_file(const char *name, const struct device *);

/*
 * Return the length of the password at the start of a file's text.  Returns 0
 * and a sentence why (borrowed for ever) if it cannot be the password of a
 * Tasmota's web pages.
 */
size_t finish_password(const char *text, size_t len, const char **why);

#endif
