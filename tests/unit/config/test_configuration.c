/* SPDX-License-Identifier: ISC */
/* reflashd.conf: each key, its default, its limits and its mistakes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/config/configuration.h"

#include "unit/test.h"

/* A configuration of one text that is all right. */
static struct config *
config_of(const char *text)
{
	struct config *config = config_new();
	struct problems problems = { 0 };

	config_parse(config, text, strlen(text), "f", &problems);
	config_check(config, &problems);
	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_int_equal(problems.count, 0);
	return config;
}

/* What is wrong with a text; to be freed. */
static struct problems
problems_of(const char *text)
{
	struct config *config = config_new();
	struct problems problems = { 0 };

	config_parse(config, text, strlen(text), "f", &problems);
	config_check(config, &problems);
	config_free(config);
	return problems;
}

static void
assert_problems(const char *text, const char *const want[], size_t count)
{
	struct problems problems = problems_of(text);

	for (size_t i = 0; i < count && i < problems.count; i++)
		assert_string_equal(problems.text[i], want[i]);
	assert_int_equal(problems.count, count);
	problems_fini(&problems);
}

static char *
printed(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	config_print(config, out);
	fclose(out);
	return text;
}

TEST(every_key_has_a_default)
{
	struct config *config = config_of("");
	struct in_addr in;

	assert_int_equal(config->policy_directories.count, 2);
	assert_string_equal(config->control_group, "reflashd");
	assert_int_equal(config->backend, CONFIG_BACKEND_AUTO);
	assert_int_equal(config->interfaces.count, 0);
	assert_int_equal(config->devices.count, 0);
	assert_int_equal(config->requery_sec, 60);
	assert_int_equal(config->max_devices, 4096);
	assert_string_equal(config->listen, "0.0.0.0");
	assert_int_equal(config->port, 8266);
	assert_string_equal(config->advertise_address, "auto");
	assert_true(config->check_source);
	assert_int_equal(config->max_connections, 1024);
	assert_int_equal(config->max_connections_per_address, 16);
	assert_int_equal(config->max_parallel, 4);
	assert_int_equal(config->first_fetch_sec, 60);
	assert_int_equal(config->stall_sec, 60);
	assert_int_equal(config->flash_timeout_sec, 600);
	assert_int_equal(config->unlock_timeout_sec, 180);
	assert_int_equal(config->backoff_sec, 30);
	inet_pton(AF_INET, "172.31.255.255", &in);
	assert_true(networks_has(&config->allow_networks, in));
	inet_pton(AF_INET, "127.0.0.1", &in);
	assert_false(networks_has(&config->allow_networks, in));
	inet_pton(AF_INET, "169.254.169.254", &in);
	assert_false(networks_has(&config->allow_networks, in));
	config_free(config);
}

TEST(lists_add_up_and_single_values_are_replaced)
{
	struct config *config = config_of("[Discovery]\n"
					  "Interfaces=eth0 eth1\n"
					  "Interfaces=wlan0\n"
					  "AllowNetworks=127.0.0.0/8\n"
					  "AllowNetworks=10.1.0.0/16\n"
					  "Backend=avahi\n"
					  "Backend=embedded\n"
					  "[Server]\n"
					  "Port=80\n"
					  "[Server]\n"
					  "Port=81\n");

	assert_int_equal(config->interfaces.count, 3);
	assert_string_equal(config->interfaces.items[2], "wlan0");
	/* The first value takes the place of the default. */
	assert_int_equal(config->allow_networks.count, 2);
	assert_int_equal(config->backend, CONFIG_BACKEND_EMBEDDED);
	assert_int_equal(config->port, 81);
	config_free(config);
}

