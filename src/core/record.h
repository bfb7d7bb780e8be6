/* SPDX-License-Identifier: ISC */
/*
 * record -- a device as it is kept on disk, and what a restart makes of it.
 *
 * A record is read as carefully as anything foreign: a disk may return half of
 * it, and people edit files.  What is not exactly right is no record.  What
 * later versions have added may be missing, as in a record of an earlier one.
 */
#ifndef REFLASHD_RECORD_H
#define REFLASHD_RECORD_H

#include <jansson.h>

#include "base/error.h"
#include "core/device.h"

#define RECORD_FORMAT 1

/* A new reference.  now_ms and wall: the same moment on both clocks. */
json_t *record_make(const struct device *, uint64_t now_ms, time_t wall);

/*
 * Whether a restart would miss it: a device that is only seen comes back by
 * itself.
 */
bool record_is_needed(const struct device *);

/*
 * Fill in a device, which has the id of the record's file.  A state before the
 * offer becomes held: nothing that lasts had been done.  On failure the device
 * is unchanged.
 */
bool record_apply(const json_t *, struct device *, uint64_t now_ms, time_t wall,
    struct error *);

/* The device was told to fetch and its outcome is not known. */
bool record_is_under_way(const struct device *);

#endif
