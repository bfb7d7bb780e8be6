/* SPDX-License-Identifier: ISC */
/*
 * upgrade -- from one Tasmota to the next: whether it may, whether there is
 * room, and which files it asks for.
 *
 *	running image, in whole sectors | free room | 0xfb000: settings
 *
 * A Tasmota without room fetches a minimal build first, under the name of the
 * upgrade cut at its last '-', else at its first '.', with "-minimal" and the
 * rest of the name behind (support_tasmota.ino).  Of the minimal it fetches the
 * upgrade once more.
 */
#ifndef REFLASHD_UPGRADE_H
#define REFLASHD_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/image/image.h"

/* Names in the URL: of the upgrade, and of the minimal that is asked for. */
const char *upgrade_name(bool packed);
const char *upgrade_step_name(bool packed);

/* The file that is offered for it: beside the upgrade.  Freed with free(). */
char *upgrade_step_path(const char *upgrade, bool packed);

/* Whether the loader of that Tasmota unpacks a .gz; "": believed. */
bool upgrade_boots_gzip(const char *version);

/*
 * False: this version ("" unknown) must not be told to fetch that image, and
 * why.
 */
bool upgrade_may_follow(const char *version, bool boots_gzip,
    const struct image_report *next, struct error *);

/* Whether it can be fetched by way of that minimal; false: why not. */
bool upgrade_may_step(const struct image_report *next,
    const struct image_report *minimal, struct error *);

/*
 * False: it does not fit beside the first image, or the minimal, which is NULL
 * where none can be had; and what to do.
 */
bool
upgrade_fits(const struct image_report *next, const struct image_report *first,
    const struct image_report *minimal, struct error *);

#endif
