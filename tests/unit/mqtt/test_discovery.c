/* SPDX-License-Identifier: ISC */
/* What Home Assistant is told, key by key. */
#include "config.h"

#include <stdlib.h>

#include "core/state/state.h"
#include "mqtt/message/discovery.h"

#include "unit/test.h"

#define SHA "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"

static struct topics topics;

static int
set_up(void **state)
{
	(void)state;
	topics_init(&topics, "reflashd", "home", "homeassistant", NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	topics_fini(&topics);
	return 0;
}

#define DISCOVERY_TEST(name) TEST_WITH(name, set_up, tear_down)

static json_t *
config_of(const char *state, const char *reason, bool may_install)
{
	json_t *device = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:{s:s, s:s, s:s, s:s, s:i}}",
	    "id", "1000a05bf7", "mac", "84:0d:8e:a0:5b:f7", "address",
	    "192.168.1.23", "type", "diy_plug", "firmware", "3.6.0", "state",
	    state, "reason", reason, "image", "name", "t.bin", "sha256", SHA,
	    "kind", "tasmota", "label", "Tasmota 9.5.0 lite", "size", 504848);
	struct shown shown;
	json_t *config;

	shown_look(device, &shown);
	config = discovery_device(&topics, device, &shown, may_install);
	json_decref(device);
	return config;
}

static const json_t *
part_of(const json_t *config, const char *part)
{
	return json_object_get(json_object_get(config, "cmps"), part);
}

/* Fail where the object has a key that is not in the words. */
static void
assert_keys(const json_t *object, const char *words)
{
	const char *key;
	char wanted[64];
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		snprintf(wanted, sizeof(wanted), " %s ", key);
		if (strstr(words, wanted) == NULL)
			fail_msg("%s is not one of:%s", key, words);
		if (json_is_null(value))
			assert_string_equal(key, "name");
	}
}

static void
assert_text(const json_t *object, const char *key, const char *want)
{
	assert_non_null(json_string_value(json_object_get(object, key)));
	assert_string_equal(
	    json_string_value(json_object_get(object, key)), want);
}

/* The lists are those of Home Assistant 2024.11, where they were the shortest.
 */
static void
assert_closed(const json_t *config)
{
	const json_t *part;
	const char *name;

	assert_keys(config, " dev o avty qos cmps ");
	assert_keys(json_object_get(config, "dev"),
	    " ids cns name mf mdl sn sw cu via_device ");
	assert_keys(json_object_get(config, "o"), " name sw url ");
	json_object_foreach (json_object_get(config, "cmps"), name, part) {
		assert_keys(part,
		    " p uniq_id name dev_cla ent_cat def_ent_id stat_t val_tpl "
		    "json_attr_t json_attr_tpl ops cmd_t pl_inst pl_on pl_off "
		    "stat_on stat_off stat_cla ");
		assert_non_null(json_object_get(part, "p"));
	}
}

DISCOVERY_TEST(a_device_has_only_keys_that_home_assistant_knows)
{
	for (enum state s = 0; s < STATE_COUNT; s++) {
		json_t *config = config_of(state_name(s), "approval", true);

		assert_closed(config);
		json_decref(config);
	}
}

DISCOVERY_TEST(install_names_the_very_image_that_is_shown)
{
	json_t *config = config_of("held", "approval", true);
	const json_t *update = part_of(config, "fw");

	assert_text(
	    update, "pl_inst", "{\"do\":\"approve\",\"sha256\":\"" SHA "\"}");
	assert_text(update, "cmd_t", "reflashd/home/command/1000a05bf7");
	assert_text(update, "stat_t", "reflashd/home/device/1000a05bf7/update");
	assert_text(update, "uniq_id", "reflashd_1000a05bf7_fw");
	assert_null(json_object_get(update, "val_tpl"));
	json_decref(config);
	config = config_of("failed", "never-fetched", true);
	assert_text(part_of(config, "fw"), "pl_inst",
	    "{\"do\":\"retry\",\"sha256\":\"" SHA "\"}");
	json_decref(config);
}

DISCOVERY_TEST(there_is_no_button_that_does_nothing)
{
	static const struct {
		const char *state, *reason;
		bool may_install;
	} rows[] = {
		{ "held", "approval", false },
		{ "held", "window", true },
		{ "downloading", NULL, true },
		{ "verified", NULL, true },
		{ "seen", NULL, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *config = config_of(
		    rows[i].state, rows[i].reason, rows[i].may_install);

		assert_null(json_object_get(part_of(config, "fw"), "cmd_t"));
		assert_null(json_object_get(part_of(config, "fw"), "pl_inst"));
		json_decref(config);
	}
}

DISCOVERY_TEST(all_states_are_options_also_one_that_is_not_known_yet)
{
	json_t *config = config_of("melting", NULL, true);
	const json_t *options =
	    json_object_get(part_of(config, "stage"), "ops");

	assert_int_equal(json_array_size(options), STATE_COUNT + 1);
	assert_string_equal(
	    json_string_value(json_array_get(options, STATE_COUNT)), "melting");
	json_decref(config);
}

DISCOVERY_TEST(the_daemon_is_never_its_own_hub)
{
	json_t *hub = discovery_daemon(&topics, true);
	json_t *config = config_of("verified", NULL, true);
	const json_t *dev = json_object_get(config, "dev");

	assert_closed(hub);
	assert_null(json_object_get(json_object_get(hub, "dev"), "via_device"));
	assert_text(dev, "via_device", "reflashd_home");
	assert_string_equal(
	    json_string_value(json_array_get(
		json_object_get(json_object_get(hub, "dev"), "ids"), 0)),
	    "reflashd_home");
	assert_text(dev, "cu", "http://192.168.1.23/");
	assert_text(dev, "sw", "Tasmota 9.5.0 lite (5c1aecd2)");
	json_decref(hub);
	json_decref(config);
}

DISCOVERY_TEST(where_nobody_may_pause_the_switch_is_taken_away)
{
	json_t *hub = discovery_daemon(&topics, false);

	assert_int_equal(json_object_size(part_of(hub, "pause")), 1);
	assert_text(part_of(hub, "pause"), "p", "switch");
	json_decref(hub);
}

DISCOVERY_TEST(a_retained_message_of_this_site_is_known_again)
{
	json_t *config = config_of("seen", NULL, true);
	char *text = json_dumps(config, JSON_COMPACT);
	struct topics other;
	static const char other_program[] =
	    "{\"o\":{\"name\":\"zigbee2mqtt\"},\"avty\":"
	    "[{\"t\":\"reflashd/home/status\"}]}";
	static const char *const foreign[] = { "", "{", "[]", "{\"o\":7}",
		"{\"o\":{\"name\":\"reflashd\"}}",
		"{\"o\":{\"name\":\"reflashd\"},\"avty\":[{\"t\":7}]}",
		other_program };

	topics_init(&other, "reflashd", "other", "homeassistant", NULL);
	assert_true(discovery_is_ours(&topics, text, strlen(text)));
	assert_false(discovery_is_ours(&other, text, strlen(text)));
	for (size_t i = 0; i < COUNT(foreign); i++)
		assert_false(
		    discovery_is_ours(&topics, foreign[i], strlen(foreign[i])));
	topics_fini(&other);
	free(text);
	json_decref(config);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
