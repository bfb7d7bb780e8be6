/* SPDX-License-Identifier: ISC */
/*
 * crc32 -- CRC-32/MPEG-2, with which the Arduino core seals a firmware file.
 *
 * Polynomial 04C11DB7, start FFFFFFFF, nothing reflected, no final inversion:
 * not the CRC-32 of zlib.  crc32_mpeg2(CRC32_START, "123456789", 9) is
 * 0376E6E7.
 */
#ifndef REFLASHD_CRC32_H
#define REFLASHD_CRC32_H

#include <stddef.h>
#include <stdint.h>

#define CRC32_START 0xffffffffu

/* Continue the checksum crc over more bytes. */
uint32_t crc32_mpeg2(uint32_t crc, const void *data, size_t len);

#endif
