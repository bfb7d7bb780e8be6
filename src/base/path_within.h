/* SPDX-License-Identifier: ISC */
/* path_within -- whether a file or folder lies in another folder. */
#ifndef REFLASHD_PATH_WITHIN_H
#define REFLASHD_PATH_WITHIN_H

#include <stdbool.h>

/*
 * Return true if path is the folder or anything below it, wherever links lead.
 * A path that is not there is compared by its name.
 */
bool path_within(const char *path, const char *folder);

#endif
