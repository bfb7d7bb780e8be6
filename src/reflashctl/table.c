/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reflashctl/table.h"
#include "base/memory.h"

#define GAP 2 /* blanks between columns */

struct cell {
	char *text; /* owned */
	enum clean_color color;
};

struct table {
	const char *const *headings; /* borrowed */
	size_t columns;
	struct cell *cells; /* row by row */
	size_t count;
	size_t width[TABLE_COLUMNS];
};

struct table *
table_new(const char *const headings[])
{
	struct table *table = xcalloc(1, sizeof(*table));

	table->headings = headings;
	for (size_t i = 0; headings[i] != NULL; i++) {
		assert(i < TABLE_COLUMNS);
		table->width[i] = clean_width(headings[i]);
		table->columns++;
	}
	return table;
}

void
table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

void
table_add(struct table *table, const char *text, enum clean_color color)
{
	size_t column = table->count % table->columns, width;
	char *clean = clean_text(text != NULL ? text : "-");

	/* Grow with each full row only. */
	if (column == 0)
		table->cells = xrealloc(table->cells,
		    table->count + table->columns, sizeof(*table->cells));
	width = clean_width(clean);
	if (width > table->width[column])
		table->width[column] = width;
	table->cells[table->count++] = (struct cell){ clean, color };
}

/* Returns what is left of the line. */
static size_t
print_cell(const struct table *table, size_t column, const char *text,
    enum clean_color color, size_t left, FILE *out)
{
	size_t width = clean_width(text), len = strlen(text);
	bool is_last = column == table->columns - 1;

	if (left != 0 && width > left) {
		len = clean_cut(text, left > 3 ? left - 3 : left);
		width = left;
	}
	if (color != COLOR_NONE)
		fputs(clean_color(color), out);
	fwrite(text, 1, len, out);
	if (len < strlen(text) && left > 3)
		fputs("...", out);
	if (color != COLOR_NONE)
		fputs(clean_color(COLOR_NONE), out);
	if (is_last)
		return 0;
	fprintf(out, "%*s", (int)(table->width[column] - width + GAP), "");
	width = table->width[column] + GAP;
	return left == 0 ? 0 : left > width ? left - width : 1;
}

void
table_print(const struct table *table, FILE *out, size_t columns)
{
	size_t left = columns;

	for (size_t i = 0; i < table->columns; i++)
		left = print_cell(
		    table, i, table->headings[i], COLOR_BOLD, left, out);
	fputc('\n', out);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;

		if (column == 0)
			left = columns;
		left = print_cell(table, column, table->cells[i].text,
		    table->cells[i].color, left, out);
		if (column == table->columns - 1)
			fputc('\n', out);
	}
}
