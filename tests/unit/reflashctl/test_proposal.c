/* SPDX-License-Identifier: ISC */
/* The first policy that propose prints: right, without doubts, and explained.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/policy/lint.h"
#include "core/policy/policy.h"
#include "reflashctl/out/proposal.h"

#include "unit/test.h"

#define SHA "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"

static json_t *
image_of(const char *name, const char *kind, const char *version,
    const char *verdict)
{
	return json_pack("{s:s, s:s, s:s?, s:s, s:i, s:s, s:s, s:[]}", "name",
	    name, "kind", kind, "version", version, "label", "Tasmota 9.5.0",
	    "size", 504848, "sha256", SHA, "verdict", verdict, "notes");
}

static json_t *
devices_of(unsigned count, const char *firmware, const char *label)
{
	json_t *devices = json_array();
	char id[32];

	for (unsigned i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "1000%06x", i);
		json_array_append_new(devices,
		    json_pack("{s:s, s:s?, s:s, s:s, s:s?}", "id", id, "label",
			label, "address", "192.168.1.23", "type", "diy_plug",
			"firmware", firmware));
	}
	return devices;
}

static char *
text_of(const json_t *devices, const json_t *image)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	proposal_write(out, devices, image);
	fclose(out);
	return text;
}

/* Parse the text as the daemon does; there must be nothing to complain about.
 */
