/* SPDX-License-Identifier: ISC */
/*
 * esp8266 -- one "version 1" image as the ESP8266's boot ROM and eboot read it.
 *
 *	offset 0  E9, number of segments, flash mode, flash size | SPI clock
 *	       4  entry point
 *	       8  segments: load address, length, data; nothing in between
 *	     end  zeros, then one XOR byte as the last of a block of 16
 *
 * A firmware file of the Arduino core holds two: the boot loader at 0 and the
 * application at 0x1000.  (esptool, docs/en/esp8266/advanced-topics/
 * firmware-image-format.rst)
 */
#ifndef REFLASHD_ESP8266_H
#define REFLASHD_ESP8266_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ESP8266_MAGIC	   0xe9
#define ESP8266_HEADER	   8
#define ESP8266_SEGMENTS   16 /* more are refused by esptool, too */
#define ESP8266_MODE_DOUT  3
#define ESP8266_SIZE_1M	   2
#define ESP8266_IRAM	   0x40100000u
#define ESP8266_IRAM_END   0x40110000u
#define ESP8266_FLASH	   0x40200000u /* where the flash is mapped */
#define ESP8266_FLASH_END  0x40300000u
#define ESP8266_DATA_RAM   0x3ffe8000u
#define ESP8266_DATA_END   0x40000000u
#define ESP8266_EBOOT_LOAD 0x4010f000u

struct esp8266_segment {
	uint32_t address; /* where it is loaded to */
	uint32_t size;
	size_t offset; /* of its data in the file */
};

struct esp8266_image {
	unsigned mode;	     /* 0 QIO, 1 QOUT, 2 DIO, 3 DOUT */
	unsigned flash_size; /* the upper half of byte 3 */
	unsigned clock;	     /* the lower half */
	uint32_t entry;
	struct esp8266_segment segments[ESP8266_SEGMENTS];
	size_t segment_count;
	unsigned char computed, stored; /* the XOR byte */
	bool padded;			/* with zeros, as it should be */
	size_t end;			/* offset in the file after the image */
};

/*
 * Take apart the image at base; nothing is read after size.  A wrong XOR byte
 * is no error here: the caller, which knows the layout, compares the computed
 * byte with the stored one.  Returns false and why if an ESP8266 could not load
 * the image.
 */
bool esp8266_parse(const unsigned char *data, size_t size, size_t base,
    struct esp8266_image *, struct error *);

/* Return true if the segment lies in flash, where it is executed in place. */
bool esp8266_in_flash(const struct esp8266_segment *);

uint32_t esp8266_read32(const unsigned char *);
unsigned char esp8266_xor(const unsigned char *, size_t);

#endif
