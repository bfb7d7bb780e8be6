/* SPDX-License-Identifier: ISC */
/*
 * verb -- the words of reflashctl, in one table: main() takes its arguments
 * and its help from it, the completions and the manual's test as well.
 */
#ifndef REFLASHD_REFLASHCTL_VERB_H
#define REFLASHD_REFLASHCTL_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "reflashctl/ctl.h"

/* The options that belong to single verbs. */
enum {
	VERB_IMAGE = 1 << 0,
	VERB_AGAIN = 1 << 1,
	VERB_ALL = 1 << 2,
	VERB_STATE = 1 << 3,
	VERB_TIMEOUT = 1 << 4,
};

#define VERB_ANY 9999 /* as many arguments as one likes */

/* clang-format off */
#define VERBS(X) \
/* word      usage                                  arguments   options */ \
X(status,   "",                                     0, 0,       0, \
  "what the daemon is doing, in short") \
X(devices,  "",                                     0, 0,       0, \
  "all known devices") \
X(show,     "ID",                                   1, 1,       0, \
  "one device in full") \
X(plan,     "[ID]",                                 0, 1,       0, \
  "what would be flashed with what, and why not for the rest") \
X(check,    "FILE...",                              1, VERB_ANY, 0, \
  "is this image fit to be a first image? (works without the daemon)") \
X(approve,  "ID... | --all",                        0, VERB_ANY, VERB_ALL, \
  "let devices be flashed whose policy asks first") \
X(flash,    "ID [--image FILE] [--again]",          1, 1,       VERB_IMAGE | VERB_AGAIN, \
  "flash one device now, with its policy's image or another") \
X(retry,    "ID",                                   1, 1,       0, \
  "give a failed device another set of attempts") \
X(cancel,   "ID",                                   1, 1,       0, \
  "stop a job, as long as the device was not told to fetch") \
X(forget,   "ID",                                   1, 1,       0, \
  "remove a device and its record") \
X(pause,    "[POLICY]",                             0, 1,       0, \
  "start no new flashes, of one policy or at all") \
X(resume,   "[POLICY]",                             0, 1,       0, \
  "start flashes again, of one policy or at all") \
X(reload,   "",                                     0, 0,       0, \
  "read the configuration and the policies again") \
X(history,  "[ID]",                                 0, 1,       0, \
  "how past flashes ended") \
X(wait,     "ID [--state STATE] [--timeout TIME]",  1, 1,       VERB_STATE | VERB_TIMEOUT, \
  "wait until a device is in a state (flashed, within 10m)") \
X(monitor,  "",                                     0, 0,       0, \
  "tell every change as it happens, one line each") \
X(watch,    "",                                     0, 0,       0, \
  "live table of all devices") \
X(help,     "[VERB]",                               0, 1,       0, \
  "this text, or more about one verb")
/* clang-format on */

typedef int verb_run(struct ctl *, int argc, char **argv);

#define X(word, usage, min, max, options, help) verb_run verb_##word;
VERBS(X)
#undef X

/* For the completions; not in the table. */
verb_run verb_list;

struct verb {
	const char *word;
	const char *usage;
	int min, max; /* arguments */
	unsigned options;
	const char *help;
	verb_run *run;
};

/*
 * By its word or the start of it, where only one verb starts so.  NULL, after
 * telling why, if that is none.
 */
const struct verb *verb_find(const char *word);

/* In the order of the table; NULL behind the last one. */
const struct verb *verb_get(size_t index);

/* All of it, or one verb. */
void verb_usage(FILE *);
void verb_explain(const struct verb *);

#endif