TEST(an_empty_value_goes_back_to_the_default)
{
	struct config *config = config_of("[Discovery]\n"
					  "Interfaces=eth0\n"
					  "Interfaces=\n"
					  "Interfaces=eth1\n"
					  "AllowNetworks=127.0.0.0/8\n"
					  "AllowNetworks=\n"
					  "Device=10.0.0.1\n"
					  "Device=\n"
					  "[Server]\n"
					  "Port=80\n"
					  "Port=\n"
					  "CheckSource=no\n"
					  "CheckSource=\n"
					  "[Paths]\n"
					  "ImageDirectory=/srv\n"
					  "ImageDirectory=\n");
	struct config *standard = config_of("");

	assert_int_equal(config->interfaces.count, 1);
	assert_string_equal(config->interfaces.items[0], "eth1");
	assert_int_equal(config->allow_networks.count, 3);
	assert_int_equal(config->devices.count, 0);
	assert_int_equal(config->port, 8266);
	assert_true(config->check_source);
	assert_string_equal(config->image_directory, standard->image_directory);
	config_free(standard);
	config_free(config);
}

TEST(a_drop_in_goes_on_top)
{
	struct config *config =
	    config_of("[Discovery]\nInterfaces=eth0\n[Server]\nPort=80\n");
	static const char more[] =
	    "[Discovery]\nInterfaces=eth1\n[Server]\nPort=81\n";
	struct problems problems = { 0 };

	config_parse(config, more, strlen(more), "g", &problems);
	assert_int_equal(problems.count, 0);
	assert_int_equal(config->interfaces.count, 2);
	assert_int_equal(config->port, 81);
	config_free(config);
}

TEST(three_requeries_without_an_answer_are_silence)
{
	struct config *config = config_of("[Discovery]\nRequerySec=40s\n");

	assert_int_equal(config_silence_ms(config), 120000);
	config_free(config);
}

TEST(times_and_truths_have_many_forms)
{
	static const struct {
		const char *text;
		unsigned seconds;
	} cases[] = {
		{ "90", 90 },
		{ "90s", 90 },
		{ "90 sec", 90 },
		{ "2min", 120 },
		{ "2 minutes", 120 },
		{ "2m", 120 },
		{ "1min 30s", 90 },
		{ "1min30", 90 },
		{ "1h 1 min 1 s", 3661 },
		{ "1d", 86400 },
		{ "1 hour", 3600 },
	};
	static const char *const yes[] = { "yes", "true", "on", "1", "Yes" };
	static const char *const no[] = { "no", "false", "off", "0", "FALSE" };
	char text[64];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *config;

		snprintf(text, sizeof(text), "[Limits]\nStallSec=%s\n",
		    cases[i].text);
		config = config_of(text);
		assert_int_equal(config->stall_sec, cases[i].seconds);
		config_free(config);
	}
	for (size_t i = 0; i < 2 * COUNT(yes); i++) {
		struct config *config;

		snprintf(text, sizeof(text), "[Server]\nCheckSource=%s\n",
		    i % 2 == 0 ? yes[i / 2] : no[i / 2]);
		config = config_of(text);
		assert_int_equal(config->check_source, i % 2 == 0);
		config_free(config);
	}
}

TEST(devices_are_addresses_with_port_and_id)
{
	struct config *config = config_of("[Discovery]\n"
					  "Device=192.168.1.23\n"
					  "Device=127.0.0.1:8082 1000A05BF6\n"
					  "Device=127.0.0.1:8083\n");
	const struct config_device *devices = config->devices.items;
	char address[INET_ADDRSTRLEN];

	assert_int_equal(config->devices.count, 3);
	assert_int_equal(devices[0].port, CONFIG_DEVICE_PORT);
	assert_string_equal(devices[0].id, "");
	assert_int_equal(devices[1].port, 8082);
	assert_string_equal(devices[1].id, "1000a05bf6");
	assert_string_equal(
	    inet_ntop(AF_INET, &devices[1].address, address, sizeof(address)),
	    "127.0.0.1");
	config_free(config);
}

