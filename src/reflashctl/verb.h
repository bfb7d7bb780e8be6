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
	VERB_POLICY = 1 << 5,
	VERB_ATTENTION = 1 << 6,
	VERB_LAST = 1 << 7,
	VERB_SINCE = 1 << 8,
	VERB_FAILED = 1 << 9,
	VERB_WHO = 1 << 11,
	VERB_YES = 1 << 12,
	VERB_WAIT = 1 << 13,
	VERB_AS = 1 << 20,
	VERB_REPLACE = 1 << 21,
	VERB_SHA256 = 1 << 22,
	VERB_CONFIG = 1 << 15,
};

/* Of the verbs that are for several devices, and of those that flash. */
#define VERB_DEVICES (VERB_ALL | VERB_POLICY | VERB_WHO)
#define VERB_FOLLOW  (VERB_WAIT | VERB_TIMEOUT)

#define VERB_ANY 9999 /* as many arguments as one likes */

/* clang-format off */
#define OPTIONS(X) \
/* name     letter  value    of verbs that have */ \
X(socket,   's',    "PATH",  0, \
  "where the daemon listens (also REFLASHD_SOCKET)") \
X(json,     'j',    NULL,    0, \
  "print JSON, for programs; works with every verb") \
X(help,     'h',    NULL,    0, \
  "print this; after a verb, more about it") \
X(version,  'V',    NULL,    0, \
  "print the version") \
X(image,    'i',    "FILE",  VERB_IMAGE, \
  "this image instead of the policy's") \
X(again,    'a',    NULL,    VERB_AGAIN, \
  "even if the device was flashed with this image before") \
X(all,      'A',    NULL,    VERB_ALL, \
  "all devices that it makes sense for") \
X(who,      'w',    "NAME",  VERB_WHO, \
  "who gives the order (your user), for the log and the history") \
X(yes,      'y',    NULL,    VERB_YES, \
  "do not ask before a flash that cannot be undone") \
X(wait,     'W',    NULL,    VERB_WAIT, \
  "show how it goes, and end as the flash does") \
X(as,       'N',    "NAME",  VERB_AS, \
  "the name that the image is to have") \
X(sha256,   'x',    "HEX",   VERB_SHA256, \
  "only if this is the checksum (SHA-256) of the image") \
X(replace,  'r',    NULL,    VERB_REPLACE, \
  "put it there even if another image has this name") \
X(state,    'S',    "STATE", VERB_STATE, \
  "wait: for this one (flashed); devices: in these, as in held,failed") \
X(policy,   'p',    "POLICY", VERB_POLICY, \
  "only devices of this policy") \
X(attention, 'n',   NULL,    VERB_ATTENTION, \
  "only devices that need a person") \
X(last,     'l',    "N",     VERB_LAST, \
  "only so many, the latest") \
X(since,    'e',    "T",     VERB_SINCE, \
  "not before: 2d, 90min, 2026-01-31 or \"2026-01-31 13:05\"") \
X(failed,   'f',    NULL,    VERB_FAILED, \
  "only attempts that failed") \
X(config,   'c',    "FILE",  VERB_CONFIG, \
  "the configuration, if it is not in the usual place") \
X(timeout,  't',    "TIME",  VERB_TIMEOUT, \
  "how long to wait at most: 90s, 10m, 2h, 1d (wait: 10m)")

/* The first word of a usage is what its arguments are. */
#define VERBS(X) \
/* word      usage                                  arguments   options */ \
X(status,   "",                                     0, 0,       0, \
  "what the daemon is doing, in short") \
X(devices,  "[ID...] [--state S,...] [--policy P] [--attention]", 0, VERB_ANY, VERB_STATE | VERB_POLICY | VERB_ATTENTION, \
  "all known devices, those that need you first") \
X(show,     "ID",                                   1, 1,       0, \
  "one device in full") \
X(joining,  "",                                     0, 0,       0, \
  "devices that wait for your Wi-Fi, and where to enter it") \
X(plan,     "[ID]",                                 0, 1,       0, \
  "which image each device would get, or why it would get none") \
X(policies, "",                                     0, 0,       0, \
  "whom each policy fits, how far it has come, and what stops it") \
X(policy,   "POLICY",                               1, 1,       0, \
  "one policy in full, and its devices") \
