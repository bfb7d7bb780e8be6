/* SPDX-License-Identifier: ISC */
/* gunzip -- unpacks a .gz, so that the firmware file in it can be checked. */
#ifndef REFLASHD_GUNZIP_H
#define REFLASHD_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

bool gunzip_fits(const void *data, size_t size);

/*
 * Unpack data, which must be exactly one gzip member, to at most max bytes.
 * The caller owns *out, to be freed with free().  ENOTSUP if this program was
 * built without zlib.
 */
bool gunzip(const void *data, size_t size, size_t max, unsigned char **out,
    size_t *len, struct error *);

#endif
