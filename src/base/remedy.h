/* SPDX-License-Identifier: ISC */
/*
 * remedy -- the command that makes a file or folder one that the daemon may
 * trust and read, so that a person can type it as it stands.
 */
#ifndef REFLASHD_REMEDY_H
#define REFLASHD_REMEDY_H

#include <sys/stat.h>

#include "base/trust.h"

/* What the user must be allowed to do, as the mode bits of "others". */
enum remedy_need { REMEDY_PASS = 01, REMEDY_READ = 04, REMEDY_LIST = 05 };

bool
remedy_may(const struct stat *, const struct trust_user *, enum remedy_need);

/*
 * Is it a folder of a person or of the whole machine, such as /home/anna and
 * /tmp, whose owner and mode are nobody's to change?
 */
bool remedy_is_common(const struct stat *, const char *path);

/* Whatever is to be done to it, in one line; freed with free(). */
char *remedy_command(const struct stat *, const char *path,
    const struct trust_user *, enum remedy_need);

/* A word that a shell takes as it is; freed with free(). */
char *remedy_quote(const char *word);

#endif
