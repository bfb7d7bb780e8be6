/* SPDX-License-Identifier: ISC */
/*
 * programs -- which programs may be started: reflash-scan and the hooks.
 *
 * This runs in the starter, which believes the daemon nothing: where hooks are
 * it reads from the configuration itself.
 */
#ifndef REFLASHD_PROGRAMS_H
#define REFLASHD_PROGRAMS_H

#include <stdbool.h>

struct programs {
	const char *conf_file;	  /* borrowed; NULL: the built-in one */
	const char *scan_program; /* borrowed */
	char *hooks;		  /* owned; NULL until first needed */
};

/* For starter_new(); programs is a struct programs. */
bool programs_may_start(const char *path, void *programs);

#endif
