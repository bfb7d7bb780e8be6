/* SPDX-License-Identifier: ISC */
/* [Finish] of a policy: its commands, with the values of a device. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/policy/finish.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define MINI_PINS "\"GPIO\":[32,0,0,0,160,0,0,0,224,320,0,0,1,0]"

static struct device *
dressed(void)
{
	struct device *device = fixture_device(FIXTURE_ID);

	snprintf(
	    device->place.mac, sizeof(device->place.mac), "5c:cf:7f:0a:5b:f6");
	snprintf(device->name, sizeof(device->name), "eWeLink_1000a05bf6");
	return device;
}

TEST(the_values_of_the_device_are_put_in)
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
	device_auto *device = dressed();

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = finish_expand(cases[i].text, device);

		assert_string_equal(text, cases[i].expanded);
		free(text);
	}
}

TEST(what_is_not_known_is_empty)
{
	device_auto *device = dressed();
	char *text;

	device->place.mac[0] = device->name[0] = '\0';
	device->place.has_address = false;
	text = finish_expand("<$MAC$NAME$ADDRESS>", device);
	assert_string_equal(text, "<>");
	free(text);
	/* Whatever it is, it is not longer than there is room for. */
	memset(device->place.mac, 'x', sizeof(device->place.mac) - 1);
	text = finish_expand("$MAC", device);
	assert_string_equal(text, device->place.mac);
	free(text);
}

TEST(a_file_of_its_own_is_named_by_id_and_mac_alone)
{
	static const struct {
		const char *name, *file; /* NULL: not known */
		bool is_own;
		const char *id, *mac;
	} cases[] = {
		{ "/etc/x", "/etc/x", false, "1000a05bf6", "" },
		{ "/etc/$ID", "/etc/1000a05bf6", true, "1000a05bf6", "" },
		{ "/etc/$ID", "/etc/4158343142505300000000ab", true,
		    "4158343142505300000000AB", "" },
		{ "/etc/$MAC", "/etc/5ccf7f0a5bf6", true, "1000a05bf6",
		    "5C:CF:7F:0a:5b:f6" },
		{ "/etc/$MAC", NULL, true, "1000a05bf6", "" },
		{ "/etc/$MAC-$ID", NULL, true, "1000a05bf6", "" },
		{ "/etc/$ID/$MAC.txt", "/etc/1000a05bf6/5ccf7f0a5bf6.txt", true,
		    "1000a05bf6", "5c:cf:7f:0a:5b:f6" },
		{ "/etc/$ID$ID$ID", "/etc/1000a05bf61000a05bf61000a05bf6", true,
		    "1000a05bf6", "" },
		{ "/etc/$ID$ID$ID",
		    "/etc/4158343142505300000000ab4158343142505300000000ab"
		    "4158343142505300000000ab",
		    true, "4158343142505300000000ab", "" },
		{ "$ID", "1000a05bf6", true, "1000a05bf6", "" },
		{ "$ID", "415834314250530000000000000000ab", true,
		    "415834314250530000000000000000AB", "" },
		/* all else stands for itself, as it did */
		{ "/etc/$$ID", "/etc/$1000a05bf6", true, "1000a05bf6", "" },
		{ "/etc/$NAME$ADDRESS$", "/etc/$NAME$ADDRESS$", false,
		    "1000a05bf6", "" },
		{ "/etc/$id$mac$I$MA", "/etc/$id$mac$I$MA", false, "1000a05bf6",
		    "" },
		/* and nothing leads out of its folder */
		{ "/etc/$MAC", "/etc/ecad", true, "1000a05bf6", "../etc/shad" },
		{ "/etc/$MAC", NULL, true, "1000a05bf6", "../" },
	};
	device_auto *device = dressed();

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *file;

		snprintf(device->id, sizeof(device->id), "%s", cases[i].id);
		snprintf(device->place.mac, sizeof(device->place.mac), "%s",
		    cases[i].mac);
		file = finish_own_file(cases[i].name, device);
		assert_int_equal(
		    finish_has_own_file(cases[i].name), cases[i].is_own);
		if (cases[i].file == NULL)
			assert_null(file);
		else
			assert_string_equal(file, cases[i].file);
		free(file);
	}
}

/* Whoever announces a device chooses its name. */
TEST(a_name_cannot_end_a_command_or_a_string)
{
	device_auto *device = dressed();
	char *text;

	snprintf(device->name, sizeof(device->name),
	    "x;Reset 1;\"}{%%$ID\\x0a my-plug.1");
	text = finish_expand("$NAME", device);
	assert_string_equal(text, "x_Reset 1______ID_x0a my-plug.1");
	assert_string_equal(device->name, "x;Reset 1;\"}{%$ID\\x0a my-plug.1");
	free(text);
}

static void
assert_step(
    const struct tasmota_step *step, const char *command, const char *value)
{
	assert_string_equal(step->command, command);
	assert_string_equal(step->value, value);
}

