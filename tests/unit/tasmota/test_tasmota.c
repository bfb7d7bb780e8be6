/* SPDX-License-Identifier: ISC */
/* Tasmota: URLs, versions, answers, and the Backlog that is sent. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tasmota/tasmota.h"

#include "unit/test.h"

#define MINI_GPIO "[32,0,0,0,160,0,0,0,224,320,0,0,1,0]"
#define MINI                                                                   \
	"{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO                        \
	",\"FLAG\":0,\"BASE\":1}"

TEST(a_path_has_everything_but_the_unreserved_encoded)
{
	static const struct {
		const char *command, *path;
	} cases[] = {
		{ "Status 5", "/cm?cmnd=Status%205" },
		{ "", "/cm?cmnd=" },
		{ "a.b_c~d-e", "/cm?cmnd=a.b_c~d-e" },
		{ "Backlog a 1;b 2", "/cm?cmnd=Backlog%20a%201%3Bb%202" },
		{ "x{\"y\":[1]}&#?%+/=",
		    "/cm?cmnd=x%7B%22y%22%3A%5B1%5D%7D%26%23%3F%25%2B%2F%3D" },
		{ "\xc3\xbc\r\n\x7f", "/cm?cmnd=%C3%BC%0D%0A%7F" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = tasmota_path(cases[i].command, NULL);

		assert_string_equal(path, cases[i].path);
		free(path);
	}
}

/* HandleHttpCommand() before 9.3: no header, but user and password. */
TEST(a_password_is_in_the_path_as_well)
{
	char *path = tasmota_path("Status 5", "p&w d{");

	assert_string_equal(
	    path, "/cm?cmnd=Status%205&user=admin&password=p%26w%20d%7B");
	free(path);
}

