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
	bool encrypted, has_switches, info_known;
	enum reason want;
	const char *detail;
} gate_cases[] = {
	{ FIXTURE_ID, "diy_plug", "3.6.0", false, false, true, REASON_NONE,
	    "" },
	{ FIXTURE_ID, "", "", false, false, false, REASON_NONE, "" },
	{ FIXTURE_ID, "plug", "3.6.0", true, false, true, REASON_NOT_DIY_MODE,
	    "it announces encrypt=true (type plug)" },
	{ FIXTURE_ID, "", "", true, false, false, REASON_NOT_DIY_MODE,
	    "it announces encrypt=true (type unknown)" },
	{ FIXTURE_ID, "plug", "", false, false, false, REASON_WRONG_TYPE,
	    "its type is plug" },
	{ FIXTURE_ID, "diy_plug2", "", false, false, false, REASON_WRONG_TYPE,
	    "its type is diy_plug2" },
	{ FIXTURE_ID, "", "", false, false, true, REASON_WRONG_TYPE,
	    "it has announced no type, and its info is not that of a "
	    "diy_plug" },
	{ FIXTURE_ID, "diy_plug", "", false, true, false, REASON_WRONG_CHIP,
	    "it lists several switches, as the ESP32 models do" },
	{ FIXTURE_ID, "diy_plug", "2.9.9", false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 2.9.9" },
	{ FIXTURE_ID, "diy_plug", "4.0.0", false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 4.0.0" },
	{ FIXTURE_ID, "diy_plug", "30.0", false, false, false,
	    REASON_FIRMWARE_OUT_OF_RANGE, "its firmware is 30.0" },
	{ LONG_ID, "diy_meter", "", false, true, false, REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type diy_meter)" },
	{ LONG_ID, "", "", true, false, false, REASON_WRONG_TYPE,
	    "its id has 24 digits, as no plug has (type unknown)" },
	{ "1000a05bf61", "diy_plug", "3.6.0", false, false, true,
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
		assert_int_equal(
		    gate_device(device, detail, sizeof(detail)), c->want);
		assert_string_equal(detail, c->detail);
		device_free(device);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_diy_plug_of_one_channel_may_be_flashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
