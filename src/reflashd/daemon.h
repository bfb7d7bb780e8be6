/* SPDX-License-Identifier: ISC */
/*
 * daemon -- makes one of each object, wires them together, and runs them.
 *
 *   scanner --announcements--> scheduler --decisions--> flash --calls--> client
 *   control --requests-----> commands                     ^
 *                                                         +--ranges-- server
 *
 * An object is handed the objects that it calls.  What it reports upwards it
 * reports by callbacks, which daemon_make.c connects.
 */
#ifndef REFLASHD_DAEMON_H
#define REFLASHD_DAEMON_H

#include <stdbool.h>

#include "base/error.h"

struct starter;

struct daemon_options {
	const char *conf_file; /* NULL: the built-in one */
	const char *scan_program;
	struct starter *starter; /* starts that program, and hooks */
};

/* Run until told to stop.  Borrows the options for that long. */
bool daemon_run(const struct daemon_options *, struct error *);

#endif
