/* SPDX-License-Identifier: ISC */
/* Policy files: each key, its limits and its mistakes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "base/memory.h"
#include "core/config/value.h"
#include "core/policy/policy.h"
#include "core/tasmota/template.h"

#include "unit/test.h"

#define MINI                                                                   \
	"{\"NAME\":\"Sonoff Mini\",\"GPIO\":[32,0,0,0,160,0,0,0,224,320,0,0,"  \
	"1,0],\"FLAG\":0,\"BASE\":1}"
#define NAME_60 "123456789012345678901234567890123456789012345678901234567890"
#define NO_HASH                                                                \
	"5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cg"
#define HASH "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc"

static struct policy *
policy_of(const char *text)
{
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse("p", text, strlen(text), "f", &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_non_null(policy);
	assert_int_equal(problems.count, 0);
	return policy;
}

static const char whole[] = "[Match]\n"
			    "Type=diy_plug\n"
			    "DeviceId=1000a0* !1000a05bf6\n"
			    "Firmware=>=3.5 <3.9\n"
			    "Address=192.168.1.0/24\n"
			    "[Flash]\n"
			    "Action=flash\n"
			    "Image=tasmota-lite.bin\n"
			    "Sha256=5C"
			    "1aecd2a19a49ae1bec0c863f69b83ef40812145"
			    "c8392eebe5fd2677a6250cc\n"
			    "Attempts=5\n"
			    "Window=01:00-05:00\n"
			    "Window=22:00-23:00 12:00-13:00\n"
			    "[Rollout]\n"
			    "Canary=1\n"
			    "MaxParallel=4\n"
			    "StopAfterFailures=2\n"
			    "SoakSec=1h\n"
			    "[Verify]\n"
			    "Expect=tasmota\n"
			    "TimeoutSec=3min\n"
			    "[Finish]\n"
			    "Template=" MINI "\n"
			    "Module=0\n"
			    "Command=DeviceName Hall\n"
			    "Command=FriendlyName1 Hall light\n"
			    "Upgrade=tasmota.bin.gz\n"
			    "WebPasswordFile=/etc/reflashd/web\n";

TEST(every_key_of_a_policy_is_read)
{
	struct policy *policy = policy_of(whole);

	assert_string_equal(policy->name, "p");
	assert_string_equal(policy->file, "f");
	assert_int_equal(policy->types.count, 1);
	assert_int_equal(policy->device_ids.count, 2);
	assert_int_equal(policy->firmware.count, 2);
	assert_int_equal(policy->addresses.count, 1);
	assert_int_equal(policy->action, POLICY_FLASH);
	assert_string_equal(policy->image, "tasmota-lite.bin");
	assert_string_equal(policy->sha256, HASH);
	assert_int_equal(policy->attempts, 5);
	assert_int_equal(policy->windows.count, 3);
	assert_int_equal(policy->canary, 1);
	assert_int_equal(policy->max_parallel, 4);
	assert_int_equal(policy->stop_after_failures, 2);
	assert_int_equal(policy->soak_sec, 3600);
	assert_int_equal(policy->expect, POLICY_EXPECT_TASMOTA);
	assert_int_equal(policy->verify_timeout_sec, 180);
	assert_string_equal(policy->template_json, MINI);
	assert_true(policy->has_module);
	assert_int_equal(policy->commands.count, 2);
	assert_string_equal(
	    policy->commands.items[1], "FriendlyName1 Hall light");
	assert_string_equal(policy->upgrade, "tasmota.bin.gz");
	assert_string_equal(policy->web_password_file, "/etc/reflashd/web");
	assert_true(policy_has_finish(policy));
	policy_free(policy);
}

TEST(a_policy_only_observes_unless_it_says_more)
{
	struct policy *policy = policy_of("[Match]\nType=diy_plug\n");
	struct tm noon = { .tm_hour = 12 };

	assert_int_equal(policy->action, POLICY_OBSERVE);
	assert_null(policy->image);
	assert_string_equal(policy->sha256, "");
	assert_int_equal(policy->attempts, 3);
	assert_int_equal(policy->verify_timeout_sec, 180);
	assert_int_equal(policy->expect, POLICY_EXPECT_AUTO);
	assert_false(policy->has_module);
	assert_false(policy_has_finish(policy));
	assert_true(policy_window_open(policy, &noon));
	assert_int_equal(policy_window_next(policy, 1234567890), 1234567890);
	policy_free(policy);
}

TEST(a_name_fits_where_it_is_written)
{
	static const struct {
		const char *name;
		bool fits;
	} cases[] = {
		{ "50-sonoff mini", true },
		{ "123456789012345678901234567890123456789012345678901234567890"
		  "123",
		    true },
		{ "123456789012345678901234567890123456789012345678901234567890"
		  "1234",
		    false },
		{ "k\xc3\xbc"
		  "che",
		    false },
		{ "a\nb", false },
		{ "\x1f", false },
		{ "~", true },
		{ "\x7f", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems = { 0 };
		struct policy *policy =
		    policy_parse(cases[i].name, "", 0, "f", &problems);

		assert_int_equal(policy != NULL, cases[i].fits);
		assert_int_equal(problems.count, !cases[i].fits);
		if (!cases[i].fits)
			assert_string_equal(problems.text[0],
			    "f: the name of a policy has at most 63 characters,"
			    " all of them printable ASCII");
		problems_fini(&problems);
		policy_free(policy);
	}
}

TEST(who_holds_a_policy_keeps_it)
{
	struct policy *policy =
	    policy_of("[Flash]\nAction=flash\nImage=a.bin\n");

	assert_ptr_equal(policy_ref(policy), policy);
	policy_free(policy);
	assert_string_equal(policy->image, "a.bin");
	policy_free(policy);
	assert_null(policy_ref(NULL));
	policy_free(NULL);
}

static char *
printed(const struct policy *policy)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	options_print(&policy->options, out);
	fclose(out);
	return text;
}

TEST(lists_are_printed_as_they_were_written)
{
	static const char *const lines[] = { "[Match]", "Type=diy_plug !strip",
		"Firmware=>=3.5 <3.9", "Address=10.0.0.0/31 10.0.0.9 !10.0.0.8",
		"\n[Flash]", "Window=01:59-05:59 22:30-24:00", "\n[Rollout]",
		"\n[Finish]", "Command=Topic a\nCommand=FriendlyName1 b" };
	char text[400] = "", *out;
	struct policy *policy;
	size_t sections = 0;

	for (size_t i = 0; i < COUNT(lines); i++)
		strcat(strcat(text, lines[i]), "\n");
	policy = policy_of(text);
	out = printed(policy);
	assert_memory_equal(out, "[Match]\n# f:2\nType=", 19);
	for (size_t i = 1; i < COUNT(lines); i++) {
		snprintf(text, sizeof(text), "\n%s\n", lines[i]);
		if (strstr(out, text) == NULL)
			fail_msg("no %s in %s", lines[i], out);
	}
	for (const char *at = out; *at != '\0'; at++)
		sections += *at == '[';
	assert_int_equal(sections, 5);
	free(out);
	policy_free(policy);
}

TEST(an_empty_value_takes_back_what_was_there)
{
	struct policy *policy = policy_of(
	    "[Match]\nType=a\nType=\nFirmware=>=3\nFirmware=\n"
	    "Address=10.0.0.1\nAddress=\n"
	    "[Flash]\nSha256=" HASH "\nSha256=\nWindow=01:00-02:00\nWindow=\n"
	    "[Finish]\nModule=5\nModule=\nCommand=Topic a\nCommand=\n");

	assert_int_equal(policy->types.count, 0);
	assert_int_equal(policy->firmware.count, 0);
	assert_int_equal(policy->addresses.count, 0);
	assert_int_equal(policy->windows.count, 0);
	assert_int_equal(policy->commands.count, 0);
	assert_string_equal(policy->sha256, "");
	assert_int_equal(policy->module, 0);
	assert_false(policy->has_module);
	policy_free(policy);
}

TEST(of_a_value_given_twice_the_last_place_counts)
{
	struct policy *policy = policy_of("[Flash]\nAttempts=3\nAttempts=5\n");
	char *text = printed(policy);

	assert_contains(text, "\n# f:3\nAttempts=5\n");
	free(text);
	assert_int_equal(policy->attempts, 5);
	assert_string_equal(policy_origin(policy, "Flash", "Attempts"), "f:3");
	policy_free(policy);
}

/* Each in a block of its own: a sanitizer sees one byte too far. */
TEST(a_hash_has_64_digits_and_an_end)
{
	char *field = xcalloc(65, 1), *value = xstrdup(HASH);
	struct error err;

	memset(field, 'x', 65);
	assert_true(value_sha256.parse(field, value, NULL, &err));
	assert_string_equal(field, HASH);
	free(field);
	free(value);
}

