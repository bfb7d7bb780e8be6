/* SPDX-License-Identifier: ISC */
/*
 * strlist -- a growing list of owned strings.
 */
#ifndef REFLASHD_STRLIST_H
#define REFLASHD_STRLIST_H

#include <stddef.h>

/* Initialize with = {0}; nothing else is needed. */
struct strlist {
	char **items; /* owned, each of them too */
	size_t count;
};

/* Append a copy. */
void strlist_add(struct strlist *, const char *);

/*
 * Return the strings as execv(3) wants them, with NULL at their end; borrowed
 * until the next change.
 */
const char *const *strlist_list(struct strlist *);

void strlist_fini(struct strlist *);

#endif
