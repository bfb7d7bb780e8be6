/* SPDX-License-Identifier: ISC */
/*
 * options -- the command line of reflash-sim.
 */
#ifndef REFLASHD_SIM_OPTIONS_H
#define REFLASHD_SIM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "sim/spec.h"

#define OPTIONS_MAX_DEVICES 4000

struct options {
	struct spec *specs; /* owned */
	size_t count;
	const char *report, *control; /* borrowed from argv, or NULL */
	bool loopback, verbose, quiet;
	char **command; /* borrowed: the end of argv */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE, /* --help and the like, which is printed */
	OPTIONS_BAD,
};

enum options_result
options_read(struct options *, int argc, char *argv[], struct error *);
void options_fini(struct options *);

#endif
