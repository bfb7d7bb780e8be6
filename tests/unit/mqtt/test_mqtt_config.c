/* SPDX-License-Identifier: ISC */
/* mqtt.conf: each key, its default, and its mistakes. */
#include "config.h"

#include <string.h>

#include "mqtt/message/command.h"
#include "mqtt/mqtt_config.h"

#include "unit/test.h"

static struct mqtt_config *
config_of(const char *text, const char *host, struct problems *problems)
{
	struct mqtt_config *config = mqtt_config_new();

	mqtt_config_parse(config, text, strlen(text), "f", problems);
	mqtt_config_check(config, host, false, problems);
	return config;
}

static struct mqtt_config *
good_config(const char *text)
{
	struct problems problems = { 0 };
	struct mqtt_config *config = config_of(text, "attic", &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_int_equal(problems.count, 0);
	return config;
}

TEST(without_a_file_there_is_a_default_for_everything)
{
	struct mqtt_config *config = good_config("");

	assert_string_equal(config->host, "localhost");
	assert_int_equal(config->port, 1883);
	assert_false(config->has_tls);
	assert_int_equal(config->protocol, MQTT_PROTOCOL_IS_311);
	assert_int_equal(config->keep_alive, 60);
	assert_string_equal(config->prefix, "reflashd");
	assert_string_equal(config->site, "attic");
	assert_string_equal(config->client_id, "reflashd-attic");
	assert_string_equal(config->discovery_prefix, "homeassistant");
	assert_string_equal(config->birth_topic, "homeassistant/status");
	assert_int_equal(config->allowed, 0);
	assert_int_equal(config->max_age_sec, 0);
	mqtt_config_free(config);
}

TEST(tls_has_another_port_and_is_switched_on_by_each_of_its_keys)
{
	static const struct {
		const char *text;
		bool has_tls;
		unsigned port;
	} rows[] = {
		{ "CAFile=/ca.pem", true, 8883 },
		{ "CAFile=system", true, 8883 },
		{ "ServerName=broker", true, 8883 },
		{ "CertFile=/c\nKeyFile=/k", true, 8883 },
		{ "Port=8883", true, 8883 },
		{ "Port=1884", false, 1884 },
		{ "CAFile=/ca.pem\nPort=1883", true, 1883 },
	};
	char text[128];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mqtt_config *config;

		snprintf(text, sizeof(text), "[Broker]\n%s\n", rows[i].text);
		config = good_config(text);
		assert_int_equal(config->has_tls, rows[i].has_tls);
		assert_int_equal(config->port, rows[i].port);
		mqtt_config_free(config);
	}
}

TEST(commands_are_allowed_to_those_who_have_a_secret_or_by_word)
{
	static const struct {
		const char *text;
		unsigned allowed;
	} rows[] = {
		{ "[Broker]\nUser=u\nPasswordFile=/p\n", COMMAND_ALL },
		{ "[Broker]\nUser=u\n", 0 },
		{ "[Broker]\nCertFile=/c\nKeyFile=/k\n", COMMAND_ALL },
		{ "[Commands]\nAllow=yes\n", COMMAND_ALL },
		{ "[Broker]\nUser=u\nPasswordFile=/p\n[Commands]\nAllow=no\n",
		    0 },
		{ "[Commands]\nAllow=approve cancel\n",
		    1u << COMMAND_APPROVE | 1u << COMMAND_CANCEL },
		{ "[Commands]\nAllow=pause\nAllow=resume\n",
		    1u << COMMAND_PAUSE | 1u << COMMAND_RESUME },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mqtt_config *config = good_config(rows[i].text);

		assert_int_equal(config->allowed, rows[i].allowed);
		mqtt_config_free(config);
	}
}

