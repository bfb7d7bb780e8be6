/* SPDX-License-Identifier: ISC */
/* Which device a name means, and what is said where it means none or several.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "base/memory.h"
#include "core/device/device_find.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define LONG_ID "1000000001aabbccddeeff00"

struct world {
	struct registry *registry;
	struct strlist fits;
	struct error err;
};

static struct device *
add(struct world *w, const char *id, const char *label, const char *address,
    bool is_present)
{
	struct device *device = registry_get(w->registry, id, DEVICE_STRANGER);

	xreplace(&device->label, label);
	device->place.has_address =
	    inet_pton(AF_INET, address, &device->place.address) == 1;
	device->seen.is_present = is_present;
	return device;
}

static int
set_up(void **state)
{
	static struct world world;

	world =
	    (struct world){ .registry = registry_new(100, &fixture_ops, NULL) };
	*state = &world;
	add(&world, "1000000001", "Hall", "10.0.0.1", true);
	add(&world, "1000000002", "", "10.0.0.2", true);
	add(&world, "1000a05bf6",
	    "K\xc3\xbc"
	    "che",
	    "10.0.0.3", true);
	add(&world, "2000000001", "1000", "", false);
	text_copy(add(&world, LONG_ID, "", "10.0.0.5", false)->place.mac, 18,
	    "84:0d:8e:a0:5b:f6");
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	strlist_fini(&w->fits);
	registry_free(w->registry);
	return 0;
}

/* Fail unless the name finds the device with that id. */
static void
assert_found(struct world *w, const char *name, const char *id)
{
	struct device *device =
	    device_find(w->registry, name, &w->fits, &w->err);

	strlist_fini(&w->fits);
	if (device == NULL)
		fail_msg("%s: %s", name, w->err.text);
	assert_string_equal(device->id, id);
}

/* Fail unless the name finds none, with that code and in these words. */
static void
assert_not_found(struct world *w, const char *name, int code, const char *want)
{
	assert_null(device_find(w->registry, name, &w->fits, &w->err));
	assert_int_equal(w->err.code, code);
	assert_string_equal(w->err.text, want);
}

#define FIND_TEST(name) TEST_WITH(name, set_up, tear_down)

FIND_TEST(a_device_is_found_by_each_of_its_names)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{ "1000a05bf6", "1000a05bf6" },
		{ "1000A05BF6", "1000a05bf6" },
		{ LONG_ID, LONG_ID },
		{ "1000000001", "1000000001" }, /* in full, though it begins */
		{ "Hall", "1000000001" },
		{ "hall", "1000000001" },
		{ "K\xc3\xbc"
		  "che",
		    "1000a05bf6" },
		{ "1000", "2000000001" }, /* a label, though ids begin so */
		{ "1000a", "1000a05bf6" },
		{ "1000A0", "1000a05bf6" },
		{ "2", "2000000001" },
		{ "Ha", "1000000001" },
		{ "k\xc3", "1000a05bf6" },
		{ "1000000001aa", LONG_ID },
		{ "10.0.0.1", "1000000001" },
		{ "10.0.0.5", LONG_ID },
		{ "::ffff:10.0.0.2", "1000000002" },
		{ "fe80::860d:8eff:fea0:5bf6", LONG_ID },
		{ "fe80::860d:8eff:fea0:5bf6%eth0", LONG_ID },
		{ "2001:db8::860D:8eff:fea0:5bf6", LONG_ID },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_found(*state, cases[i].name, cases[i].id);
}

FIND_TEST(a_name_that_fits_several_lists_them)
{
	struct world *w = *state;

	assert_not_found(w, "100000000", ENOTUNIQ,
	    "100000000 matches 3 devices: Hall (1000000001), " LONG_ID ", "
	    "1000000002");
	assert_int_equal(w->fits.count, 3);
	assert_string_equal(w->fits.items[1], LONG_ID);
}

FIND_TEST(a_long_list_is_cut_after_whole_names)
{
	struct world *w = *state;
	char id[16], label[LABEL_SIZE];

	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof(id), "3000%06x", i);
		add(w, id, "", "", true);
	}
	assert_not_found(w, "30000", ENOTUNIQ,
	    "30000 matches 40 devices: 3000000000, 3000000001, 3000000002, "
	    "3000000003, 3000000004, 3000000005, 3000000006, 3000000007, "
	    "3000000008, 3000000009 and 30 more");
	assert_int_equal(w->fits.count, 40);
	strlist_fini(&w->fits);
	registry_foreach (w->registry, device)
		if (device->id[0] == '3') { /* all labels must differ */
			snprintf(label, sizeof(label),
			    "the lamp in the corner of the living room, number "
			    "%s",
			    device->id + 4);
			xreplace(&device->label, label);
		}
	assert_null(device_find(w->registry, "30000", &w->fits, &w->err));
	assert_contains(w->err.text, ") and 37 more");
}

FIND_TEST(who_is_there_counts_before_who_was_there)
{
	struct world *w = *state;

	add(w, "4000000001", "", "10.0.0.9", false);
	add(w, "4000000002", "", "10.0.0.9", false);
	assert_not_found(w, "10.0.0.9", ENOTUNIQ,
	    "10.0.0.9 matches 2 devices: 4000000001, 4000000002");
	strlist_fini(&w->fits);
	add(w, "4000000003", "", "10.0.0.9", true);
	assert_found(w, "10.0.0.9", "4000000003");
	add(w, "4000000004", "", "10.0.0.9", true);
	assert_not_found(w, "10.0.0.9", ENOTUNIQ,
	    "10.0.0.9 matches 2 devices: 4000000003, 4000000004");
}

FIND_TEST(a_name_that_fits_none_suggests_what_is_near)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "Holl", "Holl: no such device; did you mean Hall?" },
		{ "Kuche",
		    "Kuche: no such device; did you mean K\xc3\xbc"
		    "che?" },
		{ "1000a05bf7",
		    "1000a05bf7: no such device; did you mean 1000a05bf6?" },
		{ "1000000003",
		    "1000000003: no such device; did you mean "
		    "1000000001 or 1000000002?" },
		{ "garage", "garage: no such device; see: reflashctl devices" },
		{ "10.0.0.77",
		    "10.0.0.77: no such device; see: reflashctl devices" },
		{ "fe80::1",
		    "fe80::1: no such device; see: reflashctl "
		    "devices" },
		{ "0.0.0.0",
		    "0.0.0.0: no such device; see: reflashctl devices" },
		{ "\033[2J",
		    "\\x1b[2J: no such device; see: reflashctl "
		    "devices" },
		{ "", ": no such device; see: reflashctl devices" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_not_found(*state, cases[i].name, ENOENT, cases[i].want);
}

TEST(without_devices_nothing_is_near)
{
	struct world w = { .registry = registry_new(9, &fixture_ops, NULL) };

	assert_not_found(&w, FIXTURE_ID, ENOENT,
	    FIXTURE_ID ": no such device; none has been seen yet");
	registry_free(w.registry);
}

FIND_TEST(a_label_stands_for_one_device)
{
	struct world *w = *state;

	assert_string_equal(
	    device_find_label(w->registry, "HALL")->id, "1000000001");
	assert_null(device_find_label(w->registry, "Hal"));
	assert_null(device_find_label(w->registry, ""));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
