/* SPDX-License-Identifier: ISC */
/*
 * store -- the state directory: what must outlive this process.
 *
 *  lock                  held by the daemon that works here, its pid
 *  daemon.json           what is true of all devices, such as a paused policy
 *  labels.json           the label of each device, beside those in the records
 *  history.jsonl, .1 ..  what happened, one JSON object per line
 *  devices/ID.json       the record of a device
 *  devices/ID.progress   how far its download is
 *  kept/SHA256           a copy of an image that is being flashed
 *
 * Whenever the daemon dies, a record on the disk is the old one or the new one,
 * as a whole.  A file that cannot be read is renamed to NAME.unreadable-N,
 * never deleted.  Nothing here follows a link out of the directory.  The code
 * of an error tells whether the disk is at fault (ENOSPC, EDQUOT, EROFS, EIO):
 * the caller decides how often to report that.
 */
#ifndef REFLASHD_STORE_H
#define REFLASHD_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/sonoff/devapi.h"

#define STORE_MAX_ID DEVAPI_ID_MAX /* of 0-9 a-z A-Z _ - */
#define STORE_MAX_RECORD                                                       \
	(64 * 1024) /* bytes of a record, or of daemon.json                    \
		     */
#define STORE_MAX_LABELS (4 * 1024 * 1024) /* bytes of labels.json */

struct store;

/*
 * Open a state directory, and make what is missing in it. dir itself is made,
 * too, but not its parent.  Returns NULL with EWOULDBLOCK if another daemon
 * works there.  A complete directory on a read-only file system can be opened
 * for reading.
 */
struct store *store_open(const char *dir, struct error *);
void store_close(struct store *); /* NULL is fine */

/*
 * Save a record.  On false the old record is still there.  In one case the new
 * one may be there instead: when the directory could not be made to last (EIO).
 */
bool store_save(
    struct store *, const char *id, const json_t *record, struct error *);

/* Remove the record and the progress of a device, if there are any. */
bool store_remove(struct store *, const char *id, struct error *);

/*
 * Callbacks of store_load(). loaded() borrows the object; if it refuses the
 * record with a reason, the file is set aside. bad() gets the name of every
 * file that was set aside, "1000a05bf6.json", and why, in a sentence.
 */
struct store_load_ops {
	bool (*loaded)(
	    const char *id, const json_t *record, void *ctx, struct error *);
	void (*bad)(const char *file, const char *why, void *ctx);
};

/*
 * Load every record that was there when the store was opened, in the order of
 * ids.  Call it once. ops is borrowed for the call.
 */
void store_load(struct store *, const struct store_load_ops *, void *ctx);

/*
 * Load the record of a device that was set aside last.  The caller owns it;
 * NULL: there is none, or it cannot be read.  Dropping removes that file.
 */
json_t *store_load_aside(struct store *, const char *id, struct error *);
bool store_drop_aside(struct store *, const char *id, struct error *);

/*
 * Note how many bytes of its image a device has; reading returns 0 if that is
 * not known.  It is cheap, so it is only a hint: it outlives this process, but
 * maybe not the machine, and a failure to write it is not reported.  The end of
 * a progress is as lasting as the record that is saved next.
 */
void store_progress(struct store *, const char *id, uint64_t bytes);
uint64_t store_progress_read(struct store *, const char *id);
/* Remove the progress.  On false it is still there, or may be. */
bool store_progress_end(struct store *, const char *id, struct error *);

/*
 * Keep images by their sha256, 64 lower-case hex digits, which is not checked
 * against the bytes here. store_keep() makes a copy unless the same one is
 * there. store_kept() opens it; -1: it does not exist (ENOENT), or cannot be
 * read.  The last function removes all other images.
 */
bool store_keep(struct store *, const char *sha256, const void *data,
    size_t size, struct error *);
int store_kept(struct store *, const char *sha256, struct error *);
void
store_drop_kept_except(struct store *, const char *const shas[], size_t count);

/*
 * Return true if a copy of an image could be written now: a full disk has room
 * for a short line long before it has room for the next job.
 */
bool store_has_room(struct store *, struct error *);

/* Add an object to the history.  On false it is not there, or may not last. */
bool store_history_add(struct store *, const json_t *entry, struct error *);

/*
 * Read the history, the oldest entry first, up to max entries at a time.  They
 * are borrowed for the call; false says that there are no more.  Many readers
 * may read at the same time, each at its own speed: no file is open in between.
 * Closing tells how many lines were not whole; a power cut leaves one.
 */
struct store_past;
struct store_past *store_history_open(struct store *);
bool store_past_next(struct store_past *, size_t max,
    void (*entry)(const json_t *, void *ctx), void *ctx);
size_t store_past_close(struct store_past *); /* NULL is fine */

/*
 * Save and load the record of the daemon itself.  Loading returns an object
 * that the caller owns, or NULL.  With NULL, the code of the error is 0 if
 * there was no record; else it was set aside, as the text says.
 */
bool store_save_daemon(struct store *, const json_t *, struct error *);
json_t *store_load_daemon(struct store *, struct error *);

/* The same for labels.json. */
bool store_save_labels(struct store *, const json_t *, struct error *);
json_t *store_load_labels(struct store *, struct error *);

#endif
