/* SPDX-License-Identifier: ISC */
/*
 * devlog -- the lines of the log about devices.
 *
 * There is a line for each change that an operator would tell a colleague.  The
 * journal gets fields with it, so that it can be searched by device.
 */
#ifndef REFLASHD_DEVLOG_H
#define REFLASHD_DEVLOG_H

#include "core/device/device.h"

/* Log a change of state, a first sight, and the progress of a download. */
void devlog_change(const struct device *, enum state old);
void devlog_seen(const struct device *);
void devlog_progress(const struct device *);

/* Log any other line about a device. */
void devlog_device(const struct device *, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Log a line that strangers can cause; a device has a limited number of these
 * in ten minutes.
 */
void devlog_rumour(struct device *, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
