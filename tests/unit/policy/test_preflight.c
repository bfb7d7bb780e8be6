/* SPDX-License-Identifier: ISC */
/* What a policy needs before it may flash, and lacks. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/problems.h"
#include "core/policy/preflight.h"

#include "unit/test.h"

#define SHA   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

#define FLASH	"[Flash]\nAction=flash\nImage=lite.bin\n"
#define TASMOTA "[Verify]\nExpect=tasmota\n"
#define TEMPLATE                                                               \
	"[Finish]\nTemplate={\"NAME\":\"Mini\","                               \
	"\"GPIO\":[32,0,0,0,160,0,0,0,224,320,0,0,1,0],\"FLAG\":0,"            \
	"\"BASE\":1}\n"
#define UPGRADE	 "[Finish]\nUpgrade=full.bin.gz\n"
#define PASSWORD "[Finish]\nWebPasswordFile=/etc/password\n"

/* A whole Tasmota of half a megabyte, and the next of it. */
#define LITE                                                                   \
	.kind = IMAGE_TASMOTA, .version = "9.5.0", .size = 500000,             \
	.unpacked = 500000, .boots_gzip = true
#define FULL                                                                   \
	.kind = IMAGE_TASMOTA, .version = "14.2.0", .size = 480000,            \
	.packed = true, .unpacked = 650000, .is_14 = true

static const struct image_report lite = { LITE };
static const struct image_report old = { .kind = IMAGE_TASMOTA,
	.version = "8.1.0",
	.size = 490000,
	.unpacked = 490000 };
static const struct image_report esphome = {
	.kind = IMAGE_ESPHOME, .size = 400000, .unpacked = 400000
};
static const struct image_report espurna = { .kind = IMAGE_ESPURNA };
static const struct image_report nobody = { .kind = IMAGE_UNKNOWN };
static const struct image_report full = { FULL };
static const struct image_report large = { .kind = IMAGE_TASMOTA,
	.version = "9.5.0",
	.size = 620000,
	.unpacked = 620000 };
static const struct image_report broken = { .verdict = IMAGE_REFUSE,
	.reason = REASON_IMAGE_INVALID,
	.text = "it is cut off" };
static const struct image_report torn = { .verdict = IMAGE_REFUSE,
	.reason = REASON_IMAGE_COMPRESSED,
	.text = "the compressed data end too early" };
static const struct image_report minimal = { .verdict = IMAGE_REFUSE,
	.reason = REASON_IMAGE_MINIMAL,
	.text = "it is tasmota-minimal",
	.kind = IMAGE_TASMOTA,
	.version = "14.2.0",
	.size = 270000,
	.packed = true,
	.unpacked = 360000,
	.boots_gzip = true };

/* A policy, what its files are (missing is what is said), and what is found. */
static const struct {
	const char *policy;
	const struct image_report *image;
	const char *no_image;
	enum reason image_unfit;
	const struct image_report *upgrade;
	const char *no_upgrade;
	enum reason upgrade_unfit;
	const struct image_report *minimal;
	const char *no_password, *no_hooks;
	enum reason reason; /* NONE: nothing is found */
	const char *key, *text;
} cases[] = {
	{ FLASH, .image = &lite },
	{ FLASH, .image = &nobody },
	{ FLASH TASMOTA TEMPLATE, .image = &lite },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .upgrade = &full },
	{ FLASH TASMOTA PASSWORD, .image = &lite },
	{ "[Flash]\nAction=observe\n", .image = NULL },

	/* the first image */
	{ FLASH, .no_image = "there is no image",
	    .reason = REASON_IMAGE_MISSING, .key = "Image",
	    .text = "there is no image" },
	{ FLASH, .no_image = "it is empty", .image_unfit = REASON_IMAGE_INVALID,
	    .reason = REASON_IMAGE_INVALID, .key = "Image" },
	{ FLASH "Sha256=" OTHER "\n", .image = &lite,
	    .reason = REASON_IMAGE_HASH_MISMATCH, .key = "Image",
	    .text = "but the policy names " OTHER },
	{ FLASH "Sha256=" SHA "\n", .image = &lite },
	{ FLASH, .image = &broken, .reason = REASON_IMAGE_INVALID,
	    .key = "Image", .text = "it is cut off" },

	/* what it is to be afterwards */
	{ FLASH TASMOTA, .image = &esphome, .reason = REASON_FINISH_NOT_READY,
	    .key = "Image", .text = "it is ESPHome, and Expect=tasmota" },
	{ FLASH "[Verify]\nExpect=esphome\n", .image = &lite,
	    .reason = REASON_FINISH_NOT_READY, .key = "Image",
	    .text = "it is Tasmota, and Expect=esphome" },
	{ FLASH "[Verify]\nExpect=esphome\n", .image = &espurna,
	    .reason = REASON_FINISH_NOT_READY, .key = "Image",
	    .text = "it is ESPurna, and Expect=esphome" },
	{ FLASH "[Verify]\nExpect=leave\n", .image = &espurna },
	{ FLASH PASSWORD, .image = &esphome, .reason = REASON_FINISH_NOT_READY,
	    .key = "Image", .text = "only Tasmota can be set up" },
	{ FLASH "[Finish]\nModule=0\n", .image = &espurna,
	    .reason = REASON_FINISH_NOT_READY, .key = "Image",
	    .text = "it is ESPurna, and only Tasmota can be set up" },
	{ FLASH TASMOTA TEMPLATE, .image = &old,
	    .reason = REASON_FINISH_NOT_READY, .key = "Image",
	    .text = "older than Tasmota 9.1" },
	/* By the version that runs when it is sent. */
	{ FLASH TASMOTA TEMPLATE "Upgrade=full.bin\n", .image = &old,
	    .upgrade = &old, .reason = REASON_FINISH_NOT_READY,
	    .key = "Upgrade", .text = "older than Tasmota 9.1" },

	/* the second image */
	{ FLASH TASMOTA UPGRADE, .image = &lite, .no_upgrade = "there is none",
	    .reason = REASON_IMAGE_MISSING, .key = "Upgrade",
	    .text = "there is none" },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .no_upgrade = "it is empty",
	    .upgrade_unfit = REASON_IMAGE_INVALID,
	    .reason = REASON_IMAGE_INVALID, .key = "Upgrade" },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .no_upgrade = "over 4 MiB",
	    .upgrade_unfit = REASON_IMAGE_TOO_LARGE,
	    .reason = REASON_FINISH_NOT_READY, .key = "Upgrade" },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .upgrade = &broken,
	    .reason = REASON_IMAGE_INVALID, .key = "Upgrade",
	    .text = "it is cut off" },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .upgrade = &torn,
	    .reason = REASON_IMAGE_INVALID, .key = "Upgrade",
	    .text = "the compressed data end too early" },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .upgrade = &minimal,
	    .reason = REASON_FINISH_NOT_READY, .key = "Upgrade",
	    .text = "it is tasmota-minimal" },
	{ FLASH TASMOTA UPGRADE, .image = &lite, .upgrade = &esphome,
	    .reason = REASON_FINISH_NOT_READY, .key = "Upgrade",
	    .text = "it is ESPHome" },
	{ FLASH TASMOTA UPGRADE, .image = &old, .upgrade = &full,
	    .reason = REASON_FINISH_NOT_READY, .key = "Upgrade",
	    .text = "only Tasmota 8.2 and later can unpack a .bin.gz" },
	{ FLASH TASMOTA "[Finish]\nUpgrade=full.bin\n", .image = &lite,
	    .upgrade = &large, .reason = REASON_FINISH_NOT_READY,
	    .key = "Upgrade", .text = "put tasmota-minimal.bin into" },
	/* Of an image that nobody knows, nobody knows what it has room for. */
	{ FLASH TASMOTA UPGRADE, .image = &nobody, .upgrade = &full },

	/* the password, the hooks */
	{ FLASH TASMOTA PASSWORD, .image = &lite, .no_password = "it is empty",
	    .reason = REASON_FINISH_NOT_READY, .key = "WebPasswordFile",
	    .text = "it is empty" },
	{ FLASH, .image = &lite, .no_hooks = "everybody may write to it",
	    .reason = REASON_FINISH_NOT_READY, .key = "HookDirectory",
	    .text = "everybody may write to it" },
};