X(propose,  "[ID...] [--image NAME]",               0, VERB_ANY, VERB_IMAGE, \
  "print a first policy for these devices, or all that can be flashed") \
X(doctor,   "[--config FILE]",                      0, 0,       VERB_CONFIG, \
  "what is in the way, and how to correct it (needs no daemon)") \
X(check,    "FILE...",                              1, VERB_ANY, 0, \
  "whether image files are fit for a first flash (needs no daemon)") \
X(images,   "",                                     0, 0,       0, \
  "the images that are there, and what each is good for") \
X(add,      "FILE [--as NAME] [--replace]",         1, 1,       VERB_AS | VERB_REPLACE | VERB_WHO, \
  "put an image where policies find it") \
X(download, "[NAME | URL] [--sha256 HEX] [--as NAME]", 0, 1,       VERB_SHA256 | VERB_AS | VERB_REPLACE | VERB_WHO | VERB_TIMEOUT, \
  "get an image of the catalogue or from a URL, and put it there") \
X(approve,  "ID... | --all | --policy POLICY",      0, VERB_ANY, VERB_DEVICES | VERB_SHA256 | VERB_YES | VERB_FOLLOW, \
  "allow the flash of devices whose policy asks first") \
X(flash,    "ID... | --all | --policy POLICY [--image FILE] [--again]", 0, VERB_ANY, \
  VERB_DEVICES | VERB_IMAGE | VERB_AGAIN | VERB_SHA256 | VERB_YES | VERB_FOLLOW, \
  "flash devices now, with the image of their policy or another") \
X(retry,    "ID... | --all | --policy POLICY",      0, VERB_ANY, VERB_DEVICES | VERB_SHA256 | VERB_FOLLOW, \
  "try failed devices again, from where they failed") \
X(cancel,   "ID... | --all | --policy POLICY",      0, VERB_ANY, VERB_DEVICES, \
  "stop jobs, unless the devices were already told to download") \
X(forget,   "ID... | --all | --policy POLICY",      0, VERB_ANY, VERB_DEVICES, \
  "remove devices and their records") \
X(label,    "ID [NAME]",                            1, VERB_ANY, VERB_WHO, \
  "call a device by a name of your own, or by none") \
X(pause,    "[POLICY]",                             0, 1,       VERB_WHO, \
  "start no new flashes, of one policy or at all") \
X(resume,   "[POLICY]",                             0, 1,       VERB_WHO, \
  "start flashes again, of one policy or at all") \
X(reload,   "",                                     0, 0,       VERB_WHO, \
  "read the configuration and the policies again") \
X(history,  "[ID...] [--last N] [--since T] [--failed]", 0, VERB_ANY, VERB_LAST | VERB_SINCE | VERB_FAILED, \
  "how past flashes ended") \
X(metrics,  "",                                     0, 0,       0, \
  "print numbers for Prometheus, as a text file of node_exporter") \
X(web,      "[URL] [--config FILE]",                0, 1,       VERB_CONFIG, \
  "print a link that lets a browser give orders on the page") \
X(wait,     "ID [--state STATE] [--timeout TIME]",  1, 1,       VERB_STATE | VERB_TIMEOUT, \
  "wait until a device is in a state (flashed, within 10m)") \
X(monitor,  "",                                     0, 0,       0, \
  "print every change as it happens, one line each") \
X(watch,    "",                                     0, 0,       0, \
  "show a live table of all devices") \
X(help,     "[VERB]",                               0, 1,       0, \
  "print this, or more about one verb")
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
 * Find a verb by its word or the start of it; NULL: none, and why is printed.
 */
const struct verb *verb_find(const char *word);

/* Return the one with that index; NULL: there are no more. */
const struct verb *verb_get(size_t index);

struct verb_option {
	const char *name;
	int letter;	   /* short, for those of all verbs */
	const char *value; /* name of its value; NULL: it has none */
	unsigned flag;	   /* of the verbs that have it; 0: of all */
	const char *help;
};

/* Return the one with that index; NULL: there are no more. */
const struct verb_option *verb_option_get(size_t index);

/* Print the help, or that of one verb. */
void verb_usage(FILE *);
void verb_explain(const struct verb *);

#endif
