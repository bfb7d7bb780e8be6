/* SPDX-License-Identifier: ISC */
/*
 * arguments -- the command line of reflashd.
 *
 * Apart from the rest, because getopt_long(3) and core/config/option.h have a
 * struct option each.
 */
#ifndef REFLASHD_ARGUMENTS_H
#define REFLASHD_ARGUMENTS_H

enum arguments_mode { ARGUMENTS_RUN, ARGUMENTS_CHECK, ARGUMENTS_PRINT };

struct arguments {
	const char *conf_file; /* borrowed from argv; NULL: the built-in one */
	enum arguments_mode mode;
};

/* Ends the program after --help, --version and mistakes. */
void arguments_parse(struct arguments *, int argc, char *argv[]);

#endif
