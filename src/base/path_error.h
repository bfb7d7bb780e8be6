/* SPDX-License-Identifier: ISC */
/*
 * path_error -- say why a path cannot be used: which part of it is at fault,
 * and what to do.
 */
#ifndef REFLASHD_PATH_ERROR_H
#define REFLASHD_PATH_ERROR_H

#include "base/error.h"

/*
 * Set an error for the errno that a system call has given for this path, as
 * error_errno() does, but with a sentence for a layman where one is known.
 * Returns false.
 */
bool path_error(struct error *, int code, const char *path);

#endif
