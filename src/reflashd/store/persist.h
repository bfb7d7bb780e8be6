/* SPDX-License-Identifier: ISC */
/*
 * persist -- the state directory: what is written there, and when.
 *
 * While the disk is full or read-only, no new job starts, and running jobs go
 * on.  The log says so once, and once more when the disk works again.
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
struct persist;
struct registry;
struct store_past;

/* All borrowed until persist_free(), but for the name of the directory. */
struct persist_config {
	struct event_base *base;
	const char *directory; /* StateDirectory= */
	struct registry *registry;
	struct campaign *campaign;
	const struct digest *digest;  /* for the copies of images */
	void (*recovered)(void *ctx); /* called when the disk works again */
	void *ctx;
};

/* Open the state directory, and load what is in it. */
struct persist *persist_new(const struct persist_config *, struct error *);

/* Write what is still waiting; NULL is fine. */
void persist_free(struct persist *);

/* Return a sentence: why nothing can be saved.  NULL: the disk works. */
const char *persist_why_broken(const struct persist *);

/*
 * Save a device that has changed, if a restart would miss the change.  It is on
 * the disk some milliseconds later.
 */
void persist_change(struct persist *, const struct device *);

/* Save a device whose attempt has ended, and write a line of history. */
void persist_end(struct persist *, const struct device *);

/* Write the record of a device; it is on the disk when this returns. */
void persist_device(struct persist *, const struct device *);

/* Write the record in one of the next turns of the event loop. */
void persist_soon(struct persist *, const struct device *);

/*
 * Return the number of the last change so far.  persist_has_written() returns
 * true once all changes up to that number are on the disk.
 */
uint64_t persist_last(const struct persist *);
bool persist_has_written(const struct persist *, uint64_t last);

/*
 * Save the label of a device, or that it has none; it is on the disk when this
 * returns.
 */
void persist_label(struct persist *, const struct device *);

/* Remove the record of a device. */
void persist_forget(struct persist *, const struct device *);

/*
 * Write the record and a copy of the image to the disk, before the device is
 * told to fetch it.  Returns false if the device must not be told.
 */
bool persist_intent(struct persist *, const struct device *,
    const struct image *, struct error *);

/*
 * Keep a copy of an upgrade that a device is to fetch later, for the case of a
 * restart.  A copy that cannot be kept stops no job.
 */
void persist_upgrade(struct persist *, const struct image *);

/*
 * Note how many bytes the device has fetched.  That survives the end of the
 * daemon, but not a power cut.
 */
void persist_progress(struct persist *, const struct device *);

/* Return the bytes that persist_progress() noted last, or 0. */
uint64_t persist_read_progress(struct persist *, const struct device *);

/* Return a reference to the copy that was kept for a job, or NULL. */
struct image *
persist_image(struct persist *, const char *sha256, struct error *);

/* Write a line of history about the device as it is now. */
void persist_history(struct persist *, const struct device *);

/*
 * Open the history to read it with store_past_next().  persist_has_history()
 * returns true once it holds all attempts up to a number of persist_last().
 */
struct store_past *persist_open_history(struct persist *);
bool persist_has_history(const struct persist *, uint64_t last);
void persist_close_history(struct store_past *); /* NULL is fine */

/* Save which policies are paused. */
void persist_campaign(struct persist *);

/*
 * Delete the copies of images that no device fetches any more, once the disk
 * has all records that wait.
 */
void persist_tidy(struct persist *);

/*
 * Check whether the disk works again, and if so write what it has missed, some
 * in each turn.  The failure is over when all of that is written.
 */
void persist_check(struct persist *);

#endif
