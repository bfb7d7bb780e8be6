/* SPDX-License-Identifier: ISC */
/*
 * board -- the picture that watch shows: devices at work first, each in one
 * line, in as many rows and columns as there are.
 *
 *   2 seen, 1 downloading
 *   1000a05bf6  192.168.1.23    downloading [####-------]  40 % 21.3 KiB/s 14 s
 *   1000a05bf7  192.168.1.24    seen
 */
#ifndef REFLASHD_REFLASHCTL_BOARD_H
#define REFLASHD_REFLASHCTL_BOARD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct board;

struct board *board_new(void);
void board_free(struct board *);

/* A device that is new or has changed; borrowed. */
void board_put(struct board *, json_t *device);
void board_remove(struct board *, const char *id);
void board_clear(struct board *);

/* Does anything move by itself, so that drawing again makes sense? */
bool board_is_at_work(const struct board *);

/*
 * Draw at most rows lines, none longer than columns, each ended by eol.  note
 * (NULL: none) is the last line.
 */
void board_draw(const struct board *, FILE *, size_t rows, size_t columns,
    const char *note, const char *eol);

/* All devices in the order of their ids; a new array. */
json_t *board_devices(const struct board *);

#endif
