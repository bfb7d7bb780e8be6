/* SPDX-License-Identifier: ISC */
/*
 * hooks -- programs of the operator, run when a device changes.
 *
 *   event --> a run for each hook of the folder --> queue --> 4 at a time
 *
 * The runs of one event begin in byte order of the names and do not wait for
 * each other; a hook never runs twice at a time, and so sees events in their
 * order.  One that is slow loses events of its own and nobody else's.
 * Nothing here blocks: what a hook hangs in, says or does not read is
 * its own affair.  What is wrong with a hook is said once, until its file
 * changes or the folder is set anew; that it is not run, until it is.
 */
#ifndef REFLASHD_HOOKS_H
#define REFLASHD_HOOKS_H

#include <event2/event.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/problems.h"
#include "base/strlist.h"

#define HOOKS_RUN_MS	30000 /* then it is asked to end */
#define HOOKS_END_MS	2000  /* and then made to */
#define HOOKS_PARALLEL	4
#define HOOKS_QUEUE	1024 /* of each; so many devices may change at once */
#define HOOKS_STRANGERS 256  /* of these, of devices that anybody may invent */
#define HOOKS_LINES	20   /* of a run, that the log shows */

struct hooks;
struct starter;

struct hooks_config {
	struct starter *starter; /* borrowed for good */
	const char *directory;	 /* copied; it need not exist */
	unsigned run_ms, end_ms;
};

/* The base is borrowed and must outlive it. */
struct hooks *hooks_new(struct event_base *, const struct hooks_config *);

/* Ends those that run. */
void hooks_free(struct hooks *); /* NULL is fine */

/* What waits or runs goes on. */
void hooks_set_directory(struct hooks *, const char *directory);

/*
 * Can hooks of this folder be run?  One that is not there has none.  False: the
 * folder cannot be used, and why.
 */
bool hooks_check(const char *directory, struct error *);

/* Add a problem for each hook of this folder that will not be run, and why. */
void hooks_find_unfit(const char *directory, struct problems *);

/* Look who is there.  False: nobody is to be run. */
bool hooks_look(struct hooks *);

/*
 * Run all that hooks_look() has just seen: subject is what their lines in the
 * log are about, env what they have in the environment beside PATH, input what
 * they can read.  The words of env are taken.  is_known: by more than an
 * announcement.
 */
void hooks_run(struct hooks *, const char *subject, struct strlist *env,
    const char *input, bool is_known);

/* How many wait or run. */
unsigned hooks_pending(const struct hooks *);

#endif
