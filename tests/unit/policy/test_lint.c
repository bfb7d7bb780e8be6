/* SPDX-License-Identifier: ISC */
/* The advice about policies that are valid but hardly meant. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/policy/lint.h"
#include "core/policy/overlap.h"

#include "unit/test.h"

static struct policy *
make(const char *name, const char *text)
{
	struct problems problems = { 0 };
	struct policy *policy =
	    policy_parse(name, text, strlen(text), name, &problems);

	for (size_t i = 0; i < problems.count; i++)
		print_error("%s\n", problems.text[i]);
	assert_non_null(policy);
	problems_fini(&problems);
	return policy;
}

#define FLASH "[Flash]\nAction=flash\nImage=x.bin\n"
#define TYPE                                                                   \
	"p: its Type= leaves diy_plug out, and no other type can be flashed "  \
	"over the LAN"

#define ID(word)                                                               \
	"p: DeviceId=" word " fits no device: an id has ten hexadecimal "      \
	"digits, as in 1000a05bf6"
#define FIRMWARE                                                               \
	"p: its Firmware= leaves 3.x out, and no other firmware can be "       \
	"flashed over the LAN"
#define NET                                                                    \
	"p: its Address= is outside of AllowNetworks=, and nothing there is "  \
	"ever contacted"
#define NOTHING_LEFT                                                           \
	"p: DeviceId= fits no device: what it names it also takes out, with "  \
	"a !"
#define IMAGE(path) "[Flash]\nAction=flash\nImage=" path "\n"

#define ONE		  "[Match]\nDeviceId=1000a05bf6\n"
#define FILE_OF_ALL(name) "[Finish]\nWebPasswordFile=" name "\n"
#define COMMAND(line)	  "[Finish]\nCommand=" line "\n"
#define TOLD                                                                   \
	": anybody on the network can invent a device that this policy fits, " \
	"and is told this password: name your devices in DeviceId=, approve "  \
	"each with Action=ask"
#define FILE_TOLD(line, name)                                                  \
	"p:" line ": WebPasswordFile=" name TOLD                               \
	", or give each a file of its own, with $ID in the name"

static const struct {
	const char *text, *doubt;
} cases[] = {
	{ "", NULL },
	{ FLASH, NULL },
	{ FLASH "[Match]\nType=diy_*\n", NULL },
	{ FLASH "[Match]\nType=!strip\n", NULL },
	{ FLASH "[Match]\nType=plug\n", TYPE },
	{ FLASH "[Match]\nType=!diy_plug\n", TYPE },
	{ "[Match]\nType=plug\n", NULL }, /* it only observes */

	{ "[Match]\nDeviceId=1000a05bf6 1000A05BF7 1000a* !1000a05bf8\n",
	    NULL },
	{ "[Finish]\nCommand=Topic a\nCommand=ZbNewer 1\n",
	    "p:3: Command=ZbNewer: reflashd does not know this command: it is "
	    "sent, but whether it took effect can perhaps not be checked" },
	{ "[Finish]\nCommand=DzIdx1 5\n",
	    "p:2: Command=DzIdx1: tasmota-lite does not have this command, "
	    "tasmota has: it needs an Upgrade=" },
	{ "[Finish]\nCommand=DzIdx1 5\nUpgrade=tasmota.bin.gz\n", NULL },

	{ "[Match]\nDeviceId=*bf6 1?00[a-c]0* [1]000a05bf6\n", NULL },
	{ "[Match]\nDeviceId=10*0*0*a*\n", NULL },
	{ "[Match]\nDeviceId=1000a05bf6ffffffffffff00\n", NULL },
	{ "[Match]\nDeviceId=1000a05bf\n", ID("1000a05bf") },
	{ "[Match]\nDeviceId=* !eWeLink_1000a05bf6\n",
	    ID("eWeLink_1000a05bf6") },
	{ "[Match]\nDeviceId=kitchen\n", ID("kitchen") },
	{ "[Match]\nDeviceId=kitchen*\n", ID("kitchen*") },
	{ "[Match]\nDeviceId=*-lamp\n", ID("*-lamp") },
	{ "[Match]\nDeviceId=ITEAD-*\n", ID("ITEAD-*") },
	{ "[Match]\nDeviceId=1000a05bf6?\n", ID("1000a05bf6?") },
	{ "[Match]\nDeviceId=1000a0[x-z]*\n", ID("1000a0[x-z]*") },
	{ "[Match]\nDeviceId=2000a05bf6\n",
	    "p: DeviceId=2000a05bf6 fits no device: an id has ten hexadecimal "
	    "digits and begins with 100, as in 1000a05bf6" },
	{ "[Match]\nDeviceId=!*\n", NOTHING_LEFT },
	{ "[Match]\nDeviceId=1000a0* !1000*\n", NOTHING_LEFT },
	{ "[Match]\nDeviceId=1000a0* !1000a05bf6\n", NULL },

	{ FLASH "[Match]\nFirmware=>=3.3 <3.9\n", NULL },
	{ FLASH "[Match]\nFirmware=<3.0.1\n", NULL },
	{ FLASH "[Match]\nFirmware=>=4\n", FIRMWARE },
	{ FLASH "[Match]\nFirmware=<3\n", FIRMWARE },
	{ FLASH "[Match]\nFirmware=2.8.1\n", FIRMWARE },
	{ "[Match]\nFirmware=>=4\n", NULL },

	{ FLASH "[Match]\nAddress=192.168.1.0/24 10.0.0.5\n", NULL },
	{ FLASH "[Match]\nAddress=!192.168.1.0/24\n", NULL },
	{ FLASH "[Match]\nAddress=192.0.0.0/8\n", NULL },
	{ FLASH "[Match]\nAddress=8.8.8.0/24 172.32.0.1\n", NET },
	{ FLASH "[Match]\nAddress=192.168.1.0/24 !192.168.0.0/16\n", NET },
	{ "[Match]\nAddress=8.8.8.8\n", NULL },

	{ IMAGE("~/x.bin"),
	    "p:3: Image=~/x.bin: ~ and $ stand for themselves here: write the "
	    "whole path" },
	{ IMAGE("$HOME/../x.bin"),
	    "p:3: Image=$HOME/../x.bin: ~ and $ stand for themselves here: "
	    "write the whole path" },
	{ IMAGE("\"x.bin\""),
	    "p:3: Image=\"x.bin\": the quotes count as a part of the name: "
	    "leave them out" },
	{ IMAGE("\"\""),
	    "p:3: Image=\"\": the quotes count as a part of the name: leave "
	    "them out" },
	{ IMAGE("\""), NULL },
	{ IMAGE("nx.bin"), NULL },
	{ IMAGE("http://x/x.bin"),
	    "p:3: Image=http://x/x.bin: it is the name of a file, and no "
	    "address: download it first" },
	{ IMAGE("x.bin # mine"),
	    "p:3: Image=x.bin # mine: a comment stands on a line of its own: "
	    "this one counts as a part of the value" },
	{ "[Match]\nType=diy_plug ; all\n",
	    "p:2: Type=diy_plug ; all: a comment stands on a line of its own: "
	    "this one counts as a part of the value" },
	{ FLASH "[Match]\nDeviceId=1000a05bf6 # hall\n",
	    "p:5: DeviceId=1000a05bf6 # hall: a comment stands on a line of "
	    "its own: this one counts as a part of the value" },
	{ "[Match]\nType=#x\n",
	    "p:2: Type=#x: a comment stands on a line of its own: this one "
	    "counts as a part of the value" },
	{ "[Match]\nType=x#1;2\n", NULL },
	{ COMMAND("Rule1 ON Power1#state DO Backlog Delay 5 ; Power2 0 ENDON"),
	    NULL },
	{ IMAGE("tasmota*.bin"),
	    "p:3: Image=tasmota*.bin: * and ? stand for themselves here: "
	    "write the whole name" },
	{ IMAGE("/home/anna/x.bin"),
	    "p:3: Image=/home/anna/x.bin: the service sees nothing of /home, "
	    "/root and /tmp: put the file elsewhere, an image by "
	    "reflashctl add" },
	{ IMAGE("/srv/home/x.bin"), NULL },
	{ FLASH "[Finish]\nUpgrade=/tmp/x.bin\n",
	    "p:5: Upgrade=/tmp/x.bin: the service sees nothing of /home, /root "
	    "and /tmp: put the file elsewhere, an image by reflashctl add" },
	{ FLASH ONE "[Finish]\nWebPasswordFile=/root/x\n",
	    "p:7: WebPasswordFile=/root/x: the service sees nothing of /home, "
	    "/root and /tmp: put the file elsewhere, an image by "
	    "reflashctl add" },
	/* What invented devices would be told. */
	{ FLASH FILE_OF_ALL("/etc/x"), FILE_TOLD("5", "/etc/x") },
	{ FLASH FILE_OF_ALL("credential"), FILE_TOLD("5", "credential") },
	{ FLASH "[Match]\nDeviceId=1000a05bf6 1000a0*\n" FILE_OF_ALL("/etc/x"),
	    FILE_TOLD("7", "/etc/x") },
	{ FLASH "[Match]\nDeviceId=1000a05bf?\n" FILE_OF_ALL("/etc/x"),
	    FILE_TOLD("7", "/etc/x") },
	{ FLASH "[Match]\nDeviceId=1000a05bf[6]\n" FILE_OF_ALL("/etc/x"),
	    FILE_TOLD("7", "/etc/x") },
	{ FLASH "[Match]\nDeviceId=!1000a05bf6\n" FILE_OF_ALL("/etc/x"),
	    FILE_TOLD("7", "/etc/x") },
	{ FLASH
	    "[Match]\nType=diy_plug\nAddress=10.0.0.5\n" FILE_OF_ALL("/etc/x"),
	    FILE_TOLD("8", "/etc/x") },
	{ FLASH ONE FILE_OF_ALL("/etc/x"), NULL },
	{ FLASH "[Match]\nDeviceId=1000a05bf6 1000a05bf7 !1000b*\n" FILE_OF_ALL(
	      "/etc/x"),
	    NULL },
	{ FLASH FILE_OF_ALL("/etc/$ID"), NULL },
	{ FLASH FILE_OF_ALL("/etc/$MAC/x"), NULL },
	{ FLASH FILE_OF_ALL("web-$ID"), NULL },
	{ "[Flash]\nAction=ask\nImage=x.bin\n" FILE_OF_ALL("/etc/x"), NULL },
	{ FILE_OF_ALL("/etc/x"), NULL }, /* it only observes */
	{ FLASH COMMAND("MqttPassword geheim"),
	    "p:5: Command=MqttPassword" TOLD },
	{ FLASH COMMAND("Password2 geheimer"), "p:5: Command=Password2" TOLD },
	{ FLASH COMMAND("MqttPassword ab"), "p:5: Command=MqttPassword" TOLD },
	{ FLASH COMMAND("password geheimer"), "p:5: Command=password" TOLD },
	{ FLASH COMMAND("MqttPassword \""), NULL },
	{ FLASH COMMAND("MqttUser anna"), NULL },
	{ FLASH ONE COMMAND("MqttPassword geheim"), NULL },
	{ "[Flash]\nAction=ask\nImage=x.bin\n" COMMAND("MqttPassword geheim"),
	    NULL },
	/* $ in a name */
	{ FLASH ONE FILE_OF_ALL("/etc/$ID/$NAME"),
	    "p:7: WebPasswordFile=/etc/$ID/$NAME: only $ID and $MAC stand for "
	    "those of the device here" },
	{ FLASH ONE FILE_OF_ALL("/etc/$ID/$IX"),
	    "p:7: WebPasswordFile=/etc/$ID/$IX: only $ID and $MAC stand for "
	    "those of the device here" },
	{ FLASH ONE FILE_OF_ALL("/etc/$ID/$MAX"),
	    "p:7: WebPasswordFile=/etc/$ID/$MAX: only $ID and $MAC stand for "
	    "those of the device here" },
	{ FLASH ONE FILE_OF_ALL("/etc/$ID/$MAC/$IDx"), NULL },
	{ FLASH ONE FILE_OF_ALL("/etc/$HOME"),
	    "p:7: WebPasswordFile=/etc/$HOME: ~ and $ stand for themselves "
	    "here: write the whole path" },
	{ FLASH FILE_OF_ALL("/root/$ID"),
	    "p:5: WebPasswordFile=/root/$ID: the service sees nothing of "
	    "/home, /root and /tmp: put the file elsewhere, an image by "
	    "reflashctl add" },
	{ FLASH "[Flash]\nImage=$ID.bin\n" ONE,
	    "p:5: Image=$ID.bin: ~ and $ stand for themselves here: write the "
	    "whole path" },

	/* A digest is compared whatever its case. */
	{ IMAGE("x.bin") "Sha256=ABCDEF0123456789ABCDEF0123456789ABCDEF0123456"
			 "789ABCDEF0123456789  \n",
	    NULL },
};

