/* SPDX-License-Identifier: ISC */
/* Which upgrade a Tasmota may be told to fetch, and what it asks for. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/tasmota/upgrade.h"
#include "sim/tasmota/update_name.h"

#include "unit/test.h"

#define GZIP   "8.2 and later can unpack"
#define BY_91  "goes by 9.1"
#define PUT    "put tasmota-minimal.bin into the same folder, or take"
#define PUT_GZ "put tasmota-minimal.bin.gz into the same folder"
#define NOT_EVEN                                                               \
	"do not even fit beside tasmota-minimal.bin, which leaves 651264: "    \
	"take the .bin.gz"
#define NO_STEP	    "it needs tasmota-minimal.bin.gz in between"
#define LITE_950    504848
#define LITE_142    517904
#define FULL_142    664480
#define FULL_142_GZ 465961
#define MINIMAL_142 375408
#define MINIMAL_GZ  264612

static void
assert_told(bool ok, const struct error *err, const char *why)
{
	if (ok != (why == NULL))
		fail_msg("%s", ok ? "it is not refused" : err->text);
	if (!ok && strstr(err->text, why) == NULL)
		fail_msg("\"%s\" is not in: %s", why, err->text);
}

TEST(an_old_tasmota_is_not_told_what_it_cannot_boot_or_keep)
{
	static const struct {
		const char *from, *to;
		bool packed;
		const char *why;
	} cases[] = {
		{ "8.1.0", "9.1.0", true, GZIP },
		{ "8.1.0", "14.6.0", true, GZIP },
		{ "7.2.0", "", true, GZIP },
		{ "7.2.0", "9.1.0", true, "not 7.2.0: take" },
		{ "8", "9.1.0", true, "not 8: take" },
		{ "8.2.0", "14.6.0", true,
		    "from Tasmota 8.2.0 the way to 14.6.0" },
		{ "8.1.0", "9.1.0", false, NULL },
		{ "8.1.0", "14.6.0", false, BY_91 },
		{ "8.2.0", "9.1.0", true, NULL },
		{ "8.2.0", "14.6.0", true, BY_91 },
		{ "8.5.1", "9.2.0", false, BY_91 },
		{ "8.5.1", "9.1.0.2", false, NULL },
		{ "8.5.1", "8.5.1", true, NULL },
		{ "8.5.1", "", true, NULL },
		{ "9.1.0", "14.6.0", true, NULL },
		{ "9.5.0", "15.5.0", true, NULL },
		{ "14.2.0", "14.6.0", false, NULL },
		{ "", "14.6.0", true, NULL },
		{ "no version", "14.6.0", true, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image_report next = { .packed = cases[i].packed };
		struct error err;

		text_copy(next.version, sizeof(next.version), cases[i].to);
		assert_told(upgrade_may_follow(cases[i].from,
				upgrade_boots_gzip(cases[i].from), &next, &err),
		    &err, cases[i].why);
	}
}

/* Sizes of real files, and the room beside them as it was measured. */
TEST(an_upgrade_has_room_or_a_minimal_in_between)
{
	static const struct {
		size_t first, size;
		bool packed;
		size_t minimal, minimal_unpacked; /* 0: none */
		const char *why;
	} cases[] = {
		{ LITE_950, FULL_142_GZ, true, 0, 0, NULL },
		{ LITE_142, FULL_142_GZ, true, 0, 0, NULL },
		{ LITE_950, 520192, true, 0, 0, NULL },
		{ LITE_950, 520193, true, 0, 0, PUT_GZ },
		{ LITE_142, 507905, true, 0, 0, "507904" },
		{ LITE_950, FULL_142, false, 0, 0, PUT },
		{ LITE_950, FULL_142, false, MINIMAL_142, MINIMAL_142,
		    NOT_EVEN },
		{ LITE_950, 622112, false, 398528, 398528, NULL },
		{ LITE_950, 622112, false, 0, 0, PUT },
		{ FULL_142, FULL_142_GZ, true, 0, 0, PUT_GZ },
		{ FULL_142, FULL_142_GZ, true, MINIMAL_GZ, MINIMAL_142, NULL },
		{ 950000, FULL_142_GZ, true, MINIMAL_GZ, MINIMAL_142, NO_STEP },
		{ 2000000, 1000, true, 0, 0, PUT_GZ },
		{ 2000000, 1, true, 0, 0, PUT_GZ },
		/* The first image fills 124 sectors, or begins another. */
		{ 507904, 520192, true, 0, 0, NULL },
		{ 507904, 520193, true, 0, 0, PUT_GZ },
		{ 507905, 516096, true, 0, 0, NULL },
		{ 507905, 516097, true, 0, 0, PUT_GZ },
		/* 77824 bytes are free for the minimal. */
		{ 950000, FULL_142_GZ, true, 77824, MINIMAL_142, NULL },
		{ 950000, FULL_142_GZ, true, 77825, MINIMAL_142, NO_STEP },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct image_report first = { .unpacked =
							cases[i].first },
					  next = { .size = cases[i].size,
						  .packed = cases[i].packed };
		struct image_report minimal = { .boots_gzip = true,
			.reason = REASON_IMAGE_MINIMAL };
		struct error err;

		minimal.size = cases[i].minimal;
		minimal.unpacked = cases[i].minimal_unpacked;

		assert_told(upgrade_fits(&next, &first,
				minimal.size > 0 ? &minimal : NULL, &err),
		    &err, cases[i].why);
	}
}

