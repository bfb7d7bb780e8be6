/* SPDX-License-Identifier: ISC */
/*
 * mkimage -- generated firmware files: whole ones in the layout of the Arduino
 * core for the ESP8266, and one of each kind of bad one.
 *
 * A file consists of the eboot bootloader at 0, fill up to 0x1000, and the
 * application after it, both with an XOR byte; since 2.7 the core adds a CRC
 * over the whole file. Noise that does not compress replaces the code; between
 * it are the strings that tell Tasmota from ESPHome. The same kind, size and
 * seed always give the same bytes.
 */
#ifndef REFLASHD_SIM_MKIMAGE_H
#define REFLASHD_SIM_MKIMAGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Make an image.  Size 0 means the usual size of the kind; another size is
 * rounded up to a multiple of 16.  Returns false for an unknown kind or an
 * impossible size.  *out is the caller's.
 */
bool mkimage(const char *kind, size_t size, unsigned seed, unsigned char **out,
    size_t *len);

/* The same with the strings of another payload (see mkimage_payload()). */
bool mkimage_with(const char *kind, const char *payload, size_t size,
    unsigned seed, unsigned char **out, size_t *len);

/* Get the kind with that index; false: there are no more. */
bool mkimage_kind(size_t index, const char **name, const char **help);

/* Return the name of the payload with that index; NULL: there are no more. */
const char *mkimage_payload(size_t index);

#endif
