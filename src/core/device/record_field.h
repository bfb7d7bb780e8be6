/* SPDX-License-Identifier: ISC */
/*
 * record_field -- a struct as a JSON object, both ways by one table.
 *
 * Each row says under which key a member is kept, what a missing key means and
 * how large a number may be.  A value that cannot have been written so is an
 * error: another type, a text that is too long, a number out of range.
 */
#ifndef REFLASHD_RECORD_FIELD_H
#define REFLASHD_RECORD_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum record_kind {
	RECORD_TEXT,   /* char[]; "" is written as null */
	RECORD_STRING, /* char[]; "" is written as "", and null is read as "" */
	RECORD_BOOL,
	RECORD_NUMBER, /* an integer of any size, from 0 to max */
	RECORD_LIST,   /* char[max][]: the texts before the first "" */
	RECORD_OBJECT, /* bool: true; its fields are members of the struct */
	RECORD_OPTION, /* the same; null if the bool is false */
};

/* The meaning of a missing key. */
enum record_missing {
	RECORD_NEEDED,	   /* that the record is damaged */
	RECORD_LATER,	   /* an earlier version wrote it: null, false, 0 */
	RECORD_LATER_TRUE, /* the same, and true */
};

struct record_field {
	const char *key; /* NULL at the end of the table */
	enum record_kind kind;
	enum record_missing missing;
	size_t offset, size; /* of the member */
	json_int_t max;
	const struct record_field *fields; /* of an object; else NULL */
};

/* Add the keys of the table to the object, in the order of the table. */
void record_field_write(
    const struct record_field *, const void *base, json_t *object);

/*
 * Read the keys of the table.  Zero the members of an object that is null.  On
 * failure the struct is undefined.
 */
bool record_field_read(const struct record_field *, void *base,
    const json_t *object, struct error *);

#endif
