/* SPDX-License-Identifier: ISC */
/*
 * strlist -- a growing list of owned strings.
 */
#ifndef REFLASHD_STRLIST_H
#define REFLASHD_STRLIST_H

#include <stddef.h>

/* Needs no init beyond = {0}. */
struct strlist {
	char **items; /* owned, each of them too */
	size_t count;
};

/* Append a copy. */
void strlist_add(struct strlist *, const char *);

/* As execv(3) wants them, NULL at their end; borrowed until the next change. */
const char *const *strlist_list(struct strlist *);

void strlist_fini(struct strlist *);

#endif
