/* SPDX-License-Identifier: ISC */
/*
 * term -- text on a terminal: without its tricks, in columns, in colours.
 *
 * What the daemon sends may hold names from policies and devices.  Nothing of
 * it reaches the terminal but printable characters.
 */
#ifndef REFLASHD_REFLASHCTL_TERM_H
#define REFLASHD_REFLASHCTL_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A copy of UTF-8 text (NULL: "") in which control characters, and those that
 * turn the direction of writing, are \xNN.  Yours.
 */
char *term_text(const char *);

/* How many columns UTF-8 text takes, two for some characters. */
size_t term_width(const char *);

/* Bytes of the longest start that takes at most this many columns. */
size_t term_cut(const char *, size_t columns);

/* Wrap at blanks; every line starts with indent blanks, which count. */
void term_wrap(FILE *, const char *text, size_t indent, size_t columns);

enum term_color {
	COLOR_NONE,
	COLOR_BOLD,
	COLOR_DIM,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_CYAN,
};

/* The sequence that starts a colour (COLOR_NONE: ends it); "" without. */
const char *term_color(enum term_color);

/* May stdout have colours? */
bool term_has_color(void);

/* Is stdout a terminal that can go back in its line? */
bool term_has_screen(void);

/* Columns of the terminal on stdout; 0: it is none. */
size_t term_columns(void);

#endif
