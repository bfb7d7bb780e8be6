/* SPDX-License-Identifier: ISC */
/*
 * table -- rows in columns, each as wide as it must be; on a terminal the last
 * column is cut to what is left of the line.
 */
#ifndef REFLASHD_REFLASHCTL_TABLE_H
#define REFLASHD_REFLASHCTL_TABLE_H

#include <stdio.h>

#include "reflashctl/clean.h"

#define TABLE_COLUMNS 8 /* at most */

struct table;

/* The headings end with NULL and are borrowed for good. */
struct table *table_new(const char *const headings[]);
void table_free(struct table *);

/* Foreign text, NULL: "-".  Copied, cleaned.  Fills a row left to right. */
void table_add(struct table *, const char *cell, enum clean_color);

/* columns 0: as wide as it gets. */
void table_print(const struct table *, FILE *, size_t columns);

#endif
