/* SPDX-License-Identifier: ISC */
/* What each policy makes of a device, and why it does not fit. */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "core/control/plan_policies.h"

#include "unit/fixture.h"
#include "unit/test.h"

static const char *
text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* The device of fixture.h: diy_plug, 3.6.0, 192.168.1.23. */
static const struct {
	const char *match;
	const char *key, *wanted, *device; /* of the first misfit; NULL: none */
	const char *detail;
} cases[] = {
	{ "", NULL, NULL, NULL, "fits" },
	{ "DeviceId=1000a0*", NULL, NULL, NULL, "fits" },
	{ "Type=diy_plug\nFirmware=>=3.5 <3.9\nAddress=192.168.1.0/24", NULL,
	    NULL, NULL, "fits" },
	{ "DeviceId=1000a1* !1000a05bf6", "DeviceId", "1000a1* !1000a05bf6",
	    FIXTURE_ID,
	    "DeviceId=1000a1* !1000a05bf6 does not fit: the device "
	    "is " FIXTURE_ID },
	{ "DeviceId=1000a1*\nDeviceId=1000a2*", "DeviceId", "1000a1* 1000a2*",
	    FIXTURE_ID,
	    "DeviceId=1000a1* 1000a2* does not fit: the device is "
	    "" FIXTURE_ID },
	{ "Type=diy_light", "Type", "diy_light", "diy_plug",
	    "Type=diy_light does not fit: the device says diy_plug" },
	{ "Firmware=<3.5", "Firmware", "<3.5", "3.6.0",
	    "Firmware=<3.5 does not fit: the device says 3.6.0" },
	{ "Address=10.0.0.0/8 !10.1.0.7", "Address", "10.0.0.0/8 !10.1.0.7",
	    "192.168.1.23",
	    "Address=10.0.0.0/8 !10.1.0.7 does not fit: the device is at "
	    "192.168.1.23" },
	{ "Type=x\nFirmware=>4", "Type", "x", "diy_plug",
	    "Type=x does not fit: the device says diy_plug; Firmware=>4 does "
	    "not fit: the device says 3.6.0" },
};

static json_t *
plan(const struct device *device, struct policy_list *list, size_t i,
    const char *decides)
{
	json_t *all = plan_policies(device, list, decides);
	json_t *one = json_incref(json_array_get(all, i));

	assert_int_equal(json_array_size(all), list->count);
	json_decref(all);
	return one;
}

static void
add(struct policy_list *list, const char *name, const char *match)
{
	char file[300];

	snprintf(file, sizeof(file), "[Match]\n%s\n", match);
	policy_list_add(list, fixture_policy(name, file));
}

TEST(each_key_that_does_not_fit_is_named_with_what_the_device_says)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		device_auto *device = fixture_device(FIXTURE_ID);
		struct policy_list *list = policy_list_new();
		json_auto_t *one = NULL;
		json_t *misfit;

		add(list, "50-x", cases[i].match);
		one = plan(device, list, 0, NULL);
		misfit = json_array_get(json_object_get(one, "misfits"), 0);
		assert_string_equal(text(one, "detail"), cases[i].detail);
		assert_int_equal(json_is_true(json_object_get(one, "fits")),
		    cases[i].key == NULL);
		assert_int_equal(misfit == NULL, cases[i].key == NULL);
		if (misfit != NULL) {
			assert_string_equal(text(misfit, "key"), cases[i].key);
			assert_string_equal(
			    text(misfit, "wanted"), cases[i].wanted);
			assert_string_equal(
			    text(misfit, "device"), cases[i].device);
		}
		policy_list_free(list);
	}
}

TEST(what_is_not_known_yet_is_no_misfit)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	struct policy_list *list = policy_list_new();
	json_auto_t *one = NULL, *other = NULL;

	device->facts.firmware[0] = '\0';
	device->facts.info_known = false;
	add(list, "50-x", "Firmware=<3.5");
	add(list, "60-x", "Firmware=<3.5\nType=x");
	one = plan(device, list, 0, NULL);
	assert_true(json_is_null(json_object_get(one, "fits")));
	assert_string_equal(text(one, "detail"),
	    "Firmware=<3.5 cannot be compared yet: the device has not said it");
	other = plan(device, list, 1, NULL);
	assert_true(json_is_false(json_object_get(other, "fits")));
	policy_list_free(list);
}

/* A bulb never tells its firmware, and nothing asks it. */
TEST(what_will_never_be_known_does_not_fit)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	struct policy_list *list = policy_list_new();
	json_auto_t *one = NULL;

	text_copy(device->facts.type, sizeof(device->facts.type), "diy_light");
	device->facts.firmware[0] = '\0';
	add(list, "50-x", "Firmware=<3.5");
	one = plan(device, list, 0, NULL);
	assert_true(json_is_false(json_object_get(one, "fits")));
	assert_string_equal(text(one, "detail"),
	    "Firmware=<3.5 does not fit: the device does not say it");
	policy_list_free(list);
}

TEST(only_one_decides)
{
	device_auto *device = fixture_device(FIXTURE_ID);
	struct policy_list *list = policy_list_new();
	static const char *const want[] = {
		"decides, because the device began under it; Type=x does not "
		"fit: the device says diy_plug",
		"fits as well, but policy 40-x decides",
	};

	add(list, "40-x", "Type=x");
	add(list, "50-x", "Type=diy_plug");
	for (size_t i = 0; i < COUNT(want); i++) {
		json_auto_t *one = plan(device, list, i, "40-x");

		assert_string_equal(text(one, "detail"), want[i]);
		assert_int_equal(
		    json_is_true(json_object_get(one, "decides")), i == 0);
	}
	for (size_t i = 0; i < COUNT(want); i++) {
		json_auto_t *one = plan(device, list, i, "50-x");

		assert_int_equal(
		    json_is_true(json_object_get(one, "decides")), i == 1);
		if (i == 1)
			assert_string_equal(
			    text(one, "detail"), "fits, and decides");
	}
	policy_list_free(list);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
