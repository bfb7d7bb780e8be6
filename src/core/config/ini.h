/* SPDX-License-Identifier: ISC */
/*
 * ini -- the text form of configuration and policies.
 *
 * As systemd reads its units: [Section], Key=value, comments (# or ;) on
 * lines of their own, blanks around key and value cut off, case matters.  A
 * line that ends in a backslash goes on in the next one, with a blank in the
 * place of the backslash; comment lines in between are skipped.  What a key
 * means, and whether a second one adds or replaces, is up to the callback.
 */
#ifndef REFLASHD_INI_H
#define REFLASHD_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problems.h"

#define INI_MAX_LINE 4096 /* bytes, continuations included */

/* A key with its section and value, borrowed for the call. */
struct ini_entry {
	const char *file;
	unsigned line; /* where it starts, from 1 */
	const char *section;
	const char *key;   /* NULL: the section begins here */
	const char *value; /* "" resets; NULL without a key */
};

typedef void ini_cb(const struct ini_entry *, void *ctx);

/*
 * Call back for each well-formed line, and add a problem "file:line: sentence"
 * for each other one.
 */
void ini_parse(const char *text, size_t len, const char *file, ini_cb *,
    void *ctx, struct problems *);

/* The same, but what is above the first heading belongs to this section. */
void ini_parse_below(const char *section, const char *text, size_t len,
    const char *file, ini_cb *, void *ctx, struct problems *);

/* Return true if the text has nothing but comments. */
bool ini_is_empty(const char *text, size_t len);

#endif
