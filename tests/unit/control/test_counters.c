/* SPDX-License-Identifier: ISC */
/* The counts of attempts that have ended. */
#include "config.h"

#include "core/control/counters.h"

#include "unit/test.h"

#define NOW 1700000000

/* Count a line of the history. */
static void
add(struct counters *counters, const char *state, const char *reason,
    int seconds)
{
	json_auto_t *line = json_pack("{s:s, s:s?, s:i}", "state", state,
	    "reason", reason, "seconds", seconds);

	counters_add(counters, line, NOW);
}

/* Return a number of the JSON at group/key. */
static json_int_t
number_at(const struct counters *counters, const char *group, const char *key)
{
	json_auto_t *all = counters_json(counters);
	const json_t *value = json_object_get(json_object_get(all, group), key);

	assert_non_null(value);
	return json_is_null(value) ? -1 : json_integer_value(value);
}

/* Return the count of durations of place i. */
static json_int_t
took(const struct counters *counters, size_t i)
{
	json_auto_t *all = counters_json(counters);
	const json_t *counts =
	    json_object_get(json_object_get(all, "durations"), "counts");

	assert_int_equal(json_array_size(counts), COUNTERS_BOUND_COUNT + 1);
	return json_integer_value(json_array_get(counts, i));
}

TEST(each_line_counts_under_its_state)
{
	static const struct {
		const char *state;
		int times;
	} cases[] = { { "seen", 1 }, { "ignored", 2 }, { "refused", 3 },
		{ "held", 4 }, { "flashed", 5 }, { "verified", 6 },
		{ "failed", 7 } };
	struct counters counters = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++)
		for (int n = 0; n < cases[i].times; n++)
			add(&counters, cases[i].state, NULL, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(number_at(&counters, "ends", cases[i].state),
		    cases[i].times);
		assert_int_equal(
		    number_at(&counters, "last", cases[i].state), NOW);
	}
}

TEST(only_failures_count_under_their_reason)
{
	struct counters counters = { 0 };

	add(&counters, "failed", "stalled", 1);
	add(&counters, "held", "stalled", 1);
	add(&counters, "held", NULL, 1); /* cancelled */
	add(&counters, "refused", "not-diy-mode", 1);
	add(&counters, "flashed", "stalled", 1);
	assert_int_equal(number_at(&counters, "reasons", "stalled"), 2);
	assert_int_equal(number_at(&counters, "reasons", "not-diy-mode"), 0);
}

TEST(every_reason_and_state_is_there_from_the_start)
{
	const struct counters none = { 0 };
	json_auto_t *all = counters_json(&none);

	assert_int_equal(json_object_size(json_object_get(all, "reasons")),
	    REASON_COUNT - 1);
	assert_int_equal(json_object_size(json_object_get(all, "ends")), 7);
	assert_int_equal(number_at(&none, "last", "failed"), -1);
	assert_null(
	    json_object_get(json_object_get(all, "ends"), "downloading"));
}

TEST(a_duration_falls_into_the_first_that_is_as_long)
{
	static const struct {
		int seconds;
		size_t place;
	} cases[] = { { -5, 0 }, { 0, 0 }, { 30, 0 }, { 31, 1 }, { 60, 1 },
		{ 61, 2 }, { 1800, COUNTERS_BOUND_COUNT - 1 },
		{ 1801, COUNTERS_BOUND_COUNT } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct counters counters = { 0 };

		add(&counters, "verified", NULL, cases[i].seconds);
		assert_int_equal(took(&counters, cases[i].place), 1);
		assert_int_equal(number_at(&counters, "durations", "seconds"),
		    cases[i].seconds > 0 ? cases[i].seconds : 0);
	}
}

TEST(a_failure_has_no_duration)
{
	struct counters counters = { 0 };

	add(&counters, "failed", "stalled", 10);
	for (size_t i = 0; i <= COUNTERS_BOUND_COUNT; i++)
		assert_int_equal(took(&counters, i), 0);
}

TEST(the_bounds_rise)
{
	for (size_t i = 1; i < COUNTERS_BOUND_COUNT; i++)
		assert_true(counters_bound(i - 1) < counters_bound(i));
}

TEST(what_is_no_line_of_the_history_counts_nothing)
{
	const struct counters none = { 0 };
	struct counters counters = { 0 };

	add(&counters, "exploded", NULL, 10);
	counters_add(&counters, NULL, NOW);
	assert_memory_equal(&counters, &none, sizeof(none));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
