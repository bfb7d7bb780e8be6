/* SPDX-License-Identifier: ISC */
/*
 * problems -- a list of sentences, so that all mistakes of a file are told at
 * once and not only the first.
 */
#ifndef REFLASHD_PROBLEMS_H
#define REFLASHD_PROBLEMS_H

#include <stddef.h>
#include <stdio.h>

/* Initialize with = {0}; problems_fini() frees what was added. */
struct problems {
	char **text;
	size_t count;
};

void problems_add(struct problems *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Print each as a line. */
void problems_print(const struct problems *, FILE *);
void problems_fini(struct problems *);

#endif
