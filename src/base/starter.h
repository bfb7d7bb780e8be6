/* SPDX-License-Identifier: ISC */
/*
 * starter -- a small process that starts programs for one that no longer may.
 *
 *  the daemon, in a sandbox ---program, two descriptors---> starter
 *        ^                                                    |
 *        +-------------- the daemon's child <--- clone -------+
 *
 * It is made before the sandbox is entered, because whatever the daemon itself
 * starts is in the sandbox, too.  It decides on its own whether and how a
 * program is started, and ends when the daemon does.  What it starts is a child
 * of the daemon, which waits for it.
 */
#ifndef REFLASHD_STARTER_H
#define REFLASHD_STARTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

#define STARTER_MAX_WORDS 256	       /* arguments and environment */
#define STARTER_MAX_BYTES (128 * 1024) /* of both */

struct starter;

struct starter_program {
	const char *path; /* absolute, or with a slash */
	char *const *argv;
	char *const *env;   /* NULL: that of the starter */
	int in;		    /* its stdin */
	int out;	    /* its stdout */
	bool out_is_err;    /* and its stderr; else that is ours */
	bool is_on_its_own; /* a session of its own, in /; else it dies with us
			     */
};

/*
 * Runs in the starter at each request: decides whether the program may be
 * started, and may change how.  What it puts there is borrowed until the next
 * call.  NULL: everything is started as asked.
 */
typedef bool
starter_may_fn(struct starter_program *, void *ctx, struct error *);

/*
 * Fork the starter, with a copy of ctx as it is now.  It keeps stderr, and of
 * the environment what is for children.
 */
struct starter *starter_new(starter_may_fn *, void *ctx, struct error *);

/* End the starter; the programs that it has started go on.  NULL is fine. */
void starter_free(struct starter *);

/*
 * Run a program.  Returns its pid, or -1 and why it cannot, or may not, be run.
 */
pid_t
starter_run(struct starter *, const struct starter_program *, struct error *);

#endif
