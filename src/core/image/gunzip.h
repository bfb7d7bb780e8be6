/* SPDX-License-Identifier: ISC */
/*
 * gunzip -- look into a .gz.
 */
#ifndef REFLASHD_GUNZIP_H
#define REFLASHD_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

bool gunzip_fits(const void *data, size_t size);

/*
 * Unpack the one member that the data must be, to at most max bytes.  *out is
 * the caller's, to be freed with free().  ENOTSUP where this program was built
 * without zlib.
 */
bool gunzip(const void *data, size_t size, size_t max, unsigned char **out,
    size_t *len, struct error *);

#endif
