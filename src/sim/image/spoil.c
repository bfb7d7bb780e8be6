/* SPDX-License-Identifier: ISC */
/* Seals images with their checksums, and damages them, for mkimage. */
#include "config.h"

#include <string.h>

#include "sim/image/spoil.h"

#define PAGE	  0x1000
#define PAGE_CODE 2805 /* the rest is zeros, one run for pack.c */

void
put_le32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

uint32_t
get_le32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* Return where the XOR byte is; *sum is what it should be, from 0xEF on. */
static size_t
find_xor_byte(const unsigned char *image, size_t start, unsigned char *sum)
{
	size_t p = start + 8;

	*sum = 0xef;
	for (unsigned i = 0; i < image[start + 1]; i++) {
		size_t end = p + 8 + get_le32(image + p + 4);

		for (p += 8; p < end; p++)
			*sum ^= image[p];
	}
	return start + ((p - start) | 15);
}

void
image_thin_out(unsigned char *image, size_t len)
{
	for (size_t page = 2 * PAGE; page + PAGE < len; page += PAGE)
		memset(image + page + PAGE_CODE, 0, PAGE - PAGE_CODE);
}

void
image_seal_xor(unsigned char *image, size_t start)
{
	unsigned char sum;
	size_t at = find_xor_byte(image, start, &sum);

	image[at] = sum;
}

/* CRC-32/MPEG-2, as in tools/elf2bin.py of esp8266/Arduino. */
static uint32_t
image_crc(const unsigned char *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)p[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	}
	return crc;
}

void
image_seal_crc(unsigned char *image, size_t len, size_t at)
{
	memset(image + at, 0, 8);
	uint32_t crc = image_crc(image, len);
	put_le32(image + at, (uint32_t)len);
	put_le32(image + at + 4, crc);
}

void
spoil_app_mode(unsigned char *image, size_t *len)
{
	(void)len;
	image[0x1002] = 2;
}

void
spoil_app_size(unsigned char *image, size_t *len)
{
	(void)len;
	image[0x1003] = 0x40;
}

void
spoil_eboot_xor(unsigned char *image, size_t *len)
{
	unsigned char sum;

	(void)len;
	image[find_xor_byte(image, 0, &sum)] ^= 0x10;
}

void
spoil_app_xor(unsigned char *image, size_t *len)
{
	image[*len - 1] ^= 0x10;
}

void
spoil_crc(unsigned char *image, size_t *len)
{
	(void)len;
	image[0xffc] ^= 1;
}

void
spoil_crc3(unsigned char *image, size_t *len)
{
	/* The XOR byte stays right: it does not cover these words. */
	(void)len;
	image[0x1014] ^= 1;
}

void
spoil_bit(unsigned char *image, size_t *len)
{
	image[*len / 2] ^= 4;
}

void
spoil_cut(unsigned char *image, size_t *len)
{
	(void)image;
	*len -= *len / 3;
}

void
spoil_headers_only(unsigned char *image, size_t *len)
{
	(void)image;
	*len = 0x1010;
}

void
spoil_tail(unsigned char *image, size_t *len)
{
	memset(image + *len, 0xff, 16);
	*len += 16;
}

void
spoil_entry(unsigned char *image, size_t *len)
{
	(void)len;
	put_le32(image + 4, 0x40201010);
}

void
spoil_no_app(unsigned char *image, size_t *len)
{
	(void)len;
	image[0x1000] = 0xaa;
}

void
spoil_huge_segment(unsigned char *image, size_t *len)
{
	(void)len;
	put_le32(image + 0x100c, 0xfffffff0);
}

void
spoil_many_segments(unsigned char *image, size_t *len)
{
	(void)len;
	image[0x1001] = 255;
}

void
spoil_long_eboot(unsigned char *image, size_t *len)
{
	(void)len;
	put_le32(image + 12, 0x1234);
	image_seal_xor(image, 0);
	/* The XOR byte is now inside the application, whose own must follow. */
	image_seal_xor(image, 0x1000);
}

void
spoil_fill(unsigned char *image, size_t *len)
{
	(void)len;
	memset(image + 0xfd0, 0xff, 16);
}
