/* SPDX-License-Identifier: ISC */
/*
 * image_use -- who uses a file of ImageDirectory: which policies name it, and
 * which flash still needs it as it is; and whether the daemon may put one
 * there.
 */
#ifndef REFLASHD_IMAGE_USE_H
#define REFLASHD_IMAGE_USE_H

#include <jansson.h>

#include "core/device/registry.h"
#include "io/conffiles.h"

/*
 * Return false, and why (the error may be NULL), if the daemon must not write
 * into ImageDirectory: what decides about flashes and hooks is in it, too.
 */
bool image_use_may_write(const struct setup *, struct error *);

/*
 * Return a list of the names of the policies that name this file: as their
 * image, as their upgrade, or as the tasmota-minimal beside that.  A new
 * reference.
 */
json_t *image_use_policies(const struct setup *, const char *name);

/*
 * Return why no other file may take this name now: a device is at work with the
 * file, or has not got it yet.  sha256 is that of the file; NULL: not known.
 * The sentence is yours; NULL: no flash needs the file.
 */
char *image_use_why_busy(const struct setup *, struct registry *,
    const char *name, const char *sha256);

#endif