static struct policy *
make_policy(const char *text)
{
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse("p", text, strlen(text), "p", &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_non_null(policy);
	problems_fini(&problems);
	return policy;
}

static void
describe(struct preflight_image *out, const struct image_report *report,
    const char *missing, enum reason unfit)
{
	*out = (struct preflight_image){ .name = "x.bin",
		.missing = missing,
		.unfit = unfit,
		.sha256 = SHA,
		.report = report };
}

TEST(what_a_policy_lacks_is_found_before_anything_is_done)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy *policy = make_policy(cases[i].policy);
		struct preflight_fault faults[PREFLIGHT_MAX];
		struct preflight_facts facts = { .minimal = cases[i].minimal,
			.no_password = cases[i].no_password,
			.hooks = "/etc/hooks.d",
			.no_hooks = cases[i].no_hooks };
		size_t count;

		describe(&facts.image, cases[i].image, cases[i].no_image,
		    cases[i].image_unfit);
		describe(&facts.upgrade, cases[i].upgrade, cases[i].no_upgrade,
		    cases[i].upgrade_unfit);
		count = preflight_check(policy, &facts, faults);
		if (count != (cases[i].reason != REASON_NONE))
			fail_msg("case %zu: %zu faults: %s", i, count,
			    count > 0 ? faults[0].text : "");
		if (count > 0) {
			assert_string_equal(faults[0].key, cases[i].key);
			assert_string_equal(reason_token(faults[0].reason),
			    reason_token(cases[i].reason));
			if (cases[i].text != NULL &&
			    strstr(faults[0].text, cases[i].text) == NULL)
				fail_msg("case %zu: %s", i, faults[0].text);
		}
		policy_free(policy);
	}
}

/* As -t tells them; a decision about a device is made by the first. */
TEST(all_that_is_lacking_is_found_at_once)
{
	struct policy *policy =
	    make_policy(FLASH TASMOTA UPGRADE "WebPasswordFile=/etc/x\n");
	struct preflight_fault faults[PREFLIGHT_MAX];
	struct preflight_facts facts = { .no_password = "it is empty",
		.hooks = "/etc/hooks.d",
		.no_hooks = "Permission denied" };

	describe(&facts.image, NULL, "there is no first", REASON_NONE);
	describe(&facts.upgrade, NULL, "there is no second", REASON_NONE);
	assert_int_equal(preflight_check(policy, &facts, faults), 4);
	assert_string_equal(faults[0].key, "Image");
	assert_string_equal(faults[1].key, "Upgrade");
	assert_string_equal(faults[1].value, "full.bin.gz");
	assert_string_equal(faults[2].key, "WebPasswordFile");
	assert_string_equal(faults[3].key, "HookDirectory");
	policy_free(policy);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
