/* SPDX-License-Identifier: ISC */
/*
 * report_image -- a firmware file as the JSON that reflashctl shows: what it
 * is, what it is good for, and why not for more.
 *
 * Keys are never missing but null.
 */
#ifndef REFLASHD_REPORT_IMAGE_H
#define REFLASHD_REPORT_IMAGE_H

#include <jansson.h>
#include <stdint.h>

#include "core/image/image.h"
#include "core/state/reason.h"

/* All borrowed for the call. */
struct report_image {
	const char *name; /* of the file */
	uint64_t size;
	/* NULL: the file could not be read, and the rest says why. */
	const char *sha256;
	const struct image_report *first;   /* as the first image */
	const struct image_report *upgrade; /* as an Upgrade= */
	enum reason reason;
	const char *text;
};

/*
 * Return what an image is best for: "first" for the first flash, "upgrade" for
 * Upgrade= alone; NULL: for nothing.
 */
const char *report_image_use(
    const struct image_report *first, const struct image_report *upgrade);

/*
 * Return the report that says the most about what is in the file: of a .gz, the
 * one for Upgrade=.
 */
const struct image_report *report_image_telling(
    const struct image_report *first, const struct image_report *upgrade);

/*
 * Return an element of `images`; policies, the names of those that use it, is
 * taken.
 */
json_t *report_image(const struct report_image *, json_t *policies);

#endif
