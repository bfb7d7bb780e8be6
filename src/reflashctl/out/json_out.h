/* SPDX-License-Identifier: ISC */
/*
 * json_out -- the form of --json: always the same keys in the same order, null
 * for a missing value, then any other keys that the daemon sends.
 */
#ifndef REFLASHD_REFLASHCTL_JSON_OUT_H
#define REFLASHD_REFLASHCTL_JSON_OUT_H

#include <jansson.h>

#define JSON_OUT_FORMAT 1

enum json_out {
	JSON_OUT_DEVICE,
	JSON_OUT_JOINING,
	JSON_OUT_PLAN,
	JSON_OUT_HISTORY,
	JSON_OUT_STATUS,
	JSON_OUT_METRICS,
	JSON_OUT_POLICY,
	JSON_OUT_IMAGE,
	JSON_OUT_CHANGE,
	JSON_OUT_EVENT,
};

/* Make a new object, which shares its values with the old one. */
json_t *json_out_object(enum json_out, json_t *);
/* The same for each element; a new array. */
json_t *json_out_list(enum json_out, const json_t *array);

/* Print {"format":1,key:value}; value is taken.  For people to read, too. */
void json_out_print(const char *key, json_t *value);
/* Print {"format":1,...} of an object, which is taken; in one line or more. */
void json_out_print_object(json_t *, size_t json_flags);

#endif