static void
lint(const struct policy_list *list, bool is_service, struct problems *doubts)
{
	struct networks allowed = { 0 };
	const struct lint_world world = { &allowed, is_service };
	struct error err;

	assert_true(networks_add(
	    &allowed, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16", &err));
	lint_policies(list, &world, doubts);
	networks_fini(&allowed);
}

TEST(what_can_hardly_be_meant_is_told)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct policy_list *list = policy_list_new();
		struct problems doubts = { 0 };

		policy_list_add(list, make("p", cases[i].text));
		lint(list, true, &doubts);
		if (doubts.count != (cases[i].doubt != NULL))
			fail_msg("case %zu: %zu doubts: %s", i, doubts.count,
			    doubts.count > 0 ? doubts.text[0] : "");
		if (cases[i].doubt != NULL)
			assert_string_equal(doubts.text[0], cases[i].doubt);
		problems_fini(&doubts);
		policy_list_free(list);
	}
}

/* What a command that is not known tells can be read off its name. */
TEST(a_secret_of_a_command_that_is_not_known_is_told_of)
{
	static const struct {
		const char *line;
		bool is_secret;
	} lines[] = { { "TelegramToken abc", true },
		{ "PushPASSWORD2 ab", true }, { "NewSecret abc", true },
		{ "NewColour abc", false }, { "TelegramToken 0", false } };

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct policy_list *list = policy_list_new();
		struct problems doubts = { 0 };
		char text[200];

		snprintf(
		    text, sizeof(text), FLASH COMMAND("%s"), lines[i].line);
		policy_list_add(list, make("p", text));
		lint(list, true, &doubts);
		assert_contains(doubts.text[0], "does not know this");
		assert_int_equal(doubts.count, lines[i].is_secret ? 2 : 1);
		if (lines[i].is_secret)
			assert_contains(doubts.text[1], TOLD);
		problems_fini(&doubts);
		policy_list_free(list);
	}
}

