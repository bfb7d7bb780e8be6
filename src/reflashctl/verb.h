/* SPDX-License-Identifier: ISC */
/*
 * verb -- the words of reflashctl, in two tables, of verbs and of options:
 * main(), the help, what the shells complete with and the manual's test are
 * made from them.
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
#define OPTIONS(X) \
/* name     letter  value    of verbs that have */ \
X(socket,   's',    "PATH",  0, \
  "where the daemon listens (also REFLASHD_SOCKET)") \
X(json,     'j',    NULL,    0, \
  "for programs; every verb knows it") \
X(help,     'h',    NULL,    0, \
  "this text; after a verb, more about it") \
X(version,  'V',    NULL,    0, \
  "which version this is") \
X(image,    'i',    "FILE",  VERB_IMAGE, \
  "this image instead of the policy's") \
X(again,    'a',    NULL,    VERB_AGAIN, \
  "even if the device was flashed with this image before") \
X(all,      'A',    NULL,    VERB_ALL, \
  "every device that waits for an approval") \
X(state,    'S',    "STATE", VERB_STATE, \
  "the state to wait for (flashed)") \
X(timeout,  't',    "TIME",  VERB_TIMEOUT, \
  "at most so long: 90s, 10m, 2h, 1d (10m)")

/* The first word of a usage is what its arguments are. */
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
  "try a failed device again, from where it failed") \
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

struct verb_option {
	const char *name;
	int letter;	   /* short, for those of all verbs */
	const char *value; /* what it takes; NULL: nothing */
	unsigned flag;	   /* of the verbs that have it; 0: of all */
	const char *help;
};

/* In the order of the table; NULL behind the last one. */
const struct verb_option *verb_option_get(size_t index);

/* All of it, or one verb. */
void verb_usage(FILE *);
void verb_explain(const struct verb *);

#endif
