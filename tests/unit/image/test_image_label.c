/* SPDX-License-Identifier: ISC */
/* The name of an image for people. */
#include "config.h"

#include "core/image/image_label.h"

#include "unit/test.h"

TEST(a_label_says_as_much_as_is_known)
{
	static const struct {
		struct image_report report;
		const char *label;
	} cases[] = {
		{ { .kind = IMAGE_TASMOTA,
		      .version = "9.5.0",
		      .variant = "lite" },
		    "Tasmota 9.5.0 lite" },
		{ { .kind = IMAGE_TASMOTA, .version = "9.5.0" },
		    "Tasmota 9.5.0" },
		{ { .kind = IMAGE_TASMOTA, .variant = "lite" },
		    "Tasmota lite" },
		{ { .kind = IMAGE_TASMOTA, .is_14 = true, .variant = "ir" },
		    "Tasmota 14.0 or later ir" },
		{ { .kind = IMAGE_TASMOTA, .is_14 = true, .version = "14.2.0" },
		    "Tasmota 14.2.0" },
		{ { .kind = IMAGE_ESPHOME, .version = "2022.10.0" },
		    "ESPHome 2022.10.0" },
		{ { .kind = IMAGE_ESPHOME }, "ESPHome" },
		{ { .kind = IMAGE_ESPURNA }, "ESPurna" },
		{ { .kind = IMAGE_ESPEASY }, "ESP Easy" },
		{ { .kind = IMAGE_UNKNOWN }, "unknown firmware" },
	};
	char label[IMAGE_LABEL_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    image_label(&cases[i].report, label), cases[i].label);
}

TEST(the_longest_label_is_whole)
{
	struct image_report report = { .kind = IMAGE_UNKNOWN };
	char label[IMAGE_LABEL_SIZE];

	memset(report.version, '1', sizeof(report.version) - 1);
	memset(report.variant, 'x', sizeof(report.variant) - 1);
	image_label(&report, label);
	assert_int_equal(strlen(label),
	    strlen("unknown firmware") + sizeof(report.version) +
		sizeof(report.variant));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
