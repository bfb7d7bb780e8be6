/* SPDX-License-Identifier: ISC */
/*
 * keep -- what is kept on disk, when, and what is said if it cannot be.
 *
 * A disk that is full or read-only stops new jobs and no running one; it is
 * said once, and once again when it works again.
 */
#ifndef REFLASHD_KEEP_H
#define REFLASHD_KEEP_H

#include <jansson.h>

#include "reflashd/daemon.h"

struct image;
struct store_past;

/* Open the state directory, and take up what is in it. */
bool keep_start(struct daemon *, struct error *);
void keep_stop(struct daemon *);

/*
 * A device has changed: keep what a restart would miss.  Where many change at
 * once, the disk has it a few milliseconds later; a death before is like one
 * before the change.
 */
void keep_change(struct daemon *, const struct device *);

/* An attempt has ended: the same, and write it into the history. */
void keep_end(struct daemon *, const struct device *);

/* Its record as it is now, on the disk when this returns. */
void keep_device(struct daemon *, const struct device *);

/*
 * The same of many, in one of the next turns; with what keep_last() was behind
 * it, keep_has_written() says whether it is on the disk.
 */
void keep_soon(struct daemon *, const struct device *);
uint64_t keep_last(const struct daemon *);
bool keep_has_written(const struct daemon *, uint64_t last);
void keep_forget(struct daemon *, const struct device *);

/*
 * Before the device is told to fetch: its record and a copy of the image, both
 * on the disk.  False: it must not be told.
 */
bool keep_intent(struct daemon *, const struct device *, const struct image *,
    struct error *);

/*
 * A copy of an upgrade that a device will be told to fetch, which a later
 * start can go on with.  That it cannot be kept stops nobody.
 */
void keep_upgrade(struct daemon *, const struct image *);

/* How far it is; survives our death, if not that of the machine. */
void keep_progress(struct daemon *, const struct device *);

/* What keep_progress() wrote last, or 0. */
uint64_t keep_read_progress(struct daemon *, const struct device *);

/* The copy that was kept for a job, or NULL. */
struct image *keep_image(struct daemon *, const char *sha256, struct error *);

/* An attempt has ended, or what it had achieved is undone. */
void keep_history(struct daemon *, const struct device *);

/*
 * To read it, see store_past_next(); with what keep_last() was before,
 * keep_has_history() says whether all that has ended until then is in it.
 */
struct store_past *keep_open_history(struct daemon *);
bool keep_has_history(const struct daemon *, uint64_t last);
void keep_close_history(struct store_past *); /* NULL is fine */

void keep_campaign(struct daemon *);

/* Drop the copies of images that no device fetches any more. */
void keep_tidy(struct daemon *);

/*
 * Try again whether the disk works, and save what it has missed; it works again
 * when all of that is written, some in each turn.
 */
void keep_check(struct daemon *);

#endif
