/* SPDX-License-Identifier: ISC */
/*
 * eligible -- which devices can be flashed over the LAN at all.
 *
 * No policy can override this check: a device that fails it would be broken by
 * a flash, or would not listen to one.
 */
#ifndef REFLASHD_ELIGIBLE_H
#define REFLASHD_ELIGIBLE_H

#include <stddef.h>

#include "core/device/device.h"

/*
 * Return REASON_NONE, or why the device cannot be flashed, with the facts in
 * detail.  A fact that is not known yet is no objection; ask again when it is
 * known.
 */
enum reason eligible_device(const struct device *, char *detail, size_t size);

/*
 * Return true if an answer of the device may make it eligible.  Its
 * announcement is no objection then, or it has answered as a plug before:
 * anybody can announce something else in its name.
 */
bool eligible_may_become(const struct device *);

#endif