TEST(a_credential_is_the_password_of_the_user_who_has_no_other)
{
	static const struct {
		const char *text, *file;
		unsigned allowed;
	} rows[] = {
		{ "[Broker]\nUser=u\n", MQTT_CONFIG_CREDENTIAL, COMMAND_ALL },
		{ "[Broker]\nUser=u\nPasswordFile=/p\n", "/p", COMMAND_ALL },
		{ "", NULL, 0 },
	};
	struct problems problems = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mqtt_config *config = mqtt_config_new();

		mqtt_config_parse(
		    config, rows[i].text, strlen(rows[i].text), "f", &problems);
		mqtt_config_check(config, "attic", true, &problems);
		assert_int_equal(problems.count, 0);
		assert_int_equal(config->allowed, rows[i].allowed);
		if (rows[i].file == NULL)
			assert_null(config->password_file);
		else
			assert_string_equal(
			    config->password_file, rows[i].file);
		mqtt_config_free(config);
	}
}

TEST(discovery_can_be_switched_off)
{
	struct mqtt_config *config =
	    good_config("[Topics]\nDiscoveryPrefix=none\nPrefix=a/b\n");

	assert_null(config->discovery_prefix);
	assert_null(config->birth_topic);
	assert_string_equal(config->prefix, "a/b");
	mqtt_config_free(config);
	config = good_config("[Topics]\nDiscoveryPrefix=ha\n");
	assert_string_equal(config->birth_topic, "ha/status");
	mqtt_config_free(config);
}

TEST(a_site_is_made_from_the_name_of_the_machine)
{
	static const struct {
		const char *host, *site;
	} rows[] = {
		{ "Attic.example.org", "attic" },
		{ "Mein Server", "mein-server" },
		{ "localhost", "home" },
		{ "", "home" },
	};
	struct problems problems = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mqtt_config *config =
		    config_of("", rows[i].host, &problems);

		assert_string_equal(config->site, rows[i].site);
		assert_int_equal(problems.count, 0);
		mqtt_config_free(config);
	}
}

TEST(each_mistake_has_its_place_and_its_sentence)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "[Broker]\nHots=x\n", "f:2: there is no Hots= in [Broker]" },
		{ "[Broker]\nPort=99999\n", "f:2: Port=99999: " },
		{ "[Broker]\nProtocol=4\n", "f:2: Protocol=4: " },
		{ "[Broker]\nCAFile=ca.pem\n",
		    "f:2: CAFile=ca.pem: write an absolute path" },
		{ "[Broker]\nCertFile=/c\n", "f:2: CertFile=/c: KeyFile=" },
		{ "[Broker]\nKeyFile=/k\n", "f:2: KeyFile=/k: CertFile=" },
		{ "[Broker]\nPasswordFile=/p\n",
		    "f:2: PasswordFile=/p: User= is missing" },
		{ "[Broker]\nUser=u\nPasswordFile=a/b\n",
		    "f:3: PasswordFile=a/b: write an absolute path" },
		{ "[Topics]\nSite=Home\n", "f:2: Site=Home: write lower-case" },
		{ "[Topics]\nSite=1000a05bf7\n",
		    "f:2: Site=1000a05bf7: that looks like the id" },
		{ "[Topics]\nPrefix=a/#\n", "f:2: Prefix=a/#: a topic has" },
		{ "[Topics]\nDiscoveryPrefix=+\n", "f:2: DiscoveryPrefix=+: " },
		{ "[Commands]\nAllow=everything\n",
		    "f:2: Allow=everything: write yes, no" },
		{ "[Commands]\nMaxAgeSec=-1\n", "f:2: MaxAgeSec=-1: " },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct problems problems = { 0 };
		struct mqtt_config *config =
		    config_of(rows[i].text, "attic", &problems);

		if (problems.count == 0)
			fail_msg("no mistake in: %s", rows[i].text);
		assert_contains(problems.text[0], rows[i].want);
		problems_fini(&problems);
		mqtt_config_free(config);
	}
}

TEST(the_name_of_the_machine_may_look_like_an_id)
{
	struct problems problems = { 0 };
	struct mqtt_config *config = config_of("", "1000a05bf7", &problems);

	assert_int_equal(problems.count, 1);
	assert_contains(problems.text[0], "Site=1000a05bf7: ");
	problems_fini(&problems);
	mqtt_config_free(config);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
