/* SPDX-License-Identifier: ISC */
/*
 * backlog -- the commands that wait for their turn, as Tasmota keeps them.
 */
#ifndef REFLASHD_SIM_BACKLOG_H
#define REFLASHD_SIM_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#define BACKLOG_MAX 30 /* MAX_BACKLOG of tasmota.h */

/* Needs no init beyond = {0}; backlog_fini() frees what waits. */
struct backlog {
	char *line[BACKLOG_MAX];
	size_t count;
};

/*
 * Add what "a;b;c" says; a semicolon inside of {} parts nothing.
 * Returns how many there was no room for.
 */
size_t backlog_add(struct backlog *, const char *text);

/* The first one, which is the caller's; NULL: none. */
char *backlog_take(struct backlog *);

void backlog_fini(struct backlog *);

#endif
