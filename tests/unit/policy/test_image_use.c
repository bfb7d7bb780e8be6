/* SPDX-License-Identifier: ISC */
/* Which policies use a file of ImageDirectory, and which flashes need it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/configuration.h"
#include "reflashd/policy/image_use.h"

#include "unit/fixture.h"
#include "unit/test.h"

#define SHA256                                                                 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER	  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIRECTORY "/nowhere/images"

static struct {
	struct setup setup;
	struct registry *registry;
	struct device *device;
} w;

static void
add_policy(const char *name, const char *text)
{
	policy_list_add(w.setup.policies, fixture_policy(name, text));
}

static int
set_up(void **state)
{
	(void)state;
	w.setup.config = config_new();
	free(w.setup.config->image_directory);
	w.setup.config->image_directory = xstrdup(DIRECTORY);
	w.setup.policies = policy_list_new();
	w.registry = registry_new(10, &fixture_ops, NULL);
	w.device = registry_get(w.registry, FIXTURE_ID, DEVICE_NAMED);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	registry_free(w.registry);
	setup_fini(&w.setup);
	return 0;
}

#define WORLD_TEST(name) TEST_WITH(name, set_up, tear_down)

static void
assert_used_by(const char *file, const char *want)
{
	json_auto_t *names = image_use_policies(&w.setup, file);
	char *text = json_dumps(names, JSON_COMPACT);

	assert_string_equal(text, want);
	free(text);
}

WORLD_TEST(a_policy_uses_its_image_its_upgrade_and_the_step_to_it)
{
	add_policy("10-a", "[Flash]\nAction=flash\nImage=lite.bin\n");
	add_policy("20-b",
	    "[Flash]\nAction=flash\nImage=" DIRECTORY "/lite.bin\n"
	    "[Finish]\nUpgrade=tasmota.bin.gz\n");
	add_policy("30-c", "[Flash]\nAction=flash\nImage=sub/lite.bin\n");
	add_policy("40-d", "[Match]\nType=diy_plug\n");
	assert_used_by("lite.bin", "[\"10-a\",\"20-b\"]");
	assert_used_by("tasmota.bin.gz", "[\"20-b\"]");
	assert_used_by("tasmota-minimal.bin.gz", "[\"20-b\"]");
	assert_used_by("tasmota-minimal.bin", "[\"20-b\"]");
	assert_used_by("other.bin", "[]");
}

WORLD_TEST(a_file_is_found_by_another_path_that_leads_to_it)
{
	char folder[] = "/tmp/test_image_use.XXXXXX";
	char *path, *command;

	assert_non_null(mkdtemp(folder));
	free(w.setup.config->image_directory);
	w.setup.config->image_directory = xstrdup(folder);
	path = xasprintf("%s/lite.bin", folder);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	add_policy("10-a", "[Flash]\nAction=flash\nImage=./lite.bin\n");
	add_policy("20-b", "[Flash]\nAction=flash\nImage=/etc/passwd\n");
	assert_used_by("lite.bin", "[\"10-a\",\"20-b\"]");
	command = xasprintf("rm -r %s", folder);
	assert_int_equal(system(command), 0);
	free(command);
	free(path);
}

static void
assert_busy(const char *file, const char *sha256, const char *why)
{
	char *text = image_use_why_busy(&w.setup, w.registry, file, sha256);

	if (why == NULL) {
		assert_null(text);
		return;
	}
	assert_non_null(text);
	assert_contains(text, why);
	assert_contains(text, "device " FIXTURE_ID);
	free(text);
}

WORLD_TEST(the_daemon_does_not_write_where_policies_or_hooks_are)
{
	struct config *config = w.setup.config;
	struct error err = { 0 };

	assert_true(image_use_may_write(&w.setup, &err));
	free(config->hook_directory);
	config->hook_directory = xstrdup(DIRECTORY "/hooks.d");
	assert_false(image_use_may_write(&w.setup, &err));
	assert_contains(err.text, "folder of hooks (" DIRECTORY "/hooks.d)");
	strcpy(config->hook_directory, "/etc");
	strlist_add(&config->policy_directories, DIRECTORY);
	assert_false(image_use_may_write(&w.setup, &err));
	assert_contains(err.text, "folder of policies");
	strlist_fini(&config->policy_directories);
	w.setup.file = xstrdup(DIRECTORY "/reflashd.conf");
	assert_false(image_use_may_write(&w.setup, &err));
	assert_contains(err.text, "configuration");
	assert_false(image_use_may_write(&w.setup, NULL));
}

WORLD_TEST(nothing_is_needed_without_a_flash)
{
	add_policy("10-a", "[Flash]\nAction=flash\nImage=lite.bin\n");
	assert_busy("lite.bin", SHA256, NULL);
	assert_busy("lite.bin", NULL, NULL);
}

WORLD_TEST(a_device_needs_its_image_until_its_attempts_have_ended)
{
	static const struct {
		enum state state;
		enum hold hold;
		const char *why;
	} cases[] = {
		{ STATE_SEEN, HOLD_NONE, NULL },
		{ STATE_HELD, HOLD_BACKOFF, "once more" },
		{ STATE_HELD, HOLD_ABSENT, "once more" },
		{ STATE_HELD, HOLD_CANCELLED, NULL },
		{ STATE_PROBING, HOLD_NONE, "being flashed" },
		{ STATE_OFFERING, HOLD_NONE, "being flashed" },
		{ STATE_DOWNLOADING, HOLD_NONE, "being flashed" },
		{ STATE_VERIFYING, HOLD_NONE, "being flashed" },
		{ STATE_FINISHING, HOLD_NONE, "being flashed" },
		{ STATE_FLASHED, HOLD_NONE, NULL },
		{ STATE_VERIFIED, HOLD_NONE, NULL },
		{ STATE_FAILED, HOLD_NONE, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		fixture_end(w.device, "10-a", SHA256, cases[i].state, 1);
		w.device->hold = cases[i].hold;
		assert_busy("lite.bin", SHA256, cases[i].why);
		/* By its name alone, and by its bytes alone. */
		assert_busy("lite.bin", NULL, cases[i].why);
		assert_busy("lite.bin", OTHER, cases[i].why);
		assert_busy("copy.bin", SHA256, cases[i].why);
		assert_busy("other.bin", OTHER, NULL);
	}
	w.device->state = STATE_SEEN;
}

