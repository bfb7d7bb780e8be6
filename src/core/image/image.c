/* SPDX-License-Identifier: ISC */
/*
 * Judges a firmware file: runs all checks on it and says whether it is
 * accepted, and with which warnings.
 */
#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/gunzip.h"
#include "core/image/image.h"
#include "core/image/imageform.h"
#include "core/image/imagekind.h"

/*
 * Tasmota keeps its settings from 0xf3000 on.  The free room lies below 0xfb000
 * and after the running image, of which the smallest ones known have 0x5b000
 * bytes (tasmota-minimal 6.7.1).
 */
#define UPGRADE_MAX	 0xf3000u
#define UPGRADE_FILE_MAX (0xfb000u - 0x5b000u)

bool
image_refuse(
    struct image_report *report, enum reason reason, const char *fmt, ...)
{
	va_list ap;

	report->verdict = IMAGE_REFUSE;
	report->reason = reason;
	va_start(ap, fmt);
	vsnprintf(report->text, sizeof(report->text), fmt, ap);
	va_end(ap);
	return false;
}

void
image_warn(struct image_report *report, const char *fmt, ...)
{
	va_list ap;

	assert(report->note_count < IMAGE_NOTES);
	report->verdict = IMAGE_WARN;
	va_start(ap, fmt);
	vsnprintf(
	    report->notes[report->note_count++], IMAGE_NOTE_SIZE, fmt, ap);
	va_end(ap);
}

/*
 * Run all checks but that of the size, which depends on what the image is for.
 */
static bool
check(const unsigned char *data, size_t size, struct image_report *report)
{
	bool sure, good;

	good = image_check_foreign(data, size, report) &&
	    image_check_form(data, size, report);
	/* Do not guess the project of a damaged file. */
	if (good || report->reason != REASON_IMAGE_INVALID)
		image_find_kind(data, size, report);
	if (!good)
		return false;
	if (report->kind == IMAGE_UNKNOWN)
		image_warn(report, "it is of no project that is known here");
	if (report->kind == IMAGE_TASMOTA &&
	    image_is_minimal(data, size, &sure))
		return image_refuse(report, REASON_IMAGE_MINIMAL,
		    sure ? "it is tasmota-minimal, which has no set-up"
			 : "it seems to be tasmota-minimal: what every other "
			   "build has is not in it");
	return true;
}

/* Check an image that is to replace the stock firmware. */
static void
check_first(const void *data, size_t size, struct image_report *report)
{
	*report = (struct image_report){ .size = size, .unpacked = size };
	if (!check(data, size, report))
		return;
	if (size > IMAGE_FIRST_MAX)
		image_refuse(report, REASON_IMAGE_TOO_LARGE,
		    "its %zu bytes are more than the %u that the stock "
		    "firmware has room for",
		    size, IMAGE_FIRST_MAX);
	else if (size >= IMAGE_SURE_MAX)
		image_warn(report,
		    "its %zu bytes may be too many: only what is smaller than "
		    "%u is surely taken",
		    size, IMAGE_SURE_MAX);
}

/*
 * Refuse a .gz as the first image, and say what it is good for: to be unpacked,
 * for the second step, or for nothing.
 */
static void
refuse_packed(const void *data, size_t size, struct image_report *report)
{
	unsigned char *unpacked = NULL; /* owned */
	struct image_report inner, upgrade;
	struct error err;
	size_t len;

	*report = (struct image_report){ .size = size, .unpacked = size };
	if (!gunzip(data, size, IMAGE_MAX_FILE, &unpacked, &len, &err)) {
		image_refuse(report, REASON_IMAGE_COMPRESSED,
		    "it is compressed with gzip, and %s", err.text);
		return;
	}
	check_first(unpacked, len, &inner);
	free(unpacked);
	report->kind = inner.kind;
	memcpy(report->version, inner.version, sizeof(report->version));
	memcpy(report->variant, inner.variant, sizeof(report->variant));
	report->version_guessed = inner.version_guessed;
	if (inner.verdict != IMAGE_REFUSE) {
		image_refuse(report, REASON_IMAGE_COMPRESSED,
		    "it is compressed with gzip, which only Tasmota's own "
		    "updater unpacks; unpacked with gunzip it would do");
		return;
	}
	image_check_upgrade(data, size, &upgrade);
	image_refuse(report, REASON_IMAGE_COMPRESSED,
	    "it is compressed with gzip, and what is in it would be refused "
	    "as well: %s%s",
	    inner.text,
	    upgrade.verdict != IMAGE_REFUSE
		? "; it is right for Upgrade= of a policy"
		: "");
}

void
image_check(const void *data, size_t size, struct image_report *report)
{
	if (gunzip_fits(data, size))
		refuse_packed(data, size, report);
	else
		check_first(data, size, report);
}

static void
check_room(struct image_report *report)
{
	if (report->unpacked > UPGRADE_MAX)
		image_refuse(report, REASON_IMAGE_TOO_LARGE,
		    "its %zu bytes would reach into Tasmota's settings, which "
		    "begin at %u",
		    report->unpacked, UPGRADE_MAX);
	else if (report->size > UPGRADE_FILE_MAX)
		image_refuse(report, REASON_IMAGE_TOO_LARGE,
		    "its %zu bytes do not fit beside any running Tasmota; "
		    "the .bin.gz would",
		    report->size);
}

void
image_check_upgrade(const void *data, size_t size, struct image_report *report)
{
	unsigned char *unpacked = NULL; /* owned */
	struct error err;

	*report = (struct image_report){ .size = size, .unpacked = size };
	if (!gunzip_fits(data, size)) {
		if (check(data, size, report))
			check_room(report);
		return;
	}
	report->packed = true;
	if (!gunzip(data, size, IMAGE_MAX_FILE, &unpacked, &report->unpacked,
		&err)) {
		report->unpacked = 0;
		image_refuse(report, REASON_IMAGE_COMPRESSED, "%s", err.text);
		return;
	}
	if (check(unpacked, report->unpacked, report))
		check_room(report);
	free(unpacked);
}

const char *
image_kind_name(enum image_kind kind)
{
	static const char *const names[] = {
		[IMAGE_UNKNOWN] = "unknown",
		[IMAGE_TASMOTA] = "tasmota",
		[IMAGE_ESPHOME] = "esphome",
		[IMAGE_ESPURNA] = "espurna",
		[IMAGE_ESPEASY] = "espeasy",
	};

	return names[kind];
}

const char *
image_verdict_name(enum image_verdict verdict)
{
	static const char *const names[] = {
		[IMAGE_ACCEPT] = "accept",
		[IMAGE_WARN] = "warn",
		[IMAGE_REFUSE] = "refuse",
	};

	return names[verdict];
}
