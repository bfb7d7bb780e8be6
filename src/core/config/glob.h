/* SPDX-License-Identifier: ISC */
/*
 * glob -- does a name fit a list of patterns, such as "1000a0* !1000a05bf6"?
 *
 * A pattern with ! in front excludes.  A name fits if no excluding pattern fits
 * it, and if any other pattern fits it or there are no others.  An empty list
 * fits everything, as nothing was asked for.
 */
#ifndef REFLASHD_GLOB_H
#define REFLASHD_GLOB_H

#include <stdbool.h>

#include "base/strlist.h"

/* Return true if the name fits.  Patterns as in fnmatch(3), in any case. */
bool globs_fit(const struct strlist *, const char *name);

#endif
