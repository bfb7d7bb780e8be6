/* SPDX-License-Identifier: ISC */
/*
 * broken -- a disk that fails at a certain call.
 *
 * The linker puts these in front of the calls of libc (--wrap), for the test
 * that walks over all of them.  Nothing is waited for: fsync does nothing.
 */
#ifndef REFLASHD_BROKEN_H
#define REFLASHD_BROKEN_H

#include <stdbool.h>

#define BROKEN_DEAD 99 /* exit status of a process that a fault killed */

struct broken_fault {
	const char *name;
	int code;  /* errno, or 0: the call is only cut short */
	bool part; /* half of a read or write is done first */
	bool stay; /* all later calls fail too; if the disk is full or */
		   /* read-only, only those that change something */
	bool die;
};

/* From now on the call number at, counted from 1, meets with the fault. */
void broken_start(const struct broken_fault *, unsigned at);

/* All is well again.  Has the fault been met? */
bool broken_stop(void);

/* The calls since the start: "openat write fsync ".  Borrowed, cut. */
const char *broken_calls(void);

/* Since the start, did a rename take place? */
bool broken_renamed(void);

#endif
