/* SPDX-License-Identifier: ISC */
/*
 * trust -- files that nobody else could have written.
 *
 * What decides about a flash belongs to root, to us, or to somebody who has
 * given it to our own group, and nobody else may write to it or to its folder;
 * that group may, as it is there for that.
 * And a name in a folder is a file in it: a link may lead to another place of
 * the same folder, never out of it.
 */
#ifndef REFLASHD_TRUST_H
#define REFLASHD_TRUST_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

/* False: others could have written it (EBADMSG), with what to do about that. */
bool trust_check(const struct stat *, struct error *);

/*
 * Open a file for reading, never waiting for it: path, or what it is below
 * folder (NULL: path is a path).  -1 and why: not there (ENOENT), a link out of
 * the folder (EXDEV), or it, or the folder that it is in, is not to be trusted
 * (EBADMSG).  What kind of file it is is the caller's business: *st tells.
 */
int trust_open(
    const char *folder, const char *path, struct stat *st, struct error *);

#endif
