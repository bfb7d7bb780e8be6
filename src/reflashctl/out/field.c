/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "reflashctl/out/field.h"

#define LABEL	    13 /* columns of the label, with its indent */
#define MAX_COLUMNS 80 /* longer lines of prose are hard to read */

size_t
field_columns(void)
{
	size_t columns = term_columns();

	return columns == 0 || columns > MAX_COLUMNS ? MAX_COLUMNS : columns;
}

/* "  label      text", wrapped; nothing for an empty text. */
void
field_print(const char *label, const char *text, enum term_color color)
{
	char *clean, *wrapped = NULL;
	size_t size = 0;
	FILE *out;

	if (text == NULL || text[0] == '\0')
		return;
	clean = term_text(text);
	out = open_memstream(&wrapped, &size);
	if (out != NULL) {
		term_wrap(out, clean, LABEL, field_columns());
		fclose(out);
	}
	if (size > LABEL) {
		wrapped[size - 1] = '\0'; /* no colour beyond the line */
		printf("  %-*s%s%s%s\n", LABEL - 2, label,
		    color != COLOR_NONE ? term_color(color) : "",
		    wrapped + LABEL,
		    color != COLOR_NONE ? term_color(COLOR_NONE) : "");
	}
	free(wrapped);
	free(clean);
}
