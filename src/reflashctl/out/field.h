/* SPDX-License-Identifier: ISC */
/*
 * field -- lines of a label and a text, as show and status print them.
 */
#ifndef REFLASHD_REFLASHCTL_FIELD_H
#define REFLASHD_REFLASHCTL_FIELD_H

#include <stddef.h>

#include "reflashctl/out/term.h"

/* Foreign text, cleaned and wrapped; no line at all for NULL and "". */
void field_print(const char *label, const char *text, enum term_color);

/* Columns for a line of prose, with the label: 80 at most. */
size_t field_columns(void);

#endif
