/* SPDX-License-Identifier: ISC */
/* row -- one device in one line: what it does, and how far it has come. */
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
	bool is_old;	      /* the daemon is away: this is how it was */
	size_t id_width;      /* columns of the longest label or id of all */
};

/* Return the columns that the label of a device, or its id, takes. */
size_t row_id_width(const json_t *device);

/* Draw a row or the headings; the pen has the whole line. */
void row_draw(const struct row *, struct pen *);
void row_heading(size_t id_width, struct pen *);

#endif