TEST(a_policy_becomes_steps_with_its_values)
{
	struct policy *policy = fixture_policy("p",
	    "[Finish]\n"
	    "Template={\"NAME\":\"Mini $ID\"," MINI_PINS "}\n"
	    "Command=DeviceName Hall $ID\n"
	    "Command=MqttPassword a b  c\n");
	device_auto *device = dressed();
	struct tasmota_steps steps = { 0 };

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
	policy_free(policy);
}

/* In its words the others answer. */
TEST(a_command_is_what_tasmota_calls_it_and_statetext_comes_first)
{
	struct policy *policy = fixture_policy("p",
	    "[Finish]\n"
	    "Command=SO19   1\n"
	    "Command=\tdevicename\t Hall  $ID\n"
	    "Command=StateText1 aus\n"
	    "Command=FN Lamp\n"
	    "Command=statetext2 an\n");
	device_auto *device = dressed();
	struct tasmota_steps steps = { 0 };

	finish_steps(policy, device, NULL, &steps);
	assert_int_equal(steps.count, 5);
	assert_step(&steps.items[0], "StateText1", "aus");
	assert_step(&steps.items[1], "StateText2", "an");
	assert_step(&steps.items[2], "SetOption19", "1");
	assert_step(&steps.items[3], "DeviceName", "Hall  1000a05bf6");
	assert_step(&steps.items[4], "FriendlyName1", "Lamp");
	tasmota_steps_fini(&steps);
	policy_free(policy);
}

TEST(a_password_is_what_tasmota_takes_for_one)
{
	static const struct {
		const char *text;
		size_t len; /* 0: it is refused */
	} cases[] = {
		{ "geheim\n", 6 },
		{ "gehe{m;\"", 8 },
		{ "00", 2 },
		{ "", 0 },
		{ "0\n", 0 },
		{ "1", 0 },
		{ "\"", 0 },
		{ "?", 0 },
		{ " geheim", 0 },
		{ "geheim ", 0 },
		{ "a\nb", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why = "of another one";
		size_t len =
		    finish_password(cases[i].text, strlen(cases[i].text), &why);

		assert_int_equal(len, cases[i].len);
		assert_int_equal(why != NULL, cases[i].len == 0);
	}
}

TEST(a_module_needs_no_template_and_nothing_gives_nothing)
{
	struct policy *policy = fixture_policy("p", "[Finish]\nModule=5\n");
	device_auto *device = dressed();
	struct tasmota_steps steps = { 0 };

	finish_steps(policy, device, NULL, &steps);
	assert_int_equal(steps.count, 1);
	assert_step(&steps.items[0], "Module", "5");
	tasmota_steps_fini(&steps);
	policy_free(policy);

	policy = fixture_policy("p", "[Finish]\nUpgrade=full.bin.gz\n");
	finish_steps(policy, device, NULL, &steps);
	assert_int_equal(steps.count, 0);
	policy_free(policy);
}

/* The first line of a file, if Tasmota takes it as it is. */
TEST(what_cannot_be_a_password_is_none)
{
#define AS_LONG_AS_CAN_BE "0123456789abcdef0123456789abcdef"
	static const struct {
		const char *text;
		size_t len; /* 0: of the text */
		size_t length;
		const char *why;
	} cases[] = {
		{ "geheim", 0, 6, NULL },
		{ "geheim\n", 0, 6, NULL },
		{ "geheim\r\n", 0, 6, NULL },
		{ "geheim\n\n", 0, 6, NULL },
		{ "zwei Worte", 0, 10, NULL },
		{ "\xc3\xbc", 0, 2, NULL },
		{ "2", 0, 1, NULL },
		{ "10", 0, 2, NULL },
		{ AS_LONG_AS_CAN_BE, 0, 32, NULL },
		{ AS_LONG_AS_CAN_BE "x", 0, 0, "longer than 32 bytes" },
		{ "", 0, 0, "it is empty" },
		{ "\n", 0, 0, "it is empty" },
		{ " \n", 0, 0, "it is empty" },
		{ "\ngeheim", 0, 0, "more than one line" },
		{ "geheim\nadmin\n", 0, 0, "more than one line" },
		{ " geheim", 0, 0, "begins or ends with a blank" },
		{ "geheim \n", 0, 0, "begins or ends with a blank" },
		{ "geheim\t", 0, 0, "a byte that is not text" },
		{ "ge\0heim", 7, 0, "a byte that is not text" },
		{ "\x1b[0m", 0, 0, "a byte that is not text" },
		{ "0", 0, 0, "as a command" },
		{ "1\n", 0, 0, "as a command" },
		{ "\"", 0, 0, "as a command" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text, *why;
		size_t len = cases[i].len > 0 ? cases[i].len : strlen(text);

		assert_int_equal(
		    finish_password(text, len, &why), cases[i].length);
		if ((why == NULL) != (cases[i].why == NULL) ||
		    (why != NULL && strstr(why, cases[i].why) == NULL))
			fail_msg("%s: %s", text, why != NULL ? why : "fine");
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
