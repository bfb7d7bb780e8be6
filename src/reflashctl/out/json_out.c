/* SPDX-License-Identifier: ISC */
/* Brings what --json prints into its fixed form. */
#include "config.h"

#include <stdio.h>

#include "reflashctl/out/json_out.h"

static const char *const keys[][40] = {
	[JSON_OUT_DEVICE] = { "id", "label", "name", "address", "port", "mac",
	    "type", "firmware", "encrypted", "present", "state", "reason",
	    "detail", "advice", "policy", "image", "progress", "attempt",
	    "attempts", "since", "flashable", "note", "attention",
	    "access_point", "page", "rssi", "weak" },
	[JSON_OUT_JOINING] = { "id", "label", "access_point", "page", "since" },
	[JSON_OUT_PLAN] = { "id", "label", "attention", "action", "image",
	    "sha256", "image_version", "image_label", "policy", "reason",
	    "detail", "advice", "policies" },
	[JSON_OUT_HISTORY] = { "time", "device", "label", "state", "reason",
	    "detail", "policy", "image", "sha256", "image_version",
	    "image_label", "who", "bytes", "seconds" },
	[JSON_OUT_STATUS] = { "version", "uptime", "port", "discovery",
	    "paused", "counts", "policies", "problems", "todo" },
	[JSON_OUT_METRICS] = { "version", "started", "devices", "present",
	    "attention", "approvals", "downloading_since", "paused", "policies",
	    "problems", "discovery", "ends", "last", "reasons", "durations",
	    "image_bytes", "requests", "hook_failures" },
	[JSON_OUT_POLICY] = { "name", "file", "action", "image", "paused",
	    "reason", "stopped", "devices", "done", "joining", "at_work",
	    "waiting", "failed", "refused", "idle", "behind", "undecided",
	    "waiting_for", "failed_for", "refused_for", "faults", "note",
	    "estimate" },
	[JSON_OUT_IMAGE] = { "name", "kind", "version", "variant", "label",
	    "size", "sha256", "verdict", "upgrade", "use", "reason", "detail",
	    "advice", "notes", "policies" },
	[JSON_OUT_CHANGE] = { "verb", "changed", "ids", "policy", "unsaved",
	    "outcomes" },
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
