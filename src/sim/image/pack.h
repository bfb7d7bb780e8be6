/* SPDX-License-Identifier: ISC */
/*
 * pack -- gzip without zlib: only long runs of zeros are compressed (RFC 1951,
 * RFC 1952).
 */
#ifndef REFLASHD_SIM_PACK_H
#define REFLASHD_SIM_PACK_H

#include <stddef.h>

/* Compress the image, which is taken.  Returns the new bytes. */
unsigned char *image_gzip(unsigned char *image, size_t *len);

#endif
