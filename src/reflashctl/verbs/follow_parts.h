/* SPDX-License-Identifier: ISC */
/*
 * follow_parts -- what only the files of follow share.
 *
 *	follow.c	what becomes of the devices
 *	follow_show.c	what a person sees of it
 */
#ifndef REFLASHD_REFLASHCTL_FOLLOW_PARTS_H
#define REFLASHD_REFLASHCTL_FOLLOW_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reflashctl/link/request.h"
#include "reflashctl/verbs/follow.h"

struct subscription;

struct followed {
	char id[REQUEST_ID_SIZE];
	char *title;	   /* owned */
	json_t *before;	   /* owned; before the order; NULL: not known then */
	json_t *device;	   /* owned; as it is now */
	uint64_t moved_ms; /* when device_has_moved() last */
	bool has_begun;	   /* what was ordered */
	bool is_listed;	   /* since the daemon is back */
	bool is_gone;	   /* forgotten */
	char *shown;	   /* owned; the last line about it */
	int rc;		   /* the exit code for its end; -1: it goes on */
};

struct follow {
	struct subscription *feed; /* owned */
	json_t *known;	       /* owned; the devices before the order, by id */
	struct followed *list; /* owned */
	size_t count;
	uint64_t until_ms; /* 0: without limit */
	bool json;
	bool is_live; /* bars on a terminal */
	size_t drawn; /* lines of the last picture */
};

/* Print a line about the device if there is news, where there are no bars. */
void follow_show(struct follow *, struct followed *);

/* Draw the bars anew, on a terminal. */
void follow_draw(struct follow *);

/* Wipe the bars, and say how it ended, or that it goes on. */
void follow_end(struct follow *, bool is_interrupted);

#endif