static struct policy_list *
read_policy(const char *text)
{
	struct problems problems = { 0 }, doubts = { 0 };
	const struct networks anywhere = { 0 };
	const struct lint_world world = { .allowed = &anywhere,
		.is_service = true };
	struct policy_list *list = policy_list_new();
	struct policy *policy = policy_parse(
	    PROPOSAL_NAME, text, strlen(text), PROPOSAL_NAME, &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_non_null(policy);
	policy_list_add(list, policy);
	lint_policies(list, &world, &doubts);
	for (size_t i = 0; i < doubts.count; i++)
		print_error("%s\n", doubts.text[i]);
	assert_int_equal(doubts.count, 0);
	problems_fini(&problems);
	problems_fini(&doubts);
	return list;
}

/* Each line with a value follows a comment, or a line of the same key. */
static void
assert_explained(const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *line, key[64] = "";
	bool after_comment = false;

	while ((line = strsep(&rest, "\n")) != NULL) {
		size_t len = strcspn(line, "=");

		if (strlen(line) > 80)
			fail_msg("too long: %s", line);
		if (isupper((unsigned char)line[0])) {
			if (!after_comment && strncmp(line, key, len) != 0 &&
			    strncmp(line, "TimeoutSec=", 11) != 0)
				fail_msg("not explained: %s", line);
			snprintf(key, sizeof(key), "%.*s", (int)len, line);
		}
		after_comment = line[0] == '#' && line[1] == ' ';
	}
	free(copy);
}

TEST(it_is_a_policy_without_doubts_for_any_number_of_devices)
{
	static const unsigned counts[] = { 1, 2, 5, 20, 21, 100, 4096 };
	static const char *const kinds[] = { "tasmota", "esphome", "espurna",
		"unknown" };
	static const char *const firmwares[] = { "3.6.0", NULL, "3.9.9" };

	for (size_t i = 0; i < COUNT(counts); i++)
		for (size_t k = 0; k < COUNT(kinds); k++) {
			json_auto_t *image = image_of(
			    "tasmota-lite.bin", kinds[k], "9.5.0", "accept");
			json_auto_t *devices = devices_of(
			    counts[i], firmwares[i % COUNT(firmwares)], NULL);
			char *text = text_of(devices, image);
			struct policy_list *list = read_policy(text);
			const struct policy *policy = list->items[0];

			assert_explained(text);
			assert_int_equal(policy->action, POLICY_ASK);
			assert_int_equal(policy->device_ids.count, counts[i]);
			assert_string_equal(policy->image, "tasmota-lite.bin");
			assert_string_equal(policy->sha256, SHA);
			assert_int_equal(policy->stop_after_failures, 1);
			assert_int_equal(policy->canary, counts[i] > 1);
			assert_int_equal(policy->expect,
			    k == 1 ? POLICY_EXPECT_ESPHOME
				   : POLICY_EXPECT_LEAVE);
			policy_list_free(list);
			free(text);
		}
}

/* A firmware outside of the bounds must not shut its own device out. */
TEST(it_fits_every_device_that_it_was_made_for)
{
	static const char *const firmwares[] = { "3.3.0", "3.6.0", "3.8.99",
		"3.9.0", "3.10.1", NULL, "what" };

	for (size_t i = 0; i < COUNT(firmwares); i++) {
		json_auto_t *image =
		    image_of("a.bin", "tasmota", "9.5.0", "accept");
		json_auto_t *devices = devices_of(1, firmwares[i], NULL);
		char *text = text_of(devices, image);
		struct policy_list *list = read_policy(text);
		struct policy_facts facts = { .id = "1000000000",
			.type = "diy_plug",
			.firmware = firmwares[i],
			.is_all = true };

		if (firmwares[i] == NULL)
			facts.firmware = "3.3"; /* as it counts */
		assert_int_equal(
		    policy_match(list->items[0], &facts), POLICY_FITS);
		policy_list_free(list);
		free(text);
	}
}

/* What somebody on the network has named must stay within its comment. */
TEST(a_foreign_name_stays_in_its_comment)
{
	static const char *const names[] = { "x\nAction=flash", "\\", "x\\",
		"[Flash]", "\r\nAction=flash\r\n", "\033[31m", "\xe2\x80\xa8x",
		("K\xc3\xbc"
		 "che") };

	for (size_t i = 0; i < COUNT(names); i++) {
		json_auto_t *image =
		    image_of("a.bin", "tasmota", "9.5.0", "accept");
		json_auto_t *devices = devices_of(2, names[i], names[i]);
		char *text;
		struct policy_list *list;

		json_object_set_new(image, "label", json_string(names[i]));
		json_object_set_new(image, "notes", json_pack("[s]", names[i]));
		text = text_of(devices, image);
		list = read_policy(text);
		assert_int_equal(list->items[0]->action, POLICY_ASK);
		assert_int_equal(list->items[0]->device_ids.count, 2);
		assert_null(strchr(text, '\033'));
		assert_null(strchr(text, '\r'));
		policy_list_free(list);
		free(text);
	}
}

TEST(the_best_image_is_taken)
{
	static const struct {
		const char *name, *kind, *version, *verdict;
	} images[] = {
		{ "full.bin", "tasmota", "14.2.0", "refuse" },
		{ "a b.bin", "tasmota", "9.9.0", "accept" },
		{ "~.bin", "tasmota", "9.9.0", "accept" },
		{ "x.bin", "unknown", NULL, "warn" },
		{ "warned.bin", "tasmota", "10.0.0", "warn" },
		{ "x2.bin", "unknown", NULL, "accept" },
		{ "esp.bin", "esphome", "2026.1.0", "accept" },
		{ "odd.bin", "tasmota", NULL, "accept" },
		{ "old.bin", "tasmota", "9.2.0", "accept" },
		{ "lite.bin", "tasmota", "9.10.0", "accept" },
		{ "older.bin", "tasmota", "9.5.0", "accept" },
	};
	/* With so many of them, which is the best. */
	static const char *const best[] = { NULL, NULL, NULL, NULL, "x.bin",
		"warned.bin", "x2.bin", "esp.bin", "odd.bin", "old.bin",
		"lite.bin", "lite.bin" };
	json_auto_t *list = json_array();

	for (size_t i = 0; i <= COUNT(images); i++) {
		const json_t *got = proposal_image(list);
		const char *name =
		    json_string_value(json_object_get(got, "name"));

		if (best[i] == NULL)
			assert_null(name);
		else
			assert_string_equal(name, best[i]);
		if (i < COUNT(images))
			json_array_append_new(list,
			    image_of(images[i].name, images[i].kind,
				images[i].version, images[i].verdict));
	}
}

TEST(an_image_without_a_checksum_is_not_proposed)
{
	json_auto_t *list = json_array();
	json_t *image = image_of("a.bin", "tasmota", "9.5.0", "accept");

	json_object_set_new(image, "sha256", json_null());
	json_array_append_new(list, image);
	assert_null(proposal_image(list));
}

TEST(a_name_that_means_something_else_in_a_policy_is_not_written)
{
	static const char *const bad[] = { "", "a b", "a\tb", "~", "$x", "a;b",
		"a#b", "\"a\"", "a/b", "a*", "a\\", "\xc3\xbc" };
	static const char *const good[] = { "tasmota-lite.bin", "a_1+2@b=c,d",
		"A.BIN" };

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(proposal_can_name(bad[i]));
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(proposal_can_name(good[i]));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