/* Each mistake has its sentence, with its line. */
TEST(every_mistake_is_told_with_its_line)
{
	static const char text[] = "Port=80\n"
				   "[Server\n"
				   "[Server]\n"
				   "Prot=80\n"
				   "Port=80000\n"
				   "CheckSource=perhaps\n"
				   "StallSec=60\n"
				   "[Sever]\n"
				   "Port=80\n"
				   "[Discovery]\n"
				   "Backend=avahy\n"
				   "AllowNetworks=192.168.1.7/24\n"
				   "RequerySec=2 fortnights\n"
				   "Device=10.0.0.1:0\n"
				   "[Limits] ; of patience\n"
				   "StallSec=never\n"
				   "[Paths]\n"
				   "StateDirectory=var\n"
				   "[Server]\n"
				   "CheckSource=yes # always\n";
	static const char *const want[] = {
		"f:1: Port=80: outside of any section; put a line such as "
		"[Flash] above it",
		"f:2: [Server: the ] after the section's name is missing; "
		"write for example [Flash]",
		"f:4: there is no Prot= in [Server]; did you mean Port=?",
		"f:5: Port=80000: write a whole number from 1 to 65535 (the "
		"TCP port that devices download their image from)",
		"f:6: CheckSource=perhaps: write yes or no",
		"f:7: StallSec= does not belong in [Server]; move it to"
		" [Limits]",
		"f:8: there is no section [Sever]; did you mean [Server]?",
		"f:11: Backend=avahy: write one of auto, avahi, embedded, "
		"none; did you mean avahi?",
		"f:12: AllowNetworks=192.168.1.7/24: 192.168.1.7/24 is no "
		"network of /24; write 192.168.1.0/24 for all of it, or leave "
		"the /24 out",
		"f:13: RequerySec=2 fortnights: write a time from 1 to 86400 "
		"seconds, such as 90 or 1min 30s (how often the LAN is asked "
		"again)",
		"f:14: Device=10.0.0.1:0: 0 is not a port; write a number from "
		"1 to 65535, such as 8081",
		"f:15: [Limits] ; of patience: nothing may follow the ]; a "
		"comment needs a line of its own",
		"f:18: StateDirectory=var: not an absolute path; write one "
		"such as /var/lib/reflashd",
		"f:20: CheckSource=yes # always: write yes or no; a comment "
		"stands on a line of its own",
	};

	assert_problems(text, want, COUNT(want));
}

/* It is no mistake, as names may have such a character. */
TEST(a_comment_behind_a_value_is_doubted)
{
	static const char text[] = "[Paths]\nControlGroup=ops # of us\n"
				   "ImageDirectory=/srv/a#b\n";
	struct problems problems = { 0 };
	struct config *config = config_new();

	config_parse(config, text, strlen(text), "f", &problems);
	assert_int_equal(problems.count, 0);
	assert_int_equal(config->options.doubts.count, 1);
	assert_string_equal(config->options.doubts.text[0],
	    "f:2: ControlGroup=ops # of us: a comment stands on a line of its "
	    "own: this one counts as a part of the value");
	config_free(config);
}

/* The path of a socket has 107 bytes. */
#define TEN		"0123456789"
#define FIFTY		TEN TEN TEN TEN TEN
#define SOCKET_TOO_LONG "[Paths]\nControlSocket=/" FIFTY FIFTY "0123456\n"

