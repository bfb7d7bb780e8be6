/* SPDX-License-Identifier: ISC */
/*
 * run_program -- runs a program of the system and takes what it prints.
 */
#ifndef REFLASHD_REFLASHCTL_RUN_PROGRAM_H
#define REFLASHD_REFLASHCTL_RUN_PROGRAM_H

#include <stdbool.h>

struct run_result {
	int code; /* its exit code; -1: it was killed, or took too long */
	char *out, *err; /* owned; what it printed; never NULL */
};

/*
 * Find a program in the usual folders for those of root and of users; free().
 * NULL: there is none of that name.
 */
char *run_program_find(const char *name);

/*
 * Run it, and wait for its end, for at most ten seconds.  argv[0] is its path.
 * Finish the result in any case.
 */
void run_program(const char *const argv[], struct run_result *);
void run_result_fini(struct run_result *);

#endif
