/* SPDX-License-Identifier: ISC */
/*
 * imagekind -- finds out whose firmware a file is.
 *
 * No field in a file says so; there are only strings that have been in every
 * build of a project and in none of another.  A part of core/image/image.
 */
#ifndef REFLASHD_IMAGEKIND_H
#define REFLASHD_IMAGEKIND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/image/image.h"

/*
 * Fill in kind, version and variant.  Any bytes are safe, but the answer is
 * only worth something for an image.
 */
void image_find_kind(const void *data, size_t size, struct image_report *);

/*
 * Return true if this Tasmota cannot be set up, as it is a minimal build.
 * *sure: it names itself so; otherwise it lacks what all others have.
 */
bool image_is_minimal(const void *data, size_t size, bool *sure);

#endif
