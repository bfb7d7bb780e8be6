/* SPDX-License-Identifier: ISC */
/*
 * download_bar -- the line that shows on a terminal how far a download is.
 * Elsewhere nothing is shown.
 */
#ifndef REFLASHD_REFLASHCTL_DOWNLOAD_BAR_H
#define REFLASHD_REFLASHCTL_DOWNLOAD_BAR_H

#include <stdbool.h>
#include <stdint.h>

struct download_bar {
	bool is_live;	   /* stdout is a terminal, and this is for a person */
	const char *name;  /* borrowed */
	uint64_t begun_ms; /* by clock_awake_ms() */
};

void download_bar_begin(struct download_bar *, const char *name, bool is_live);

/* Draw the line anew; total 0: not known. */
void
download_bar_draw(const struct download_bar *, uint64_t bytes, uint64_t total);

/* Wipe the line. */
void download_bar_end(const struct download_bar *);

#endif
