/* SPDX-License-Identifier: ISC */
/*
 * image -- is this file fit to be put on a device?
 *
 * The stock firmware checks next to nothing, the boot loader nothing at all,
 * and a damaged application is not noticed before it is started: what passes
 * here stays on the device.  So every doubt is a refusal with a sentence; what
 * is only unusual is a warning.
 *
 *  0x0000  eboot, the boot loader: an image of its own
 *          0xAA up to 0x1000; core 2.7: length, CRC at 0x0ff8
 *  0x1000  the application; core >= 3.0: length, CRC at 0x1010
 */
#ifndef REFLASHD_IMAGE_H
#define REFLASHD_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/state/reason.h"

#define IMAGE_MAX_FILE (4u << 20) /* a larger file is certainly no firmware */

/*
 * The largest sizes of a first image.  Sonoff's text says 508 KB; its own tool
 * means 508000 bytes by that, others 508 * 1024.  No device is known to have
 * taken a size in between.  The device's 413 decides.
 */
#define IMAGE_SURE_MAX	508000u
#define IMAGE_FIRST_MAX 520192u

enum image_kind {
	IMAGE_UNKNOWN,
	IMAGE_TASMOTA,
	IMAGE_ESPHOME,
	IMAGE_ESPURNA,
	IMAGE_ESPEASY,
};

enum image_verdict { IMAGE_ACCEPT, IMAGE_WARN, IMAGE_REFUSE };

#define IMAGE_NOTES	12
#define IMAGE_NOTE_SIZE 160

/* A plain value that may be copied. */
struct image_report {
	enum image_verdict verdict;
	enum reason reason; /* REASON_NONE unless refused */
	char text[240];	    /* why the image was refused, a sentence; else "" */
	enum image_kind kind;
	char version[32];     /* "" where it cannot be told */
	bool version_guessed; /* from the day it was built */
	bool is_14;	  /* a Tasmota 14.0 or later, whatever its version */
	char variant[24]; /* "lite"; "" where it cannot be told */
	size_t size;	  /* of the file */
	bool packed;	  /* it is a .gz */
	size_t unpacked;  /* bytes of the unpacked image, or its size */
	bool boots_gzip;  /* its loader can unpack a .bin.gz */
	char notes[IMAGE_NOTES][IMAGE_NOTE_SIZE];
	size_t note_count;
};

/* Check the first image, which replaces the stock firmware. */
void image_check(const void *data, size_t size, struct image_report *);

/*
 * Check an image that a running Tasmota is told to fetch: there is more room,
 * and a .gz is fine if it unpacks to a good image.
 */
void image_check_upgrade(const void *data, size_t size, struct image_report *);

/*
 * Recognise a released file by its sha256 (lower-case hex), which tells version
 * and variant more surely than its build date.
 */
void image_report_identify(struct image_report *, const char *sha256);

/* Return "tasmota" and so on; "unknown" for IMAGE_UNKNOWN. */
const char *image_kind_name(enum image_kind);
/* Return "accept", "warn" or "refuse". */
const char *image_verdict_name(enum image_verdict);

#endif
