/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>

#include "reflashctl/out/json_out.h"

static const char *const keys[][24] = {
	[SHAPE_DEVICE] = { "id", "name", "address", "port", "mac", "type",
	    "firmware", "encrypted", "present", "state", "reason", "detail",
	    "advice", "policy", "image", "progress", "attempt", "attempts",
	    "since" },
	[SHAPE_PLAN] = { "id", "action", "image", "policy", "reason", "detail",
	    "advice" },
	[SHAPE_HISTORY] = { "time", "device", "state", "reason", "detail",
	    "policy", "image", "sha256", "bytes", "seconds" },
	[SHAPE_STATUS] = { "version", "uptime", "port", "discovery", "paused",
	    "counts", "policies", "problems" },
	[SHAPE_CHANGE] = { "verb", "changed", "ids", "policy" },
	[SHAPE_EVENT] = { "event", "time", "id", "device" },
};

json_t *
shape_object(enum shape shape, json_t *in)
{
	json_t *out = json_object();

	for (const char *const *key = keys[shape]; *key != NULL; key++) {
		json_t *value = json_object_get(in, *key);

		json_object_set_new(out, *key,
		    value != NULL ? json_incref(value) : json_null());
	}
	json_object_update_missing(out, in);
	return out;
}

json_t *
shape_list(enum shape shape, const json_t *array)
{
	json_t *out = json_array(), *one;
	size_t i;

	json_array_foreach (array, i, one)
		json_array_append_new(out, shape_object(shape, one));
	return out;
}

void
shape_print_object(json_t *object, size_t flags)
{
	json_t *out = json_pack("{s:i}", "format", SHAPE_FORMAT);

	json_object_update_missing_new(out, object);
	json_dumpf(out, stdout, flags);
	putchar('\n');
	json_decref(out);
}

void
shape_print(const char *key, json_t *value)
{
	shape_print_object(json_pack("{s:o}", key, value), JSON_INDENT(2));
}