/* What is printed parses, and prints the same but for the places. */
static void
assert_prints_the_same(const char *from)
{
	struct policy *policy = policy_of(from), *copy;
	char *text = printed(policy), *again, *line, *rest;

	copy = policy_of(text);
	again = printed(copy);
	assert_contains(text, "\nAction=");
	rest = again;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '#')
			assert_contains(text, line);
	free(again);
	free(text);
	policy_free(copy);
	policy_free(policy);
}

TEST(what_is_printed_reads_back_as_the_same)
{
	assert_prints_the_same(whole);
	assert_prints_the_same("");
	assert_prints_the_same("[Finish]\nWebPasswordFile=credential\n");
}

TEST(a_command_fits_into_one_url)
{
	char text[600] = "[Finish]\nCommand=DeviceName ";
	struct problems problems = { 0 };

	memset(text + strlen(text), 'x', 540);
	assert_null(policy_parse("p", text, strlen(text), "f", &problems));
	assert_int_equal(problems.count, 1);
	assert_contains(problems.text[0], "is longer than 512 bytes");
	problems_fini(&problems);
}

TEST(every_mistake_is_told_and_nothing_is_in_force)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "[Flash]\nAction=flash\n",
		    "f:2: Action=flash needs an Image= in [Flash]" },
		{ "[Flash]\nAction=ask\n",
		    "f:2: Action=ask needs an Image= in [Flash]" },
		{ "[Flash]\nImage=x\n",
		    "f:2: Image= without an Action=; say Action=flash, ask,"
		    " observe or ignore" },
		{ "[Flash]\nAction=Flash\n",
		    "f:2: Action=Flash: write one of flash, ask, observe, "
		    "ignore; did you mean flash?" },
		{ "[Flash]\nSha256=" HASH "0\n",
		    "f:2: Sha256=" HASH
		    "0: not a SHA-256 checksum; write the 64 hexadecimal "
		    "digits that sha256sum FILE prints" },
		{ "[Flash]\nAttempts=0\n",
		    "f:2: Attempts=0: write a whole number from 1 to 100 (how "
		    "often a device is tried before it counts as failed)" },
		{ "[Flash]\nWindow=01:00-01:00\n",
		    "f:2: Window=01:00-01:00: 01:00-01:00 begins when it ends;"
		    " leave Window= out for the whole day" },
		{ "[Flash]\nWindow=1-5\n",
		    "f:2: Window=1-5: 1-5 is not a window; write for example"
		    " 01:00-05:00 or 22:30-06:00" },
		{ "[Match]\nDeviceId=1000a0* ! 1000a05bf6\n",
		    "f:2: DeviceId=1000a0* ! 1000a05bf6: there is no pattern"
		    " after the !; write for example !1000a05bf6, without a"
		    " blank" },
		{ "[Match]\nFirmware=>= 3.5\n",
		    "f:2: Firmware=>= 3.5: there is no version after >=; write"
		    " for example >=3.6.0, without a blank" },
		{ "[Match]\nFirmware=>=3.9 <3.5\n",
		    "f:2: Firmware= fits no version: all of its bounds must "
		    "hold at once, as in >=3.5 <3.9" },
		{ "[Match]\nAdress=192.168.1.0/24\n",
		    "f:2: there is no Adress= in [Match]; did you mean"
		    " Address=?" },
		{ "[Match]\nTyp=x\n",
		    "f:2: there is no Typ= in [Match]; did you mean Type=?" },
		{ "[Flash]\nType=x\n",
		    "f:2: Type= does not belong in [Flash]; move it to"
		    " [Match]" },
		{ "[Zigbee]\nType=x\n",
		    "f:1: there is no section [Zigbee]; there is [Match],"
		    " [Flash], [Rollout], [Verify], [Finish]" },
		{ "[Match]\nImage=x\n",
		    "f:2: Image= does not belong in [Match]; move it to"
		    " [Flash]" },
		{ "[Finish]\nTemplate={\n",
		    "f:2: Template={: not JSON: string or '}' expected near end"
		    " of file" },
		{ "[Finish]\nTemplate=[1]\n",
		    "f:2: Template=[1]: not a JSON object: {\"NAME\":...,"
		    "\"GPIO\":[...],\"FLAG\":0,\"BASE\":1}" },
		{ "[Finish]\nTemplate={\"GPIO\":[1]}\n",
		    "f:2: Template={\"GPIO\":[1]}: NAME is missing: a string of"
		    " 1 to 60 bytes" },
		{ "[Finish]\nTemplate={\"NAME\":\"x\"}\n",
		    "f:2: Template={\"NAME\":\"x\"}: GPIO is missing: the list"
		    " of 14 numbers" },
		{ "[Finish]\nTemplate={\"NAME\":\"x\",\"GPIO\":[1,2]}\n",
		    "f:2: Template={\"NAME\":\"x\",\"GPIO\":[1,2]}: GPIO has 2"
		    " numbers; a template for an ESP8266 has 14" },
		{ "[Finish]\nTemplate={\"NAME\":5}\n",
		    "f:2: Template={\"NAME\":5}: NAME is missing: a string of"
		    " 1 to 60 bytes" },
		{ "[Finish]\nTemplate={\"NAME\":\"\"}\n",
		    "f:2: Template={\"NAME\":\"\"}: NAME is missing: a string"
		    " of 1 to 60 bytes" },
		{ "[Finish]\nTemplate={\"NAME\":\"" NAME_60 "x\"}\n",
		    "f:2: Template={\"NAME\":\"" NAME_60 "x\"}: NAME is"
		    " missing: a string of 1 to 60 bytes" },
		{ "[Finish]\nTemplate={\"NAME\":\"" NAME_60 "\"}\n",
		    "f:2: Template={\"NAME\":\"" NAME_60 "\"}: GPIO is"
		    " missing: the list of 14 numbers" },
		{ "[Finish]\nTemplate={\"NAME\":\"x\",\"GPIO\":"
		  "[65536,65535,0,0,0,0,0,0,0,0,0,0,0,0]}\n",
		    "f:2: Template={\"NAME\":\"x\",\"GPIO\":"
		    "[65536,65535,0,0,0,0,0,0,0,0,0,0,0,0]}: number 1 of GPIO"
		    " is not from 0 to 65535" },
		{ "[Finish]\nTemplate={\"NAME\":\"x\",\"GPIO\":"
		  "[65535,65536,0,0,0,0,0,0,0,0,0,0,0,0]}\n",
		    "f:2: Template={\"NAME\":\"x\",\"GPIO\":"
		    "[65535,65536,0,0,0,0,0,0,0,0,0,0,0,0]}: number 2 of GPIO"
		    " is not from 0 to 65535" },
		{ "[Finish]\nTemplate={\"NAME\":\"x\",\"GPIO\":"
		  "[0,0,0,0,0,0,0,0,0,0,0,0,0,-1]}\n",
		    "f:2: Template={\"NAME\":\"x\",\"GPIO\":"
		    "[0,0,0,0,0,0,0,0,0,0,0,0,0,-1]}: number 14 of GPIO is not"
		    " from 0 to 65535" },
		{ "[Finish]\nTemplate=" MINI "\nModule=5\n",
		    "f:3: Module=5 hides the Template=; a template is module"
		    " 0" },
		{ "[Finish]\nModule=0\n[Verify]\nExpect=esphome\n",
		    "f:4: Expect=esphome and a [Finish] do not go together: "
		    "only Tasmota can be set up" },
		{ "[Finish]\nWebPasswordFile=my/secret\n",
		    "f:2: WebPasswordFile=my/secret: not an absolute path; "
		    "write one such as /var/lib/reflashd" },
		{ "[Finish]\nCommand=Restart 1\n",
		    "f:2: Command=Restart: the device restarts by itself where"
		    " it must" },
		{ "[Finish]\nCommand=DeviceName\n",
		    "f:2: Command=DeviceName: it needs a value" },
		{ "[Finish]\nModule=0\nCommand=WebPassword1 x\n",
		    "f:3: Command=WebPassword1: use WebPasswordFile= for it" },
		{ "[Finish]\nCommand=SetOpton19 1\n",
		    "f:2: Command=SetOpton19: Tasmota has no such command; did "
		    "you mean SetOption?" },
		{ "[Finish]\nCommand=cmnd/hall/Topic x\n",
		    "f:2: Command=cmnd/hall/Topic x: write a command of "
		    "Tasmota, a blank and the value, as in DeviceName Hall" },
		{ "[Finish]\nCommand=DeviceName Hall;Topic hall\n",
		    "f:2: Command=DeviceName: give each command a line of its "
		    "own" },
		{ "[Finish]\nCommand=Topic a\nCommand=Rule1 1\n"
		  "Command=Rule1 on a do b endon\nCommand=topic b\n",
		    "f:5: Command=topic: it is set twice; leave one of them "
		    "out" },
		{ "[Finish]\nCommand=SO19 1\nCommand=SetOption19 0\n",
		    "f:3: Command=SetOption19: it is set twice; leave one of "
		    "them out" },
		{ "[Finish]\nCommand=Restart\n",
		    "f:2: Command=Restart: the device restarts by itself where"
		    " it must" },
		{ "[Finish]\nModule=0\n[Verify]\nExpect=leave\n",
		    "f:4: Expect=leave and a [Finish] do not go together: only "
		    "Tasmota can be set up" },
		{ "[Flash]\nSha256=" NO_HASH "\n",
		    "f:2: Sha256=" NO_HASH
		    ": not a SHA-256 checksum; write the 64 hexadecimal digits "
		    "that sha256sum FILE prints" },
		{ "[Verify]\nTimeoutSec=1234567890123\n",
		    "f:2: TimeoutSec=1234567890123: write a time from 1 to "
		    "86400 seconds, such as 90 or 1min 30s (how long it may "
		    "take to come back)" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems = { 0 };

		assert_null(policy_parse(
		    "p", cases[i].text, strlen(cases[i].text), "f", &problems));
		assert_int_equal(problems.count, 1);
		assert_string_equal(problems.text[0], cases[i].told);
		problems_fini(&problems);
	}
}