TEST(no_bad_value_gets_through)
{
	static const char *const bad[] = {
		"[Paths]\nPolicyDirectories=/a b\n",
		SOCKET_TOO_LONG,
		"[Paths]\nControlGroup=" FIFTY "\n",
		"[Discovery]\nInterfaces=an-interface-name-too-long\n",
		"[Discovery]\nDevice=here\n",
		"[Discovery]\nDevice=10.0.0.1:0\n",
		"[Discovery]\nDevice=10.0.0.1:65536\n",
		"[Discovery]\nDevice=10.0.0.1 1000a05bf\n",
		"[Discovery]\nDevice=10.0.0.1 1000a05bfg\n",
		"[Discovery]\nDevice=10.0.0.1 1000a05bf6 1000a05bf7\n",
		"[Discovery]\nDevice=10.0.0.1\nDevice=10.0.0.1:8081\n",
		"[Discovery]\nMaxDevices=0\n",
		"[Discovery]\nMaxDevices=-1\n",
		"[Discovery]\nMaxDevices=1.5\n",
		"[Discovery]\nMaxDevices=0x10\n",
		"[Discovery]\nMaxDevices=99999999999999999999999\n",
		"[Discovery]\nBackend=Avahi\n",
		"[Discovery]\nAllowNetworks=!192.168.1.7\n",
		"[Server]\nListen=auto\n",
		"[Server]\nListen=::\n",
		"[Server]\nAdvertiseAddress=server.lan\n",
		"[Server]\nAdvertiseAddress=0.0.0.0\n",
		"[Server]\nAdvertiseAddress=224.0.0.251\n",
		"[Server]\nAdvertiseAddress=255.255.255.255\n",
		"[Server]\nMaxConnections=10\nMaxConnectionsPerAddress=11\n",
		"[Server]\nMaxConnectionsPerAddress=2000\n",
		"[Limits]\nStallSec=0\n",
		"[Limits]\nStallSec=100ms\n",
		"[Limits]\nStallSec=s\n",
		"[Limits]\nStallSec=-1s\n",
		"[Limits]\nStallSec=2d\n",
		"[Limits]\nStallSec=99999999999d\n",
		"[Limits]\nStallSec=4294967295d 4294967295d\n",
		"[Limits]\nStallSec=1secondsminutes\n",
		"[server]\nPort=80\n",
		"[Server]\nport=80\n",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct problems problems = problems_of(bad[i]);

		if (problems.count != 1)
			fail_msg(
			    "%zu problems with: %s", problems.count, bad[i]);
		assert_memory_equal(problems.text[0], "f:", 2);
		problems_fini(&problems);
	}
}

TEST(what_is_just_allowed_gets_through)
{
	static const char *const good[] = {
		"[Server]\nAdvertiseAddress=192.168.1.2\n",
		"[Server]\nAdvertiseAddress=223.255.255.255\n",
		"[Server]\nMaxConnections=10\nMaxConnectionsPerAddress=10\n",
		"[Discovery]\nDevice=10.0.0.1:1\nDevice=10.0.0.1:65535\n",
		"[Discovery]\nDevice=10.0.0.1\nDevice=10.0.0.2\n",
		"[Discovery]\nAllowNetworks=!10.0.0.1 10.0.0.0/8\n",
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		struct problems problems = problems_of(good[i]);

		if (problems.count != 0)
			fail_msg("%s", problems.text[0]);
	}
}

/* Beside other mistakes, too: all of them are told. */
TEST(what_does_not_go_together_is_told_beside_other_mistakes)
{
	struct problems problems =
	    problems_of("[Server]\nAdvertiseAddress=0.0.0.0\nProt=1\n"
			"MaxConnections=10\nMaxConnectionsPerAddress=11\n");

	assert_int_equal(problems.count, 3);
	assert_memory_equal(problems.text[0], "f:3: ", 5);
	assert_memory_equal(problems.text[1], "f:2: ", 5);
	assert_memory_equal(problems.text[2], "f:5: ", 5);
	problems_fini(&problems);
}

/* A person who lowers the common limit need not know of the other. */
TEST(a_default_is_no_mistake)
{
	struct config *config = config_of("[Server]\nMaxConnections=8\n");
	char *text = printed(config);

	assert_int_equal(config->max_connections_per_address, 8);
	assert_contains(text, "\n# f:2\nMaxConnectionsPerAddress=8\n");
	free(text);
	config_free(config);
	config_free(NULL);
}

