/* SPDX-License-Identifier: ISC */
/*
 * exec_policy -- what may be started, and how: reflash-scan and the hooks.
 *
 *		     reflash-scan	      a hook
 *	arguments    options that it knows    none
 *	environment  that of the starter      PATH, REFLASHD_DEVICE and so on
 *	descriptors  two sockets	      a file to read, a pipe to write to
 *	session	     ours		      of its own
 *	its file     the one of this build    trusted, and not where the daemon
 *					      itself may write
 *
 * This runs in the starter, which believes the daemon nothing: somebody who has
 * taken that over is in its sandbox, and a program that he could choose, or
 *only its environment, would be his way out.  Where hooks are is read from the
 * configuration itself.
 */
#ifndef REFLASHD_EXEC_POLICY_H
#define REFLASHD_EXEC_POLICY_H

#include <stdbool.h>

#include "base/error.h"

struct starter_program;

#define EXEC_POLICY_VARIABLES 14 /* that a hook has beside PATH */

struct exec_policy {
	const char *conf_file;	  /* borrowed; NULL: the built-in one */
	const char *scan_program; /* borrowed */
	/* Owned, NULL until first needed; the daemon writes to the others. */
	char *hooks, *state, *runtime;
	char *env[EXEC_POLICY_VARIABLES + 2]; /* borrowed: of the last hook */
};

/* For starter_new(); programs is a struct exec_policy. */
bool exec_policy_may_start(
    struct starter_program *, void *exec_policy, struct error *);

#endif