TEST(every_mistake_is_told_with_its_own_line)
{
	static const char text[] = "[Match]\nFirmware=>=3.5\nFirmware=<3.0\n"
				   "[Flash]\nAction=flash\nBogus=1\n"
				   "[Verify]\nExpect=leave\n"
				   "[Finish]\nCommand=DeviceName Hall\n"
				   "Command=Restart 1\nCommand=DeviceName\n"
				   "Module=999\n";
	static const char *const lines[] = {
		"f:6: ", "f:13: ", "f:5: ", "f:3: ", "f:8: ", "f:11: ", "f:12: "
	};
	struct problems problems = { 0 };

	assert_null(policy_parse("p", text, strlen(text), "f", &problems));
	assert_int_equal(problems.count, COUNT(lines));
	for (size_t i = 0; i < problems.count; i++)
		assert_memory_equal(
		    problems.text[i], lines[i], strlen(lines[i]));
	problems_fini(&problems);
}

/* It is there, but a mistake itself: it is not missed as well. */
TEST(what_is_wrong_is_not_missing)
{
	char *too_long = xasprintf("[Flash]\nAction=flash\nImage=%01100d\n", 0);
	const char *const cases[] = { "[Flash]\nAction=flsh\nImage=x.bin\n",
		too_long };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems = { 0 };

		assert_null(policy_parse(
		    "p", cases[i], strlen(cases[i]), "f", &problems));
		assert_int_equal(problems.count, 1);
		problems_fini(&problems);
	}
	free(too_long);
}

