/* SPDX-License-Identifier: ISC */
/*
 * pack -- gzip without zlib: what is noise is stored, long runs of zeros are
 * told in a few bits (RFC 1951, RFC 1952).
 */
#ifndef REFLASHD_SIM_PACK_H
#define REFLASHD_SIM_PACK_H

#include <stddef.h>

/* Takes the bytes, returns others. */
unsigned char *image_gzip(unsigned char *image, size_t *len);

#endif
