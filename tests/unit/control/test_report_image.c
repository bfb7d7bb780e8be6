/* SPDX-License-Identifier: ISC */
/* What the daemon reports of a file in ImageDirectory, as JSON. */
#include "config.h"

#include "core/control/report_image.h"
#include "core/image/image_after.h"

#include "unit/test.h"

#define SHA256                                                                 \
	"5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"

static const struct image_report good = { .verdict = IMAGE_ACCEPT,
	.kind = IMAGE_TASMOTA,
	.version = "9.5.0",
	.variant = "lite" };
static const struct image_report packed = { .verdict = IMAGE_ACCEPT,
	.kind = IMAGE_TASMOTA,
	.version = "14.6.0",
	.packed = true };
static const struct image_report packed_first = { .verdict = IMAGE_REFUSE,
	.reason = REASON_IMAGE_COMPRESSED,
	.text = "it is compressed" };
static const struct image_report warned = { .verdict = IMAGE_WARN,
	.notes = { "it is large", "and old" },
	.note_count = 2 };
static const struct image_report bad = { .verdict = IMAGE_REFUSE,
	.reason = REASON_IMAGE_INVALID,
	.text = "it ends too early" };
static const struct image_report packed_bad = { .verdict = IMAGE_REFUSE,
	.reason = REASON_IMAGE_MINIMAL,
	.text = "it is tasmota-minimal",
	.kind = IMAGE_TASMOTA,
	.packed = true };

TEST(an_image_is_for_the_first_flash_or_an_upgrade_or_nothing)
{
	assert_string_equal(report_image_use(&good, &good), "first");
	assert_string_equal(report_image_use(&warned, &bad), "first");
	assert_string_equal(
	    report_image_use(&packed_first, &packed), "upgrade");
	assert_null(report_image_use(&bad, &bad));
	assert_null(report_image_use(&packed_first, &packed_bad));
}

static const char *
text(const json_t *image, const char *key)
{
	return json_string_value(json_object_get(image, key));
}

static json_t *
report(const struct image_report *first, const struct image_report *upgrade)
{
	const struct report_image image = { .name = "a.bin",
		.size = 504848,
		.sha256 = SHA256,
		.first = first,
		.upgrade = upgrade };

	return report_image(&image, json_pack("[s]", "50-mini"));
}

TEST(a_good_image_is_described)
{
	json_auto_t *image = report(&good, &good);
	json_auto_t *want = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:n, s:n, s:n,"
	    " s:[s], s:[s]}",
	    "name", "a.bin", "kind", "tasmota", "version", "9.5.0", "variant",
	    "lite", "label", "Tasmota 9.5.0 lite", "size", 504848, "sha256",
	    SHA256, "verdict", "accept", "upgrade", "accept", "use", "first",
	    "reason", "detail", "advice", "notes", image_after(&good),
	    "policies", "50-mini");

	assert_non_null(want);
	assert_true(json_equal(image, want));
}

TEST(a_packed_image_is_named_by_its_content_and_advised_for_the_second_step)
{
	json_auto_t *image = report(&packed_first, &packed);

	assert_string_equal(text(image, "label"), "Tasmota 14.6.0");
	assert_string_equal(text(image, "use"), "upgrade");
	assert_string_equal(text(image, "verdict"), "refuse");
	assert_string_equal(text(image, "upgrade"), "accept");
	assert_string_equal(text(image, "reason"), "image-compressed");
	assert_contains(text(image, "advice"), "Upgrade=");
}

TEST(what_is_wrong_with_a_packed_image_is_what_is_wrong_with_its_content)
{
	json_auto_t *image = report(&packed_first, &packed_bad);

	assert_null(text(image, "use"));
	assert_string_equal(text(image, "reason"), "image-minimal");
	assert_string_equal(text(image, "detail"), "it is tasmota-minimal");
	assert_string_equal(
	    text(image, "advice"), reason_advice(REASON_IMAGE_MINIMAL));
}

TEST(a_bad_image_is_told_with_its_reason)
{
	json_auto_t *image = report(&bad, &bad);

	assert_string_equal(text(image, "verdict"), "refuse");
	assert_string_equal(text(image, "reason"), "image-invalid");
	assert_string_equal(text(image, "detail"), "it ends too early");
	assert_string_equal(text(image, "label"), "unknown firmware");
}

TEST(warnings_are_notes)
{
	json_auto_t *image = report(&warned, &bad);
	json_auto_t *want = json_pack("[s, s]", "it is large", "and old");

	assert_true(json_equal(json_object_get(image, "notes"), want));
	assert_string_equal(text(image, "verdict"), "warn");
	assert_null(text(image, "reason"));
}

TEST(a_file_that_cannot_be_read_has_the_same_keys)
{
	const struct report_image file = { .name = "a.bin",
		.size = 7,
		.reason = REASON_IMAGE_MISSING,
		.text = "everybody may write to it" };
	json_auto_t *image = report_image(&file, json_array());
	json_auto_t *other = report(&good, &good);
	const char *key;
	json_t *value;

	assert_int_equal(json_object_size(image), json_object_size(other));
	json_object_foreach (other, key, value)
		assert_non_null(json_object_get(image, key));
	assert_null(text(image, "sha256"));
	assert_null(text(image, "label"));
	assert_string_equal(text(image, "verdict"), "refuse");
	assert_string_equal(text(image, "reason"), "image-missing");
	assert_string_equal(text(image, "detail"), "everybody may write to it");
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
