/* SPDX-License-Identifier: ISC */
/* The topics that are published, and those that come. */
#include "config.h"

#include <stdlib.h>

#include "mqtt/message/topics.h"

#include "unit/test.h"

static struct topics topics;

static int
set_up(void **state)
{
	(void)state;
	topics_init(&topics, "reflashd", "home", "homeassistant",
	    "homeassistant/status");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	topics_fini(&topics);
	return 0;
}

#define TOPICS_TEST(name) TEST_WITH(name, set_up, tear_down)

static void
assert_topic(char *topic, const char *want)
{
	assert_string_equal(topic, want);
	free(topic);
}

TOPICS_TEST(each_topic_has_its_name)
{
	const char *id = "1000a05bf7";

	assert_topic(topics_own(&topics, "status"), "reflashd/home/status");
	assert_topic(topics_device(&topics, id, TOPICS_STATE),
	    "reflashd/home/device/1000a05bf7/state");
	assert_topic(topics_device(&topics, id, TOPICS_UPDATE),
	    "reflashd/home/device/1000a05bf7/update");
	assert_topic(topics_device(&topics, id, TOPICS_CONFIG),
	    "homeassistant/device/reflashd_1000a05bf7/config");
	assert_topic(
	    topics_hub(&topics), "homeassistant/device/reflashd_home/config");
}

TEST(without_discovery_there_is_no_config)
{
	struct topics bare;

	topics_init(&bare, "r", "s", NULL, NULL);
	assert_null(topics_hub(&bare));
	assert_null(topics_device(&bare, "1000a05bf7", TOPICS_CONFIG));
	topics_fini(&bare);
}

TOPICS_TEST(a_command_is_for_a_device_or_for_the_daemon)
{
	static const struct {
		const char *topic, *id; /* NULL: no command */
	} rows[] = {
		{ "reflashd/home/command", "" },
		{ "reflashd/home/command/1000a05bf7", "1000a05bf7" },
		{ "reflashd/home/command/1000A05BF7", "?" },
		{ "reflashd/home/command/", "?" },
		{ "reflashd/home/command/../x", "?" },
		{ "reflashd/home/command/1000a05bf7/x", "?" },
		{ "reflashd/home/command/100", "?" },
		{ "reflashd/home/command/"
		  "00000000000000000000000000000000000000000000",
		    "?" },
		{ "reflashd/home/commands", NULL },
		{ "reflashd/homes/command", NULL },
		{ "reflashd/other/command/1000a05bf7", NULL },
		{ "reflashd/home/status", NULL },
		{ "", NULL },
	};
	char id[TOPICS_ID_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(topics_is_command(&topics, rows[i].topic, id),
		    rows[i].id != NULL);
		if (rows[i].id != NULL)
			assert_string_equal(id, rows[i].id);
	}
}

TOPICS_TEST(the_retained_topics_of_devices_are_known_again)
{
	static const struct {
		const char *topic;
		int which; /* -1: none of ours */
	} rows[] = {
		{ "homeassistant/device/reflashd_1000a05bf7/config",
		    TOPICS_CONFIG },
		{ "reflashd/home/device/1000a05bf7/state", TOPICS_STATE },
		{ "reflashd/home/device/1000a05bf7/update", TOPICS_UPDATE },
		{ "reflashd/home/device/1000a05bf7/other", -1 },
		{ "reflashd/home/device/1000a05bf7", -1 },
		{ "reflashd/home/device//state", -1 },
		{ "homeassistant/device/reflashd_home/config", -1 },
		{ "homeassistant/device/zigbee_1000a05bf7/config", -1 },
		{ "homeassistant/device/reflashd_1000a05bf7/state", -1 },
	};
	enum topics_of_device which;
	char id[TOPICS_ID_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool is_ours =
		    topics_is_device(&topics, rows[i].topic, id, &which);

		assert_int_equal(is_ours, rows[i].which != -1);
		if (is_ours) {
			assert_int_equal(which, rows[i].which);
			assert_string_equal(id, "1000a05bf7");
		}
	}
}

TEST(names_hold_nothing_that_means_something_to_a_broker)
{
	static const char *const good[] = { "reflashd", "a/b", "a.b-c_d", "1" };
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", "a+b",
		"#", "a/#", "$SYS", "a b", "a\tb", "\xc3\xa4" };

	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(topics_is_name(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(topics_is_name(bad[i]));
	assert_true(topics_is_site("home-1_a"));
	assert_false(topics_is_site("Home"));
	assert_false(topics_is_site(""));
	assert_false(topics_is_site("a/b"));
	assert_false(topics_is_site("123456789012345678901234567890123"));
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
