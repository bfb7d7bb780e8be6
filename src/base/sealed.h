/* SPDX-License-Identifier: ISC */
/*
 * sealed -- a copy of a file in memory that nobody can change any more.
 */
#ifndef REFLASHD_SEALED_H
#define REFLASHD_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

struct sealed {
	const void *data; /* read-only */
	size_t size;
	int fd;		  /* of the sealed copy */
	struct stat file; /* of the file, as it was read */
};

/*
 * Copy a regular, not empty file of at most max bytes from an open descriptor,
 * which stays the caller's.  EAGAIN: it changed meanwhile.
 */
bool sealed_init(struct sealed *, int fd, size_t max, struct error *);

/* Of what sealed_init() has filled. */
void sealed_fini(struct sealed *);

/* Nothing shows that the file was touched between these two looks at it. */
bool sealed_same_file(const struct stat *, const struct stat *);

/*
 * Would a later change show?  Two of them within one tick of a file system's
 * clock look like one.
 */
bool sealed_is_settled(const struct stat *);

/* Does a file have the very bytes of the copy?  False if it cannot be read. */
bool sealed_same_bytes(const struct sealed *, int fd);

#endif