TEST(a_password_becomes_basic_authorization_of_admin)
{
	static const struct {
		const char *password, *header;
	} cases[] = {
		{ "x", "Basic YWRtaW46eA==" },
		{ "geheim", "Basic YWRtaW46Z2VoZWlt" },
		{ "p:w d", "Basic YWRtaW46cDp3IGQ=" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *header = tasmota_authorization(cases[i].password);

		assert_string_equal(header, cases[i].header);
		free(header);
	}
}

TEST(a_version_is_read_in_every_form_it_was_seen_in)
{
	static const struct {
		const char *text, *version, *variant;
	} cases[] = {
		{ "11.1.0(tasmota)", "11.1.0", "tasmota" },
		{ "12.5.0(lite)", "12.5.0", "lite" },
		{ "9.5.0(lite)", "9.5.0", "lite" },
		{ "9.5.0.8(tasmota)", "9.5.0.8", "tasmota" },
		{ "14.2.0(release-lite)", "14.2.0", "lite" },
		{ "9.5.0.8(tasmota-DE)", "9.5.0.8", "tasmota-DE" },
		{ "6.4.1.7(sonoff)", "6.4.1.7", "sonoff" },
		{ "6.4.0(basic)", "6.4.0", "basic" },
		{ "5.12.0h", "5.12.0h", "" },
		{ "5.14.0", "5.14.0", "" },
		{ "5.12.0h-minimal", "5.12.0h", "minimal" },
		{ "6.0.0-minimal", "6.0.0", "minimal" },
		{ "1.2.3.4.5.6.7.h", "1.2.3.4.5.6.7.h", "" },
		{ "15.2.0(release-tasmota)", "15.2.0", "tasmota" },
		{ "15.0.1.2(abcdef0-tasmota)", "15.0.1.2", "tasmota" },
		{ "15.0.1.2(abcdef01-tasmota)", "15.0.1.2", "tasmota" },
		{ "15.0.1.2(abcdef0123-tasmota)", "15.0.1.2", "tasmota" },
		{ "15.0.1.2(abcdef-tasmota)", "15.0.1.2", "abcdef-tasmota" },
		{ "14.2.0(release-tasmota-4M)", "14.2.0", "tasmota-4M" },
		{ "13.1.0(tasmota-4M)", "13.1.0", "tasmota-4M" },
		{ "13.1.0(tasmota-DE)", "13.1.0", "tasmota-DE" },
		{ "13.1.0(DE)", "13.1.0", "DE" },
		{ "14.2.0(release-minimal)", "14.2.0", "minimal" },
		{ "8.1.0(decade-x)", "8.1.0", "decade-x" },
		{ "6.6.0", "6.6.0", "" },
		{ "14.2.0()", "14.2.0", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_facts facts = { 0 };
		struct error err;
		char body[200];

		snprintf(body, sizeof(body),
		    "{\"StatusFWR\":{\"Version\":\"%s\",\"BuildDateTime\":"
		    "\"2022-05-05T03:23:22\"}}",
		    cases[i].text);
		assert_true(
		    tasmota_read_status(body, strlen(body), &facts, &err));
		assert_string_equal(facts.version, cases[i].version);
		assert_string_equal(facts.variant, cases[i].variant);
		assert_string_equal(facts.built, "2022-05-05T03:23:22");
		assert_string_equal(facts.mac, "");
	}
}

TEST(a_minimal_build_is_known_by_its_header_and_what_it_does_not_know)
{
	static const char unknown[] = "{\"Command\":\"Unknown\"}";
	static const struct {
		const char *server, *body, *version; /* NULL: it is none */
	} cases[] = {
		{ "Tasmota/14.2.0 (ESP8285N08)", unknown, "14.2.0" },
		{ "Tasmota/11.0.0.4 (ESP8266EX)", unknown, "11.0.0.4" },
		{ "Tasmota/15.5.0 (ESP8266EX)",
		    "{\"Command\":\"Unknown\",\"Input\":\"STATUS5\"}",
		    "15.5.0" },
		{ "Tasmota/14.2.0", unknown, "14.2.0" },
		{ "Tasmota/14.2.0 (ESP8285N08)", "{\"Command\":\"Error\"}",
		    NULL },
		{ "Tasmota/14.2.0 (ESP8285N08)", "{\"Command\":\"Unknown.\"}",
		    NULL },
		{ "Tasmota/14.2.0 (ESP8285N08)", "{\"Command\":1}", NULL },
		{ "Tasmota/14.2.0 (ESP8285N08)", "{\"WARNING\":\"Unknown\"}",
		    NULL },
		{ "Tasmota/14.2.0 (ESP8285N08)", "", NULL },
		{ "Tasmota/14.2.0 (ESP8285N08)", "<html>Unknown</html>", NULL },
		{ "", unknown, NULL },
		{ "nginx/1.22.1", unknown, NULL },
		{ "Tasmota", unknown, NULL },
		{ "Tasmota/", unknown, NULL },
		{ "Tasmota/x.y (ESP8285N08)", unknown, NULL },
		{ "Tasmota/14", unknown, NULL },
		{ "Tasmota/14.2.0.1.2.3.4.5.6.7.8.9", unknown, NULL },
		{ "NoTasmota/14.2.0 (ESP8285N08)", unknown, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_facts facts = { .version = "9.5.0" };
		const char *version = cases[i].version;

		assert_int_equal(
		    tasmota_read_minimal(cases[i].server, cases[i].body,
			strlen(cases[i].body), &facts),
		    version != NULL);
		assert_string_equal(
		    facts.version, version != NULL ? version : "9.5.0");
		assert_string_equal(
		    facts.variant, version != NULL ? "minimal" : "");
	}
}

TEST(an_order_to_upgrade_is_taken_if_the_answer_says_so)
{
	static const struct {
		const char *body;
		bool taken;
	} cases[] = {
		{ "{\"Upgrade\":\"Version 14.2.0 from http://a/t/fw.bin\"}",
		    true },
		{ "{\"Upgrade\":\"1 or >14.2.0 to upgrade\"}", false },
		{ "{\"Upgrade\":\"Version14.2.0 from http://a/t/fw.bin\"}",
		    false },
		{ "{\"Upgrade\":1}", false },
		{ "{\"Command\":\"Unknown\"}", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    tasmota_took_upgrade(cases[i].body, strlen(cases[i].body)),
		    cases[i].taken);
}

TEST(a_url_is_taken_if_the_answer_has_all_of_it)
{
	static const struct {
		const char *body;
		bool taken;
	} cases[] = {
		{ "{\"OtaUrl\":\"http://a/t/fw.bin\"}", true },
		{ "{\"OtaUrl\":\"http://a/t/fw\"}", false },
		{ "{\"OtaUrl\":\"http://a/t/fw.bin.gz\"}", false },
		{ "{\"OtaUrl\":\"\"}", false },
		{ "{\"Command\":\"Unknown\"}", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    tasmota_took_url(cases[i].body, strlen(cases[i].body),
			"http://a/t/fw.bin"),
		    cases[i].taken);
}

/* As in a reply that is to end in a record that cannot be written. */
TEST(what_it_says_of_itself_is_plain_text)
{
	static const char body[] =
	    "{\"StatusFWR\":{\"Version\":"
	    "\"14.2.0(lite\\u001b[2J-0123456789012\\u00e9)\","
	    "\"BuildDateTime\":\"\\u202e\\n2022\\u001f\\u007f~\"},"
	    "\"StatusNET\":{\"Mac\":\"\\u001b]0;x\\u0007\"}}";
	struct tasmota_facts facts = { 0 };
	struct error err;

	assert_true(tasmota_read_status(body, strlen(body), &facts, &err));
	assert_string_equal(facts.variant, "lite?[2J-0123456789012?");
	assert_string_equal(facts.built, "????2022??~");
	assert_string_equal(facts.mac, "?]0;x?");
}

static bool
read_body(const char *body, struct tasmota_facts *facts)
{
	struct error err = { 0 };
	bool ok = tasmota_read_status(body, strlen(body), facts, &err);

	if (!ok)
		assert_true(err.text[0] != '\0');
	return ok;
}

TEST(status_5_tells_the_mac_and_keeps_what_is_known)
{
	struct tasmota_facts facts = { .version = "14.2.0" };

	assert_true(read_body("{\"StatusNET\":{\"Hostname\":\"tasmota\","
			      "\"IPAddress\":\"192.168.1.9\",\"Mac\":"
			      "\"4C:11:AE:11:F8:50\",\"Webserver\":2}}",
	    &facts));
	assert_string_equal(facts.mac, "4c:11:ae:11:f8:50");
	assert_string_equal(facts.version, "14.2.0");
}

TEST(what_is_no_status_of_a_tasmota_is_refused)
{
	static const char *const bodies[] = {
		"",
		"<html>Tasmota</html>",
		"null",
		"[]",
		"{}",
		"{\"Command\":\"Unknown\"}",
		"{\"WARNING\":\"Enter command cmnd=}",
		"{\"StatusFWR\":[]}",
		"{\"StatusFWR\":{\"Version\":14}}",
		"{\"StatusFWR\":{\"Version\":\"\"}}",
		"{\"StatusFWR\":{\"Version\":\"new(lite)\"}}",
		"{\"StatusFWR\":{\"Version\":\".1(lite)\"}}",
		"{\"StatusFWR\":{\"Version\":\"14(lite)\"}}",
		"{\"StatusFWR\":{\"Version\":\"14.2.0(lite\"}}",
		"{\"StatusFWR\":{\"Version\":\"5.12.0hh\"}}",
		"{\"StatusFWR\":{\"Version\":\"5.12.0H\"}}",
		"{\"StatusFWR\":{\"Version\":\"h.1\"}}",
		"{\"StatusFWR\":{\"Version\":\"5h\"}}",
		"{\"StatusFWR\":{\"Version\":\"1.2.3.4.5.6.7.8h\"}}",
		"{\"StatusFWR\":{\"Version\":\"14.2.0 lite\"}}",
		"{\"StatusFWR\":{\"Version\":\"1.1.1.1.1.1.1.1.1(x)\"}}",
		"{\"StatusNET\":{\"Mac\":null}}",
		"{\"StatusNET\":{\"Mac\":\"\"}}",
		"{\"StatusNET\":{\"Mac\":\"4C:11:AE:11:F8:50:00\"}}",
		("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
		 "\"a\""
		 ":1}}}}}}}}}"),
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct tasmota_facts facts = { 0 };

		assert_false(read_body(bodies[i], &facts));
	}
}

TEST(a_long_variant_is_cut_and_a_reply_that_is_too_long_refused)
{
	struct tasmota_facts facts = { 0 };
	char *large = malloc(TASMOTA_MAX_REPLY + 100);

	assert_true(
	    read_body("{\"StatusFWR\":{\"Version\":\"14.2.0(abcdefghijkl"
		      "mnopqrstuvwxyzabcdef)\"}}",
		&facts));
	assert_int_equal(strlen(facts.variant), sizeof(facts.variant) - 1);
	snprintf(large, TASMOTA_MAX_REPLY + 100,
	    "{\"StatusFWR\":{\"Version\":\"14.2.0(x)\",\"x\":\"%0*d\"}}",
	    TASMOTA_MAX_REPLY, 7);
	assert_false(read_body(large, &facts));
	free(large);
}

TEST(only_a_tasmota_asks_for_its_password_in_this_way)
{
	static const struct {
		const char *body;
		bool locked;
	} cases[] = {
		{ "{\"WARNING\":\"Need user=<username>&password=<password>\"}",
		    true },
		{ "{\"WARNING\":\"Need user\"}", true },
		{ "{\"WARNING\":\"Need use\"}", false },
		{ "{\"WARNING\":\"Need uses\"}", false },
		{ "{\"WARNING\":\"Enter command cmnd=}", false },
		{ "{\"WARNING\":1}", false },
		{ "<html>401</html>", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    tasmota_is_locked(cases[i].body, strlen(cases[i].body)),
		    cases[i].locked);
}

TEST(an_access_point_is_named_as_the_published_ones)
{
	static const struct {
		const char *mac, *name;
	} cases[] = {
		{ "dc:4f:22:62:e4:3f", "tasmota-62E43F-1087" },
		{ "DC:4F:22:3D:5E:26", "tasmota-3D5E26-7718" },
		{ "dc:4f:22:49:c8:8d", "tasmota-49C88D-2189" },
		{ "dc:4f:22:00:00:07", "tasmota-000007-0007" },
	};
	static const char *const bad[] = { "", "dc:4f:22:49:c8",
		"dc:4f:22:49:c8:8", "dc:4f:22:49:c8:8d:00", "dc:4f:22:49:c8:-1",
		"dc4f2249c88d" };
	char name[40];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(tasmota_access_point(
		    cases[i].mac, '-', name, sizeof(name)));
		assert_string_equal(name, cases[i].name);
	}
	assert_true(
	    tasmota_access_point(cases[0].mac, '_', name, sizeof(name)));
	assert_string_equal(name, "tasmota_62E43F-1087");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(
		    tasmota_access_point(bad[i], '-', name, sizeof(name)));
	assert_false(tasmota_access_point(cases[0].mac, '-', name, 19));
}

TEST(pins_go_last_and_what_is_taken_not_at_all)
{
	struct tasmota_steps steps = { 0 };
	char *text;

	tasmota_steps_add(&steps, "Template", MINI);
	tasmota_steps_add(&steps, "Module", "0");
	tasmota_steps_add(&steps, "DeviceName", "Hall");
	tasmota_steps_add(&steps, "Topic", "hall");
	steps.items[3].taken = true;
	text = tasmota_backlog(&steps);
	assert_string_equal(
	    text, "Backlog DeviceName Hall;Template " MINI ";Module 0");
	assert_int_equal(steps.items[0].tries, 1);
	assert_true(steps.items[1].in_flight);
	assert_int_equal(steps.items[3].tries, 0);
	assert_false(steps.items[3].in_flight);
	free(text);
	for (size_t i = 0; i < steps.count; i++)
		steps.items[i].taken = true;
	assert_null(tasmota_backlog(&steps));
	tasmota_steps_add(&steps, "DeviceName", "");
	text = tasmota_backlog(&steps);
	assert_string_equal(text, "Backlog DeviceName ");
	free(text);
	steps.items[4].taken = true;
	assert_null(tasmota_backlog(&steps));
	tasmota_steps_add(&steps, "DeviceName", " ");
	text = tasmota_backlog(&steps);
	assert_string_equal(text, "DeviceName  ");
	free(text);
	assert_false(steps.items[0].in_flight);
	tasmota_steps_fini(&steps);
	assert_int_equal(steps.count, 0);
}

/* CmndBacklog() up to 12.x has room for 28, and drops what is more. */
TEST(a_backlog_keeps_to_twenty_commands_and_1000_bytes)
{
	struct tasmota_steps steps = { 0 };
	char value[600], *text;
	unsigned sent = 0;

	for (unsigned i = 0; i < 35; i++)
		tasmota_steps_add(&steps, "SetOption1", "1");
	tasmota_steps_add(&steps, "Module", "0");
	for (unsigned expected[] = { 20, 16 }, i = 0; i < 2; i++) {
		text = tasmota_backlog(&steps);
		assert_non_null(text);
		free(text);
		for (size_t k = 0; k < steps.count; k++) {
			sent += steps.items[k].in_flight;
			steps.items[k].taken |= steps.items[k].in_flight;
		}
		assert_int_equal(sent, expected[0] + i * expected[1]);
		assert_int_equal(steps.items[35].in_flight, i == 1);
	}
	assert_null(tasmota_backlog(&steps));
	tasmota_steps_fini(&steps);

	memset(value, 'x', sizeof(value));
	value[480] = '\0';
	for (unsigned i = 0; i < 3; i++)
		tasmota_steps_add(&steps, "Rule1", value);
	text = tasmota_backlog(&steps);
	assert_true(strlen(text) < TASMOTA_MAX_CMND);
	assert_true(steps.items[1].in_flight);
	assert_false(steps.items[2].in_flight);
	free(text);
	tasmota_steps_fini(&steps);
}

TEST(a_setting_that_is_too_long_is_in_nobodys_way)
{
	struct tasmota_steps steps = { 0 };
	char value[1300], *text;

	memset(value, 'x', sizeof(value));
	value[1250] = '\0';
	tasmota_steps_add(&steps, "Rule1", value);
	tasmota_steps_add(&steps, "DeviceName", "Hall");
	text = tasmota_backlog(&steps);
	assert_string_equal(text, "Backlog DeviceName Hall");
	free(text);
	steps.items[1].taken = true;
	assert_null(tasmota_backlog(&steps));
	assert_int_equal(steps.items[0].tries, 0);
	tasmota_steps_fini(&steps);

	/* Of 999 bytes in all: as long as may be. */
	value[999 - strlen("Backlog Rule1 ")] = '\0';
	tasmota_steps_add(&steps, "Rule1", value);
	text = tasmota_backlog(&steps);
	assert_non_null(text);
	assert_int_equal(strlen(text), TASMOTA_MAX_CMND - 1);
	free(text);
	tasmota_steps_fini(&steps);
}

/* 999 bytes with both of them is the most, and 1000 one too many. */
TEST(a_backlog_ends_before_what_does_not_fit)
{
	for (size_t over = 0; over <= 1; over++) {
		struct tasmota_steps steps = { 0 };
		char value[1000], *text;
		size_t len = 999 - strlen("Backlog Topic a;Rule1 ") + over;

		memset(value, 'x', sizeof(value));
		value[len] = '\0';
		tasmota_steps_add(&steps, "Topic", "a");
		tasmota_steps_add(&steps, "Rule1", value);
		tasmota_steps_add(&steps, "Hostname", "b");
		text = tasmota_backlog(&steps);
		assert_int_equal(
		    strlen(text), over == 0 ? 999 : strlen("Backlog Topic a"));
		assert_int_equal(steps.items[1].in_flight, over == 0);
		assert_false(steps.items[2].in_flight);
		free(text);
		tasmota_steps_fini(&steps);

		/* A command of 1000 bytes with its Backlog is never sent. */
		value[len] = 'x';
		value[999 - strlen("Backlog Rule1 ") + over] = '\0';
		tasmota_steps_add(&steps, "Rule1", value);
		text = tasmota_backlog(&steps);
		assert_int_equal(text != NULL, over == 0);
		free(text);
		tasmota_steps_fini(&steps);
	}
}

/*
 * CmndBacklog(): up to 9.4 each ';' cuts, later the ones outside of as many
 * '}' as '{'; Trim() takes the blanks at the end.
 */
TEST(what_a_backlog_would_cut_or_swallow_goes_alone)
{
	static const struct {
		const char *value;
		bool alone;
	} cases[] = {
		{ "a", false },
		{ "{\"NAME\":\"a\"}", false },
		{ "a}{b", false },
		{ "a;b", true },
		{ "{\"NAME\":\"a;b\"}", true },
		{ "gehe{m", true },
		{ "gehe}m", true },
		{ "{{}", true },
		{ "geheim ", true },
		{ "geheim\t", true },
		{ " geheim", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_steps steps = { 0 };
		char *first, *second;

		tasmota_steps_add(&steps, "FriendlyName1", cases[i].value);
		tasmota_steps_add(&steps, "Topic", "hall");
		first = tasmota_backlog(&steps);
		assert_int_equal(
		    strncmp(first, "Backlog ", 8) != 0, cases[i].alone);
		assert_contains(first, cases[i].value);
		assert_int_equal(steps.items[1].in_flight, !cases[i].alone);
		steps.items[0].taken = true;
		steps.items[1].taken = !cases[i].alone;
		second = tasmota_backlog(&steps);
		assert_int_equal(second != NULL, cases[i].alone);
		free(second);
		free(first);
		tasmota_steps_fini(&steps);
	}
}

TEST(what_goes_alone_keeps_its_place)
{
	static const char *const expected[] = { "Backlog DeviceName a",
		"Rule1 on x do Backlog a 1;b 2 endon",
		"Backlog FriendlyName1 b", "Template {\"NAME\":\"a;b\"}" };
	struct tasmota_steps steps = { 0 };

	tasmota_steps_add(&steps, "Template", "{\"NAME\":\"a;b\"}");
	tasmota_steps_add(&steps, "DeviceName", "a");
	tasmota_steps_add(&steps, "Rule1", "on x do Backlog a 1;b 2 endon");
	tasmota_steps_add(&steps, "FriendlyName1", "b");
	for (size_t i = 0; i < 4; i++) {
		char *text = tasmota_backlog(&steps);

		assert_string_equal(text, expected[i]);
		free(text);
		for (size_t k = 0; k < steps.count; k++)
			steps.items[k].taken |= steps.items[k].in_flight;
	}
	assert_null(tasmota_backlog(&steps));
	tasmota_steps_fini(&steps);
}

/* Module empties what GPIO has set. */
TEST(gpio_goes_behind_the_module)
{
	struct tasmota_steps steps = { 0 };
	char *text;

	tasmota_steps_add(&steps, "GPIO4", "160");
	tasmota_steps_add(&steps, "Topic", "hall");
	tasmota_steps_add(&steps, "Module", "1");
	text = tasmota_backlog(&steps);
	assert_string_equal(text, "Backlog Topic hall;Module 1;GPIO4 160");
	free(text);
	tasmota_steps_fini(&steps);
}

TEST(a_secret_is_not_asked_for_and_a_password_asked_without)
{
	static const struct {
		const char *command, *query;
		bool is_secret, is_password;
	} cases[] = {
		{ "DeviceName", "DeviceName", false, false },
		{ "MqttPassword", NULL, true, false },
		{ "mqttpassword", NULL, true, false },
		{ "MqttPassword1", NULL, true, false },
		{ "Password", NULL, true, false },
		{ "Password1", NULL, true, false },
		{ "WebServer", "Status 5", false, false },
		{ "SO19", "SetOption19", false, false },
		{ "WebPassword", "Status 2", true, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_steps steps = { 0 };
		const char *query;

		tasmota_steps_add(&steps, cases[i].command, "x");
		query = tasmota_query(&steps.items[0]);
		if (cases[i].query == NULL)
			assert_null(query);
		else
			assert_string_equal(query, cases[i].query);
		assert_int_equal(steps.items[0].is_secret, cases[i].is_secret);
		assert_int_equal(
		    steps.items[0].is_password, cases[i].is_password);
		tasmota_steps_fini(&steps);
	}
}

TEST(a_weblog_that_would_make_it_deaf_is_not_sent)
{
	static const struct {
		const char *command, *value, *version;
		bool may;
	} cases[] = {
		{ "WebLog", "0", "9.2.0", false },
		{ "weblog", "1", "8.1.0", false },
		{ "WebLog", "2", "8.1.0", true },
		{ "WebLog", "1", "9.2.0", false },
		{ "WebLog", "1", "9.2.0.1", true },
		{ "WebLog", "on", "9.2.0", false },
		{ "WebLog", "x", "9.2.0", true },
		{ "WebLog", "0", "9.3.1", true },
		{ "WebLog", "0", "14.2.0", true },
		{ "MqttLog", "0", "8.1.0", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_steps steps = { 0 };

		tasmota_steps_add(&steps, cases[i].command, cases[i].value);
		assert_int_equal(tasmota_step_why_not(&steps.items[0],
				     tasmota_version(cases[i].version)) == NULL,
		    cases[i].may);
		tasmota_steps_fini(&steps);
	}
}

static void
read_reply(struct tasmota_step *step, const char *version, const char *reply)
{
	struct tasmota_dialect dialect;

	tasmota_dialect_init(&dialect, version);
	tasmota_step_read(step, &dialect, reply, strlen(reply));
}

/* Sent once, what nobody can tell is left at that. */
TEST(what_is_unclear_is_sent_once)
{
	struct tasmota_steps steps = { 0 };
	struct tasmota_step *step;
	char *text;

	tasmota_steps_add(&steps, "AdcParam1", "2,1,2,3");
	step = &steps.items[0];
	read_reply(step, "14.2.0", "{\"AdcParam1\":[17,1,2]}");
	assert_true(step->is_unclear && tasmota_step_is_open(step));
	text = tasmota_backlog(&steps);
	assert_string_equal(text, "Backlog AdcParam1 2,1,2,3");
	free(text);
	assert_true(tasmota_step_is_open(step));
	step->was_heard = true;
	assert_false(tasmota_step_is_open(step));
	assert_null(tasmota_backlog(&steps));
	read_reply(step, "14.2.0", "{\"Command\":\"Unknown\"}");
	assert_true(tasmota_step_is_open(step));
	tasmota_steps_fini(&steps);
}

TEST(what_did_not_take_is_told_with_both_values_and_a_secret_without)
{
	static const struct {
		const char *command, *value, *version, *reply, *text;
	} cases[] = {
		{ "Latitude", "52.52", "14.2.0", "{\"Latitude\":48.860000}",
		    "it is 48.86, wanted 52.52" },
		{ "SetOption32", "40", "14.2.0", "{\"SetOption32\":5}",
		    "it is 5, wanted 40" },
		{ "SO19", "1", "14.2.0", "{\"SetOption19\":\"OFF\"}",
		    "it is OFF, wanted 1" },
		{ "DeviceName", "Hall", "14.2.0", "{\"DeviceName\":\"\"}",
		    "it is empty or not answered, wanted Hall" },
		{ "DeviceName", "\xd0\x9a", "14.2.0",
		    "{\"DeviceName\":\"\x1b[2J\"}",
		    "it is \\x1b[2J, wanted \\xd0\\x9a" },
		{ "PulseTime1", "105", "9.5.0",
		    "{\"PulseTime1\":{\"Set\":0,\"Remaining\":0}}",
		    "it is {\"Set\":0,\"Remaining\":0}, wanted 105" },
		{ "Sunrise", "1", "9.5.0", "{\"Command\":\"Unknown\"}",
		    "Tasmota 9.5.0 does not know it, a command of 12.2.0 "
		    "and later" },
		{ "DeviceName", "a", "8.3.0", "{\"Command\":\"Unknown\"}",
		    "Tasmota 8.3.0 does not know it, a command of 8.3.1 "
		    "and later" },
		{ "DeviceName", "a", "8.3.1", "{\"Command\":\"Unknown\"}",
		    "this build of Tasmota 8.3.1 does not know it" },
		{ "DomoticzIdx1", "1", "8.4.0", "{\"Command\":\"Unknown\"}",
		    "Tasmota 8.4.0 does not know it, a command of before "
		    "8.4.0" },
		{ "DomoticzIdx1", "1", "8.3.1", "{\"Command\":\"Unknown\"}",
		    "this build of Tasmota 8.3.1 does not know it" },
		{ "Topic", "a", "8.1.0", "{\"Command\":\"Unknown\"}",
		    "this build of Tasmota 8.1.0 does not know it" },
		{ "DomoticzIdx1", "1", "9.5.0", "{\"Command\":\"Unknown\"}",
		    "Tasmota 9.5.0 does not know it, a command of before "
		    "8.4.0" },
		{ "Wifi", "1", "9.3.1", "{\"Command\":\"Unknown\"}",
		    "Tasmota 9.3.1 does not know it, a command of before 9.2.0 "
		    "and of 9.4.0 and later" },
		{ "Wifi", "1", "9.2.0", "{\"Command\":\"Unknown\"}",
		    "Tasmota 9.2.0 does not know it, a command of before 9.2.0 "
		    "and of 9.4.0 and later" },
		{ "Wifi", "1", "9.1.0", "{\"Command\":\"Unknown\"}",
		    "this build of Tasmota 9.1.0 does not know it" },
		{ "Wifi", "1", "9.4.0", "{\"Command\":\"Unknown\"}",
		    "this build of Tasmota 9.4.0 does not know it" },
		{ "Wifi", "1", "8.3.1", "{\"Command\":\"Unknown\"}",
		    "Tasmota 8.3.1 does not know it, a command of 8.4.0 "
		    "and later" },
		{ "DzIdx1", "1", "9.5.0", "{\"Command\":\"Unknown\"}",
		    "this build of Tasmota 9.5.0 does not know it" },
		{ "PulseTime9", "1", "9.5.0", "{\"Command\":\"Error\"}",
		    "Tasmota 9.5.0 refuses it, wanted 1" },
		{ "MqttPassword", "geheim", "9.5.0",
		    "{\"MqttPassword\":\"geheim\"}", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_steps steps = { 0 };
		char text[300] = "what was there before";

		tasmota_steps_add(&steps, cases[i].command, cases[i].value);
		read_reply(&steps.items[0], cases[i].version, cases[i].reply);
		tasmota_step_describe(
		    &steps.items[0], cases[i].version, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
		tasmota_steps_fini(&steps);
	}
}

TEST(a_reply_says_whether_a_template_is_taken)
{
	static const struct {
		const char *reply;
		bool taken;
	} cases[] = {
		{ MINI, true },
		{ "{\"NAME\":\"Sonoff "
		  "Mini\",\"ARCH\":\"ESP8266\",\"GPIO\":" MINI_GPIO
		  ",\"FLAG\":0,\"BASE\":1}",
		    true },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO "}", false },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO
		  ",\"FLAG\":0,\"BASE\":18}",
		    false },
		{ "{\"NAME\":\"Generic\",\"GPIO\":" MINI_GPIO
		  ",\"FLAG\":0,\"BASE\":1}",
		    false },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":[1,1,1,1,1,1,1,1,1,1,1,"
		  "1,1,1],\"FLAG\":0,\"BASE\":1}",
		    false },
		{ "{\"Template\":\"Invalid JSON\"}", false },
		{ "{}", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_steps steps = { 0 };

		tasmota_steps_add(&steps, "Template", MINI);
		read_reply(&steps.items[0], "14.2.0", cases[i].reply);
		assert_int_equal(steps.items[0].taken, cases[i].taken);
		tasmota_steps_fini(&steps);
	}
}

/* The name and the pins must be there; FLAG and BASE are compared if given. */
TEST(a_template_is_compared_by_what_it_has)
{
	static const struct {
		const char *wanted;
		bool taken;
	} cases[] = {
		{ MINI, true },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO "}", true },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO
		  ",\"FLAG\":0}",
		    true },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO
		  ",\"FLAG\":1}",
		    false },
		{ "{\"NAME\":\"Sonoff Mini\",\"GPIO\":" MINI_GPIO
		  ",\"BASE\":2}",
		    false },
		{ "{\"NAME\":\"Sonoff Mini\",\"FLAG\":0,\"BASE\":1}", false },
		{ "{\"GPIO\":" MINI_GPIO ",\"FLAG\":0,\"BASE\":1}", false },
		{ "no JSON", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tasmota_steps steps = { 0 };

		tasmota_steps_add(&steps, "Template", cases[i].wanted);
		read_reply(&steps.items[0], "14.2.0", MINI);
		assert_int_equal(steps.items[0].taken, cases[i].taken);
		tasmota_steps_fini(&steps);
	}
}

/* {"Module":{"0":"Sonoff Mini"}} */
TEST(a_reply_says_whether_a_module_is_taken)
{
	struct tasmota_steps steps = { 0 };
	struct tasmota_step *step;

	tasmota_steps_add(&steps, "Module", "0");
	step = &steps.items[0];
	read_reply(step, "8.5.0", "{\"Module\":{\"0\":\"Sonoff Mini\"}}");
	assert_true(step->taken);
	read_reply(step, "8.5.0", "{\"Module\":{\"1\":\"Sonoff Basic\"}}");
	assert_false(step->taken);
	read_reply(step, "8.5.0", "{\"Module\":\"Sonoff Mini\"}");
	assert_false(step->taken);
	tasmota_steps_fini(&steps);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
