/* SPDX-License-Identifier: ISC */
/*
 * mkimage -- firmware files that nobody has to ship: whole ones in the layout
 * of the Arduino core for the ESP8266, and one of each kind of bad one.
 *
 * A file consists of the eboot bootloader at 0, 0xAA up to 0x1000 and the
 * application behind it, both with their XOR byte; the core since 2.7 adds a
 * CRC over all of it.  Code is replaced by noise that does not compress; among
 * it stand the strings by which people tell Tasmota from ESPHome.  The same
 * kind, size and seed always give the same bytes.
 */
#ifndef REFLASHD_SIM_MKIMAGE_H
#define REFLASHD_SIM_MKIMAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Make an image.  size 0 means the size that is usual for the kind, another
 * one is rounded up to a multiple of 16.  False for a kind that does not exist
 * or a size it cannot have.  *out is the caller's.
 */
bool mkimage(const char *kind, size_t size, unsigned seed, unsigned char **out,
    size_t *len);

/* The same with the strings of another payload (see mkimage_payloads()). */
bool mkimage_with(const char *kind, const char *payload, size_t size,
    unsigned seed, unsigned char **out, size_t *len);

/* Name and help of a kind; false behind the last one. */
bool mkimage_kind(size_t index, const char **name, const char **help);

/* Name of a payload, NULL behind the last one. */
const char *mkimage_payload(size_t index);

#endif
