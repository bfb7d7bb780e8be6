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
	SCREEN_KEY,	/* screen_key() is the next one that was typed */
	SCREEN_QUIT,	/* ^C, a signal, or the terminal is gone */
};

/* Return true if stdin and stdout are a terminal that can move its cursor. */
bool screen_is_there(void);

void screen_open(void);
void screen_close(void);

void screen_size(size_t *rows, size_t *columns);

/* Replace the picture; its lines end in "\033[K\r\n". */
void screen_show(const char *picture, size_t len);

/* Wait; fd -1: only for keys and signals; timeout_ms -1: without limit. */
enum screen_event screen_wait(int fd, int timeout_ms);

/* Return the key of the last SCREEN_KEY, as in out/keys.h. */
int screen_key(void);

#endif
