/* SPDX-License-Identifier: ISC */
/*
 * remedy -- the commands after which the daemon may trust and read a file or
 * folder, so that a person can type them as they stand.
 */
#ifndef REFLASHD_REMEDY_H
#define REFLASHD_REMEDY_H

#include <sys/stat.h>

#include "base/trust.h"

/* The right that the user needs, as the mode bits of "others". */
enum remedy_need { REMEDY_PASS = 01, REMEDY_READ = 04, REMEDY_LIST = 05 };

bool
remedy_may(const struct stat *, const struct trust_user *, enum remedy_need);

/*
 * Return true for a folder of a person or of the whole machine, such as
 * /home/anna and /tmp, whose owner and mode must not be changed.
 */
bool remedy_is_common(const struct stat *, const char *path);

/* Return the commands to be typed, in one line; freed with free(). */
char *remedy_command(const struct stat *, const char *path,
    const struct trust_user *, enum remedy_need);

/* Return the word quoted for a shell; freed with free(). */
char *remedy_quote(const char *word);

#endif
