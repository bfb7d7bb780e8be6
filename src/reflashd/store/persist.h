/* SPDX-License-Identifier: ISC */
/*
 * persist -- what is kept on disk, when, and what is said if it cannot be.
 *
 * A disk that is full or read-only stops new jobs and no running one; it is
 * said once, and once again when it works again.
 */
#ifndef REFLASHD_PERSIST_H
#define REFLASHD_PERSIST_H

#include <jansson.h>

#include "base/error.h"
#include "core/device/device.h"

struct campaign;
struct digest;
struct event_base;
struct image;
struct keep;
struct registry;
struct store_past;

/* All borrowed until keep_free(), but for the name of the directory. */
struct keep_config {
	struct event_base *base;
	const char *directory; /* StateDirectory= */
	struct registry *registry;
	struct campaign *campaign;
	const struct digest *digest;  /* for the copies of images */
	void (*recovered)(void *ctx); /* the disk can be written again */
	void *ctx;
};

/* Open the state directory, and take up what is in it. */
struct keep *keep_new(const struct keep_config *, struct error *);

/* Write what still waits; NULL is fine. */
void keep_free(struct keep *);

/* Why nothing can be saved, a sentence; NULL: the disk works. */
const char *keep_why_broken(const struct keep *);

/*
 * A device has changed: keep what a restart would miss.  Where many change at
 * once, the disk has it a few milliseconds later; a death before is like one
 * before the change.
 */
void keep_change(struct keep *, const struct device *);

/* An attempt has ended: the same, and write it into the history. */
void keep_end(struct keep *, const struct device *);

/* Its record as it is now, on the disk when this returns. */
void keep_device(struct keep *, const struct device *);

/*
 * The same of many, in one of the next turns; with what keep_last() was behind
 * it, keep_has_written() says whether it is on the disk.
 */
void keep_soon(struct keep *, const struct device *);
uint64_t keep_last(const struct keep *);
bool keep_has_written(const struct keep *, uint64_t last);
void keep_forget(struct keep *, const struct device *);

/*
 * Before the device is told to fetch: its record and a copy of the image, both
 * on the disk.  False: it must not be told.
 */
bool keep_intent(
    struct keep *, const struct device *, const struct image *, struct error *);

/*
 * A copy of an upgrade that a device will be told to fetch, which a later
 * start can go on with.  That it cannot be kept stops nobody.
 */
void keep_upgrade(struct keep *, const struct image *);

/* How far it is; survives our death, if not that of the machine. */
void keep_progress(struct keep *, const struct device *);

/* What keep_progress() wrote last, or 0. */
uint64_t keep_read_progress(struct keep *, const struct device *);

/* The copy that was kept for a job, or NULL. */
struct image *keep_image(struct keep *, const char *sha256, struct error *);

/* An attempt has ended, or what it had achieved is undone. */
void keep_history(struct keep *, const struct device *);

/*
 * To read it, see store_past_next(); with what keep_last() was before,
 * keep_has_history() says whether all that has ended until then is in it.
 */
struct store_past *keep_open_history(struct keep *);
bool keep_has_history(const struct keep *, uint64_t last);
void keep_close_history(struct store_past *); /* NULL is fine */

void keep_campaign(struct keep *);

/* Drop the copies of images that no device fetches any more. */
void keep_tidy(struct keep *);

/*
 * Try again whether the disk works, and save what it has missed; it works again
 * when all of that is written, some in each turn.
 */
void keep_check(struct keep *);

#endif
