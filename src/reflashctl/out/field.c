/* SPDX-License-Identifier: ISC */
/* Prints a label and a wrapped text, for show, status and check. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "reflashctl/out/field.h"

#define LABEL	    13 /* columns of the label, with its indent */
#define MAX_COLUMNS 80 /* longer lines of prose are hard to read */

size_t
field_columns(void)
{
	size_t columns = term_columns();

	return columns == 0 || columns > MAX_COLUMNS ? MAX_COLUMNS : columns;
}

void
field_write(FILE *out, size_t columns, const char *label, const char *text,
    enum term_color color)
{
	char *clean, *wrapped = NULL;
	size_t size = 0;
	FILE *lines;

	if (text == NULL || text[0] == '\0')
		return;
	clean = term_text(text);
	lines = open_memstream(&wrapped, &size);
	if (lines != NULL) {
		term_wrap(lines, clean, LABEL, columns);
		fclose(lines);
	}
	if (size > LABEL) {
		wrapped[size - 1] =
		    '\0'; /* the colour ends before the line does */
		fprintf(out, "  %-*s%s%s%s\n", LABEL - 2, label,
		    color != COLOR_NONE ? term_color(color) : "",
		    wrapped + LABEL,
		    color != COLOR_NONE ? term_color(COLOR_NONE) : "");
	}
	free(wrapped);
	free(clean);
}

void
field_print(const char *label, const char *text, enum term_color color)
{
	field_write(stdout, field_columns(), label, text, color);
}

void
field_print_about(const char *name, const char *text)
{
	char *line, *clean;

	if (name == NULL || text == NULL)
		return;
	line = xasprintf("%s: %s", name, text);
	clean = term_text(line);
	term_wrap(stdout, clean, 2, field_columns());
	free(clean);
	free(line);
}
