/* SPDX-License-Identifier: ISC */
/*
 * backlog -- the commands that wait for their turn, as Tasmota keeps them
 * (CmndBacklog in support_command.ino).
 */
#ifndef REFLASHD_SIM_BACKLOG_H
#define REFLASHD_SIM_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#define BACKLOG_RING 30 /* MAX_BACKLOG, up to 13.3 */

/* Needs no init beyond = {0}; backlog_clear() frees what waits. */
struct backlog {
	char **line;
	size_t count;
	size_t taken; /* since the start: where the ring of 30 stands */
};

/*
 * Add what "a;b;c" says.  Since 9.5 a semicolon within {} parts nothing, and
 * a part that has not as many { as } swallows what follows it; "Reset" is
 * left out.  Returns how many there was no room for.
 */
size_t backlog_add(struct backlog *, const char *text, unsigned version);

/* The first one, which is the caller's; NULL: none. */
char *backlog_take(struct backlog *);

void backlog_clear(struct backlog *);

#endif
