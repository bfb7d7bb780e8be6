/* SPDX-License-Identifier: ISC */
/*
 * label -- what a person calls a device, and what people call themselves in an
 * order.
 *
 * A label stands where an id could stand, so it must not be one, nor an
 * address.  Both texts are shown in logs and on terminals, so each of their
 * characters can be seen.
 */
#ifndef REFLASHD_LABEL_H
#define REFLASHD_LABEL_H

#include "base/error.h"

#define LABEL_MAX  64		       /* characters */
#define LABEL_SIZE (4 * LABEL_MAX + 1) /* bytes, in UTF-8 */

/* Return true for a text that a device can be called. */
bool label_check(const char *, struct error *);

/* Return true for a text that can say who gives an order. */
bool label_check_who(const char *, struct error *);

/* Return true if two labels are the same; ASCII letters of either case are. */
bool label_is_same(const char *, const char *);

#endif
