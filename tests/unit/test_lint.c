/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/lint.h"

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
	    "sent, and whether it took can perhaps not be told" },
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
	{ IMAGE("http://x/x.bin"),
	    "p:3: Image=http://x/x.bin: it is the name of a file, and no "
	    "address: download it first" },
	{ IMAGE("x.bin # mine"),
	    "p:3: Image=x.bin # mine: a comment stands on a line of its own: "
	    "this one counts as a part of the name" },
	{ IMAGE("tasmota*.bin"),
	    "p:3: Image=tasmota*.bin: * and ? stand for themselves here: "
	    "write the whole name" },
	{ IMAGE("/home/anna/x.bin"),
	    "p:3: Image=/home/anna/x.bin: the service sees nothing of /home, "
	    "/root and /tmp: put the file elsewhere, an image into "
	    "ImageDirectory" },
	{ IMAGE("/srv/home/x.bin"), NULL },
	{ FLASH "[Finish]\nUpgrade=/tmp/x.bin\n",
	    "p:5: Upgrade=/tmp/x.bin: the service sees nothing of /home, /root "
	    "and /tmp: put the file elsewhere, an image into ImageDirectory" },
	{ FLASH ONE "[Finish]\nWebPasswordFile=/root/x\n",
	    "p:7: WebPasswordFile=/root/x: the service sees nothing of /home, "
	    "/root and /tmp: put the file elsewhere, an image into "
	    "ImageDirectory" },
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
	{ FLASH ONE FILE_OF_ALL("/etc/$HOME"),
	    "p:7: WebPasswordFile=/etc/$HOME: ~ and $ stand for themselves "
	    "here: write the whole path" },
	{ FLASH FILE_OF_ALL("/root/$ID"),
	    "p:5: WebPasswordFile=/root/$ID: the service sees nothing of "
	    "/home, /root and /tmp: put the file elsewhere, an image into "
	    "ImageDirectory" },
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
	struct match_nets allowed = { 0 };
	const struct lint_world world = { &allowed, is_service };
	struct error err;

	assert_true(match_nets_add(
	    &allowed, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16", &err));
	lint_policies(list, &world, doubts);
	match_nets_fini(&allowed);
}

static void
what_can_hardly_be_meant_is_told(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
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
static void
a_secret_of_a_command_that_is_not_known_is_told_of(void **unused)
{
	static const struct {
		const char *line;
		bool is_secret;
	} lines[] = { { "TelegramToken abc", true },
		{ "PushPASSWORD2 ab", true }, { "NewSecret abc", true },
		{ "NewColour abc", false }, { "TelegramToken 0", false } };

	(void)unused;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct policy_list *list = policy_list_new();
		struct problems doubts = { 0 };
		char text[200];

		snprintf(
		    text, sizeof(text), FLASH COMMAND("%s"), lines[i].line);
		policy_list_add(list, make("p", text));
		lint(list, true, &doubts);
		assert_non_null(strstr(doubts.text[0], "does not know this"));
		assert_int_equal(doubts.count, lines[i].is_secret ? 2 : 1);
		if (lines[i].is_secret)
			assert_non_null(strstr(doubts.text[1], TOLD));
		problems_fini(&doubts);
		policy_list_free(list);
	}
}

/* Who runs it by hand may have everything in his own folder. */
static void
only_the_service_does_not_see_what_is_hidden(void **unused)
{
	struct policy_list *list = policy_list_new();
	struct problems doubts = { 0 };

	(void)unused;
	policy_list_add(list, make("p", IMAGE("/home/anna/x.bin")));
	lint(list, false, &doubts);
	assert_int_equal(doubts.count, 0);
	policy_list_free(list);
}

static void
nothing_comes_behind_what_fits_every_device(void **unused)
{
	struct policy_list *list = policy_list_new();
	struct problems doubts = { 0 };

	(void)unused;
	policy_list_add(list, make("10-some", "[Match]\nType=diy_plug\n"));
	policy_list_add(list, make("20-all", "[Match]\nDeviceId=*\n"));
	policy_list_add(list, make("30-none", "[Match]\nAddress=10.0.0.1\n"));
	lint(list, false, &doubts);
	assert_int_equal(doubts.count, 1);
	assert_string_equal(doubts.text[0],
	    "30-none: it never decides: 20-all comes before it and fits every "
	    "device");
	problems_fini(&doubts);
	policy_list_free(list);
}

/* The one before, the one behind, and whether that can still decide. */
static void
what_another_one_takes_all_of_never_decides(void **unused)
{
	static const struct {
		const char *before, *behind;
		bool decides;
	} pairs[] = {
		{ "Type=diy_plug", "Type=diy_plug", false },
		{ "Type=diy_*", "Type=diy_plug", false },
		{ "Type=diy_plug", "Type=diy_*", true },
		{ "Type=diy_plug", "Type=diy_plug\nDeviceId=1000a05bf6",
		    false },
		{ "Type=diy_plug\nDeviceId=1000a05bf6", "Type=diy_plug", true },
		{ "DeviceId=1000a*", "DeviceId=1000a05bf6 1000a05bf7", false },
		{ "DeviceId=1000a*", "DeviceId=1000a05* 1000a1*", false },
		{ "DeviceId=1000a*", "DeviceId=1000a05bf6 1000b00001", true },
		{ "DeviceId=1000a* !1000a05bf6", "DeviceId=1000a05bf6", true },
		{ "DeviceId=1000a* !1000a05bf6", "DeviceId=1000a1* !1000a05bf6",
		    false },
		{ "DeviceId=1000a?5bf6", "DeviceId=1000a*", true },
		{ "DeviceId=!1000a05bf6", "DeviceId=1000a05bf7", true },
		{ "Firmware=>=3.3", "Firmware=>=3.5 <3.9", false },
		{ "Firmware=>=3.5", "Firmware=>=3.3", true },
		{ "Firmware=>=3.5", "Type=diy_plug", true },
		{ "Type=*", "Firmware=3.6.0", false },
		{ "Firmware=!=3.7", "Firmware=<3.6", false },
		{ "Firmware=!=3.7", "Firmware=<3.8", true },
		{ "Address=192.168.0.0/16", "Address=192.168.1.0/24", false },
		{ "Address=192.168.0.0/24 192.168.1.0/24",
		    "Address=192.168.0.0/23", false },
		{ "Address=192.168.0.0/16 !192.168.1.7",
		    "Address=192.168.1.0/24", true },
		{ "Address=192.168.0.0/16", "Type=diy_plug", true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
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
		if (doubts.count != !pairs[i].decides)
			fail_msg("pair %zu: %zu doubts: %s", i, doubts.count,
			    doubts.count > 0 ? doubts.text[0] : "");
		problems_fini(&doubts);
		policy_list_free(list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_hardly_be_meant_is_told),
		cmocka_unit_test(
		    a_secret_of_a_command_that_is_not_known_is_told_of),
		cmocka_unit_test(only_the_service_does_not_see_what_is_hidden),
		cmocka_unit_test(nothing_comes_behind_what_fits_every_device),
		cmocka_unit_test(what_another_one_takes_all_of_never_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
