/* SPDX-License-Identifier: ISC */
/* Why a policy decides about no device. */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/problems.h"
#include "core/policy/policy_stats.h"

#include "unit/test.h"

static const struct policy_facts plug = {
	.id = "1000a05bf6", .type = "diy_plug", .firmware = "3.6.0"
};
static const struct policy_facts paired = { .id = "1000a05bf7",
	.type = "plug" };

static void
add(struct policy_list *list, const char *name, const char *text)
{
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse(name, text, strlen(text), name, &problems);

	assert_non_null(policy);
	policy_list_add(list, policy);
	problems_fini(&problems);
}

static void
assert_why(const struct policy_stats *tally, size_t i, const char *want)
{
	char *why = policy_stats_why_none(tally, i);

	if (want == NULL)
		assert_null(why);
	else if (why == NULL)
		fail_msg("no sentence instead of \"%s\"", want);
	else
		assert_string_equal(why, want);
	free(why);
}

#define CORRECT "; correct its [Match] (reflashctl devices says what they are)"

TEST(a_policy_that_decides_about_nothing_says_why)
{
	struct policy_list *list = policy_list_new();
	struct policy_stats *tally;

	add(list, "10-typo", "[Match]\nDeviceId=1000a05bf9\nType=diy_plug\n");
	add(list, "20-old", "[Match]\nType=plug\nFirmware=<3\n");
	add(list, "30-plug", "[Match]\nType=diy_plug\n");
	add(list, "40-late", "[Match]\nDeviceId=1000a05bf6\n");
	tally = policy_stats_new(list);
	for (size_t i = 0; i < list->count; i++)
		assert_why(tally, i, NULL); /* no device is no reason */
	policy_stats_add(tally, &plug);
	policy_stats_add(tally, &paired);
	assert_int_equal(policy_stats_decided(tally, 0), 0);
	assert_why(tally, 0,
	    "no device fits it: DeviceId= fits 0 of 2, Type= fits 1 of "
	    "2" CORRECT);
	assert_int_equal(policy_stats_decided(tally, 1), 0);
	assert_why(tally, 1, "1 device may fit it, once the firmware is known");
	assert_int_equal(policy_stats_decided(tally, 2), 1);
	assert_why(tally, 2, NULL);
	assert_int_equal(policy_stats_decided(tally, 3), 0);
	assert_why(tally, 3,
	    "it fits 1 device, but 30-plug comes before it and decides");
	policy_stats_free(tally);
	policy_list_free(list);
}

TEST(keys_that_fit_all_are_not_to_blame)
{
	struct policy_list *list = policy_list_new();
	struct policy_stats *tally;

	add(list, "p",
	    "[Match]\nType=*plug\nDeviceId=1000a05bf6\nFirmware=>=3.7\n"
	    "Address=10.0.0.0/8\n");
	tally = policy_stats_new(list);
	policy_stats_add(tally, &plug); /* its address is not known */
	assert_why(
	    tally, 0, "no device fits it: Firmware= fits 0 of 1" CORRECT);
	policy_stats_free(tally);
	policy_list_free(list);
}

/* It runs its new firmware, and is counted by what it was. */
TEST(a_policy_that_has_flashed_all_its_devices_decides_about_them)
{
	struct policy_list *list = policy_list_new();
	struct policy_stats *tally;

	add(list, "p", "[Match]\nFirmware=<3.9\n");
	add(list, "q", "[Match]\nDeviceId=1000a05bf9\n");
	tally = policy_stats_new(list);
	policy_stats_add_done(tally, "p");
	policy_stats_add_done(tally, "that is gone");
	assert_int_equal(policy_stats_decided(tally, 0), 1);
	assert_why(tally, 0, NULL);
	assert_int_equal(policy_stats_decided(tally, 1), 0);
	policy_stats_free(tally);
	policy_list_free(list);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
