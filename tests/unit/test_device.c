/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fixture.h"
#include "core/gate.h"

#define LONG_ID "130034000f50432030333633"

/* ---- what may be flashed ----------------------------------------------- */

static const struct gate_case {
	const char *id, *type, *firmware;
	bool encrypted, has_switches, info_known, has_no_info;
	enum reason want;
	const char *detail;
} gate_cases[] = {
	{ FIXTURE_ID, "diy_plug", "3.6.0", false, false, true, false,
	    REASON_NONE, "" },
	{ FIXTURE_ID, "", "", false, false, false, false, REASON_NONE, "" },
	{ FIXTURE_ID, "plug", "3.6.0", true, false, true, false,
	    REASON_NOT_DIY_MODE, "it announces encrypt=true (type plug)" },
	{ FIXTURE_ID, "", "", true, false, false, false, REASON_NOT_DIY_MODE,
	    "it announces encrypt=true (type unknown)" },
	{ FIXTURE_ID, "plug", "", false, false, false, false, REASON_WRONG_TYPE,
	    "its type is plug" },
	{ FIXTURE_ID, "diy_plug2", "", false, false, false, false,
	    REASON_WRONG_TYPE, "its type is diy_plug2" },
	{ FIXTURE_ID, "", "", false, false, true, false, REASON_WRONG_TYPE,
	    "it has announced no type, and its info is not that of a "
	    "diy_plug" },
	{ FIXTURE_ID, "diy_plug", "", false, true, false, false,
	    REASON_WRONG_CHIP,
	    "it lists several switches, as the ESP32 models do" },
	{ FIXTURE_ID, "diy_plug", "2.9.9", false, false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 2.9.9" },
	{ FIXTURE_ID, "diy_plug", "4.0.0", false, false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 4.0.0" },
	{ FIXTURE_ID, "diy_plug", "30.0", false, false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 30.0" },
	{ FIXTURE_ID, "diy_plug", "", false, false, false, true,
	    REASON_FIRMWARE_OUT_OF_RANGE,
	    "it answers as firmware 3.0 to 3.2 does, which tells no info; it "
	    "needs firmware 3.3 or later" },
	{ LONG_ID, "diy_meter", "", false, true, false, false,
	    REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type diy_meter)" },
	{ LONG_ID, "", "", true, false, false, false, REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type unknown)" },
	{ "1000a05bf61", "diy_plug", "3.6.0", false, false, true, false,
	    REASON_WRONG_TYPE,
	    "its id has 11 digits, as no plug has (type diy_plug)" },
};

static void
only_a_diy_plug_of_one_channel_may_be_flashed(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(gate_cases) / sizeof(gate_cases[0]);
	    i++) {
		const struct gate_case *c = &gate_cases[i];
		struct device *device = device_new(c->id, &fixture_ops, NULL);
		char detail[DEVICE_DETAIL_SIZE] = "";

		print_message("  %s %s %s\n", c->id, c->type, c->detail);
		strcpy(device->type, c->type);
		strcpy(device->firmware, c->firmware);
		device->encrypted = c->encrypted;
		device->has_switches = c->has_switches;
		device->info_known = c->info_known;
		device->has_no_info = c->has_no_info;
		assert_int_equal(
		    gate_device(device, detail, sizeof(detail)), c->want);
		assert_string_equal(detail, c->detail);
		device_free(device);
	}
}

/* ---- how it is asked --------------------------------------------------- */

static void
what_it_announces_says_how_it_is_asked_first(void **unused)
{
	struct device *device = device_new(FIXTURE_ID, &fixture_ops, NULL);

	(void)unused;
	assert_int_equal(device->form, DEVAPI_WITH_ID);
	assert_true(device_may_be_old(device));
	strcpy(device->name, "eWeLink_" FIXTURE_ID);
	assert_false(device_may_be_old(device));
	device_note_age(device, true);
	assert_int_equal(device->form, DEVAPI_OLD);
	assert_true(device_may_be_old(device));

	/* What answered is kept, whatever else it announces. */
	device->form = DEVAPI_WITHOUT_ID;
	device->has_no_info = true;
	device_note_age(device, true);
	assert_int_equal(device->form, DEVAPI_WITHOUT_ID);
	assert_true(device->has_no_info);

	/* Until it has another firmware. */
	device_note_age(device, false);
	assert_int_equal(device->form, DEVAPI_WITH_ID);
	assert_false(device->has_no_info);
	device->form = DEVAPI_WITHOUT_ID;
	device_note_age(device, false);
	assert_int_equal(device->form, DEVAPI_WITHOUT_ID);
	device_free(device);
}

static void
where_no_firmware_is_told_the_form_of_the_question_tells(void **unused)
{
	static const struct {
		enum devapi_form form;
		const char *told;
		bool string_data;
		const char *want;
	} cases[] = {
		{ DEVAPI_WITH_ID, "3.6.0", false, "3.6.0" },
		{ DEVAPI_WITH_ID, "", true, "3.3" },
		{ DEVAPI_WITH_ID, "", false, "" },
		{ DEVAPI_WITHOUT_ID, "", true, "3.3" },
		{ DEVAPI_OLD, "", true, "3.0" },
		{ DEVAPI_OLD, "", false, "3.0" },
		{ DEVAPI_OLD, "3.1.0", true, "3.1.0" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct device *device =
		    device_new(FIXTURE_ID, &fixture_ops, NULL);
		struct devapi_info info = { .string_data =
						cases[i].string_data };

		strcpy(info.firmware, cases[i].told);
		device->form = cases[i].form;
		device->has_no_info = true;
		device_learn(device, &info);
		assert_string_equal(device->firmware, cases[i].want);
		assert_false(device->has_no_info);
		device_free(device);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_diy_plug_of_one_channel_may_be_flashed),
		cmocka_unit_test(what_it_announces_says_how_it_is_asked_first),
		cmocka_unit_test(
		    where_no_firmware_is_told_the_form_of_the_question_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
