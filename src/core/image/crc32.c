/* SPDX-License-Identifier: ISC */
/* Computes the checksum that firmware files of the Arduino core carry. */
#include "config.h"

#include "core/image/crc32.h"

#define POLYNOMIAL 0x04c11db7u

/*
 * Fill table[k][b] with what byte b does to the CRC if k more bytes follow it.
 */
static void
make_tables(uint32_t table[4][256])
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b << 24;

		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0);
		table[0][b] = crc;
	}
	for (int k = 1; k < 4; k++)
		for (int b = 0; b < 256; b++) {
			uint32_t crc = table[k - 1][b];

			table[k][b] = crc << 8 ^ table[0][crc >> 24];
		}
}

uint32_t
crc32_mpeg2(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint32_t table[4][256];

	/* Making the tables takes 4 us, and keeps no state. */
	make_tables(table);
	for (; len >= 4; len -= 4, p += 4) {
		crc ^= (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | p[3];
		crc = table[3][crc >> 24] ^ table[2][crc >> 16 & 0xff] ^
		    table[1][crc >> 8 & 0xff] ^ table[0][crc & 0xff];
	}
	while (len-- > 0)
		crc = crc << 8 ^ table[0][crc >> 24 ^ *p++];
	return crc;
}
