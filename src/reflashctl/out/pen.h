/* SPDX-License-Identifier: ISC */
/*
 * pen -- writes a line from left to right, and no further than it goes.
 */
#ifndef REFLASHD_REFLASHCTL_PEN_H
#define REFLASHD_REFLASHCTL_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "reflashctl/out/term.h"

struct pen {
	FILE *out;   /* borrowed */
	size_t left; /* columns of the line */
	bool is_dim; /* whatever colour is asked for */
};

/*
 * Foreign text, or its start and dots; in just so many columns, unless width
 * is 0, where there are so many.
 */
void pen_put(struct pen *, const char *text, size_t width, enum term_color);

/* Blanks. */
void pen_skip(struct pen *, size_t columns);

/* So much of the bar is full. */
void pen_bar(struct pen *, size_t width, double part, enum term_color);

#endif
