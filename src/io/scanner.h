/* SPDX-License-Identifier: ISC */
/*
 * scanner -- runs reflash-scan and hands on what it announces.
 *
 * The process is started over a socket pair, started again when it dies or
 * falls silent (after 1 s, twice as long each time, at most 30 s), and never
 * waited for.  Its output is bounded in length and rate: lines past the rate
 * are left in the socket, which makes reflash-scan wait, so nothing is lost.
 */
#ifndef REFLASHD_SCANNER_H
#define REFLASHD_SCANNER_H

#include <stdbool.h>

#include "core/mdns/scanline.h"

struct announce;
struct event_base;
struct starter;
struct scanner;

/* No callback may call scanner_free(). */
struct scanner_ops {
	/* A service was seen, or may be gone.  Borrowed during the call. */
	void (*announced)(const struct announce *, void *ctx);

	/*
	 * Tells whether any other host was heard; called with each status, also
	 * a silent one.  May be NULL.
	 */
	void (*heard)(enum scan_heard, void *ctx);

	/*
	 * Tells how discovery is doing; ready: an mDNS stack listens and asks.
	 */
	void (*status)(const char *text, bool ready, void *ctx);
};

struct scanner_program {
	struct starter *starter; /* borrowed until scanner_free() */
	const char *path;
	const char *const *args; /* NULL at their end */
};

/*
 * Start reflash-scan.  Path and arguments are copied. ops and ctx are borrowed
 * until scanner_free().  Never fails: if the program does not start, that is a
 * status, and it is tried again.
 */
struct scanner *scanner_new(struct event_base *, const struct scanner_program *,
    const struct scanner_ops *, void *ctx);

/* End the process within a fraction of a second, by force if need be. */
void scanner_free(struct scanner *);

/*
 * Have reflash-scan report again what has that part in its name.  NULL is fine.
 */
void scanner_repeat(struct scanner *, const char *part);

#endif
