/* SPDX-License-Identifier: ISC */
/*
 * hooks -- programs of the operator, run when a device changes.
 *
 *   event --> a run for each hook of the folder --> queue --> 4 at a time
 *
 * The runs of one event begin in byte order of the names and do not wait for
 * each other.  A hook never runs twice at a time, and so sees events in their
 * order.  A slow hook loses only events of its own.  Nothing here waits for a
 * hook, whatever the hook waits for, prints or does not read.  A fault of a
 * hook is reported once, until its file changes or the folder is set anew.  A
 * hook that must not be run is reported once, until it may.
 */
#ifndef REFLASHD_HOOKS_H
#define REFLASHD_HOOKS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/problems.h"
#include "base/strlist.h"

#define HOOKS_RUN_MS	30000 /* after that the hook is asked to end */
#define HOOKS_END_MS	2000  /* and then made to */
#define HOOKS_PARALLEL	4
#define HOOKS_QUEUE	1024 /* of each; so many devices may change at once */
#define HOOKS_STRANGERS 256  /* of these, for devices that may be invented */
#define HOOKS_LINES	20   /* of a run, that the log shows */

struct hooks;
struct starter;

struct hooks_config {
	struct starter *starter; /* borrowed for good */
	const char *directory;	 /* copied; it need not exist */
	unsigned run_ms, end_ms;
};

/* The base is borrowed and must outlive the object. */
struct hooks *hooks_new(struct event_base *, const struct hooks_config *);

/* End the hooks that run, and free everything. */
void hooks_free(struct hooks *); /* NULL is fine */

/* Use another folder.  Runs that wait or have begun go on. */
void hooks_set_directory(struct hooks *, const char *directory);

/*
 * Return true if hooks of this folder can be run; a missing folder has none.
 * False: the folder cannot be used, and why.
 */
bool hooks_check(const char *directory, struct error *);

/* Add a problem for each hook of this folder that will not be run, and why. */
void hooks_find_unfit(const char *directory, struct problems *);

/* Look which hooks there are.  Returns false if there is none to run. */
bool hooks_look(struct hooks *);

/*
 * Run all hooks that hooks_look() has just found. subject begins their lines in
 * the log, env is their environment besides PATH, and input is what they can
 * read.  The words of env are taken. is_known: more than an announcement knows
 * the device.
 */
void hooks_run(struct hooks *, const char *subject, struct strlist *env,
    const char *input, bool is_known);

/* Return how many runs wait or have begun. */
unsigned hooks_pending(const struct hooks *);

/* Return how many runs have failed, hung or could not be started so far. */
uint64_t hooks_failures(const struct hooks *);

#endif
