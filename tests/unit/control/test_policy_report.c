/* SPDX-License-Identifier: ISC */
/* What the daemon reports of a policy, as JSON. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/control/policy_report.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define NOW 1700000000 /* 2023-11-14T22:13:20Z */

static json_t *
report(const struct policy_report *given)
{
	json_t *made = policy_report(given);

	assert_non_null(made);
	return made;
}

static const char *
text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t
number(const json_t *object, const char *key)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	return json_integer_value(json_object_get(object, key));
}

TEST(a_policy_without_devices_has_all_keys)
{
	struct policy *policy = fixture_policy("50-x", "");
	const struct policy_progress progress = { 0 };
	const struct policy_estimate estimate = { 0 };
	json_auto_t *got = report(&(struct policy_report){
	    .policy = policy, .progress = &progress, .estimate = &estimate });
	static const char *const nulls[] = { "image", "reason", "stopped",
		"note", "estimate" };
	static const char *const lists[] = { "waiting_for", "failed_for",
		"refused_for", "faults" };

	assert_int_equal(json_object_size(got), 23);
	assert_string_equal(text(got, "name"), "50-x");
	assert_string_equal(text(got, "action"), "observe");
	for (size_t i = 0; i < COUNT(nulls); i++)
		assert_true(json_is_null(json_object_get(got, nulls[i])));
	for (size_t i = 0; i < COUNT(lists); i++)
		assert_int_equal(
		    json_array_size(json_object_get(got, lists[i])), 0);
	assert_true(json_is_array(json_object_get(got, "faults")));
	policy_free(policy);
}

TEST(what_waits_failed_and_is_left_is_listed)
{
	struct policy *policy =
	    fixture_policy("50-x", "[Flash]\nAction=ask\nImage=lite.bin\n");
	struct policy_progress progress = {
		.devices = 9, .waiting = 4, .failed = 1, .refused = 2
	};
	const struct policy_estimate estimate = { .devices = 4,
		.left_out = 1,
		.parallel = 2,
		.each_s = 80,
		.is_measured = true,
		.seconds = 160,
		.not_before = NOW };
	const struct image_report about = {
		.kind = IMAGE_TASMOTA, .version = "9.5.0", .variant = "lite"
	};
	const struct preflight_image image = { .name = "lite.bin",
		.sha256 = SHA_A,
		.size = 504848,
		.report = &about };
	json_auto_t *got = NULL;
	const json_t *one;

	progress.held[HOLD_APPROVAL] = 4;
	progress.failed_for[REASON_STALLED] = 1;
	progress.refused_for[REASON_WRONG_TYPE] = 2;
	got = report(&(struct policy_report){ .policy = policy,
	    .progress = &progress,
	    .estimate = &estimate,
	    .image = &image,
	    .behind = 3,
	    .undecided = 5,
	    .paused = "2 devices failed" });
	one = json_array_get(json_object_get(got, "waiting_for"), 0);
	assert_string_equal(text(one, "hold"), "approval");
	assert_string_equal(text(one, "meaning"), hold_meaning(HOLD_APPROVAL));
	assert_int_equal(number(one, "devices"), 4);
	one = json_array_get(json_object_get(got, "failed_for"), 0);
	assert_string_equal(text(one, "reason"), "stalled");
	one = json_array_get(json_object_get(got, "refused_for"), 0);
	assert_string_equal(text(one, "reason"), "wrong-type");
	assert_int_equal(number(one, "devices"), 2);
	one = json_object_get(got, "image");
	assert_string_equal(text(one, "label"), "Tasmota 9.5.0 lite");
	assert_int_equal(number(one, "size"), 504848);
	one = json_object_get(got, "estimate");
	assert_int_equal(number(one, "devices"), 4);
	assert_int_equal(number(one, "at_once"), 2);
	assert_int_equal(number(one, "seconds_each"), 80);
	assert_true(json_is_true(json_object_get(one, "measured")));
	assert_int_equal(number(one, "seconds"), 160);
	assert_string_equal(text(one, "not_before"), "2023-11-14T22:13:20Z");
	assert_int_equal(number(got, "behind"), 3);
	assert_int_equal(number(got, "undecided"), 5);
	assert_true(json_is_true(json_object_get(got, "paused")));
	assert_string_equal(text(got, "reason"), "2 devices failed");
	assert_string_equal(text(got, "stopped"), "2 devices failed");
	policy_free(policy);
}

TEST(what_stops_all_is_said_before_what_stops_one)
{
	struct policy *policy =
	    fixture_policy("50-x", "[Flash]\nAction=flash\nImage=lite.bin\n");
	const struct policy_progress progress = { 0 };
	const struct policy_estimate estimate = { 0 };
	const struct preflight_fault fault = { .reason = REASON_IMAGE_MISSING,
		.section = "Flash",
		.key = "Image",
		.value = "lite.bin",
		.text = "there is no such file" };
	struct policy_report given = { .policy = policy,
		.progress = &progress,
		.estimate = &estimate,
		.faults = &fault,
		.fault_count = 1 };
	static const char *const want[] = {
		"Image=lite.bin: there is no such file", "paused by root",
		"the disk is full"
	};
	const json_t *listed;

	for (size_t i = 0; i < COUNT(want); i++) {
		json_auto_t *got = NULL;

		given.paused = i > 0 ? want[1] : NULL;
		given.halted = i > 1 ? want[2] : NULL;
		got = report(&given);
		assert_string_equal(text(got, "stopped"), want[i]);
		listed = json_array_get(json_object_get(got, "faults"), 0);
		assert_string_equal(text(listed, "reason"), "image-missing");
		assert_string_equal(text(listed, "detail"), want[0]);
	}
	policy_free(policy);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
