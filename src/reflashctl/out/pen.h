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
 * Write foreign text, or its start and dots, in width columns if the line has
 * them; 0: in as many as it needs.
 */
void pen_put(struct pen *, const char *text, size_t width, enum term_color);

/* Write blanks. */
void pen_skip(struct pen *, size_t columns);

/* Draw a bar of which that part is full. */
void pen_bar(struct pen *, size_t width, double part, enum term_color);

#endif
