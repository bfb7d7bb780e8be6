/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/finish.h"

#include "fixture.h"

#define MINI_PINS "\"GPIO\":[32,0,0,0,160,0,0,0,224,320,0,0,1,0]"

static struct device *
dressed(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	snprintf(device->mac, sizeof(device->mac), "5c:cf:7f:0a:5b:f6");
	snprintf(device->name, sizeof(device->name), "eWeLink_1000a05bf6");
	return device;
}

static void
the_values_of_the_device_are_put_in(void **state)
{
	static const struct {
		const char *text, *expanded;
	} cases[] = {
		{ "", "" },
		{ "Hall", "Hall" },
		{ "$ID", "1000a05bf6" },
		{ "$MAC", "5ccf7f0a5bf6" },
		{ "$NAME", "eWeLink_1000a05bf6" },
		{ "$ADDRESS", "192.168.1.23" },
		{ "$$", "$" },
		{ "$$ID", "$ID" },
		{ "$$$ID", "$1000a05bf6" },
		{ "$", "$" },
		{ "a$", "a$" },
		{ "$X $id $", "$X $id $" },
		{ "plug-$ID-$MAC/$IDx",
		    "plug-1000a05bf6-5ccf7f0a5bf6/1000a05bf6x" },
		{ "{\"NAME\":\"$ID\"}", "{\"NAME\":\"1000a05bf6\"}" },
	};
	struct device *device = dressed();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = finish_expand(cases[i].text, device);

		assert_string_equal(text, cases[i].expanded);
		free(text);
	}
	device_free(device);
}

static void
what_is_not_known_is_empty(void **state)
{
	struct device *device = dressed();
	char *text;

	(void)state;
	device->mac[0] = device->name[0] = '\0';
	device->has_address = false;
	text = finish_expand("<$MAC$NAME$ADDRESS>", device);
	assert_string_equal(text, "<>");
	free(text);
	device_free(device);
}

/* Whoever announces a device chooses its name. */
static void
a_name_cannot_end_a_command_or_a_string(void **state)
{
	struct device *device = dressed();
	char *text;

	(void)state;
	snprintf(device->name, sizeof(device->name),
	    "x;Reset 1;\"}{%%$ID\\x0a my-plug.1");
	text = finish_expand("$NAME", device);
	assert_string_equal(text, "x_Reset 1______ID_x0a my-plug.1");
	assert_string_equal(device->name, "x;Reset 1;\"}{%$ID\\x0a my-plug.1");
	free(text);
	device_free(device);
}

static void
assert_step(
    const struct tasmota_step *step, const char *command, const char *value)
{
	assert_string_equal(step->command, command);
	assert_string_equal(step->value, value);
}

static void
a_policy_becomes_steps_with_its_values(void **state)
{
	struct policy *policy = fixture_policy("p",
	    "[Finish]\n"
	    "Template={\"NAME\":\"Mini $ID\"," MINI_PINS "}\n"
	    "Command=DeviceName Hall $ID\n"
	    "Command=MqttPassword a b  c\n");
	struct device *device = dressed();
	struct tasmota_steps steps = { 0 };

	(void)state;
	finish_steps(policy, device, "geheim", &steps);
	assert_int_equal(steps.count, 5);
	assert_step(&steps.items[0], "WebPassword", "geheim");
	assert_step(&steps.items[1], "DeviceName", "Hall 1000a05bf6");
	assert_step(&steps.items[2], "MqttPassword", "a b  c");
	assert_true(steps.items[2].is_secret);
	assert_step(&steps.items[3], "Template",
	    "{\"NAME\":\"Mini 1000a05bf6\"," MINI_PINS "}");
	assert_step(&steps.items[4], "Module", "0");
	tasmota_steps_fini(&steps);
	device_free(device);
	policy_free(policy);
}

static void
a_module_needs_no_template_and_nothing_gives_nothing(void **state)
{
	struct policy *policy = fixture_policy("p", "[Finish]\nModule=5\n");
	struct device *device = dressed();
	struct tasmota_steps steps = { 0 };

	(void)state;
	finish_steps(policy, device, NULL, &steps);
	assert_int_equal(steps.count, 1);
	assert_step(&steps.items[0], "Module", "5");
	tasmota_steps_fini(&steps);
	policy_free(policy);

	policy = fixture_policy("p", "[Finish]\nUpgrade=full.bin.gz\n");
	finish_steps(policy, device, NULL, &steps);
	assert_int_equal(steps.count, 0);
	device_free(device);
	policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_values_of_the_device_are_put_in),
		cmocka_unit_test(what_is_not_known_is_empty),
		cmocka_unit_test(a_name_cannot_end_a_command_or_a_string),
		cmocka_unit_test(a_policy_becomes_steps_with_its_values),
		cmocka_unit_test(
		    a_module_needs_no_template_and_nothing_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
