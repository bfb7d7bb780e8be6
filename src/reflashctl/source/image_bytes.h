/* SPDX-License-Identifier: ISC */
/*
 * image_bytes -- an image on its way to the daemon: memory without a name, so
 * that nothing is left of it when this program ends, however it ends.
 */
#ifndef REFLASHD_REFLASHCTL_IMAGE_BYTES_H
#define REFLASHD_REFLASHCTL_IMAGE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/image/digest.h"

struct image_bytes {
	int fd;		  /* -1: none; sealed once data is set */
	const void *data; /* NULL: not sealed yet */
	size_t size;
	char sha256[DIGEST_SHA256_SIZE], md5[DIGEST_MD5_SIZE];
};

/* Make empty memory to write to.  Finish it also after a failure. */
bool image_bytes_begin(struct image_bytes *, struct error *);
void image_bytes_fini(struct image_bytes *);

/* Seal what was written, so that nobody can change it, and hash it. */
bool image_bytes_seal(struct image_bytes *, struct error *);

/* Read a file, or a pipe to its end; the other two functions in between. */
bool image_bytes_read(struct image_bytes *, const char *path, struct error *);

#endif
