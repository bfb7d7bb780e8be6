/* SPDX-License-Identifier: ISC */
/*
 * firmware -- what an image turns out to be once it runs, told from the
 * strings in it.  Works on a stream: no device keeps the bytes it has fetched.
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

#define FIRMWARE_TAIL 48 /* more than the longest mark and what follows it */

/* Needs no init beyond = {0}. */
struct firmware_scan {
	unsigned found; /* a bit for each mark */
	char esphome[16], version[16];
	char tail[FIRMWARE_TAIL];
	size_t tail_len;
};

void firmware_feed(struct firmware_scan *, const void *data, size_t len);

/* Call once, behind the last byte. */
void firmware_finish(struct firmware_scan *, struct firmware *);

/* A whole one in memory, unpacked if it is gzip and there is zlib. */
void firmware_identify(struct firmware *, const void *data, size_t len);

/* 14.2.0 -> 140200, to compare. */
unsigned firmware_number(const char *version);

#endif
