/* SPDX-License-Identifier: ISC */
/* Lays out and prints the tables of devices, plan and history. */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "reflashctl/out/pen.h"
#include "reflashctl/out/table.h"

#define GAP	 2  /* blanks between columns */
#define MIN_NAME 8  /* columns that a shortened cell keeps */
#define MIN_LONG 20 /* the same of a long one */
#define INDENT	 4  /* of prose below its row */

struct cell {
	char *text; /* owned */
	enum term_color color;
};

struct table {
	const struct table_column *columns; /* borrowed */
	size_t count;			    /* of columns */
	struct cell *cells;		    /* row by row */
	size_t filled;
	size_t natural[TABLE_COLUMNS]; /* widths */
};

/* How a table is printed. */
struct layout {
	size_t width[TABLE_COLUMNS]; /* 0: left out */
	size_t columns;		     /* of a line */
	bool below;		     /* prose has lines of its own */
};

struct table *
table_new(const struct table_column columns[])
{
	struct table *table = xcalloc(1, sizeof(*table));

	table->columns = columns;
	for (size_t i = 0; columns[i].heading != NULL; i++) {
		assert(i < TABLE_COLUMNS);
		table->natural[i] = term_width(columns[i].heading);
		table->count++;
	}
	return table;
}

void
table_free(struct table *table)
{
	for (size_t i = 0; i < table->filled; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

static bool
is_prose(const struct table *table, size_t column)
{
	return table->columns[column].kind == TABLE_PROSE;
}

void
table_add(struct table *table, const char *text, enum term_color color)
{
	size_t column = table->filled % table->count, width;
	char *clean = term_text(text != NULL ? text : "-");

	/* Allocate a whole row at its start. */
	if (column == 0)
		table->cells = xrealloc(table->cells,
		    table->filled + table->count, sizeof(*table->cells));
	width = term_width(clean);
	if (width > table->natural[column])
		table->natural[column] = width;
	table->cells[table->filled++] = (struct cell){ clean, color };
}

static size_t
least_width(const struct table *table, size_t column)
{
	static const size_t least[] = { [TABLE_WHOLE] = SIZE_MAX,
		[TABLE_NAME] = MIN_NAME,
		[TABLE_LONG] = MIN_LONG,
		[TABLE_PROSE] = SIZE_MAX };
	size_t natural = table->natural[column];
	size_t kept = least[table->columns[column].kind];

	return natural < kept ? natural : kept;
}

/* Return the columns that these widths take, or take at least. */
static size_t
line_width(const struct table *table, const struct layout *layout, bool least)
{
	size_t sum = 0;

	for (size_t i = 0; i < table->count; i++)
		if (layout->width[i] > 0)
			sum += (sum > 0 ? GAP : 0) +
			    (least ? least_width(table, i) : layout->width[i]);
	return sum;
}

/* Leave out the lightest column; false: only one is left. */
static bool
drop_one(const struct table *table, struct layout *layout)
{
	size_t lightest = 0, left = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (layout->width[i] == 0)
			continue;
		if (left++ == 0 ||
		    table->columns[i].weight < table->columns[lightest].weight)
			lightest = i;
	}
	if (left > 1)
		layout->width[lightest] = 0;
	return left > 1;
}

/* Make the widest column narrower by one; false: none can be. */
static bool
shrink_one(const struct table *table, struct layout *layout)
{
	size_t widest = 0, most = 0;

	for (size_t i = 0; i < table->count; i++)
		if (layout->width[i] > least_width(table, i) &&
		    layout->width[i] > most) {
			widest = i;
			most = layout->width[i];
		}
	if (most > 0)
		layout->width[widest]--;
	return most > 0;
}

static void
plan_layout(const struct table *table, size_t columns, struct layout *layout)
{
	*layout =
	    (struct layout){ .columns = columns > 0 ? columns : SIZE_MAX };
	memcpy(layout->width, table->natural, sizeof(layout->width));
	if (line_width(table, layout, false) <= layout->columns)
		return;
	if (is_prose(table, table->count - 1)) {
		layout->below = true;
		layout->width[table->count - 1] = 0;
	}
	while (line_width(table, layout, true) > layout->columns &&
	    drop_one(table, layout))
		continue;
	while (line_width(table, layout, false) > layout->columns &&
	    shrink_one(table, layout))
		continue;
}

/* Return true for the last column that is printed. */
static bool
is_last(const struct table *table, const struct layout *layout, size_t column)
{
	while (++column < table->count)
		if (layout->width[column] > 0)
			return false;
	return true;
}

/* Print a row; NULL: the headings. */
static void
print_row(const struct table *table, const struct layout *layout,
    const struct cell *row, FILE *out)
{
	struct pen pen = { out, layout->columns, false };

	for (size_t i = 0; i < table->count; i++) {
		size_t width = layout->width[i], used;
		const char *text =
		    row != NULL ? row[i].text : table->columns[i].heading;

		if (width == 0)
			continue;
		used = term_width(text);
		pen_put(&pen, text, used < width ? 0 : width,
		    row != NULL ? row[i].color : COLOR_BOLD);
		if (!is_last(table, layout, i))
			pen_skip(&pen, GAP + (used < width ? width - used : 0));
	}
	fputc('\n', out);
	if (row != NULL && layout->below &&
	    strcmp(row[table->count - 1].text, "-") != 0)
		term_wrap(
		    out, row[table->count - 1].text, INDENT, layout->columns);
}

void
table_print(const struct table *table, FILE *out, size_t columns)
{
	struct layout layout;

	plan_layout(table, columns, &layout);
	print_row(table, &layout, NULL, out);
	for (size_t i = 0; i < table->filled; i += table->count)
		print_row(table, &layout, &table->cells[i], out);
}