/* Who runs it by hand may have everything in his own folder. */
TEST(only_the_service_does_not_see_what_is_hidden)
{
	struct policy_list *list = policy_list_new();
	struct problems doubts = { 0 };

	policy_list_add(list, make("p", IMAGE("/home/anna/x.bin")));
	lint(list, false, &doubts);
	assert_int_equal(doubts.count, 0);
	policy_list_free(list);
}

TEST(nothing_comes_behind_what_fits_every_device)
{
	struct policy_list *list = policy_list_new();
	struct problems doubts = { 0 };

	policy_list_add(list, make("10-some", "[Match]\nType=diy_plug\n"));
	policy_list_add(list, make("20-all", "[Match]\nDeviceId=*\n"));
	policy_list_add(list, make("30-none", "[Match]\nAddress=10.0.0.1\n"));
	lint(list, false, &doubts);
	assert_int_equal(doubts.count, 1);
	assert_string_equal(doubts.text[0],
	    "30-none: this policy is never used: 20-all comes before it and "
	    "fits every device");
	problems_fini(&doubts);
	policy_list_free(list);
}

/* The one before, the one behind, and whether that can still decide. */
TEST(what_another_one_takes_all_of_never_decides)
{
	static const struct {
		const char *before, *behind;
		enum { DECIDES, NEVER, NEVER_FOR_ANY } what;
	} pairs[] = {
		{ "Type=diy_plug", "Type=diy_plug", NEVER },
		{ "Type=diy_*", "Type=diy_plug", NEVER },
		{ "Type=diy_plug", "Type=diy_*", DECIDES },
		{ "Type=diy_plug", "Type=diy_plug\nDeviceId=1000a05bf6",
		    NEVER },
		{ "Type=diy_plug\nDeviceId=1000a05bf6", "Type=diy_plug",
		    DECIDES },
		{ "DeviceId=1000a*", "DeviceId=1000a05bf6 1000a05bf7", NEVER },
		{ "DeviceId=1000a*", "DeviceId=1000a05* 1000a1*", NEVER },
		{ "DeviceId=1000a*", "DeviceId=1000a05bf6 1000b00001",
		    DECIDES },
		{ "DeviceId=1000a* !1000a05bf6", "DeviceId=1000a05bf6",
		    DECIDES },
		{ "DeviceId=1000a* !1000a05bf6", "DeviceId=1000a1* !1000a05bf6",
		    NEVER },
		{ "DeviceId=1000a?5bf6", "DeviceId=1000a*", DECIDES },
		{ "DeviceId=!1000a05bf6", "DeviceId=1000a05bf7", DECIDES },
		{ "Firmware=>=3.3", "Firmware=>=3.5 <3.9", NEVER },
		{ "Firmware=>=3.5", "Firmware=>=3.3", DECIDES },
		{ "Firmware=>=3.5", "Type=diy_plug", DECIDES },
		{ "Type=*", "Firmware=3.6.0", NEVER_FOR_ANY },
		{ "Firmware=!=3.7", "Firmware=<3.6", NEVER },
		{ "Firmware=!=3.7", "Firmware=<3.8", DECIDES },
		{ "Firmware=<3.5", "Firmware=<3.5", NEVER },
		{ "Firmware=<3.5", "Firmware=<=3.5", DECIDES },
		{ "Firmware=<=3.5", "Firmware=<=3.5", NEVER },
		{ "Firmware=<=3.5", "Firmware=<3.6", DECIDES },
		{ "Firmware=3.5", "Firmware=3.5.0", NEVER },
		{ "Firmware=3.5", "Firmware=>=3.5", DECIDES },
		{ "Firmware=3.5", "Firmware=<=3.5", DECIDES },
		{ "Firmware=>3.5", "Firmware=>3.5", NEVER },
		{ "Firmware=>3.5", "Firmware=>=3.5", DECIDES },
		{ "Firmware=!=3.5", "Firmware=3.5", DECIDES },
		{ "Firmware=>=0", "Type=diy_plug", DECIDES },
		{ "DeviceId=1000a?5bf6", "DeviceId=1000A05BF6", NEVER },
		{ "DeviceId=1000a?5bf6", "DeviceId=1000a?5bf6", NEVER },
		{ "DeviceId=1000a?5bf6", "DeviceId=1000a[0]5bf6", DECIDES },
		{ "DeviceId=1000a* !1000a05*", "DeviceId=1000a* !1000a0*",
		    NEVER },
		{ "Address=192.168.0.0/16", "Address=192.168.1.0/24", NEVER },
		{ "Address=192.168.0.0/24 192.168.1.0/24",
		    "Address=192.168.0.0/23", NEVER },
		{ "Address=192.168.0.0/16 !192.168.1.7",
		    "Address=192.168.1.0/24", DECIDES },
		{ "Address=192.168.0.0/16", "Type=diy_plug", DECIDES },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct policy_list *list = policy_list_new();
		struct problems doubts = { 0 };
		char text[2][160];

		snprintf(
		    text[0], sizeof(text[0]), "[Match]\n%s\n", pairs[i].before);
		snprintf(
		    text[1], sizeof(text[1]), "[Match]\n%s\n", pairs[i].behind);
		policy_list_add(list, make("10", text[0]));
		policy_list_add(list, make("20", text[1]));
		lint(list, false, &doubts);
		if (doubts.count != (pairs[i].what != DECIDES))
			fail_msg("pair %zu: %zu doubts: %s", i, doubts.count,
			    doubts.count > 0 ? doubts.text[0] : "");
		if (doubts.count > 0)
			assert_int_equal(
			    strstr(doubts.text[0], " that it fits") == NULL,
			    pairs[i].what == NEVER_FOR_ANY);
		problems_fini(&doubts);
		policy_list_free(list);
	}
}

