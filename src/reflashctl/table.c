/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <assert.h>
#include <stdint.h>
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

/* text, or its start and dots, in at most width columns. */
static void
print_cut(const char *text, size_t width, FILE *out)
{
	bool fits = clean_width(text) <= width;
	size_t dots = fits ? 0 : width < 3 ? width : 3;

	fwrite(text, 1, clean_cut(text, width - dots), out);
	fprintf(out, "%.*s", (int)dots, "...");
}

/* Returns what is left of the line. */
static size_t
print_cell(const struct table *table, size_t column, const char *text,
    enum clean_color color, size_t left, FILE *out)
{
	size_t width = table->width[column], used = clean_width(text);

	if (color != COLOR_NONE)
		fputs(clean_color(color), out);
	print_cut(text, left, out);
	if (color != COLOR_NONE)
		fputs(clean_color(COLOR_NONE), out);
	if (column == table->columns - 1 || width + GAP >= left)
		return 0;
	fprintf(out, "%*s", (int)(width + GAP - used), "");
	return left - width - GAP;
}

static void
print_row(
    const struct table *table, const struct cell *row, size_t left, FILE *out)
{
	for (size_t i = 0; i < table->columns && left > 0; i++)
		left = print_cell(table, i,
		    row != NULL ? row[i].text : table->headings[i],
		    row != NULL ? row[i].color : COLOR_BOLD, left, out);
	fputc('\n', out);
}

void
table_print(const struct table *table, FILE *out, size_t columns)
{
	if (columns == 0)
		columns = SIZE_MAX;
	print_row(table, NULL, columns, out);
	for (size_t i = 0; i < table->count; i += table->columns)
		print_row(table, &table->cells[i], columns, out);
}
