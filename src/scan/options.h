/* SPDX-License-Identifier: ISC */
/*
 * options -- the command line of reflash-scan.
 */
#ifndef REFLASHD_OPTIONS_H
#define REFLASHD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MAX_SERVICES   8
#define OPTIONS_MAX_INTERFACES 32

enum options_backend { BACKEND_AUTO, BACKEND_AVAHI, BACKEND_EMBEDDED };

/* Strings are borrowed from argv. */
struct options {
	enum options_backend backend;
	const char *services[OPTIONS_MAX_SERVICES];
	size_t service_count;
	const char *interfaces[OPTIONS_MAX_INTERFACES];
	size_t interface_count; /* 0 = all */
	unsigned requery_sec, max, time_sec;
	bool text; /* for people */
};

/*
 * Parse the command line.  Ends the program after --help, --version and
 * mistakes.
 */
void options_parse(struct options *, int argc, char *argv[]);

bool options_allow_interface(const struct options *, const char *name);

#endif