/* The value counts that the file no longer has: it has no place in it. */
TEST(a_reload_that_takes_a_key_back_is_named)
{
	struct config *old = config_of("[Server]\nPort=9999\n");
	struct config *fresh = config_of("");
	struct problems out = { 0 };

	config_doubt_start(old, fresh, false, &out);
	assert_int_equal(out.count, 1);
	assert_string_equal(out.text[0],
	    "Port=8266 takes effect after: systemctl restart reflashd");
	problems_fini(&out);
	config_free(fresh);
	config_free(old);
}

TEST(what_a_reload_cannot_change_is_named)
{
	static const struct {
		const char *text;
		bool given;
		const char *said[5];
	} cases[] = {
		{ "", false, { NULL } },
		{ "[Server]\nPort=9999\n", false,
		    { "f:2: Port=9999 takes effect after: systemctl restart "
		      "reflashd" } },
		{ "[Server]\nPort=9999\n", true,
		    { "Port=9999 has no effect: the socket unit sets the "
		      "address" } },
		{ "[Server]\nMaxConnections=99\n[Limits]\nStallSec=9\n", false,
		    { NULL } },
		{ "[Server]\nPort=9999\nListen=10.0.0.1\n"
		  "[Paths]\nControlSocket=/a\nStateDirectory=/b\n"
		  "[Discovery]\nMaxDevices=5\n",
		    false,
		    { "StateDirectory=/b takes", "ControlSocket=/a takes",
			"MaxDevices=5 takes", "Listen=10.0.0.1 takes",
			"Port=9999 takes" } },
	};
	struct config *old = config_of("");

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config *fresh = config_of(cases[i].text);
		struct problems out = { 0 };
		size_t n = 0;

		config_doubt_start(old, fresh, cases[i].given, &out);
		for (; n < 5 && cases[i].said[n] != NULL; n++) {
			assert_true(n < out.count);
			assert_contains(out.text[n], cases[i].said[n]);
		}
		assert_int_equal(out.count, n);
		problems_fini(&out);
		config_free(fresh);
	}
	config_free(old);
}

TEST(what_is_printed_reads_back_as_the_same)
{
	struct config *config = config_of("[Paths]\n"
					  "PolicyDirectories=/a /b\n"
					  "[Discovery]\n"
					  "Backend=none\n"
					  "Device=10.0.0.1 1000a05bf6\n"
					  "Device=10.0.0.1:9\n"
					  "AllowNetworks=10.0.0.0/8 !10.0.0.1\n"
					  "[Server]\n"
					  "CheckSource=off\n"
					  "[Limits]\n"
					  "StallSec=2min\n");
	char *text = printed(config), *again, *line, *rest, *kept;
	struct config *copy = config_of(text);

	assert_contains(text, "\n# f:2\nPolicyDirectories=/a /b\n");
	assert_contains(text,
	    "\n# f:5 and below\nDevice=10.0.0.1:8081 1000a05bf6\n"
	    "Device=10.0.0.1:9\n");
	assert_contains(text, "\nMaxConnections=1024\n");
	assert_contains(text, "\n# f:11\nStallSec=120\n");
	again = printed(copy);
	kept = rest = again;
	/* Only the places differ. */
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '#')
			assert_contains(text, line);
	free(kept);
	free(text);
	config_free(copy);
	config_free(config);
}

static char *
read_whole(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = xcalloc(1, 65536);

	if (in == NULL)
		fail_msg("%s: cannot be opened", path);
	assert_true(fread(text, 1, 65535, in) > 0);
	fclose(in);
	return text;
}

/* As a comment of at most 78 columns. */
static void
print_comment(FILE *out, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	size_t column = 1;

	fputs("\n#", out);
	while ((word = text_word(&rest)) != NULL) {
		if (column + 1 + strlen(word) > 78) {
			fputs("\n#", out);
			column = 1;
		}
		column += (size_t)fprintf(out, " %s", word);
	}
	fputc('\n', out);
	free(copy);
}

