/* SPDX-License-Identifier: ISC */
/*
 * store_lines -- a file of lines that only grows, and its older parts.
 *
 * Each line is added at the end by one write(2).  If the process dies in it, a
 * torn line is left, and the next one begins on a line of its own.  A file that
 * is full becomes NAME.1, which becomes NAME.2, and so on; the oldest part is
 * lost.
 */
#ifndef REFLASHD_STORE_LINES_H
#define REFLASHD_STORE_LINES_H

#include <sys/types.h>

#include "io/store/store_folder.h"

#define STORE_LINES_MAX_LINE (64 * 1024)   /* with its newline */
#define STORE_LINES_MAX_FILE (1024 * 1024) /* begins a new one */
#define STORE_LINES_OLD	     4		   /* NAME.1 to NAME.4 */
#define STORE_LINES_BEHIND   64		   /* bytes that tell a place */

struct store_lines {
	const struct store_folder *folder; /* borrowed */
	const char *name;		   /* borrowed */
};

/* Add a line. text has a newline at its end and none before. */
bool store_lines_add(
    const struct store_lines *, const char *text, size_t len, struct error *);

/* The place of a reader; zeroed: in front of the oldest line. */
struct store_lines_place {
	dev_t device; /* of the part */
	ino_t inode;  /* 0: none yet */
	off_t at;
	char behind[STORE_LINES_BEHIND]; /* what is there, as inodes are used
					    again */
	size_t skipped; /* lines that were too long or could not be read */
};

/*
 * Read up to max lines from that place on, without their newlines, the oldest
 * first. text is borrowed for the call.  Returns false if there are no more.
 * No file stays open between two calls; lines that are added meanwhile are
 * read, too, and none is read twice.
 */
bool store_lines_read(const struct store_lines *, struct store_lines_place *,
    size_t max, void (*line)(const char *text, size_t len, void *ctx),
    void *ctx);

#endif
