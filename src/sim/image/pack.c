/* SPDX-License-Identifier: ISC */
/* Compresses an image to gzip, for mkimage: only runs of zeros get shorter. */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/image/pack.h"
#include "sim/image/spoil.h"

#define STORED_MAX 0xffff
#define RUN_MIN	   1024
#define MATCH	   258 /* the longest match of DEFLATE */

struct packer {
	unsigned char *out;
	size_t len;
	unsigned bits, count; /* bits of a byte that is not full */
};

static uint32_t
crc32_gzip(const unsigned char *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void
put_bit(struct packer *p, unsigned bit)
{
	p->bits |= bit << p->count;
	if (++p->count < 8)
		return;
	p->out[p->len++] = (unsigned char)p->bits;
	p->bits = p->count = 0;
}

/* RFC 1951 3.1.1: a Huffman code begins with its highest bit. */
static void
put_code(struct packer *p, unsigned code, unsigned bits)
{
	while (bits-- > 0)
		put_bit(p, code >> bits & 1);
}

static void
put_block(struct packer *p, unsigned last, unsigned type)
{
	put_bit(p, last);
	put_bit(p, type & 1);
	put_bit(p, type >> 1);
}

static void
store_block(struct packer *p, const unsigned char *src, size_t n, bool last)
{
	put_block(p, last, 0);
	while (p->count != 0)
		put_bit(p, 0);
	put_le32(p->out + p->len, (uint32_t)(n | (~n << 16)));
	memcpy(p->out + p->len + 4, src, n);
	p->len += 4 + n;
}

/* RFC 1951 3.2.6: a zero, then copies of it from one byte before. */
static void
put_zeros(struct packer *p, size_t matches)
{
	put_block(p, 0, 1);
	put_code(p, 0x30, 8);
	while (matches-- > 0) {
		put_code(p, 0xc5, 8);
		put_code(p, 0, 5);
	}
	put_code(p, 0, 7);
}

static size_t
count_zeros(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *p = at;

	while (p < end && *p == 0)
		p++;
	return (size_t)(p - at);
}

static void
deflate_all(struct packer *p, const unsigned char *at, size_t len)
{
	const unsigned char *end = at + len, *from = at;

	while (at < end) {
		size_t run = *at == 0 ? count_zeros(at, end) : 0;

		if (run >= RUN_MIN) {
			size_t matches = (run - 1) / MATCH;

			store_block(p, from, (size_t)(at - from), false);
			put_zeros(p, matches);
			at += 1 + matches * MATCH;
			from = at;
			continue;
		}
		at += run > 0 ? run : 1;
		/* A run that is not compressed is shorter than RUN_MIN. */
		if (at - from > STORED_MAX - RUN_MIN) {
			store_block(p, from, (size_t)(at - from), false);
			from = at;
		}
	}
	store_block(p, from, (size_t)(at - from), true);
}

unsigned char *
image_gzip(unsigned char *image, size_t *len)
{
	static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0,
		3 };
	struct packer p = { .out = xcalloc(1, *len + *len / 64 + 1024) };

	memcpy(p.out, head, sizeof(head));
	p.len = sizeof(head);
	deflate_all(&p, image, *len);
	put_le32(p.out + p.len, crc32_gzip(image, *len));
	put_le32(p.out + p.len + 4, (uint32_t)*len);
	*len = p.len + 8;
	free(image);
	return p.out;
}