WORLD_TEST(a_first_wait_needs_no_image)
{
	fixture_end(w.device, "10-a", SHA256, STATE_HELD, 1);
	w.device->hold = HOLD_SLOT;
	w.device->attempt.number = 0;
	assert_busy("lite.bin", SHA256, NULL);
}

WORLD_TEST(a_device_that_fell_silent_may_still_need_it)
{
	fixture_end(w.device, "10-a", SHA256, STATE_FAILED, 1);
	device_note_unsure(w.device);
	assert_busy("lite.bin", SHA256, "may have taken it");
	/* Later attempts were with another one. */
	text_copy(w.device->attempt.image.name,
	    sizeof(w.device->attempt.image.name), "next.bin");
	text_copy(w.device->attempt.image.sha256,
	    sizeof(w.device->attempt.image.sha256), OTHER);
	assert_busy("lite.bin", SHA256, "may have taken it");
	assert_busy("next.bin", OTHER, "may have taken it");
}

WORLD_TEST(an_upgrade_is_needed_until_the_device_has_it)
{
	struct device_upgrade *upgrade = &w.device->upgrade;

	text_copy(upgrade->next, sizeof(upgrade->next), SHA256);
	assert_busy("tasmota.bin.gz", SHA256, "after its flash");
	upgrade->next[0] = '\0';
	text_copy(upgrade->next_minimal, sizeof(upgrade->next_minimal), SHA256);
	assert_busy("tasmota-minimal.bin.gz", SHA256, "after its flash");
	upgrade->next_minimal[0] = '\0';
	text_copy(upgrade->sha256, sizeof(upgrade->sha256), SHA256);
	assert_busy("tasmota.bin.gz", SHA256, NULL);
	text_copy(upgrade->token, sizeof(upgrade->token), "abc");
	assert_busy("tasmota.bin.gz", SHA256, "after its flash");
	assert_busy("tasmota.bin.gz", NULL, NULL);
}

WORLD_TEST(a_device_at_work_needs_what_its_policy_names)
{
	add_policy("10-a",
	    "[Flash]\nAction=flash\nImage=lite.bin\n"
	    "[Finish]\nUpgrade=tasmota.bin.gz\n");
	fixture_end(w.device, "10-a", OTHER, STATE_VERIFYING, 1);
	assert_busy("tasmota.bin.gz", SHA256, "its policy names it");
	assert_busy("tasmota-minimal.bin.gz", SHA256, "its policy names it");
	fixture_end(w.device, "10-a", OTHER, STATE_VERIFIED, 1);
	assert_busy("tasmota.bin.gz", SHA256, NULL);
}

WORLD_TEST(an_order_needs_the_image_that_it_names)
{
	device_order_image(w.device, "order.bin");
	assert_busy("order.bin", SHA256, NULL);
	w.device->order.is_given = true;
	assert_busy("order.bin", SHA256, "somebody has ordered");
	assert_busy("lite.bin", SHA256, NULL);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
