/* SPDX-License-Identifier: ISC */
/* sealed -- a copy of a file in memory that no program can change any more. */
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
	struct stat file; /* the file, as it was read */
};

/*
 * Copy a regular, not empty file of at most max bytes from an open descriptor,
 * which stays the caller's.  EAGAIN: it changed meanwhile.
 */
bool sealed_init(struct sealed *, int fd, size_t max, struct error *);

/*
 * Return true if the descriptor, of a stranger, is memory of memfd_create(2)
 * that has all seals and from 1 to max bytes.  Reading it can neither wait nor
 * fail half-way then, as reading a pipe or the file of a broken network could.
 */
bool sealed_check(int fd, size_t max, struct error *);

/* Free what sealed_init() has filled. */
void sealed_fini(struct sealed *);

/* Return true if nothing shows a change of the file between two looks. */
bool sealed_same_file(const struct stat *, const struct stat *);

/*
 * Return true if a later change would show.  Two changes within one tick of a
 * file system's clock look like one.
 */
bool sealed_is_settled(const struct stat *);

/* Return true if a file can be read and has exactly these bytes. */
bool sealed_same_bytes(const struct sealed *, int fd);

#endif