/* Each key in its section with its help, commented out at its default. */
static char *
sample_of(const struct option_table *table)
{
	const char *section = "";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->items[i];

		if (strcmp(section, option->section) != 0)
			fprintf(out, "\n[%s]\n", option->section);
		section = option->section;
		print_comment(out, option->help);
		fprintf(out, "#%s=%s\n", option->key, option->standard);
	}
	fclose(out);
	return text;
}

TEST(the_shipped_file_is_the_table)
{
	char *file = read_whole("etc/reflashd.conf");
	char *sample = sample_of(config_table());
	const char *start = strstr(file, "\n[Paths]");
	struct config *config = config_of(file);

	assert_non_null(start);
	assert_string_equal(start, sample);
	config_free(config);
	free(sample);
	free(file);
}

static bool
is_good(const char *section, const char *key, const char *value)
{
	char *text = xasprintf("[%s]\n%s=%s\n", section, key, value);
	struct problems problems = { 0 };
	struct config *config = config_new();
	bool good;

	/* Which keys go together is another question. */
	config_parse(config, text, strlen(text), "f", &problems);
	good = problems.count == 0;
	config_free(config);
	problems_fini(&problems);
	free(text);
	return good;
}

TEST(each_number_has_its_limits)
{
	static const struct {
		const char *section, *key;
		long least, most;
	} cases[] = {
		{ "Discovery", "RequerySec", 1, 86400 },
		{ "Discovery", "MaxDevices", 1, 65536 },
		{ "Server", "Port", 1, 65535 },
		{ "Server", "MaxConnections", 1, 65536 },
		{ "Server", "MaxConnectionsPerAddress", 1, 65536 },
		{ "Limits", "MaxParallel", 1, 65536 },
		{ "Limits", "ProbeTimeoutSec", 1, 86400 },
		{ "Limits", "UnlockTimeoutSec", 1, 86400 },
		{ "Limits", "ConfirmTimeoutSec", 1, 86400 },
		{ "Limits", "OfferTimeoutSec", 1, 86400 },
		{ "Limits", "FirstFetchSec", 1, 86400 },
		{ "Limits", "StallSec", 1, 86400 },
		{ "Limits", "FlashTimeoutSec", 1, 86400 },
		{ "Limits", "VerdictSec", 1, 86400 },
		{ "Limits", "LeaveTimeoutSec", 1, 86400 },
		{ "Limits", "GoneSec", 1, 86400 },
		{ "Limits", "BackoffSec", 1, 86400 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (long step = -1; step <= 1; step++) {
			char value[24];

			snprintf(
			    value, sizeof(value), "%ld", cases[i].least + step);
			assert_int_equal(
			    is_good(cases[i].section, cases[i].key, value),
			    step >= 0);
			snprintf(
			    value, sizeof(value), "%ld", cases[i].most + step);
			assert_int_equal(
			    is_good(cases[i].section, cases[i].key, value),
			    step <= 0);
		}
}

TEST(each_text_has_its_limit)
{
	static const struct {
		const char *section, *key;
		size_t most;
		char first;
	} cases[] = {
		{ "Paths", "ImageDirectory", 1024, '/' },
		{ "Paths", "StateDirectory", 1024, '/' },
		{ "Paths", "HookDirectory", 1024, '/' },
		{ "Paths", "ControlSocket", 107, '/' },
		{ "Paths", "ControlGroup", 32, 'x' },
		{ "Discovery", "Interfaces", 15, 'x' },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t len = cases[i].most - 1; len <= cases[i].most + 1;
		    len++) {
			char text[1100];

			memset(text, 'x', len);
			text[0] = cases[i].first;
			text[len] = '\0';
			print_message("  %s of %zu\n", cases[i].key, len);
			assert_int_equal(
			    is_good(cases[i].section, cases[i].key, text),
			    len <= cases[i].most);
		}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
