/* SPDX-License-Identifier: ISC */
/* spoil -- the checksums of an image, and the ways to damage it. */
#ifndef REFLASHD_SIM_SPOIL_H
#define REFLASHD_SIM_SPOIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Damage a whole image.  *len may shrink, or grow by up to 64 bytes that are
 * zero and belong to the buffer.
 */
typedef void spoil_fn(unsigned char *image, size_t *len);

spoil_fn spoil_app_mode, spoil_app_size, spoil_eboot_xor, spoil_app_xor;
spoil_fn spoil_crc, spoil_crc3, spoil_bit, spoil_cut, spoil_headers_only;
spoil_fn spoil_tail, spoil_entry, spoil_no_app, spoil_huge_segment;
spoil_fn spoil_many_segments, spoil_long_eboot, spoil_fill;

void put_le32(unsigned char *, uint32_t);
uint32_t get_le32(const unsigned char *);

/*
 * Let each page end in zeros, so that it packs as real code does: 669312 bytes
 * become about 470000.
 */
void image_thin_out(unsigned char *image, size_t len);

/* Write the XOR byte of the image whose header is at start. */
void image_seal_xor(unsigned char *image, size_t start);

/* Write length and CRC at the offset where two words are set aside. */
void image_seal_crc(unsigned char *image, size_t len, size_t at);

#endif
