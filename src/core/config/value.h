/* SPDX-License-Identifier: ISC */
/*
 * value -- the types that a value in a file can have, for option.h.
 *
 * The comment beside each type says which member it fills.
 */
#ifndef REFLASHD_VALUE_H
#define REFLASHD_VALUE_H

#include "core/config/option.h"

/* Types of a single value. */
extern const struct option_type value_text;    /* char *; NULL: none */
extern const struct option_type value_path;    /* char *, absolute */
extern const struct option_type value_bool;    /* bool */
extern const struct option_type value_number;  /* unsigned */
extern const struct option_type value_seconds; /* unsigned; also "2min 30s" */
extern const struct option_type value_choice;  /* an enum, as choices[] */
extern const struct option_type value_sha256;  /* char[65], "" or lower case */
extern const struct option_type value_address; /* char *: IPv4 or a choice */

/* Types of lists. */
extern const struct option_type value_words; /* struct strlist */
extern const struct option_type value_paths; /* struct strlist, absolute */
extern const struct option_type value_lines; /* struct strlist, a line each */
extern const struct option_type value_globs; /* struct strlist */
extern const struct option_type value_versions; /* struct versions */
extern const struct option_type value_nets;	/* struct networks */
extern const struct option_type value_windows;	/* struct windows */

/* Parts for types that only one kind of file has. */
bool
value_parse_text(void *, const char *, const struct option *, struct error *);
void value_clear_text(void *);
void value_print_text(FILE *, const void *, const struct option *);

#endif
