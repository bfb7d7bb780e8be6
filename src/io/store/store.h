/* SPDX-License-Identifier: ISC */
/*
 * store -- the state directory: what must outlive this process.
 *
 *	lock			held by the daemon that works here, its pid
 *	daemon.json		what is true of all devices, a paused policy say
 *	history.jsonl, .1 ..	what happened, one JSON object per line
 *	devices/ID.json		the record of a device
 *	devices/ID.progress	how far its download is
 *	kept/SHA256		a copy of an image that is being flashed
 *
 * A record is on the disk as it was or as it is to be, whenever we die.  What
 * cannot be read is renamed to NAME.unreadable-N, never deleted.  Nothing
 * here follows a link out of the directory.  Of a failure the code tells
 * whether it is the disk's (ENOSPC, EDQUOT, EROFS, EIO): who calls decides
 * how often that is worth saying.
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

struct store;

/*
 * Make what is missing in dir, and dir itself but not what it is in.  NULL
 * with EWOULDBLOCK if another daemon works there.  A directory on a
 * read-only file system can be opened if all is there, for reading.
 */
struct store *store_open(const char *dir, struct error *);
void store_close(struct store *); /* NULL is fine */

/*
 * False: the old record is still there.  There is one way to fail in which
 * the new one may be: when the directory could not be made to last (EIO).
 */
bool store_save(
    struct store *, const char *id, const json_t *record, struct error *);

/* The record and the progress; that there are none is fine. */
bool store_remove(struct store *, const char *id, struct error *);

/*
 * What a record is good for.  loaded() borrows the object; if it does not
 * want it, it says why, and the file is set aside.  bad() is told of every
 * file that was set aside, "1000a05bf6.json", and why, in a sentence.
 */
struct store_load_ops {
	bool (*loaded)(
	    const char *id, const json_t *record, void *ctx, struct error *);
	void (*bad)(const char *file, const char *why, void *ctx);
};

/*
 * Every record that was there when the store was opened, by id; once.  ops is
 * borrowed for the call.
 */
void store_load(struct store *, const struct store_load_ops *, void *ctx);

/*
 * How many bytes of its image a device has; 0 where that is not known.
 * Cheap, so it is a hint: it outlives this process, but maybe not the
 * machine, and that it cannot be written is not told.  That it has ended is
 * as lasting as the record that is saved next.
 */
void store_progress(struct store *, const char *id, uint64_t bytes);
uint64_t store_progress_read(struct store *, const char *id);
/* False: it is still there, or may be. */
bool store_progress_end(struct store *, const char *id, struct error *);

/*
 * Images by their sha256, 64 lower-case hex digits, which is not checked
 * against the bytes here.  store_keep() makes a copy unless the same is
 * there, store_kept() opens it (-1: it is not there, ENOENT, or cannot be
 * read), and the last removes all others.
 */
bool store_keep(struct store *, const char *sha256, const void *data,
    size_t size, struct error *);
int store_kept(struct store *, const char *sha256, struct error *);
void
store_drop_kept_except(struct store *, const char *const shas[], size_t count);

/*
 * Whether a copy of an image could be written now: a full disk has room for a
 * short line long before it has room for the next job.
 */
bool store_has_room(struct store *, struct error *);

/* Add an object to the history.  False: it is not there, or may not last. */
bool store_history_add(struct store *, const json_t *entry, struct error *);

/*
 * Read the history, the oldest first, up to max entries at a time; they are
 * borrowed for the call, and false says that there are no more.  Many may read
 * it, each as slowly as he likes: no file is open in between.  Closing tells
 * how many lines were not whole, of which a cut leaves one.
 */
struct store_past;
struct store_past *store_history_open(struct store *);
bool store_past_next(struct store_past *, size_t max,
    void (*entry)(const json_t *, void *ctx), void *ctx);
size_t store_past_close(struct store_past *); /* NULL is fine */

/*
 * One more record.  Loading gives the caller's own, or NULL; then the code
 * of the error is 0 if there was none, else it was set aside as the text
 * says.
 */
bool store_save_daemon(struct store *, const json_t *, struct error *);
json_t *store_load_daemon(struct store *, struct error *);

#endif
