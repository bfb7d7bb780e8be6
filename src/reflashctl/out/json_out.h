/* SPDX-License-Identifier: ISC */
/*
 * json_out -- the form of what --json prints: always the same keys in the same
 * order, null where there is nothing, and whatever else the daemon tells after
 * them.
 */
#ifndef REFLASHD_REFLASHCTL_JSON_OUT_H
#define REFLASHD_REFLASHCTL_JSON_OUT_H

#include <jansson.h>

#define SHAPE_FORMAT 1

enum shape {
	SHAPE_DEVICE,
	SHAPE_PLAN,
	SHAPE_HISTORY,
	SHAPE_STATUS,
	SHAPE_CHANGE,
	SHAPE_EVENT,
};

/* A new object; the values are shared with the old one. */
json_t *shape_object(enum shape, json_t *);
/* The same for each element; a new array. */
json_t *shape_list(enum shape, const json_t *array);

/* Print {"format":1,key:value}; value is taken.  For people to read, too. */
void shape_print(const char *key, json_t *value);
/* Print {"format":1,...} of an object, which is taken; in one line or more. */
void shape_print_object(json_t *, size_t json_flags);

#endif
