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

struct board;

struct board *board_new(void);
void board_free(struct board *);

/* A device that is new or has changed, borrowed; now_ms: monotonic. */
void board_put(struct board *, json_t *device, uint64_t now_ms);
void board_remove(struct board *, const char *id);
void board_clear(struct board *);

/* The ids of those that are at work, as they are drawn; a new array. */
json_t *board_at_work(const struct board *);
bool board_is_at_work(const struct board *);
size_t board_count(const struct board *);

struct board_view {
	size_t rows, columns; /* no more of them */
	size_t first;	      /* this one of the devices is the first */
	time_t now;	      /* on the wall */
	uint64_t now_ms;      /* monotonic */
	bool is_old;	      /* so it was, nobody knows how it is */
	const char *note;     /* the last line; NULL: none */
	enum clean_color note_color;
	const char *eol; /* ends each line but the note */
};

/* How many devices such a picture shows at most. */
size_t board_room(const struct board *, const struct board_view *);

void board_draw(const struct board *, FILE *, const struct board_view *);

#endif