/* What fnmatch(3) takes for one character, and what of an id can fit it. */
TEST(a_pattern_can_fit_an_id_or_not)
{
	static const struct {
		const char *pattern;
		bool possible;
	} patterns[] = {
		{ "", false },
		{ "1000", true },
		{ "100", false },
		{ "10000", false },
		{ "1001", true },
		{ "100f", true },
		{ "100F", true },
		{ "100g", false },
		{ "1100", false },
		{ "????", true },
		{ "?????", false },
		{ "*", true },
		{ "****", true },
		{ "*????", true },
		{ "*?????", false },
		{ "1000*", true },
		{ "1*0", true },
		{ "1**0", true },
		{ "1*1*0", false },
		{ "*1", true },
		{ "\\1\\0\\0\\0", true },
		{ "\\1000", true },
		{ "\\?000", false },
		{ "100\\", false },
		{ "100[0-9]", true },
		{ "100[g-z]", false },
		{ "100[!0-9]", true },
		{ "100[^0-9a-f]", false },
		{ "100[!0-9a-f]", false },
		{ "100[]0]", true },
		{ "100[!]0]", true },
		{ "[!]0]000", true },
		{ "[!]1]000", false },
		{ "1[0]00", true },
		{ "100[", false },
		{ "[1000", false },
	};

	for (size_t i = 0; i < COUNT(patterns); i++)
		if (overlap_id_possible(patterns[i].pattern, "100", 4) !=
		    patterns[i].possible)
			fail_msg("%s", patterns[i].pattern);
}

