/* SPDX-License-Identifier: ISC */
/*
 * row -- one device in one line: what it is at, and how far it has come.
 */
#ifndef REFLASHD_REFLASHCTL_ROW_H
#define REFLASHD_REFLASHCTL_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "reflashctl/out/pen.h"

struct row {
	const json_t *device; /* borrowed */
	time_t now;	      /* on the wall */
	uint64_t quiet_sec;   /* since device_has_moved() was true last */
	bool is_old;	      /* so it was, nobody knows how it is */
	size_t id_width;      /* columns of the ids of all rows */
};

/* Columns that the id of a device takes in a row. */
size_t row_id_width(const json_t *device);

/* The line of the pen is whole. */
void row_draw(const struct row *, struct pen *);
void row_heading(size_t id_width, struct pen *);

#endif
