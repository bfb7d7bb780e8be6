/* SPDX-License-Identifier: ISC */
/* The description of a simulated device and of its faults. */
#include "config.h"

#include <string.h>

#include "sim/spec.h"

#include "unit/test.h"

TEST(a_fault_strikes_where_and_as_often_as_it_says)
{
	struct fault_set set;
	struct error err;

	assert_true(fault_parse("rst@flash*2+slow+none", &set, &err));
	assert_true(fault_has(&set, FAULT_RST));
	assert_false(fault_strikes(&set, FAULT_RST, ON_INFO));
	assert_true(fault_strikes(&set, FAULT_RST, ON_FLASH));
	assert_true(fault_strikes(&set, FAULT_RST, ON_FLASH));
	assert_false(fault_strikes(&set, FAULT_RST, ON_FLASH));
	assert_false(fault_has(&set, FAULT_RST));
	for (int i = 0; i < 10; i++)
		assert_true(fault_strikes(&set, FAULT_SLOW, ON_INFO));
	assert_false(fault_has(&set, FAULT_BUSY));
}

TEST(a_set_is_replaced_as_a_whole_or_not_at_all)
{
	struct fault_set set;
	struct error err;
	char text[128];

	assert_true(fault_parse("slow+rst", &set, &err));
	assert_false(fault_parse("busy+nonsense", &set, &err));
	assert_contains(err.text, "nonsense");
	assert_string_equal(fault_text(&set, text, sizeof(text)), "rst+slow");
	assert_true(fault_parse("", &set, &err));
	assert_string_equal(fault_text(&set, text, sizeof(text)), "");
	assert_string_equal(fault_text(&set, text, 1), "");
}

TEST(every_fault_can_be_named_and_explained)
{
	const char *name, *help;
	struct fault_set set;
	struct error err;
	size_t i;

	for (i = 0; fault_at(i, &name, &help); i++) {
		assert_true(fault_parse(name, &set, &err));
		assert_true(fault_has(&set, (enum fault)i));
		assert_true(strlen(help) > 0);
	}
	assert_int_equal(i, FAULT_COUNT);
}

TEST(a_device_is_described_in_words)
{
	struct error err;
	struct spec s;

	spec_init(&s);
	assert_true(spec_parse(&s,
	    "id=1000a05bf6,fw=3.7.6,fault=never-fetch,port=8082,chunk-ms=0,"
	    "rssi=-60,hang-s=2",
	    &err));
	assert_string_equal(s.id, "1000a05bf6");
	assert_string_equal(s.firmware, "3.7.6");
	assert_int_equal(s.port, 8082);
	assert_int_equal(s.rssi, -60);
	assert_int_equal(s.hang_ms, 2000);
	assert_true(fault_has(&s.faults, FAULT_NEVER_FETCH));
	assert_true(spec_parse(&s, "model=bridge,id=1001720e47", &err));
	assert_string_equal(s.prefix, "zbbridgeu-");
	assert_string_equal(s.type, "zbbridgeu");
	assert_true(spec_parse(
	    &s, "model=spm,id=6b7e30000000000012345678,suffix=-2", &err));
	assert_string_equal(s.id, "6b7e30000000000012345678");
	assert_string_equal(s.type, "diy_meter");
	assert_string_equal(s.suffix, "-2");
	assert_false(s.old_info);
	assert_true(spec_parse(&s, "fw=3.1.0,old-info=yes", &err));
	assert_true(s.old_info);
}

TEST(what_comes_after_the_boot_is_part_of_it)
{
	struct error err;
	struct spec s;

	spec_init(&s);
	assert_int_equal(s.after, AFTER_DEFAULT);
	assert_true(spec_parse(&s,
	    "after=tasmota-later,join-ms=10,address=other,password=p w,"
	    "tasmota-version=9.5.0,tasmota-loses-always=Module,restart-ms=20,"
	    "retry-ms=30,free=400000,web-port=8080,mac=other",
	    &err));
	assert_int_equal(s.after, AFTER_TASMOTA_LATER);
	assert_string_equal(spec_after_name(s.after), "tasmota-later");
	assert_true(s.other_address);
	assert_true(s.other_mac);
	assert_string_equal(s.password, "p w");
	assert_string_equal(s.tasmota_version, "9.5.0");
	assert_string_equal(s.loses, "Module");
	assert_int_equal(s.free_bytes, 400000);
	assert_int_equal(s.web_port, 8080);
}

TEST(a_wrong_description_is_refused)
{
	static const char *const cases[] = { "id=1", "id=1000a05bfg", "fw=3",
		"fw=3.6.0x", "fault=nope", "fault=rst@nowhere", "fault=rst*0",
		"model=toaster", "port=0", "port=65536", "chunk-ms=x",
		"colour=1", "id", "after=nothing", "address=here",
		"id=1000a05bf61", "mac=mine", "suffix=-12345678", "old-info=1",
		"tasmota-version=x", "web-port=-1",
		"tasmota-loses-always=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct error err;
	struct spec s;

	spec_init(&s);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_false(spec_parse(&s, cases[i], &err));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
