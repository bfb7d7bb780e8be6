/* SPDX-License-Identifier: ISC */
/*
 * eligible -- which devices can be flashed over the LAN at all.
 *
 * No policy can open this gate: what does not pass it would not be flashed but
 * broken, or would not listen in the first place.
 */
#ifndef REFLASHD_ELIGIBLE_H
#define REFLASHD_ELIGIBLE_H

#include <stddef.h>

#include "core/device/device.h"

/*
 * REASON_NONE, or why not, with the facts in detail.  What is not known yet
 * does not close the gate; it is asked again when it is.
 */
enum reason eligible_device(const struct device *, char *detail, size_t size);

/*
 * Whether a closed gate may open by what the device answers: what it announces
 * does not close it, or it has answered as a plug before, and anybody can
 * announce something else in its name.
 */
bool eligible_may_become(const struct device *);

#endif
