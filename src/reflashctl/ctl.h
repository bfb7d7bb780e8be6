/* SPDX-License-Identifier: ISC */
/*
 * ctl -- what every verb of reflashctl is given, and how it ends.
 */
#ifndef REFLASHD_REFLASHCTL_CTL_H
#define REFLASHD_REFLASHCTL_CTL_H

#include <stdbool.h>

struct conn;

/* The exit codes of the program; scripts depend on them. */
enum {
	CTL_EXIT_DONE = 0,
	CTL_EXIT_ERROR = 1,
	CTL_EXIT_NOTHING = 2,	/* there was nothing to do */
	CTL_EXIT_NOT_FOUND = 3, /* no such device, policy or file */
	CTL_EXIT_FAILED = 4,	/* it ran, but some device or image failed */
	CTL_EXIT_NO_DAEMON = 5, /* the daemon does not answer */
	CTL_EXIT_USAGE = 64,
};

struct ctl {
	char *socket; /* owned */
	const char
	    *source;	   /* borrowed: what the path is from; NULL: built in */
	struct conn *conn; /* owned; NULL until something is asked */
	bool json;
	bool again, all; /* options of single verbs */
	bool attention, failed;
	bool replace;
	bool wait, yes;
	const char *as, *sha256, *who;
	const char *image, *state, *timeout; /* borrowed; NULL: not given */
	const char *policy, *last, *since, *config; /* the same */
};

/* Print on stderr what went wrong, for a person. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
