/* SPDX-License-Identifier: ISC */
/*
 * tasmota_value_check -- does a command of Tasmota take this value?
 *
 * A value that Tasmota would refuse, change or not show again cannot be set up:
 * it is refused when the policy is read.
 */
#ifndef REFLASHD_TASMOTA_VALUE_CHECK_H
#define REFLASHD_TASMOTA_VALUE_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "core/tasmota/tasmota_command.h"

/* Check that the command takes this value; false: what to write instead. */
bool tasmota_value_check(const struct tasmota_command *, unsigned index,
    const char *, struct error *);

#endif
