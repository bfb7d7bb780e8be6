/* SPDX-License-Identifier: ISC */
/*
 * devlog -- the sentences of the log about devices.
 *
 * One line per change that an operator would tell a colleague, with the fields
 * that the journal keeps beside it.
 */
#ifndef REFLASHD_DEVLOG_H
#define REFLASHD_DEVLOG_H

#include "core/device/device.h"

void tell_change(const struct device *, enum state old);
void tell_seen(const struct device *);
void tell_progress(const struct device *);

/* Any other line about a device. */
void tell_device(const struct device *, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * One that a stranger can cause as often as he likes: so many of a device in
 * ten minutes.
 */
void tell_rumour(struct device *, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
