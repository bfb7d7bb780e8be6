/* SPDX-License-Identifier: ISC */
/*
 * screen -- the whole terminal for one picture, and its keys and signals.
 *
 * The terminal is given back as it was found, also when the program is stopped
 * for a while (^Z) or ended by a signal.
 */
#ifndef REFLASHD_REFLASHCTL_SCREEN_H
#define REFLASHD_REFLASHCTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum screen_event {
	SCREEN_INPUT,	/* the descriptor is readable */
	SCREEN_TICK,	/* the time is up */
	SCREEN_RESIZED, /* draw again */
	SCREEN_NEXT,	/* a page down: space, PgDn */
	SCREEN_BACK,	/* and up again: b, PgUp */
	SCREEN_QUIT,	/* q, ^C, a signal, or the terminal is gone */
};

/* Are stdin and stdout a terminal that can move its cursor? */
bool screen_is_there(void);

void screen_open(void);
void screen_close(void);

void screen_size(size_t *rows, size_t *columns);

/* In place of what was there; its lines end in "\033[K\r\n". */
void screen_show(const char *picture, size_t len);

/* fd -1: only for keys and signals; timeout_ms -1: for ever. */
enum screen_event screen_wait(int fd, int timeout_ms);

#endif
