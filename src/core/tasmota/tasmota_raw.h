/* SPDX-License-Identifier: ISC */
/*
 * tasmota_raw -- an answer of an old Tasmota that is no JSON.
 */
#ifndef REFLASHD_TASMOTA_RAW_H
#define REFLASHD_TASMOTA_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include "core/tasmota/tasmota_compare.h"

/* Return true if the answer is complete up to its last brace. */
bool tasmota_raw_is_whole(const char *body, size_t len);

/*
 * Look for "NAME":"TEXT" in the answer and note what came there.  The text is
 * what Tasmota keeps; it is written with escapes where that Tasmota has them.
 */
void tasmota_raw_compare(const char *name, const char *text, bool escapes,
    const char *body, size_t len, struct tasmota_verdict *);

#endif
