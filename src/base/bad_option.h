/* SPDX-License-Identifier: ISC */
/*
 * bad_option -- which option getopt_long() did not accept, as it was typed.
 *
 * The messages of getopt itself leave the dash of a short option away, and name
 * the program by its whole path.  So each program calls getopt_long() with
 * opterr = 0 and a ":" in front of its letters, and says it by these functions.
 */
#ifndef REFLASHD_BAD_OPTION_H
#define REFLASHD_BAD_OPTION_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

struct bad_option {
	char name[64];	  /* "--bogus" or "-x"; what is longer is cut */
	bool is_long;	  /* with two dashes */
	bool lacks_value; /* it is known, and needs a value */
	bool has_value;	  /* it is known, and takes no value */
	char text[96];	  /* the sentence: "--bogus: no such option" */
};

/* Find out what is wrong after getopt_long() has returned '?' or ':'. */
void bad_option_find(struct bad_option *, int returned, char *const argv[],
    const struct option *known);

/* Print on stderr "PROGRAM: --bogus: no such option; see: PROGRAM --help". */
void bad_option_print(const struct bad_option *, const char *program);

#endif
