/* SPDX-License-Identifier: ISC */
/*
 * firmware -- which firmware an image is, by the strings in it.  It works on a
 * stream, because no device keeps the bytes of its download.
 */
#ifndef REFLASHD_SIM_FIRMWARE_H
#define REFLASHD_SIM_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>

enum firmware_kind { FIRMWARE_UNKNOWN, FIRMWARE_TASMOTA, FIRMWARE_ESPHOME };

struct firmware {
	enum firmware_kind kind;
	char version[16];
	char variant[16]; /* of Tasmota: lite, tasmota (full), minimal */
};

#define FIRMWARE_TAIL                                                          \
	48 /* more than the longest mark and the version after it */

/* Initialize with = {0}. */
struct firmware_scan {
	unsigned found; /* a bit for each mark */
	char esphome[16], version[16];
	char tail[FIRMWARE_TAIL];
	size_t tail_len;
};

void firmware_feed(struct firmware_scan *, const void *data, size_t len);

/* Identify the image, once after its last byte. */
void firmware_finish(struct firmware_scan *, struct firmware *);

/* Identify a whole image in memory; gzip is unpacked if there is zlib. */
void firmware_identify(struct firmware *, const void *data, size_t len);

/* Convert a version to a number that can be compared: 14.2.0 is 140200. */
unsigned firmware_number(const char *version);

#endif
