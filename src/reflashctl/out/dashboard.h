/* SPDX-License-Identifier: ISC */
/*
 * dashboard -- the picture that watch shows: devices at work first, each in one
 * line, in as many rows and columns as there are.
 *
 *   2 devices: 1 seen, 1 downloading
 *   ID          ADDRESS        STATE
 *   1000a05bf6  192.168.1.23   downloading  [####-------]  40 % 21.3 KiB/s 14 s
 *   1000a05bf7  192.168.1.24   seen
 */
#ifndef REFLASHD_REFLASHCTL_DASHBOARD_H
#define REFLASHD_REFLASHCTL_DASHBOARD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "reflashctl/out/term.h"

struct dashboard;

struct dashboard *dashboard_new(void);
void dashboard_free(struct dashboard *);

/* A device that is new or has changed, borrowed; now_ms: monotonic. */
void dashboard_put(struct dashboard *, json_t *device, uint64_t now_ms);
void dashboard_remove(struct dashboard *, const char *id);
void dashboard_clear(struct dashboard *);

/* The ids of those that are at work, as they are drawn; a new array. */
json_t *dashboard_at_work(const struct dashboard *);
bool dashboard_is_at_work(const struct dashboard *);
size_t dashboard_count(const struct dashboard *);

struct dashboard_view {
	size_t rows, columns; /* no more of them */
	size_t first;	      /* this one of the devices is the first */
	time_t now;	      /* on the wall */
	uint64_t now_ms;      /* monotonic */
	bool is_old;	      /* so it was, nobody knows how it is */
	const char *note;     /* the last line; NULL: none */
	enum term_color note_color;
	const char *eol; /* ends each line but the note */
};

/* How many devices such a picture shows at most. */
size_t dashboard_room(const struct dashboard *, const struct dashboard_view *);

void
dashboard_draw(const struct dashboard *, FILE *, const struct dashboard_view *);

#endif
