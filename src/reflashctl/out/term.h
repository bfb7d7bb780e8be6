/* SPDX-License-Identifier: ISC */
/*
 * term -- text on a terminal: cleaned, in columns, in colours.
 *
 * The daemon sends names from policies and devices, of which only printable
 * characters reach the terminal.
 */
#ifndef REFLASHD_REFLASHCTL_TERM_H
#define REFLASHD_REFLASHCTL_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Copy UTF-8 text (NULL: ""), with \xNN for control characters and those that
 * change the direction of writing.  Yours.
 */
char *term_text(const char *);

/* Return how many columns UTF-8 text takes, two for some characters. */
size_t term_width(const char *);

/* Return the bytes of the longest start that fits into that many columns. */
size_t term_cut(const char *, size_t columns);

/* Wrap at blanks; every line starts with indent blanks, which count. */
void term_wrap(FILE *, const char *text, size_t indent, size_t columns);

/*
 * Print a line on standard output; a terminal gets it wrapped.  The text is not
 * cleaned.
 */
void term_say(const char *);

enum term_color {
	COLOR_NONE,
	COLOR_BOLD,
	COLOR_DIM,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_CYAN,
};

/* Return the sequence that starts a colour (COLOR_NONE: ends it), or "". */
const char *term_color(enum term_color);

/* Return true if stdout is a terminal that can go back in its line. */
bool term_has_screen(void);

/* Return the columns of the terminal on stdout; 0: it is none. */
size_t term_columns(void);

#endif
