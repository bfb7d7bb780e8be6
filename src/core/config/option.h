/* SPDX-License-Identifier: ISC */
/*
 * option -- from a table of keys to a filled-in struct, and back to text.
 *
 * A kind of file (reflashd.conf, a policy) is one table: each row names a key,
 * its type, its limits, its default and the member that holds it.  All of the
 * reading, resetting and printing follows from the row.
 *
 * A key starts at its default.  The first value in a file replaces that; later
 * ones add up where the type is a list and replace where it is not; an empty
 * value puts the key back to its default.
 */
#ifndef REFLASHD_OPTION_H
#define REFLASHD_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/problems.h"
#include "base/strlist.h"

struct option;

/* How to read, drop and write a type of value: see core/config/value.h. */
struct option_type {
	bool adds;    /* a list: repeated keys add up */
	bool is_free; /* a # or ; after a blank may be meant */
	/*
	 * Set the field, or add to it, from a value that is not empty.  The
	 * error goes after "Key=value: ".
	 */
	bool (*parse)(void *field, const char *value, const struct option *,
	    struct error *);
	/* Free what the field owns and zero it; NULL: nothing to free. */
	void (*clear)(void *field);
	/* Write the field as values, each through option_write(). */
	void (*print)(FILE *, const void *field, const struct option *);
};

struct option {
	const char *section, *key;
	const struct option_type *type;
	size_t offset;
	uint64_t min, max;	    /* of a number; max: of a text's length */
	const char *const *choices; /* words, NULL at the end */
	const char *standard;	    /* the default as text, "" for none */
	const char *help;	    /* one sentence, no capital, no full stop */
};

struct option_table {
	const struct option *items;
	size_t count;
};

/* The places in files where a key was given. */
struct option_places {
	struct strlist at; /* "file:line"; none at its default */
	bool bad;	   /* one of its values was bad */
};

/* The values of one struct and where they were given.  Used in place. */
struct options {
	const struct option_table *table; /* borrowed */
	void *values;			  /* borrowed: the struct of members */
	struct option_places *places;	  /* one for each row */
	struct problems doubts; /* of values with a comment behind them */
};

/* Put every member at its default. values is zeroed memory. */
void options_init(struct options *, const struct option_table *, void *values);
/* Free everything, also what the members own. */
void options_fini(struct options *);

/* Read the text of a file on top of what is there. */
void options_parse(struct options *, const char *text, size_t len,
    const char *file, struct problems *);

/* The same, but what is above the first heading belongs to this section. */
void options_parse_below(const char *section, struct options *,
    const char *text, size_t len, const char *file, struct problems *);

/* Return "file:line" where the key was last given, or NULL for its default. */
const char *
options_origin(const struct options *, const char *section, const char *key);

/* Return the same for the i-th value of a list that takes one value a line. */
const char *options_origin_at(
    const struct options *, const char *section, const char *key, size_t i);

/*
 * Tell that the key's value was derived from that of another key, so that its
 * origin is the same.
 */
void options_follow(
    struct options *, const char *section, const char *key, const char *other);

/*
 * Return true if a value of the key was bad, which has been reported already: a
 * check need not report that it is missing.
 */
bool
options_is_bad(const struct options *, const char *section, const char *key);

/*
 * Print the values as a file that reads back as the same values.  A key that is
 * not at its default has a comment above it that says where it was given.
 */
void options_print(const struct options *, FILE *);

/* Write one value as its line, for the print of a type. */
void option_write(FILE *, const struct option *, const char *value);

#endif
