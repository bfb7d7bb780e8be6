/* SPDX-License-Identifier: ISC */
/*
 * backlog -- the queue of commands in Tasmota (CmndBacklog in
 * support_command.ino).
 */
#ifndef REFLASHD_SIM_BACKLOG_H
#define REFLASHD_SIM_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#define BACKLOG_RING 30 /* MAX_BACKLOG, up to 13.3 */

/* Initialize with = {0}; backlog_clear() frees the lines. */
struct backlog {
	char **line;
	size_t count;
	size_t taken; /* lines since the start, for the place in the ring */
};

/*
 * Add the commands of "a;b;c".  Since 9.5 a semicolon within {} does not
 * separate them, a part with an open { takes in what follows it, and "Reset" is
 * left out.  Returns how many commands there was no room for.
 */
size_t backlog_add(struct backlog *, const char *text, unsigned version);

/* Take the first line, which is the caller's; NULL: there is none. */
char *backlog_take(struct backlog *);

void backlog_clear(struct backlog *);

#endif
