/* SPDX-License-Identifier: ISC */
/*
 * field -- lines of a label and a text, as show and status print them.
 */
#ifndef REFLASHD_REFLASHCTL_FIELD_H
#define REFLASHD_REFLASHCTL_FIELD_H

#include <stddef.h>

#include <stdio.h>

#include "reflashctl/out/term.h"

/* Write "  label      text", wrapped, as field_print() prints it. */
void field_write(FILE *, size_t columns, const char *label, const char *text,
    enum term_color);

/* Print foreign text, cleaned and wrapped; NULL and "" print no line. */
void field_print(const char *label, const char *text, enum term_color);

/* Print "NAME: text" likewise, below a table that has the name. */
void field_print_about(const char *name, const char *text);

/* Return the columns for a line with its label, at most 80. */
size_t field_columns(void);

#endif
