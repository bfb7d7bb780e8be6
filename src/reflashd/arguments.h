/* SPDX-License-Identifier: ISC */
/*
 * arguments -- the command line of reflashd.
 *
 * It is a module of its own because getopt_long(3) and core/config/option.h
 * both have a struct option.
 */
#ifndef REFLASHD_ARGUMENTS_H
#define REFLASHD_ARGUMENTS_H

enum arguments_mode { ARGUMENTS_RUN, ARGUMENTS_CHECK, ARGUMENTS_PRINT };

struct arguments {
	const char *conf_file; /* borrowed from argv; NULL: the built-in one */
	enum arguments_mode mode;
};

/* Parse it.  Ends the program after --help, --version and mistakes. */
void arguments_parse(struct arguments *, int argc, char *argv[]);

#endif
