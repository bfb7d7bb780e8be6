/* SPDX-License-Identifier: ISC */
/*
 * image_release -- which release of Tasmota is this file?
 *
 * Tasmota makes its version number at run time, so no version is in the file.
 * The day on which it was built is, and published files are known by their
 * sha256.  A new release is a row in each table.
 */
#ifndef REFLASHD_IMAGE_RELEASE_H
#define REFLASHD_IMAGE_RELEASE_H

#include <stddef.h>

/* Return the version that was built on a day that is in the file, or NULL. */
const char *image_release_by_date(const void *data, size_t size);

/* Return the version and the variant of a published file, or NULL. */
const char *image_release_by_sha256(const char *sha256, const char **variant);

#endif
