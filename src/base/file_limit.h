/* SPDX-License-Identifier: ISC */
/*
 * file_limit -- how many files and sockets this process may have open at once.
 *
 * Where too few are allowed, a program would start by halves: without its
 * sandbox, say, which needs some for a moment.
 */
#ifndef REFLASHD_FILE_LIMIT_H
#define REFLASHD_FILE_LIMIT_H

#include <sys/resource.h>

#include "base/error.h"

/*
 * Raise the limit towards the wanted number, as far as this process may.
 * Returns false if it remains below the least.
 */
bool file_limit_raise(rlim_t least, rlim_t wanted, struct error *);

#endif
