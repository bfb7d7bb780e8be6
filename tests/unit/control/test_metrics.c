/* SPDX-License-Identifier: ISC */
/* The text for Prometheus. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/control/counters.h"
#include "core/control/metrics.h"

#include "unit/test.h"

static char *
text_of(const char *reply)
{
	json_auto_t *json = json_loads(reply, 0, NULL);

	assert_non_null(json);
	return metrics_text(json);
}

static void
assert_text(const char *reply, const char *want)
{
	char *text = text_of(reply);

	assert_string_equal(text, want);
	free(text);
}

TEST(what_the_daemon_does_not_tell_is_left_out)
{
	assert_text("{}", "");
}

TEST(a_number_a_truth_and_a_time)
{
	static const struct {
		const char *reply, *line;
	} cases[] = {
		{ "{\"present\":3}", "\nreflashd_devices_present 3\n" },
		{ "{\"paused\":true}", "\nreflashd_paused 1\n" },
		{ "{\"paused\":false}", "\nreflashd_paused 0\n" },
		{ "{\"downloading_since\":null}",
		    "\nreflashd_downloading_since_timestamp_seconds 0\n" },
		{ "{\"downloading_since\":1700000000}",
		    "\nreflashd_downloading_since_timestamp_seconds "
		    "1700000000\n" },
		{ "{\"image_bytes\":9007199254740993}",
		    "\nreflashd_image_bytes_total 9007199254740993\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = text_of(cases[i].reply);

		assert_contains(text, cases[i].line);
		free(text);
	}
}

TEST(each_family_has_its_help_and_its_type)
{
	assert_text("{\"present\":0}",
	    "# HELP reflashd_devices_present Devices that were announced or "
	    "have answered lately.\n"
	    "# TYPE reflashd_devices_present gauge\n"
	    "reflashd_devices_present 0\n");
}

TEST(the_labels_are_ours_whatever_the_reply_has)
{
	char *text = text_of("{\"devices\":{\"held\":2,\"exploded\":9},"
			     "\"reasons\":{\"<img>\":1}}");

	assert_contains(text, "reflashd_devices{state=\"held\"} 2\n");
	assert_contains(text, "reflashd_devices{state=\"seen\"} 0\n");
	assert_null(strstr(text, "exploded"));
	assert_null(strstr(text, "<img>"));
	free(text);
}

TEST(a_name_cannot_end_its_label_or_its_line)
{
	char *text =
	    text_of("{\"policies\":[{\"name\":\"a\\\"} 1\\nb\\\\c\",\"paused\":"
		    "true},{\"paused\":true},7]}");

	assert_contains(
	    text, "reflashd_policy_paused{policy=\"a\\\"} 1\\nb\\\\c\"} 1\n");
	free(text);
}

TEST(buckets_hold_those_before_them)
{
	struct counters counters = { 0 };
	json_auto_t *all = NULL;
	char *text;

	counters.took[0] = 2;
	counters.took[2] = 3;
	counters.took[COUNTERS_BOUND_COUNT] = 1;
	counters.took_s = 2345;
	all = counters_json(&counters);
	text = metrics_text(all);
	assert_contains(text, "_duration_seconds_bucket{le=\"30\"} 2\n");
	assert_contains(text, "_duration_seconds_bucket{le=\"60\"} 2\n");
	assert_contains(text, "_duration_seconds_bucket{le=\"90\"} 5\n");
	assert_contains(text, "_duration_seconds_bucket{le=\"1800\"} 5\n");
	assert_contains(text, "_duration_seconds_bucket{le=\"+Inf\"} 6\n");
	assert_contains(text, "_duration_seconds_sum 2345\n");
	assert_contains(text, "_duration_seconds_count 6\n");
	free(text);
}

TEST(values_of_the_wrong_kind_are_zero)
{
	char *text =
	    text_of("{\"present\":\"many\",\"version\":7,\"durations\":"
		    "[],\"policies\":{},\"requests\":3}");

	assert_contains(text, "reflashd_devices_present 0\n");
	assert_contains(text, "reflashd_build_info{version=\"\"} 1\n");
	assert_contains(text, "_bucket{le=\"+Inf\"} 0\n");
	free(text);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