TEST(a_minimal_leads_to_what_it_has_room_for_and_can_unpack)
{
	static const struct {
		size_t size, minimal; /* bytes of the upgrade; unpacked */
		bool packed, boots_gzip;
		const char *why;
	} cases[] = {
		{ FULL_142_GZ, MINIMAL_142, true, true, NULL },
		{ FULL_142_GZ, MINIMAL_142, true, false, "cannot unpack" },
		{ 651264, MINIMAL_142, false, false, NULL },
		{ 651265, MINIMAL_142, false, true, "leaves 651264: take" },
		{ 647216, 398528, false, true, "leaves 626688: take" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct image_report next = { .size = cases[i].size,
			.packed = cases[i].packed };
		struct image_report minimal = { .reason =
						    REASON_IMAGE_MINIMAL };
		struct error err;

		minimal.unpacked = cases[i].minimal;
		minimal.boots_gzip = cases[i].boots_gzip;
		assert_told(upgrade_may_step(&next, &minimal, &err), &err,
		    cases[i].why);
	}
}

TEST(what_is_no_minimal_leads_nowhere)
{
	const struct image_report next = { .size = 1 }, other = { .size = 1 };
	struct error err;

	assert_told(upgrade_may_step(&next, &other, &err), &err,
	    "the tasmota-minimal.bin beside it is none");
}

TEST(what_says_that_it_is_new_goes_by_91_whatever_its_version)
{
	const struct image_report next = { .is_14 = true };
	struct error err;

	assert_told(upgrade_may_follow("8.5.1", true, &next, &err), &err,
	    "to 14 and later goes by 9.1");
	assert_true(upgrade_may_follow("9.1.0", true, &next, &err));
}

/* As the updater of reflash-sim does it, which knows nothing of this. */
TEST(the_minimal_has_the_name_that_is_asked_for)
{
	for (int packed = 0; packed < 2; packed++) {
		char url[60], asked[UPDATE_URL_SIZE];

		snprintf(url, sizeof(url), "http://192.168.1.2:8266/t/%s",
		    upgrade_name(packed));
		assert_true(update_name_try(asked, url, 2, true));
		assert_string_equal(
		    strrchr(asked, '/') + 1, upgrade_step_name(packed));
	}
}

TEST(the_minimal_lies_beside_the_upgrade)
{
	static const struct {
		const char *upgrade;
		bool packed;
		const char *path;
	} cases[] = {
		{ "full.bin.gz", true, "tasmota-minimal.bin.gz" },
		{ "full.bin", false, "tasmota-minimal.bin" },
		{ "a/full.bin", false, "a/tasmota-minimal.bin" },
		{ "/a/b/full", true, "/a/b/tasmota-minimal.bin.gz" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path =
		    upgrade_step_path(cases[i].upgrade, cases[i].packed);

		assert_string_equal(path, cases[i].path);
		free(path);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
