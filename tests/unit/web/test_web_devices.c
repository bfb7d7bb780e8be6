/* SPDX-License-Identifier: ISC */
/* The devices of the page, in the order of their changes. */
#include "config.h"

#include <stdio.h>

#include "web/web_devices.h"

#include "unit/test.h"

static struct web_devices *devices;

static int
set_up(void **state)
{
	(void)state;
	devices = web_devices_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	web_devices_free(devices);
	return 0;
}

#define DEVICES_TEST(name) TEST_WITH(name, set_up, tear_down)

static void
set(const char *id, const char *state)
{
	json_auto_t *device = json_pack("{s:s, s:s}", "id", id, "state", state);

	web_devices_set(devices, device);
}

/* Read all after a number: "a b -c " where c was forgotten. */
static const char *
read_after(uint64_t number)
{
	static char text[4096];
	const struct web_device *device;

	text[0] = '\0';
	while ((device = web_devices_after(devices, number)) != NULL) {
		assert_true(device->number > number);
		number = device->number;
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s ", device->text != NULL ? "" : "-", device->id);
	}
	assert_int_equal(number, web_devices_number(devices));
	return text;
}

DEVICES_TEST(a_reader_gets_each_device_once_in_the_order_of_changes)
{
	uint64_t number;

	set("a", "seen");
	set("b", "seen");
	set("c", "seen");
	assert_string_equal(read_after(0), "a b c ");
	number = web_devices_number(devices);
	set("b", "held");
	set("a", "held");
	set("b", "probing");
	assert_string_equal(read_after(number), "a b ");
	assert_string_equal(read_after(0), "c a b ");
}

DEVICES_TEST(what_has_not_changed_is_no_change)
{
	set("a", "seen");
	set("a", "seen");
	assert_int_equal(web_devices_number(devices), 1);
}

DEVICES_TEST(a_forgotten_device_is_told_and_can_come_back)
{
	uint64_t number;

	set("a", "seen");
	set("b", "seen");
	number = web_devices_number(devices);
	web_devices_forget(devices, "a");
	web_devices_forget(devices, "nobody");
	assert_string_equal(read_after(number), "-a ");
	assert_null(web_devices_find(devices, "a"));
	set("a", "seen");
	assert_string_equal(read_after(number), "a ");
	assert_non_null(web_devices_find(devices, "a"));
}

DEVICES_TEST(what_a_new_list_lacks_is_forgotten)
{
	uint64_t number;

	set("a", "seen");
	set("b", "seen");
	number = web_devices_number(devices);
	web_devices_listing(devices);
	set("b", "seen");
	set("c", "seen");
	web_devices_listed(devices);
	assert_string_equal(read_after(number), "c -a ");
}

DEVICES_TEST(two_readers_do_not_disturb_each_other)
{
	const struct web_device *one, *other;

	set("a", "seen");
	set("b", "seen");
	set("c", "seen");
	one = web_devices_after(devices, 0);
	other = web_devices_after(devices, 2);
	assert_string_equal(one->id, "a");
	assert_string_equal(other->id, "c");
	assert_string_equal(web_devices_after(devices, 1)->id, "b");
	assert_null(web_devices_after(devices, 3));
	web_devices_forget(devices, "b");
	assert_string_equal(web_devices_after(devices, 1)->id, "c");
	assert_string_equal(read_after(3), "-b ");
}

DEVICES_TEST(marks_are_bounded_and_what_was_lost_is_said)
{
	char id[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		set(id, "seen");
		web_devices_forget(devices, id);
	}
	assert_true(web_devices_lost(devices) > 0);
	assert_true(web_devices_lost(devices) < web_devices_number(devices));
	assert_non_null(web_devices_after(devices, web_devices_lost(devices)));
}

DEVICES_TEST(an_object_that_is_no_device_is_passed_over)
{
	json_auto_t *nothing = json_object();
	char id[100];

	web_devices_set(devices, nothing);
	memset(id, 'a', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	set(id, "seen");
	assert_int_equal(web_devices_number(devices), 0);
	assert_null(web_devices_after(devices, 0));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
