/* SPDX-License-Identifier: ISC */
/*
 * exec_policy -- which programs may be started, and how.
 *
 *		     reflash-scan	      a hook
 *	arguments    options that it knows    none
 *	environment  that of the starter      PATH, REFLASHD_DEVICE and so on
 *	descriptors  two sockets	      a file to read, a pipe to write to
 *	session	     ours		      of its own
 *	its file     the one of this build    trusted, and not where the daemon
 *					      itself may write
 *
 * This runs in the starter, which does not trust the daemon: an attacker who
 * has taken over the daemon is in its sandbox, and could leave that by choosing
 * a program or its environment.  So the folder of the hooks is read from the
 * configuration itself.
 */
#ifndef REFLASHD_EXEC_POLICY_H
#define REFLASHD_EXEC_POLICY_H

#include <stdbool.h>

#include "base/error.h"

struct starter_program;

#define EXEC_POLICY_VARIABLES 15 /* of a hook, besides PATH */

struct exec_policy {
	const char *conf_file;	  /* borrowed; NULL: the built-in one */
	const char *scan_program; /* borrowed */
	/* Owned, NULL until needed; the daemon may write to the last three. */
	char *hooks, *state, *runtime, *images; /* images NULL: it may not */
	char *env[EXEC_POLICY_VARIABLES + 2];	/* borrowed: of the last hook */
};

/* For starter_new(), with a struct exec_policy as the ctx. */
bool exec_policy_may_start(
    struct starter_program *, void *exec_policy, struct error *);

#endif
