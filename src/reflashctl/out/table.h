/* SPDX-License-Identifier: ISC */
/*
 * table -- rows in columns, each as wide as it must be.  Where the terminal is
 * too narrow for that, what matters least is left out and long cells are
 * shortened, but no line is longer.
 */
#ifndef REFLASHD_REFLASHCTL_TABLE_H
#define REFLASHD_REFLASHCTL_TABLE_H

#include <stdio.h>

#include "reflashctl/out/term.h"

#define TABLE_COLUMNS 8 /* at most */

enum table_kind {
	TABLE_WHOLE, /* never shortened: half an id is none */
	TABLE_NAME,  /* may be */
	TABLE_PROSE, /* the last one: below its row where it does not fit */
};

struct table_column {
	const char *heading; /* NULL: the end */
	enum table_kind kind;
	int weight; /* what is lightest is left out first */
};

struct table;

/* The columns are borrowed for good. */
struct table *table_new(const struct table_column[]);
void table_free(struct table *);

/* Foreign text, NULL: "-".  Copied, cleaned.  Fills a row left to right. */
void table_add(struct table *, const char *cell, enum term_color);

/* columns 0: as wide as it gets. */
void table_print(const struct table *, FILE *, size_t columns);

#endif
