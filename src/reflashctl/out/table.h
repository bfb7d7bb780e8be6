/* SPDX-License-Identifier: ISC */
/*
 * table -- rows in columns, each as wide as its cells.  On a narrow terminal
 * the least important columns are left out and long cells are shortened.
 */
#ifndef REFLASHD_REFLASHCTL_TABLE_H
#define REFLASHD_REFLASHCTL_TABLE_H

#include <stdio.h>

#include "reflashctl/out/term.h"

#define TABLE_COLUMNS 12 /* at most */

enum table_kind {
	TABLE_WHOLE, /* never shortened, as an id */
	TABLE_NAME,  /* may be shortened */
	TABLE_LONG,  /* may be shortened a little, as a state with its reason */
	TABLE_PROSE, /* last column; below its row if it does not fit */
};

struct table_column {
	const char *heading; /* NULL: the end */
	enum table_kind kind;
	int weight; /* the lightest is left out first */
};

struct table;

/* Make a table; the columns are borrowed until it is freed. */
struct table *table_new(const struct table_column[]);
void table_free(struct table *);

/* Add the next cell: foreign text, which is copied and cleaned; NULL: "-". */
void table_add(struct table *, const char *cell, enum term_color);

/* Print the table in so many columns; 0: without limit. */
void table_print(const struct table *, FILE *, size_t columns);

#endif
