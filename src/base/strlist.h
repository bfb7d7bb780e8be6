/* SPDX-License-Identifier: ISC */
/*
 * strlist -- a growing list of owned strings.
 */
#ifndef REFLASHD_STRLIST_H
#define REFLASHD_STRLIST_H

#include <stddef.h>

/* Needs no init beyond = {0}. */
struct words {
	char **items; /* owned, each of them too */
	size_t count;
};

/* Append a copy. */
void words_add(struct words *, const char *);

/* As execv(3) wants them, NULL at their end; borrowed until the next change. */
const char *const *words_list(struct words *);

void words_fini(struct words *);

#endif