TEST(nets_meet_or_take_all_of_another)
{
	static const struct {
		const char *a, *b;
		bool meet, covers;
	} pairs[] = {
		{ "", "", true, true },
		{ "", "10.0.0.5", true, true },
		{ "10.0.0.5", "", true, false },
		{ "10.0.0.0/8", "10.1.0.0/16", true, true },
		{ "10.1.0.0/16", "10.0.0.0/8", true, false },
		{ "10.0.0.0/8", "11.0.0.0/8", false, false },
		{ "!10.0.0.0/32", "10.0.0.0/31", true, false },
		{ "!10.0.0.1/32", "10.0.0.0/31", true, false },
		{ "!10.0.0.0/32", "10.0.0.0/30 !10.0.0.3/32", true, false },
		{ "!10.0.0.0/31", "10.0.0.0/31", false, false },
		{ "", "!0.0.0.0/0", false, true },
		{ "!0.0.0.0/0", "", false, false },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct networks a = { 0 }, b = { 0 };
		struct error err;

		assert_true(networks_add(&a, pairs[i].a, &err));
		assert_true(networks_add(&b, pairs[i].b, &err));
		if (overlap_nets_meet(&a, &b) != pairs[i].meet ||
		    overlap_nets_meet(&b, &a) != pairs[i].meet ||
		    overlap_nets_cover(&a, &b) != pairs[i].covers)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
		networks_fini(&a);
		networks_fini(&b);
	}
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
