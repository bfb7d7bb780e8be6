/* SPDX-License-Identifier: ISC */
/*
 * memory -- allocation that cannot fail.
 *
 * Out of memory ends the program: the records on disk are the way back, not a
 * thousand error paths that are never run.  A size that comes from outside is
 * checked against a named limit before it gets here.  What these return is
 * freed with free().
 */
#ifndef REFLASHD_MEMORY_H
#define REFLASHD_MEMORY_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *, size_t count, size_t size);
char *xstrdup(const char *);
char *xstrndup(const char *, size_t max);

/* Replace an owned string by a copy; by NULL for NULL and for "". */
void xreplace(char **owned, const char *);

char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
