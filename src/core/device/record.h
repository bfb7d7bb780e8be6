/* SPDX-License-Identifier: ISC */
/*
 * record -- a device as it is kept on disk, and what a restart makes of it.
 *
 * A record is read as carefully as anything foreign: a disk may return half of
 * it, and people edit files.  What is not exactly right is no record.  Keys
 * that later versions have added may be missing, as in a record of an earlier
 * version.
 */
#ifndef REFLASHD_RECORD_H
#define REFLASHD_RECORD_H

#include <jansson.h>

#include "base/error.h"
#include "core/device/device.h"

#define RECORD_FORMAT 1

/*
 * One moment on two clocks. now_ms counts since the machine was switched on,
 * and boot tells which time that was.  So the time between two runs of the
 * daemon is known even if the clock on the wall is set meanwhile.
 */
struct record_clock {
	uint64_t now_ms;
	time_t wall;
	const char *boot; /* borrowed; "" unknown */
};

/* A clock that shows less than this was never set: 2025-01-01. */
#define RECORD_CLOCK_SET ((time_t)1735689600)

/* Return the record as a new reference. */
json_t *record_make(const struct device *, const struct record_clock *);

/*
 * Return true if a restart would miss the record.  A device that was only seen
 * comes back by itself.
 */
bool record_is_needed(const struct device *);

/*
 * Fill in a device, which has the id of the record's file.  A state before the
 * offer becomes held, as nothing that lasts had been done.  On failure the
 * device is unchanged.
 */
bool record_apply(const json_t *, struct device *, const struct record_clock *,
    struct error *);

#endif
