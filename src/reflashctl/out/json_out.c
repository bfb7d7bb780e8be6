/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>

#include "reflashctl/out/json_out.h"

static const char *const keys[][24] = {
	[JSON_OUT_DEVICE] = { "id", "name", "address", "port", "mac", "type",
	    "firmware", "encrypted", "present", "state", "reason", "detail",
	    "advice", "policy", "image", "progress", "attempt", "attempts",
	    "since" },
	[JSON_OUT_PLAN] = { "id", "action", "image", "policy", "reason",
	    "detail", "advice" },
	[JSON_OUT_HISTORY] = { "time", "device", "state", "reason", "detail",
	    "policy", "image", "sha256", "bytes", "seconds" },
	[JSON_OUT_STATUS] = { "version", "uptime", "port", "discovery",
	    "paused", "counts", "policies", "problems" },
	[JSON_OUT_CHANGE] = { "verb", "changed", "ids", "policy" },
	[JSON_OUT_EVENT] = { "event", "time", "id", "device" },
};

json_t *
json_out_object(enum json_out json_out, json_t *in)
{
	json_t *out = json_object();

	for (const char *const *key = keys[json_out]; *key != NULL; key++) {
		json_t *value = json_object_get(in, *key);

		json_object_set_new(out, *key,
		    value != NULL ? json_incref(value) : json_null());
	}
	json_object_update_missing(out, in);
	return out;
}

json_t *
json_out_list(enum json_out json_out, const json_t *array)
{
	json_t *out = json_array(), *one;
	size_t i;

	json_array_foreach (array, i, one)
		json_array_append_new(out, json_out_object(json_out, one));
	return out;
}

void
json_out_print_object(json_t *object, size_t flags)
{
	json_t *out = json_pack("{s:i}", "format", JSON_OUT_FORMAT);

	json_object_update_missing_new(out, object);
	json_dumpf(out, stdout, flags);
	putchar('\n');
	json_decref(out);
}

void
json_out_print(const char *key, json_t *value)
{
	json_out_print_object(json_pack("{s:o}", key, value), JSON_INDENT(2));
}
