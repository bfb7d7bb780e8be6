/* SPDX-License-Identifier: ISC */
/*
 * upgrade -- from one Tasmota to the next: whether it may go there, whether
 * there is room, and which files the device asks for.
 *
 *  running image, in whole sectors | free room | 0xfb000: settings
 *
 * A Tasmota without room fetches a minimal build first: it cuts the name of the
 * upgrade at its last '-', else at its first '.', and puts "-minimal" and the
 * rest of the name after (support_tasmota.ino).  The minimal build then
 * fetches the upgrade.
 */
#ifndef REFLASHD_UPGRADE_H
#define REFLASHD_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/image/image.h"

/* Return the names in the URLs of the upgrade and of the minimal build. */
const char *upgrade_name(bool packed);
const char *upgrade_step_name(bool packed);

/* Return the file offered as the minimal build.  Freed with free(). */
char *upgrade_step_path(const char *upgrade, bool packed);

/*
 * Return true if the loader of that Tasmota unpacks a .gz; "": assume it does.
 */
bool upgrade_boots_gzip(const char *version);

/* Return false and why if this version ("" unknown) must not fetch it. */
bool upgrade_may_follow(const char *version, bool boots_gzip,
    const struct image_report *next, struct error *);

/* Return false and why if it cannot be reached by this minimal build. */
bool upgrade_may_step(const struct image_report *next,
    const struct image_report *minimal, struct error *);

/*
 * Return false, and what to do, if the image does not fit beside the first
 * image or the minimal build, which is NULL where there is none.
 */
bool
upgrade_fits(const struct image_report *next, const struct image_report *first,
    const struct image_report *minimal, struct error *);

#endif
