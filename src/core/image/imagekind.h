/* SPDX-License-Identifier: ISC */
/*
 * imagekind -- whose firmware is it?
 *
 * Nothing in a file says so; there are only strings that have been in every
 * build of a project and in none of another.  A part of core/image/image.
 */
#ifndef REFLASHD_IMAGEKIND_H
#define REFLASHD_IMAGEKIND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/image/image.h"

/*
 * Fill in kind, version and variant.  Any bytes are safe, but only
 * of an image is the answer worth something.
 */
void image_find_kind(const void *data, size_t size, struct image_report *);

/*
 * Is this Tasmota one that has no set-up of its own?  *sure: it says so itself;
 * otherwise it lacks what all others have.
 */
bool image_is_minimal(const void *data, size_t size, bool *sure);

#endif
