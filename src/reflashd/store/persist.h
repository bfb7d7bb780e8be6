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
	void (*recovered)(void *ctx); /* the disk can be written again */
	void *ctx;
};

/* Open the state directory, and take up what is in it. */
struct persist *persist_new(const struct persist_config *, struct error *);

/* Write what still waits; NULL is fine. */
void persist_free(struct persist *);

/* Why nothing can be saved, a sentence; NULL: the disk works. */
const char *persist_why_broken(const struct persist *);

/*
 * A device has changed: keep what a restart would miss.  Where many change at
 * once, the disk has it a few milliseconds later; a death before is like one
 * before the change.
 */
void persist_change(struct persist *, const struct device *);

/* An attempt has ended: the same, and write it into the history. */
void persist_end(struct persist *, const struct device *);

/* Its record as it is now, on the disk when this returns. */
void persist_device(struct persist *, const struct device *);

/*
 * The same of many, in one of the next turns; with what persist_last() was
 * behind it, persist_has_written() says whether it is on the disk.
 */
void persist_soon(struct persist *, const struct device *);
uint64_t persist_last(const struct persist *);
bool persist_has_written(const struct persist *, uint64_t last);
void persist_forget(struct persist *, const struct device *);

/*
 * Before the device is told to fetch: its record and a copy of the image, both
 * on the disk.  False: it must not be told.
 */
bool persist_intent(struct persist *, const struct device *,
    const struct image *, struct error *);

/*
 * A copy of an upgrade that a device will be told to fetch, which a later
 * start can go on with.  That it cannot be kept stops nobody.
 */
void persist_upgrade(struct persist *, const struct image *);

/* How far it is; survives our death, if not that of the machine. */
void persist_progress(struct persist *, const struct device *);

/* What persist_progress() wrote last, or 0. */
uint64_t persist_read_progress(struct persist *, const struct device *);

/* The copy that was kept for a job, or NULL. */
struct image *
persist_image(struct persist *, const char *sha256, struct error *);

/* An attempt has ended, or what it had achieved is undone. */
void persist_history(struct persist *, const struct device *);

/*
 * To read it, see store_past_next(); with what persist_last() was before,
 * persist_has_history() says whether all that has ended until then is in it.
 */
struct store_past *persist_open_history(struct persist *);
bool persist_has_history(const struct persist *, uint64_t last);
void persist_close_history(struct store_past *); /* NULL is fine */

void persist_campaign(struct persist *);

/* Drop the copies of images that no device fetches any more. */
void persist_tidy(struct persist *);

/*
 * Try again whether the disk works, and save what it has missed; it works again
 * when all of that is written, some in each turn.
 */
void persist_check(struct persist *);

#endif
