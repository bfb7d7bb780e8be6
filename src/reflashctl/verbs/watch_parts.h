/* SPDX-License-Identifier: ISC */
/*
 * watch_parts -- what only the files of watch share.
 *
 *	watch.c		takes in what the daemon tells, and has it drawn
 *	watch_keys.c	carries out what a person types
 */
#ifndef REFLASHD_REFLASHCTL_WATCH_PARTS_H
#define REFLASHD_REFLASHCTL_WATCH_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reflashctl/link/request.h"

struct dashboard;
struct subscription;

/* What is on the screen, and so what keys mean. */
enum watch_mode {
	WATCH_TABLE,
	WATCH_DETAILS, /* of the selected device */
	WATCH_TYPING,  /* the filter, below the table */
};

struct watch {
	struct subscription *feed; /* owned */
	struct dashboard *board;   /* owned */
	json_t *todo;		   /* owned; NULL: not known */
	bool is_fresh;		   /* the list of a new connection arrives */
	bool is_dirty, was_there;
	bool is_behind; /* there are more events than were taken in */
	uint64_t down;	/* monotonic: no daemon since; 0: there is one */
	char why[400];

	enum watch_mode mode;
	char selected[REQUEST_ID_SIZE]; /* "": no device */
	size_t place;			/* of the selected device */
	char filter[100];
	size_t first, page; /* first device on the page, and how many fit */
	size_t line, lines; /* first line of the details, and how many */

	bool has_changed; /* since the status was asked for */
	uint64_t asked_ms, drawn_ms, status_ms;
};

/* Carry out a key of out/keys.h.  Returns false if it ends watch. */
bool watch_key(struct watch *, int key);

/* Keep to the selected device, or to its place once it is not shown. */
void watch_follow_selected(struct watch *);

#endif
