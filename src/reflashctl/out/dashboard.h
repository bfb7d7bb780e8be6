/* SPDX-License-Identifier: ISC */
/*
 * dashboard -- the picture that watch shows, in as many rows and columns as
 * there are: what waits for a person, then the devices, each in one line.
 *
 *   60 devices: 2 failed, 4 downloading, 20 held, 34 seen
 *   policy 50-mini has stopped: 2 devices failed: reflashctl resume 50-mini
 *   ID          ADDRESS        STATE
 *   1000a05bf8  192.168.1.25   failed: stalled  ranges stopped at 40960 bytes
 *   1000a05bf6  192.168.1.23   downloading  [####-------]  40 % 21.3 KiB/s 14 s
 *   1000a05bf7  192.168.1.24   seen  can be flashed
 *
 * The urgent devices are on top, then come those at work, then the rest.
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

/* Add or replace a device, which is borrowed; now_ms is monotonic. */
void dashboard_put(struct dashboard *, json_t *device, uint64_t now_ms);
void dashboard_remove(struct dashboard *, const char *id);
void dashboard_clear(struct dashboard *);

/*
 * Show only the devices of which each of these words is a part: of their id,
 * label, address, type, state, reason, note or policy.  "": show all.
 */
void dashboard_filter(struct dashboard *, const char *words);

/* Return how many devices are shown, and how many there are. */
size_t dashboard_count(struct dashboard *);
size_t dashboard_total(const struct dashboard *);

/*
 * Return a device that is shown, borrowed; its id, or its place in the table.
 * NULL, or dashboard_count(): there is none.
 */
const json_t *dashboard_get(struct dashboard *, size_t place);
const char *dashboard_id(struct dashboard *, size_t place);
size_t dashboard_place(struct dashboard *, const char *id);

/* Return the ids of the devices at work in these rows; a new array. */
json_t *dashboard_at_work(struct dashboard *, size_t first, size_t count);
bool dashboard_is_at_work(const struct dashboard *);

struct dashboard_view {
	size_t rows, columns; /* of the terminal */
	size_t first;	      /* index of the first device that is drawn */
	const char *selected; /* id of the marked device; NULL: none */
	const json_t *todo;   /* what a person has to do; NULL: not known */
	time_t now;	      /* on the wall */
	uint64_t now_ms;      /* monotonic */
	bool is_old;	      /* the daemon is away: this is how it was */
	const char *note;     /* the last line; NULL: none */
	enum term_color note_color;
	const char *eol; /* ends each line but the note */
};

/* Return how many devices the table shows at most. */
size_t dashboard_room(struct dashboard *, const struct dashboard_view *);

void dashboard_draw(struct dashboard *, FILE *, const struct dashboard_view *);

/*
 * Draw all about one device instead, from that line on.  Returns how many lines
 * there are in all.
 */
size_t dashboard_draw_device(struct dashboard *, FILE *,
    const struct dashboard_view *, const char *id, size_t line);

#endif
