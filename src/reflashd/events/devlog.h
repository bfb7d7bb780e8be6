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

void devlog_change(const struct device *, enum state old);
void devlog_seen(const struct device *);
void devlog_progress(const struct device *);

/* Any other line about a device. */
void devlog_device(const struct device *, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * One that a stranger can cause as often as he likes: so many of a device in
 * ten minutes.
 */
void devlog_rumour(struct device *, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
