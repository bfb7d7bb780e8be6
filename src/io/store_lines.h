/* SPDX-License-Identifier: ISC */
/*
 * store_lines -- a file of lines that only grows, and its older parts.
 *
 * What is added is one write(2) behind the end.  A death in it leaves a torn
 * line, and the next one begins on a line of its own.  A file that is full
 * becomes NAME.1, which becomes NAME.2, and so on; the oldest part is lost.
 */
#ifndef REFLASHD_STORE_LINES_H
#define REFLASHD_STORE_LINES_H

#include "io/store_folder.h"

#define STORE_LINES_MAX_LINE (64 * 1024)   /* with its newline */
#define STORE_LINES_MAX_FILE (1024 * 1024) /* begins a new one */
#define STORE_LINES_OLD	     4		   /* NAME.1 to NAME.4 */

struct store_lines {
	const struct store_folder *folder; /* borrowed */
	const char *name;		   /* borrowed */
};

/* text has a newline at its end and none before. */
bool store_lines_add(
    const struct store_lines *, const char *text, size_t len, struct error *);

/*
 * Read all lines as they are now, without their newlines, the oldest first, up
 * to max at a time; text is borrowed for the call, and false says that there
 * are no more.  Closing tells how many were too long or could not be read.
 */
struct store_lines_reader;
struct store_lines_reader *store_lines_open(const struct store_lines *);
bool store_lines_next(struct store_lines_reader *, size_t max,
    void (*line)(const char *text, size_t len, void *ctx), void *ctx);
size_t store_lines_close(struct store_lines_reader *);

#endif
