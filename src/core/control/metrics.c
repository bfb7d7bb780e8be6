/* SPDX-License-Identifier: ISC */
/* Writes the numbers of the daemon in the text format of Prometheus. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "core/control/attention.h"
#include "core/control/counters.h"
#include "core/control/metrics.h"

struct metric;
typedef void write_fn(FILE *, const struct metric *, const json_t *value);

/* A family of series; key is where its value is in the reply. */
struct metric {
	const char *name, *type, *help, *key;
	write_fn *write;
};

static void
begin(FILE *out, const struct metric *metric)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
	    metric->name, metric->type);
}

/* Write a value of a label, of which three characters mean something. */
static void
write_label(FILE *out, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '\\' || *value == '"')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
}

static void
write_series(FILE *out, const struct metric *metric, const char *label,
    const char *value, json_int_t number)
{
	fprintf(out, "%s{%s=\"", metric->name, label);
	write_label(out, value);
	fprintf(out, "\"} %lld\n", (long long)number);
}

/* Write a number; a truth is 1 or 0, and a time that is null is 0. */
static void
write_one(FILE *out, const struct metric *metric, const json_t *value)
{
	begin(out, metric);
	fprintf(out, "%s %lld\n", metric->name,
	    json_is_boolean(value) ? (long long)json_is_true(value)
				   : (long long)json_integer_value(value));
}

static void
write_version(FILE *out, const struct metric *metric, const json_t *value)
{
	const char *version = json_string_value(value);

	begin(out, metric);
	write_series(out, metric, "version", version != NULL ? version : "", 1);
}

static void
write_states(FILE *out, const struct metric *metric, const json_t *value)
{
	begin(out, metric);
	for (enum state s = 0; s < STATE_COUNT; s++)
		write_series(out, metric, "state", state_name(s),
		    json_integer_value(json_object_get(value, state_name(s))));
}

static void
write_results(FILE *out, const struct metric *metric, const json_t *value)
{
	begin(out, metric);
	for (enum state s = 0; s < STATE_COUNT; s++)
		if (counters_is_end(s))
			write_series(out, metric, "result", state_name(s),
			    json_integer_value(
				json_object_get(value, state_name(s))));
}

static void
write_reasons(FILE *out, const struct metric *metric, const json_t *value)
{
	begin(out, metric);
	for (enum reason r = REASON_NONE + 1; r < REASON_COUNT; r++)
		write_series(out, metric, "reason", reason_token(r),
		    json_integer_value(
			json_object_get(value, reason_token(r))));
}

static void
write_attention(FILE *out, const struct metric *metric, const json_t *value)
{
	begin(out, metric);
	for (enum attention a = ATTENTION_NONE + 1; a < ATTENTION_COUNT; a++)
		write_series(out, metric, "attention", attention_token(a),
		    json_integer_value(
			json_object_get(value, attention_token(a))));
}

static void
write_policies(FILE *out, const struct metric *metric, const json_t *value)
{
	const json_t *policy;
	size_t i;

	begin(out, metric);
	json_array_foreach (value, i, policy) {
		const char *name =
		    json_string_value(json_object_get(policy, "name"));

		if (name != NULL)
			write_series(out, metric, "policy", name,
			    json_is_true(json_object_get(policy, "paused")));
	}
}

/* Write a histogram, in which each bucket holds those before it. */
static void
write_durations(FILE *out, const struct metric *metric, const json_t *value)
{
	const json_t *bounds = json_object_get(value, "bounds");
	const json_t *counts = json_object_get(value, "counts");
	json_int_t sum = 0;
	char le[32] = "+Inf";

	begin(out, metric);
	for (size_t i = 0; i <= json_array_size(bounds); i++) {
		const json_t *bound = json_array_get(bounds, i);

		sum += json_integer_value(json_array_get(counts, i));
		snprintf(le, sizeof(le), bound != NULL ? "%lld" : "+Inf",
		    (long long)json_integer_value(bound));
		fprintf(out, "%s_bucket{le=\"%s\"} %lld\n", metric->name, le,
		    (long long)sum);
	}
	fprintf(out, "%s_sum %lld\n%s_count %lld\n", metric->name,
	    (long long)json_integer_value(json_object_get(value, "seconds")),
	    metric->name, (long long)sum);
}

static void
write_codes(FILE *out, const struct metric *metric, const json_t *value)
{
	json_t *number;
	const char *code;

	begin(out, metric);
	json_object_foreach ((json_t *)(uintptr_t)value, code, number)
		write_series(
		    out, metric, "code", code, json_integer_value(number));
}

/* clang-format off */
static const struct metric metrics[] = {
	{ "reflashd_build_info", "gauge",
	  "Always 1; its label is the version of the daemon.",
	  "version", write_version },
	{ "reflashd_start_timestamp_seconds", "gauge",
	  "When the daemon was started, in seconds since 1970; all counters begin then.",
	  "started", write_one },
	{ "reflashd_devices", "gauge",
	  "Devices in each state.",
	  "devices", write_states },
	{ "reflashd_devices_present", "gauge",
	  "Devices that were announced or have answered lately.",
	  "present", write_one },
	{ "reflashd_devices_attention", "gauge",
	  "Devices that need a person, by what for.",
	  "attention", write_attention },
	{ "reflashd_approvals_waiting", "gauge",
	  "Devices that wait for an approval.",
	  "approvals", write_one },
	{ "reflashd_downloading_since_timestamp_seconds", "gauge",
	  "Since when the device downloads that has downloaded longest; 0: none does.",
	  "downloading_since", write_one },
	{ "reflashd_paused", "gauge",
	  "Whether all policies are paused by a person.",
	  "paused", write_one },
	{ "reflashd_policy_paused", "gauge",
	  "Whether a policy is paused, by a person or by its failures.",
	  "policies", write_policies },
	{ "reflashd_problems", "gauge",
	  "Things in the way of the daemon, as reflashctl status lists them.",
	  "problems", write_one },
	{ "reflashd_discovery_up", "gauge",
	  "Whether the daemon hears announcements of devices.",
	  "discovery", write_one },
	{ "reflashd_flashes_total", "counter",
	  "Attempts that have ended, by the state that the history has for each.",
	  "ends", write_results },
	{ "reflashd_last_flash_timestamp_seconds", "gauge",
	  "When an attempt last ended so, in seconds since 1970; 0: not since the start.",
	  "last", write_results },
	{ "reflashd_failures_total", "counter",
	  "Attempts that have failed, for now or for good, by their reason.",
	  "reasons", write_reasons },
	{ "reflashd_flash_duration_seconds", "histogram",
	  "How long attempts took that ended as flashed or verified.",
	  "durations", write_durations },
	{ "reflashd_image_bytes_total", "counter",
	  "Bytes of images that were handed to devices.",
	  "image_bytes", write_one },
	{ "reflashd_http_requests_total", "counter",
	  "Requests that devices and others made to the file server, by the status of the reply.",
	  "requests", write_codes },
	{ "reflashd_hook_failures_total", "counter",
	  "Runs of hooks that failed, hung or could not be started.",
	  "hook_failures", write_one },
};
/* clang-format on */

char *
metrics_text(const json_t *reply)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort(); /* as when any memory is out */
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const json_t *value = json_object_get(reply, metrics[i].key);

		if (value != NULL)
			metrics[i].write(out, &metrics[i], value);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}
