/* SPDX-License-Identifier: ISC */
/*
 * images -- firmware files, held so that they can no longer change.
 *
 * A file is read once, into memory that is then sealed.  So the bytes that are
 * hashed, checked and served are the same, whatever happens to the file on
 * disk.  One copy serves all jobs; each of them holds a reference.
 */
#ifndef REFLASHD_IMAGES_H
#define REFLASHD_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/error.h"
#include "core/image/digest.h"
#include "core/image/image.h"

struct image;

/*
 * Load, hash and check an open file, read from its start; fd stays the
 * caller's.  Returns NULL if it cannot be read.  A file that must not be
 * flashed loads all the same: see its report.  The digest is borrowed for the
 * call.
 */
struct image *
image_load_fd(int fd, const char *path, const struct digest *, struct error *);

/* Add a reference; image_unref() gives it back. */
struct image *image_ref(struct image *);
void image_unref(struct image *); /* NULL is fine */

/* Borrowed while a reference is held. */
const char *image_path(const struct image *);
const char *image_name(const struct image *); /* after the last '/' */
const void *image_data(const struct image *);
size_t image_size(const struct image *);
int image_fd(const struct image *); /* of the sealed copy */
const char *image_sha256(const struct image *);
const char *image_md5(const struct image *); /* may be "" */
time_t image_modified(const struct image *); /* of the file */

/*
 * Return the verdict on the image as the first image of a device, and as the
 * Upgrade= of a Tasmota.
 */
const struct image_report *image_report(const struct image *);
const struct image_report *image_upgrade_report(const struct image *);

/*
 * The images of a configuration.  Each is read again only when it has changed.
 */
struct image_cache;

/*
 * Make a cache.  Relative names are looked for in directory, which is copied.
 */
struct image_cache *image_cache_new(const char *directory, struct error *);
void image_cache_free(struct image_cache *); /* NULL is fine */

/* Look for relative names in another directory, and read every file again. */
void image_cache_move(struct image_cache *, const char *directory);

/* Drop the images that only the cache holds; they are read on demand. */
void image_cache_tidy(struct image_cache *);

/*
 * Return a reference, which the caller owns, to the file as it is now.  NULL:
 * it cannot be read (ENOENT if it does not exist).
 */
struct image *
image_cache_get(struct image_cache *, const char *path, struct error *);

/* The same, but the cache does not keep an image that it did not have. */
struct image *
image_cache_look(struct image_cache *, const char *path, struct error *);

/* Return true if the path named this image when it was last read. */
bool image_cache_names(
    const struct image_cache *, const char *path, const struct image *);

/* Return the reason for a device whose image could not be read. */
enum reason image_error_reason(const struct error *);

/* Return the digest for image_load_fd(); borrowed. */
const struct digest *image_cache_digest(const struct image_cache *);

#endif
