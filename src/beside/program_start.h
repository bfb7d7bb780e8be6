/* SPDX-License-Identifier: ISC */
/*
 * program_start -- how a program beside the daemon begins: its command line,
 * what it says of a wrong configuration, and of the daemon when -t asks.
 */
#ifndef REFLASHD_PROGRAM_START_H
#define REFLASHD_PROGRAM_START_H

#include <stdbool.h>

struct problems;

/* Which program it is. */
struct program_start {
	const char *name;  /* "reflash-web" */
	const char *topic; /* of debug messages, which -D asks for */
	const char *help;
	void (*print_libraries)(void); /* for -V, a line each */
};

struct program_options {
	const char *conf_file; /* borrowed from argv; NULL: the usual one */
	bool is_check;
};

/* Parse the command line.  Ends the program after -h, -V and mistakes. */
void program_start_parse(const struct program_start *, struct program_options *,
    int argc, char *argv[]);

/*
 * Say what is wrong with the configuration, on stderr when it is only checked,
 * otherwise in the log.  Returns the exit code after which the service manager
 * does not try again.
 */
int program_start_refuse(const struct problems *, bool is_check);

/* Say whether the daemon answers at this path: a check goes on without. */
void program_start_check_daemon(const char *path);

#endif