TEST(a_template_is_for_tasmota_since_9_1)
{
	static const struct {
		const char *version;
		bool fits;
	} cases[] = {
		{ "8.5.1", false },
		{ "9.0.0.3", false },
		{ "9.1", true },
		{ "9.1.0", true },
		{ "14.2.0", true },
		{ "", true }, /* one that cannot be read is believed */
		{ "unknown", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    template_fits(cases[i].version), cases[i].fits);
}

TEST(templates_for_other_chips_are_told_apart)
{
	static const struct {
		size_t pins;
		const char *word;
	} cases[] = { { 36, "ESP32" }, { 13, "9.1" }, { 15, "15 numbers" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct problems problems = { 0 };
		char text[512];
		size_t used = (size_t)snprintf(text, sizeof(text),
		    "[Finish]\nTemplate={\"NAME\":\"x\",\"GPIO\":[");

		for (size_t pin = 0; pin < cases[i].pins; pin++)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s0", pin > 0 ? "," : "");
		used +=
		    (size_t)snprintf(text + used, sizeof(text) - used, "]}\n");
		assert_null(policy_parse("p", text, used, "f", &problems));
		assert_int_equal(problems.count, 1);
		assert_contains(problems.text[0], cases[i].word);
		problems_fini(&problems);
	}
}

#define UNKNOWN NULL

TEST(what_is_asked_for_must_be_known_and_fit)
{
	static const struct {
		const char *match, *id, *type, *firmware, *address;
		enum policy_fit fit;
	} cases[] = {
		{ "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, POLICY_FITS },
		{ "Type=diy_plug", "1000a05bf6", "diy_plug", UNKNOWN, UNKNOWN,
		    POLICY_FITS },
		{ "Type=diy_plug", "1000a05bf6", "strip", UNKNOWN, UNKNOWN,
		    POLICY_NO },
		{ "Type=diy_plug", "1000a05bf6", UNKNOWN, UNKNOWN, UNKNOWN,
		    POLICY_UNDECIDED },
		{ "Firmware=>=3.5", "1000a05bf6", "diy_plug", UNKNOWN, UNKNOWN,
		    POLICY_UNDECIDED },
		{ "Firmware=>=3.5", "1000a05bf6", "diy_plug", "3.6.0", UNKNOWN,
		    POLICY_FITS },
		{ "Firmware=>=3.5", "1000a05bf6", "diy_plug", "3.3", UNKNOWN,
		    POLICY_NO },
		/* What is known not to fit is not waited for. */
		{ "Firmware=>=3.5\nType=diy_plug", "1000a05bf6", "strip",
		    UNKNOWN, UNKNOWN, POLICY_NO },
		{ "DeviceId=1000a0* !1000a05bf6", "1000a05bf6", UNKNOWN,
		    UNKNOWN, UNKNOWN, POLICY_NO },
		{ "DeviceId=1000a0*", UNKNOWN, UNKNOWN, UNKNOWN, "10.0.0.1",
		    POLICY_UNDECIDED },
		{ "Address=10.0.0.0/8", "1000a05bf6", UNKNOWN, UNKNOWN,
		    "10.0.0.1", POLICY_FITS },
		{ "Address=10.0.0.0/8", "1000a05bf6", UNKNOWN, UNKNOWN,
		    "192.168.1.1", POLICY_NO },
		{ "Address=10.0.0.0/8", "1000a05bf6", UNKNOWN, UNKNOWN, UNKNOWN,
		    POLICY_UNDECIDED },
		{ "Type=diy_light\nType=diy_plug", "1000a05bf6", "diy_plug",
		    UNKNOWN, UNKNOWN, POLICY_FITS },
		{ "Type=!diy_light", "1000a05bf6", "diy_plug", UNKNOWN, UNKNOWN,
		    POLICY_FITS },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy_facts facts = { .id = cases[i].id,
			.type = cases[i].type,
			.firmware = cases[i].firmware };
		char *text = xasprintf("[Match]\n%s\n", cases[i].match);
		struct policy *policy = policy_of(text);

		if (cases[i].address != NULL)
			facts.has_address = inet_pton(AF_INET, cases[i].address,
						&facts.address) == 1;
		assert_int_equal(policy_match(policy, &facts), cases[i].fit);
		policy_free(policy);
		free(text);
	}
}

TEST(the_first_that_fits_decides_and_a_doubt_decides_nothing)
{
	struct policy_list *list = policy_list_new();
	struct policy_facts facts = { .id = "1000a05bf6", .type = "diy_plug" };
	bool undecided = true;

	assert_null(policy_find(list, &facts, &undecided));
	assert_false(undecided);
	policy_list_add(
	    list, policy_of("[Match]\nType=strip\n[Flash]\nAction=ignore\n"));
	policy_list_add(list,
	    policy_of("[Match]\nFirmware=<3.5\n[Flash]\nAction=ignore\n"));
	policy_list_add(list,
	    policy_of("[Match]\nType=diy*\n[Flash]\nAction=ask\nImage=x\n"));
	policy_list_add(list, policy_of("[Flash]\nAction=observe\n"));
	assert_null(policy_find(list, &facts, &undecided));
	assert_true(undecided);
	facts.firmware = "3.6.0";
	assert_ptr_equal(policy_find(list, &facts, &undecided), list->items[2]);
	assert_false(undecided);
	facts.firmware = "3.3";
	assert_ptr_equal(policy_find(list, &facts, &undecided), list->items[1]);
	facts.firmware = NULL;
	facts.is_all = true; /* nobody will ask it for that */
	assert_ptr_equal(policy_find(list, &facts, &undecided), list->items[2]);
	assert_false(undecided);
	facts.is_all = false;
	facts.type = "strip";
	assert_ptr_equal(policy_find(list, &facts, &undecided), list->items[0]);
	facts.type = "light";
	facts.firmware = "4.0";
	assert_ptr_equal(policy_find(list, &facts, &undecided), list->items[3]);
	policy_list_free(list);
}

TEST(a_policy_is_found_by_its_name)
{
	struct policy_list *list = policy_list_new();

	policy_list_add(list, policy_of(whole));
	assert_ptr_equal(policy_list_find(list, "p"), list->items[0]);
	assert_null(policy_list_find(list, "q"));
	policy_list_free(list);
}

TEST(each_key_of_a_match_has_its_name)
{
	static const char *const names[POLICY_MATCHES] = { "DeviceId", "Type",
		"Firmware", "Address" };

	for (enum policy_match key = 0; key < POLICY_MATCHES; key++)
		assert_string_equal(policy_match_name(key), names[key]);
}

TEST(only_a_text_without_a_line_of_meaning_is_empty)
{
	static const struct {
		const char *text;
		bool empty;
	} cases[] = {
		{ "", true },
		{ "\n \t\n", true },
		{ "# [Match]\n;[Flash]\n", true },
		{ "[Match]\n", false },
		{ "nonsense\n", false },
		{ "Type=diy_plug\n", false },
		{ "\xff\n", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    policy_text_is_empty(cases[i].text, strlen(cases[i].text)),
		    cases[i].empty);
}

TEST(anything_in_finish_is_something_to_finish)
{
	static const char *const keys[] = { "Template=" MINI, "Module=1",
		"Command=DeviceName Hall", "Upgrade=tasmota.bin.gz",
		"WebPasswordFile=/etc/reflashd/web" };
	char text[1024];

	for (size_t i = 0; i < COUNT(keys); i++) {
		struct policy *policy;

		snprintf(text, sizeof(text), "[Finish]\n%s\n", keys[i]);
		policy = policy_of(text);
		assert_true(policy_has_finish(policy));
		policy_free(policy);
	}
	assert_non_null(policy_table());
	policy_list_free(NULL);
}

/* srcdir is set by automake. */
static char *
read_example(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char *path =
	    xasprintf("%s/etc/%s.policy", srcdir == NULL ? "." : srcdir, name);
	char *text = xcalloc(1, 8192);
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_true(fread(text, 1, 8191, in) > 0);
	fclose(in);
	free(path);
	return text;
}

TEST(the_shipped_examples_are_sound)
{
	static const struct {
		const char *name;
		enum policy_action action;
	} cases[] = {
		{ "observe-everything", POLICY_OBSERVE },
		{ "sonoff-mini-esphome", POLICY_ASK },
		{ "sonoff-mini-tasmota", POLICY_ASK },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = read_example(cases[i].name);
		struct policy *policy = policy_of(text);

		assert_int_equal(policy->action, cases[i].action);
		policy_free(policy);
		free(text);
	}
}

/* Whether a policy with this line of a section is one. */
static bool
is_good(const char *section, const char *key, const char *value)
{
	char *text = xasprintf("[Flash]\nAction=flash\nImage=x.bin\n[%s]\n"
			       "%s=%s\n",
	    section, key, value);
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse("p", text, strlen(text), "f", &problems);
	bool good = problems.count == 0;

	assert_int_equal(policy != NULL, good);
	policy_free(policy);
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
		{ "Flash", "Attempts", 1, 100 },
		{ "Rollout", "Canary", 0, 65536 },
		{ "Rollout", "MaxParallel", 0, 65536 },
		{ "Rollout", "StopAfterFailures", 0, 65536 },
		{ "Rollout", "SoakSec", 0, 2592000 },
		{ "Verify", "TimeoutSec", 1, 86400 },
		{ "Finish", "Module", 0, 255 },
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

TEST(a_path_has_up_to_1024_bytes)
{
	static const char *const keys[][2] = { { "Flash", "Image" },
		{ "Finish", "Upgrade" }, { "Finish", "WebPasswordFile" } };
	char path[1026];

	for (size_t i = 0; i < COUNT(keys); i++)
		for (size_t len = 1023; len <= 1025; len++) {
			memset(path, 'x', len);
			path[0] = '/';
			path[len] = '\0';
			assert_int_equal(
			    is_good(keys[i][0], keys[i][1], path), len <= 1024);
		}
}

TEST(a_list_names_the_ids_that_stand_in_it)
{
	struct policy_list *list = policy_list_new();

	assert_false(policy_list_names(list, "1000a05bf6"));
	policy_list_add(
	    list, policy_of("[Match]\nDeviceId=1000a0* 1000a05bf4\n"));
	policy_list_add(
	    list, policy_of("[Match]\nDeviceId=1000a05bf5 1000A05BF6\n"));
	assert_true(policy_list_names(list, "1000a05bf4"));
	assert_true(policy_list_names(list, "1000a05bf5"));
	assert_true(policy_list_names(list, "1000a05bf6"));
	assert_false(policy_list_names(list, "1000a05bf7"));
	policy_list_free(list);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
