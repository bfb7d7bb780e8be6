/* SPDX-License-Identifier: ISC */
/*
 * What the simulated Tasmota answers, request by request, for 8.5.0, 9.5.0,
 * 14.2.0 and 15.5.0.  The replies are not those of the simulator: each follows
 * from the function of Tasmota's own source that is named above it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"
#include "sim/tasmota/updater.h"

#include "unit/test.h"

/* What the commands call of the rest of the simulator. */
void
device_say(const struct device *d, const char *fmt, ...)
{
	(void)d;
	(void)fmt;
}

void
device_breach(struct device *d, const char *fmt, ...)
{
	(void)d;
	(void)fmt;
}

void
updater_start(struct updater *u)
{
	(void)u;
}

void
tasmota_remember(struct tasmota *t, const char *line)
{
	(void)t;
	(void)line;
}

struct bench {
	struct device device;
	struct tasmota tasmota;
};

static struct bench *
bench_new(const char *version, const char *variant, const char *spec)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct error err;

	b->device.port.mac[3] = 0x62;
	b->device.port.mac[4] = 0xe4;
	b->device.port.mac[5] = 0x3f;
	b->device.port.address.s_addr = htonl(0xc0a84d0a);
	spec_init(&b->device.spec);
	assert_true(spec_parse(&b->device.spec, spec, &err));
	b->tasmota.device = &b->device;
	snprintf(b->tasmota.image.version, sizeof(b->tasmota.image.version),
	    "%s", version);
	snprintf(b->tasmota.image.variant, sizeof(b->tasmota.image.variant),
	    "%s", variant);
	b->tasmota.backlogs = json_array();
	snprintf(b->tasmota.hostname, sizeof(b->tasmota.hostname), "hall");
	tasmota_reset(&b->tasmota);
	return b;
}

static void
bench_free(struct bench *b)
{
	json_decref(b->tasmota.backlogs);
	json_decref(b->tasmota.template);
	backlog_clear(&b->tasmota.backlog);
	tasmota_store_clear(&b->tasmota.settings);
	tasmota_store_clear(&b->tasmota.before);
	free(b);
}

static void
expect(struct bench *b, const char *request, const char *reply)
{
	struct tasmota_say said = { 0 };
	char *body;

	tasmota_run(&b->tasmota, request, &said);
	body =
	    tasmota_say_body(&said, firmware_number(b->tasmota.image.version));
	if (strcmp(body, reply) != 0)
		fail_msg("%s: %s\n  answers %s\n  and not %s",
		    b->tasmota.image.version, request, body, reply);
	free(body);
	tasmota_say_fini(&said);
}

enum {
	V85 = 1,
	V95 = 2,
	V142 = 4,
	V155 = 8,
	NEW = V95 | V142 | V155, /* 9.5 and later */
	OLD = V85 | V95 | V142,	 /* up to 14.2 */
	ALL = 15,
};

static const char *const versions[] = { "8.5.0", "9.5.0", "14.2.0", "15.5.0" };

struct talk {
	unsigned in; /* which versions */
	const char *request, *reply;
};

/* One after the other, on a new device of each version. */
static void
hold(const struct talk *talk, size_t count)
{
	for (size_t v = 0; v < COUNT(versions); v++) {
		struct bench *b = bench_new(versions[v], "lite", "");

		for (size_t i = 0; i < count; i++)
			if (talk[i].in & (1U << v))
				expect(b, talk[i].request, talk[i].reply);
		bench_free(b);
	}
}

/* support_command.ino: ExecuteCommand, CommandHandler. */
TEST(a_line_is_a_name_an_index_and_a_value)
{
	static const struct talk talk[] = {
		{ ALL, "DeviceName Hall", "{\"DeviceName\":\"Hall\"}" },
		{ ALL, "devicename", "{\"DeviceName\":\"Hall\"}" },
		{ ALL, "  DEVICENAME    Two  words ",
		    "{\"DeviceName\":\"Two  words \"}" },
		{ ALL, "DeviceName ?", "{\"DeviceName\":\"Two  words \"}" },
		{ ALL, "DeviceName2 x", "{\"DeviceName\":\"x\"}" },
		{ ALL, "cmnd/kitchen/DeviceName y", "{\"DeviceName\":\"y\"}" },
		{ ALL, "DeviceName=z", "{\"DeviceName\":\"=z\"}" },
		{ ALL, "FriendlyName1 A", "{\"FriendlyName1\":\"A\"}" },
		{ ALL, "FriendlyName B", "{\"FriendlyName1\":\"B\"}" },
		{ ALL, "FriendlyName8 C", "{\"FriendlyName8\":\"C\"}" },
		{ OLD, "FriendlyName9 D", "{\"Command\":\"Error\"}" },
		{ V155, "FriendlyName9 D",
		    "{\"Command\":\"Error\",\"Input\":\"FRIENDLYNAME9 D\"}" },
		{ OLD, "Bogus 1", "{\"Command\":\"Unknown\"}" },
		{ V155, "Bogus 1",
		    "{\"Command\":\"Unknown\",\"Input\":\"BOGUS 1\"}" },
		{ V155, "bogus",
		    "{\"Command\":\"Unknown\",\"Input\":\"BOGUS\"}" },
		{ V155, "Bogus2 a\"b",
		    "{\"Command\":\"Unknown\",\"Input\":\"BOGUS2 a\\\"b\"}" },
		{ ALL, "=", "{}" },
		{ V85 | V95, "_DeviceName", "{\"Command\":\"Unknown\"}" },
		{ V142 | V155, "_DeviceName q", "{}" },
		{ V142 | V155, "DeviceName", "{\"DeviceName\":\"q\"}" },
	};

	hold(talk, COUNT(talk));
}

/* CommandHandler: strtol of base 0, and GetStateNumber in support.ino. */
TEST(a_number_is_of_any_base_or_a_word)
{
	static const struct talk talk[] = {
		{ ALL, "TelePeriod 60", "{\"TelePeriod\":60}" },
		{ ALL, "TelePeriod 0x20", "{\"TelePeriod\":32}" },
		{ ALL, "TelePeriod 010", "{\"TelePeriod\":10}" },
		{ ALL, "TelePeriod 077", "{\"TelePeriod\":63}" },
		{ ALL, "TelePeriod 70 s", "{\"TelePeriod\":70}" },
		{ ALL, "TelePeriod x", "{\"TelePeriod\":70}" },
		{ ALL, "TelePeriod 1", "{\"TelePeriod\":300}" },
		{ ALL, "TelePeriod 5", "{\"TelePeriod\":10}" },
		{ ALL, "TelePeriod 3600", "{\"TelePeriod\":3600}" },
		{ ALL, "TelePeriod 3601", "{\"TelePeriod\":3600}" },
		{ ALL, "TelePeriod 0", "{\"TelePeriod\":0}" },
		{ ALL, "ButtonRetain on", "{\"ButtonRetain\":\"ON\"}" },
		{ ALL, "ButtonRetain Off", "{\"ButtonRetain\":\"OFF\"}" },
		{ ALL, "ButtonRetain true", "{\"ButtonRetain\":\"ON\"}" },
		{ ALL, "ButtonRetain toggle", "{\"ButtonRetain\":\"ON\"}" },
		{ ALL, "ButtonRetain off ", "{\"ButtonRetain\":\"ON\"}" },
		{ V142 | V155, "ButtonRetain down",
		    "{\"ButtonRetain\":\"OFF\"}" },
		{ V85 | V95, "ButtonRetain down", "{\"ButtonRetain\":\"ON\"}" },
		{ ALL, "Altitude -50", "{\"Altitude\":-50}" },
		{ ALL, "Altitude high", "{\"Altitude\":-99}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndSetoption, CmndSetoptionBase, SetoptionDecode. */
TEST(options_are_switches_or_numbers)
{
	static const struct talk talk[] = {
		{ ALL, "SetOption0", "{\"SetOption0\":\"ON\"}" },
		{ ALL, "SetOption65 1", "{\"SetOption65\":\"ON\"}" },
		{ ALL, "so65 0", "{\"SetOption65\":\"OFF\"}" },
		{ ALL, "SetOption65 ON", "{\"SetOption65\":\"ON\"}" },
		{ OLD, "SetOption65 2", "{\"Command\":\"Error\"}" },
		{ ALL, "SetOption65 x", "{\"SetOption65\":\"ON\"}" },
		{ ALL, "SetOption32", "{\"SetOption32\":40}" },
		{ ALL, "SetOption32 20", "{\"SetOption32\":20}" },
		{ OLD, "SetOption32 251", "{\"Command\":\"Error\"}" },
		{ OLD, "SetOption32 0", "{\"Command\":\"Error\"}" },
		{ ALL, "SetOption33 250", "{\"SetOption33\":250}" },
		{ V85 | V95, "SetOption45 0", "{\"SetOption45\":0}" },
		{ V85 | V95, "SetOption45 251", "{\"SetOption45\":251}" },
		{ V142, "SetOption45 0", "{\"Command\":\"Error\"}" },
		{ V142, "SetOption45 251", "{\"Command\":\"Error\"}" },
		{ ALL, "SetOption45 250", "{\"SetOption45\":250}" },
		{ ALL, "SetOption34 255", "{\"SetOption34\":255}" },
		{ OLD, "SetOption34 256", "{\"Command\":\"Error\"}" },
		{ OLD, "SetOption14 1", "{\"Command\":\"Error\"}" },
		{ V155, "SetOption14 1",
		    "{\"Command\":\"Error\",\"Input\":\"SETOPTION14 1\"}" },
		{ V85 | V95, "SetOption146 1", "{\"Command\":\"Error\"}" },
		{ V142 | V155, "SetOption146 1", "{\"SetOption146\":\"ON\"}" },
		{ V142, "SetOption178 1", "{\"Command\":\"Error\"}" },
		{ OLD, "SetOption", "{\"SetOption1\":\"OFF\"}" },
		{ V85 | V95, "SetOption128", "{\"SetOption128\":\"OFF\"}" },
		{ V142 | V155, "SetOption128", "{\"SetOption128\":\"ON\"}" },
		{ V85, "MqttNoRetain 1", "{\"Command\":\"Unknown\"}" },
		{ NEW, "MqttNoRetain 1", "{\"MqttNoRetain\":\"ON\"}" },
		{ NEW, "SetOption104", "{\"SetOption104\":\"ON\"}" },
		{ V142 | V155, "WifiNoSleep 1", "{\"WifiNoSleep\":\"ON\"}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndDevicename, CmndFriendlyname, CmndStateText, Shortcut, CmndNtpServer. */
TEST(texts_have_short_forms)
{
	static const struct talk talk[] = {
		{ ALL, "DeviceName", "{\"DeviceName\":\"Tasmota\"}" },
		{ ALL, "DeviceName \"", "{\"DeviceName\":\"\"}" },
		{ ALL, "DeviceName 0", "{\"DeviceName\":\"0\"}" },
		{ ALL, "FriendlyName1 Lamp", "{\"FriendlyName1\":\"Lamp\"}" },
		{ ALL, "DeviceName 1", "{\"DeviceName\":\"Lamp\"}" },
		{ ALL, "FriendlyName1 1", "{\"FriendlyName1\":\"Tasmota\"}" },
		{ ALL, "FriendlyName2 1", "{\"FriendlyName2\":\"Tasmota2\"}" },
		{ NEW, "FN1 x", "{\"FriendlyName1\":\"x\"}" },
		{ V85, "FN1 x", "{\"Command\":\"Unknown\"}" },
		{ ALL, "StateText1 is off", "{\"StateText1\":\"is_off\"}" },
		{ ALL, "StateText1 0", "{\"StateText1\":\"0\"}" },
		{ ALL, "SetOption65", "{\"SetOption65\":\"0\"}" },
		{ ALL, "StateText",
		    "{\"StateText1\":\"0\",\"StateText2\":\"ON\","
		    "\"StateText3\":\"TOGGLE\",\"StateText4\":\"HOLD\"}" },
		{ ALL, "StateText x",
		    "{\"StateText1\":\"0\",\"StateText2\":\"ON\","
		    "\"StateText3\":\"TOGGLE\",\"StateText4\":\"HOLD\"}" },
		{ ALL, "NtpServer1 192,168,1,1",
		    "{\"NtpServer1\":\"192.168.1.1\"}" },
		{ ALL, "NtpServer1 0", "{\"NtpServer1\":\"\"}" },
		{ V85 | V95, "NtpServer1 1",
		    "{\"NtpServer1\":\"pool.ntp.org\"}" },
		{ V142 | V155, "NtpServer1 1",
		    "{\"NtpServer1\":\"2.pool.ntp.org\"}" },
		{ ALL, "LogHost 0", "{\"LogHost\":\"0\"}" },
		{ NEW, "SwitchText1 a b", "{\"SwitchText1\":\"ab\"}" },
		{ V85, "SwitchText1 a b", "{\"Command\":\"Unknown\"}" },
	};

	hold(talk, COUNT(talk));
}

/* EscapeJSONString in JsonGenerator.cpp. */
TEST(a_few_characters_are_escaped)
{
	static const struct talk talk[] = {
		{ ALL, "DeviceName a\"b\\c",
		    "{\"DeviceName\":\"a\\\"b\\\\c\"}" },
		{ ALL, "DeviceName a\tb\nc", "{\"DeviceName\":\"a\\tb\\nc\"}" },
		{ ALL, "DeviceName a\x01z", "{\"DeviceName\":\"a\x01z\"}" },
		{ ALL, "DeviceName \xd0\x9a/\xff",
		    "{\"DeviceName\":\"\xd0\x9a/\xff\"}" },
	};
	struct bench *b = bench_new("8.3.1", "lite", "");

	hold(talk, COUNT(talk));
	/* Before 8.4 nothing was. */
	expect(b, "DeviceName a\"b", "{\"DeviceName\":\"a\"b\"}");
	bench_free(b);
}

/* xdrv_02_mqtt.ino: MakeValidMqtt, CmndTopic and so on. */
TEST(topics_take_no_blanks)
{
	static const struct talk talk[] = {
		{ ALL, "Topic", "{\"Topic\":\"tasmota_%06X\"}" },
		{ ALL, "Topic my lamp", "{\"Topic\":\"my_lamp\"}" },
		{ ALL, "Topic a+b#", "{\"Topic\":\"a_b_\"}" },
		{ ALL, "Topic 1", "{\"Topic\":\"tasmota_%06X\"}" },
		{ ALL, "FullTopic %topic% /x+/%prefix%/",
		    "{\"FullTopic\":\"%topic%/x/%prefix%/\"}" },
		{ ALL, "FullTopic 1", "{\"FullTopic\":\"%prefix%/%topic%/\"}" },
		{ ALL, "Prefix2 my stat", "{\"Prefix2\":\"my_stat\"}" },
		{ ALL, "Prefix2 1", "{\"Prefix2\":\"stat\"}" },
		{ ALL, "GroupTopic a b",
		    "{\"GroupTopic1\":\"a_b\",\"GroupTopic2\":\"\","
		    "\"GroupTopic3\":\"\",\"GroupTopic4\":\"\"}" },
		{ ALL, "GroupTopic3 c",
		    "{\"GroupTopic1\":\"a_b\",\"GroupTopic2\":\"c\","
		    "\"GroupTopic3\":\"\",\"GroupTopic4\":\"\"}" },
		{ ALL, "ButtonTopic 1",
		    "{\"ButtonTopic\":\"tasmota_62E43F\"}" },
		{ ALL, "ButtonTopic 0", "{\"ButtonTopic\":\"\"}" },
		{ ALL, "ButtonTopic 2", "{\"ButtonTopic\":\"0\"}" },
		{ ALL, "MqttHost broker", "{\"MqttHost\":\"broker\"}" },
		{ ALL, "MqttHost 0", "{\"MqttHost\":\"\"}" },
		{ ALL, "MqttPort 1884", "{\"MqttPort\":1884}" },
		{ ALL, "MqttPort 1", "{\"MqttPort\":1883}" },
		{ ALL, "MqttPort 70000", "{\"MqttPort\":1883}" },
		{ ALL, "MqttUser", "{\"MqttUser\":\"DVES_USER\"}" },
		{ ALL, "MqttRetry 5", "{\"MqttRetry\":10}" },
		{ V85, "MqttKeepAlive 20", "{\"Command\":\"Unknown\"}" },
		{ NEW, "MqttKeepAlive 20", "{\"MqttKeepAlive\":20}" },
		{ V85, "MqttWifiTimeout 250", "{\"Command\":\"Unknown\"}" },
		{ NEW, "MqttWifiTimeout 250", "{\"MqttWifiTimeout\":200}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndMqttPassword, CmndPassword, xdrv_01_webserver.ino: CmndWebPassword. */
TEST(secrets_are_told_once)
{
	static const struct talk talk[] = {
		{ ALL, "MqttPassword secret", "{\"MqttPassword\":\"secret\"}" },
		{ ALL, "MqttPassword", "{\"MqttPassword\":\"****\"}" },
		{ NEW, "MqttPassword2 other", "{\"MqttPassword\":\"****\"}" },
		{ V85, "MqttPassword2 other", "{\"MqttPassword\":\"other\"}" },
		{ ALL, "WebPassword secret", "{\"WebPassword\":\"secret\"}" },
		{ ALL, "WebPassword", "{\"WebPassword\":\"****\"}" },
		{ NEW, "WebPassword2 other", "{\"WebPassword\":\"****\"}" },
		{ V85, "WebPassword2 other", "{\"WebPassword\":\"other\"}" },
		{ ALL, "WebPassword 0", "{\"WebPassword\":\"\"}" },
		{ ALL, "Password1 long enough",
		    "{\"Password1\":\"long enough\"}" },
		{ ALL, "Password1 four", "{\"Password1\":\"****\"}" },
		{ ALL, "Password", "{\"Password1\":\"****\"}" },
		{ NEW, "Password3 another", "{\"Password1\":\"****\"}" },
		{ V85, "Password3 another", "{\"Command\":\"Error\"}" },
		{ ALL, "Password2 0", "{\"Password2\":\"\"}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndSsid, CmndHostname, CmndIpAddress, CmndWifiConfig, CmndWifiPower. */
TEST(the_network_is_set_up)
{
	static const struct talk talk[] = {
		{ ALL, "SSID1 Home", "{\"SSId1\":\"Home\"}" },
		{ ALL, "SSId", "{\"SSId1\":\"Home\",\"SSId2\":\"\"}" },
		{ ALL, "Ap", "{\"Ap\":{\"1\":\"Home\"}}" },
		{ ALL, "Hostname hall", "{\"Hostname\":\"hall\"}" },
		{ ALL, "Hostname %s", "{\"Hostname\":\"%s-%04d\"}" },
		{ ALL, "IPAddress1 192.168.1.9",
		    "{\"IPAddress1\":\"192.168.1.9 (192.168.77.10)\"}" },
		{ ALL, "IPAddress2 10.0.0.1", "{\"IPAddress2\":\"10.0.0.1\"}" },
		{ ALL, "IPAddress2 10.0.0", "{\"IPAddress2\":\"10.0.0.1\"}" },
		{ ALL, "IPAddress2 10.0.0.1.2",
		    "{\"IPAddress2\":\"10.0.0.1\"}" },
		{ ALL, "IPAddress2 10.0.0.", "{\"IPAddress2\":\"10.0.0.0\"}" },
		{ V85 | V95, "IPAddress5 9.9.9.9", "{\"Command\":\"Error\"}" },
		{ V142 | V155, "IPAddress5 9.9.9.9",
		    "{\"IPAddress5\":\"9.9.9.9\"}" },
		{ ALL, "WifiConfig 5", "{\"WifiConfig\":{\"5\":\"Wait\"}}" },
		{ ALL, "WifiConfig 3",
		    "{\"WifiConfig\":{\"2\":\"WifiManager\"}}" },
		{ V85 | V95, "WifiPower 12.5", "{\"WifiPower\":\"12.5\"}" },
		{ V142 | V155, "WifiPower 12.5", "{\"WifiPower\":12.5}" },
		{ V85 | V95, "WifiPower 30", "{\"WifiPower\":\"4.4\"}" },
		{ V85 | V95, "WifiPower 20.5", "{\"WifiPower\":\"20.5\"}" },
		{ V85 | V95, "WifiPower 20.9", "{\"WifiPower\":\"20.5\"}" },
		{ V85 | V95, "WifiPower 1", "{\"WifiPower\":\"1.0\"}" },
		{ V142 | V155, "WifiPower 20.5", "{\"WifiPower\":20.0}" },
		{ V142 | V155, "WifiPower 1", "{\"WifiPower\":17.0}" },
		{ V142 | V155, "WifiPower 0", "{\"WifiPower\":17.0}" },
		{ V85, "Wifi 1", "{\"Wifi\":\"ON\"}" },
		{ V85, "Wifi 3", "{\"Wifi\":\"ON\"}" },
		{ V95 | V142 | V155, "Wifi",
		    "{\"Wifi\":\"ON\",\"Mode\":\"11n\"}" },
		{ ALL, "SysLog 2", "{\"SysLog\":{\"2\":{\"Active\":\"2\"}}}" },
		{ ALL, "SysLog 5", "{\"SysLog\":{\"2\":{\"Active\":\"2\"}}}" },
		{ ALL, "LogPort 1", "{\"LogPort\":514}" },
		{ ALL, "Sleep 250",
		    "{\"Sleep\":{\"250\":{\"Active\":\"250\"}}}" },
		{ ALL, "Webserver",
		    "{\"Webserver\":\"Active for Admin on hall with IP "
		    "address 192.168.77.10\"}" },
		{ ALL, "WebServer 0", "{\"Webserver\":\"OFF\"}" },
		{ ALL, "WebLog 3", "{\"WebLog\":3}" },
		{ V85, "WebRefresh 20000", "{\"WebRefresh\":2345}" },
		{ NEW, "WebRefresh 20000", "{\"WebRefresh\":20000}" },
		{ V142, "WebRefresh 500", "{\"WebRefresh\":20000}" },
		{ V155, "WebRefresh 500", "{\"WebRefresh\":500}" },
		{ OLD, "WebColor2 #123",
		    "{\"WebColor\":[\"#eaeaea\",\"#112233\",\"#4f4f4f\","
		    "\"#000000\",\"#dddddd\",\"#65c115\",\"#1f1f1f\","
		    "\"#ff5661\",\"#008000\",\"#faffff\",\"#1fa3ec\","
		    "\"#0e70a4\",\"#d43535\",\"#931f1f\",\"#47c266\","
		    "\"#5aaf6f\",\"#faffff\",\"#999999\",\"#eaeaea\"]}" },
		{ V155, "WebColor {\"WebColor\":[\"#fff\"]}",
		    "{\"WebColor\":[\"#ffffff\",\"#252525\",\"#4f4f4f\","
		    "\"#000000\",\"#dddddd\",\"#65c115\",\"#1f1f1f\","
		    "\"#ff5661\",\"#008000\",\"#faffff\",\"#1fa3ec\","
		    "\"#0e70a4\",\"#d43535\",\"#931f1f\",\"#47c266\","
		    "\"#5aaf6f\",\"#faffff\",\"#999999\",\"#eaeaea\","
		    "\"#08405e\"]}" },
		{ V85 | V95, "CORS x", "{\"CORS\":\"x\"}" },
		{ V142, "CORS x", "{\"Command\":\"Unknown\"}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndTimeStdDst, CmndTimezone, xdrv_09_timers.ino: CmndLatitude. */
TEST(time_and_place_have_forms_of_their_own)
{
	static const struct talk talk[] = {
		{ ALL, "TimeStd 0,0,10,1,3,60",
		    "{\"TimeStd\":{\"Hemisphere\":0,\"Week\":0,\"Month\":10,"
		    "\"Day\":1,\"Hour\":3,\"Offset\":60}}" },
		{ ALL, "TimeDst 1, 9, 13 , 0,24,-1000",
		    "{\"TimeDst\":{\"Hemisphere\":1,\"Week\":4,\"Month\":12,"
		    "\"Day\":1,\"Hour\":23,\"Offset\":-900}}" },
		{ ALL, "TimeDst ,,,,,+240",
		    "{\"TimeDst\":{\"Hemisphere\":1,\"Week\":4,\"Month\":12,"
		    "\"Day\":1,\"Hour\":23,\"Offset\":240}}" },
		{ ALL, "TimeDst 0",
		    "{\"TimeDst\":{\"Hemisphere\":0,\"Week\":0,\"Month\":3,"
		    "\"Day\":1,\"Hour\":2,\"Offset\":120}}" },
		{ ALL, "Timezone", "{\"Timezone\":\"+01:00\"}" },
		{ ALL, "Timezone 99", "{\"Timezone\":99}" },
		{ ALL, "Timezone 1", "{\"Timezone\":\"+01:00\"}" },
		{ ALL, "Timezone -5", "{\"Timezone\":\"-05:00\"}" },
		{ ALL, "Timezone +5:30", "{\"Timezone\":\"+05:30\"}" },
		{ ALL, "Timezone +05:30", "{\"Timezone\":\"+05:30\"}" },
		/* 08 is no octal number, so that it ends at the 0. */
		{ ALL, "Timezone +08:00", "{\"Timezone\":\"+00:00\"}" },
		{ ALL, "Timezone 2:75", "{\"Timezone\":\"+02:59\"}" },
		{ ALL, "Timezone 15", "{\"Timezone\":99}" },
		{ ALL, "Timezone Berlin", "{\"Timezone\":99}" },
		{ ALL, "Latitude", "{\"Latitude\":48.858360}" },
		{ ALL, "Latitude 52.52", "{\"Latitude\":52.520000}" },
		{ ALL, "Longitude -0.1", "{\"Longitude\":-0.100000}" },
		{ ALL, "Longitude 13.405", "{\"Longitude\":13.405000}" },
		{ ALL, "TempOffset -1.25", "{\"TempOffset\":-1.2}" },
		{ ALL, "TempOffset 20", "{\"TempOffset\":-1.2}" },
	};

	hold(talk, COUNT(talk));
}

/* What the releases in between take, from their own source. */
TEST(a_release_takes_what_its_source_has)
{
	static const struct {
		const char *version, *request, *reply;
	} cases[] = {
		{ "8.1.0", "FriendlyName8 x", "{\"FriendlyName8\":\"x\"}" },
		{ "8.1.0", "FriendlyName1 \"", "{\"FriendlyName1\":\"\"}" },
		{ "8.1.0", "WebButton16 x", "{\"WebButton16\":\"x\"}" },
		{ "8.1.0", "Mem16 x", "{\"Mem16\":\"x\"}" },
		{ "8.3.1", "Wifi 1", "{\"Command\":\"Unknown\"}" },
		{ "9.1.0", "Wifi 1", "{\"Wifi\":\"ON\"}" },
		/* #ifdef ESP32 */
		{ "9.2.0", "Wifi 1", "{\"Command\":\"Unknown\"}" },
		{ "9.3.1", "Wifi 1", "{\"Command\":\"Unknown\"}" },
		{ "9.4.0", "Wifi 3", "{\"Wifi\":\"ON\"}" },
		{ "9.5.0", "Wifi 3", "{\"Wifi\":\"ON\",\"Mode\":\"11g\"}" },
		{ "9.3.0", "InfoRetain 1", "{\"Command\":\"Unknown\"}" },
		{ "9.3.1", "InfoRetain 1", "{\"InfoRetain\":\"ON\"}" },
		{ "9.3.0", "StateRetain 1", "{\"Command\":\"Unknown\"}" },
		{ "9.3.1", "StateRetain 1", "{\"StateRetain\":\"ON\"}" },
		{ "12.1.0", "StatusRetain 1", "{\"Command\":\"Unknown\"}" },
		{ "12.1.1", "StatusRetain 1", "{\"StatusRetain\":\"ON\"}" },
		{ "9.4.0", "MqttWifiTimeout 300", "{\"Command\":\"Unknown\"}" },
		{ "9.5.0", "MqttWifiTimeout 300", "{\"MqttWifiTimeout\":300}" },
		{ "12.0.2", "SetOption45 0", "{\"SetOption45\":0}" },
		{ "12.1.0", "SetOption45 0", "{\"Command\":\"Error\"}" },
		{ "8.2.0", "PWMFrequency 99", "{\"PWMFrequency\":880}" },
		{ "8.3.1", "PWMFrequency 40", "{\"PWMFrequency\":40}" },
		{ "9.5.0", "PWMFrequency 4001", "{\"PWMFrequency\":977}" },
		{ "15.5.0", "PWMFrequency 4000", "{\"PWMFrequency\":4000}" },
		{ "10.1.0", "PulseTime9 1", "{\"Command\":\"Error\"}" },
		{ "11.1.0", "PulseTime32 1",
		    "{\"PulseTime32\":{\"Set\":1,\"Remaining\":0}}" },
		{ "11.1.0", "PulseTime33 1", "{\"Command\":\"Error\"}" },
		{ "14.2.0", "SwitchMode28 1", "{\"SwitchMode28\":1}" },
		{ "14.2.0", "SwitchMode29 1", "{\"Command\":\"Error\"}" },
		{ "14.4.0", "SwitchMode32 1", "{\"SwitchMode32\":1}" },
		{ "12.4.0", "WifiPower 1", "{\"WifiPower\":\"1.0\"}" },
		{ "13.0.0", "WifiPower 1", "{\"WifiPower\":17.0}" },
		{ "13.0.0", "WifiPower 20.4", "{\"WifiPower\":20.0}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b = bench_new(cases[i].version, "lite", "");

		expect(b, cases[i].request, cases[i].reply);
		bench_free(b);
	}
}

/* CmndWebColor, WebHexCode, JsonWebColor: the first colour of the answer. */
TEST(a_colour_is_read_as_a_number)
{
	static const struct {
		const char *version, *request, *colour;
	} cases[] = {
		{ "14.2.0", "WebColor1 #123", "#112233" },
		{ "14.2.0", "WebColor1 1A2B3C", "#1a2b3c" },
		{ "14.2.0", "WebColor1 123", "#eaeaea" },
		{ "14.2.0", "WebColor1 #1234", "#001234" },
		{ "14.2.0", "WebColor1 #1234567", "#234567" },
		{ "14.2.0", "WebColor1 #89abcdef", "#ffffff" },
		{ "14.2.0", "WebColor1 black", "#00000b" },
		{ "14.2.0", "WebColor {\"WebColor\":[\"123\"]}", "#112233" },
		{ "14.2.0", "WebColor {\"WebColor\":[\"\"]}", "#000000" },
		{ "14.2.0", "WebColor {\"WebColor\":[null]}", "#000000" },
		{ "8.4.0", "WebColor {\"WebColor\":[null]}", "#eaeaea" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b = bench_new(cases[i].version, "lite", "");
		struct tasmota_say said = { 0 };
		char wanted[40], *body;

		tasmota_run(&b->tasmota, cases[i].request, &said);
		body =
		    tasmota_say_body(&said, firmware_number(cases[i].version));
		snprintf(wanted, sizeof(wanted), "{\"WebColor\":[\"%s\"",
		    cases[i].colour);
		if (strncmp(body, wanted, strlen(wanted)) != 0)
			fail_msg("%s answers %s", cases[i].request, body);
		free(body);
		tasmota_say_fini(&said);
		bench_free(b);
	}
}

/* Without a # three digits are none, and 000 is the number of a reset. */
TEST(three_noughts_reset_all_colours)
{
	struct bench *b = bench_new("14.2.0", "lite", "");
	struct tasmota_say said = { 0 };
	char *body;

	tasmota_run(&b->tasmota, "WebColor1 #123456", &said);
	tasmota_run(&b->tasmota, "WebColor2 000", &said);
	tasmota_say_fini(&said);
	said = (struct tasmota_say){ 0 };
	tasmota_run(&b->tasmota, "WebColor1", &said);
	body = tasmota_say_body(&said, 140200);
	assert_contains(body, "[\"#eaeaea\",\"#252525\"");
	free(body);
	tasmota_say_fini(&said);
	bench_free(b);
}

/* CmndRule: "..." behind the first 512 bytes, from 8.3 to 9.5. */
TEST(a_long_rule_is_told_with_dots)
{
	static const struct {
		const char *version;
		int len, shown;
		bool dots;
	} cases[] = {
		{ "8.3.1", 511, 511, false },
		{ "8.3.1", 512, 512, true },
		{ "8.4.0", 509, 509, false },
		{ "8.4.0", 510, 510, true },
		{ "9.5.0", 600, 512, true },
		{ "10.0.0", 600, 600, false },
	};
	char rule[700], wanted[800];

	memset(rule, 'a', sizeof(rule));
	memcpy(rule, "Rule1 ", 6);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b = bench_new(cases[i].version, "lite", "");
		struct tasmota_say said = { 0 };
		char line[700], *body;

		snprintf(line, sizeof(line), "%.*s", cases[i].len + 6, rule);
		tasmota_run(&b->tasmota, line, &said);
		body =
		    tasmota_say_body(&said, firmware_number(cases[i].version));
		snprintf(wanted, sizeof(wanted), "\"Rules\":\"%.*s%s",
		    cases[i].shown, rule + 6, cases[i].dots ? "..." : "\"");
		assert_contains(body, wanted);
		free(body);
		tasmota_say_fini(&said);
		bench_free(b);
	}
}

/* CmndPulsetime, CmndSwitchMode, CmndLedPower, CmndLedMask, CmndSavedata. */
TEST(relay_switches_and_leds)
{
	static const struct talk talk[] = {
		{ ALL, "PulseTime1 105",
		    "{\"PulseTime1\":{\"Set\":105,\"Remaining\":0}}" },
		{ ALL, "PulseTime 7",
		    "{\"PulseTime1\":{\"Set\":7,\"Remaining\":0}}" },
		{ V85 | V95, "PulseTime",
		    "{\"PulseTime1\":{\"Set\":7,\"Remaining\":0},"
		    "\"PulseTime2\":{\"Set\":0,\"Remaining\":0},"
		    "\"PulseTime3\":{\"Set\":0,\"Remaining\":0},"
		    "\"PulseTime4\":{\"Set\":0,\"Remaining\":0},"
		    "\"PulseTime5\":{\"Set\":0,\"Remaining\":0},"
		    "\"PulseTime6\":{\"Set\":0,\"Remaining\":0},"
		    "\"PulseTime7\":{\"Set\":0,\"Remaining\":0},"
		    "\"PulseTime8\":{\"Set\":0,\"Remaining\":0}}" },
		{ V142 | V155, "PulseTime",
		    "{\"PulseTime\":{\"Set\":[7,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
		    "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\"Remaining\":[0,0,0,0,0,"
		    "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}"
		    "}" },
		{ OLD, "PulseTime0 1", "{\"Command\":\"Error\"}" },
		{ ALL, "SwitchMode1 3", "{\"SwitchMode1\":3}" },
		{ ALL, "SwitchMode1 99", "{\"SwitchMode1\":3}" },
		{ ALL, "PowerOnState 0", "{\"PowerOnState\":0}" },
		{ ALL, "PowerOnState 6", "{\"PowerOnState\":0}" },
		{ V85 | V95, "BlinkCount 32001", "{\"BlinkCount\":32001}" },
		{ V142 | V155, "BlinkCount 32001", "{\"BlinkCount\":10}" },
		{ ALL, "LedPower 1", "{\"LedPower1\":\"ON\"}" },
		{ ALL, "LedPower2 0", "{\"LedPower1\":\"OFF\"}" },
		{ ALL, "LedState 5", "{\"LedState\":5}" },
		{ ALL, "LedMask 255", "{\"LedMask\":\"255 (0x00FF)\"}" },
		{ ALL, "SaveData 5", "{\"SaveData\":\"Every 5 sec\"}" },
		{ ALL, "SaveData 1", "{\"SaveData\":\"ON\"}" },
		{ ALL, "Interlock 1", "{\"Interlock\":\"OFF\"}" },
		{ ALL, "Power ON", "{\"POWER\":\"ON\"}" },
		{ ALL, "Power1 toggle", "{\"POWER\":\"OFF\"}" },
		{ OLD, "Power2 1", "{\"Command\":\"Error\"}" },
		{ ALL, "SerialConfig 8E1", "{\"SerialConfig\":\"8E1\"}" },
		{ ALL, "SerialConfig 8X1", "{\"SerialConfig\":\"8E1\"}" },
		{ ALL, "Baudrate 115300", "{\"Baudrate\":115200}" },
		{ ALL, "Emulation 2", "{\"Emulation\":2}" },
		{ OLD, "Dimmer 10", "{\"Command\":\"Unknown\"}" },
	};

	hold(talk, COUNT(talk));
}

/* xdrv_10_rules.ino: CmndRule, CmndVariable, CmndMemory, CmndRuleTimer. */
TEST(rules_are_flat_up_to_9_3)
{
	static const struct talk talk[] = {
		{ V85, "Rule1 ON Power1#State DO Var1 %value% ENDON",
		    "{\"Rule1\":\"OFF\",\"Once\":\"OFF\",\"StopOnError\":"
		    "\"OFF\",\"Length\":37,\"Free\":474,\"Rules\":"
		    "\"ON Power1#State DO Var1 %value% ENDON\"}" },
		{ V85, "Rule1 1",
		    "{\"Rule1\":\"ON\",\"Once\":\"OFF\",\"StopOnError\":"
		    "\"OFF\","
		    "\"Length\":37,\"Free\":474,\"Rules\":"
		    "\"ON Power1#State DO Var1 %value% ENDON\"}" },
		{ NEW, "Rule1 ON Power1#State DO Var1 %value% ENDON",
		    "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"OFF\","
		    "\"StopOnError\":\"OFF\",\"Length\":37,\"Free\":474,"
		    "\"Rules\":\"ON Power1#State DO Var1 %value% ENDON\"}}" },
		{ NEW, "Rule1 5",
		    "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"ON\","
		    "\"StopOnError\":\"OFF\",\"Length\":37,\"Free\":474,"
		    "\"Rules\":\"ON Power1#State DO Var1 %value% ENDON\"}}" },
		{ NEW, "Rule1 +ON x DO y ENDON",
		    "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"ON\","
		    "\"StopOnError\":\"OFF\",\"Length\":53,\"Free\":458,"
		    "\"Rules\":\"ON Power1#State DO Var1 %value% ENDON "
		    "ON x DO y ENDON\"}}" },
		{ NEW, "Rule1 \"",
		    "{\"Rule1\":{\"State\":\"OFF\",\"Once\":\"ON\","
		    "\"StopOnError\":\"OFF\",\"Length\":0,\"Free\":511,"
		    "\"Rules\":\"\"}}" },
		{ OLD, "Rule4 1", "{\"Command\":\"Error\"}" },
		{ ALL, "Var1 12345678901234567890123456789012345",
		    "{\"Var1\":\"12345678901234567890123456789012\"}" },
		{ ALL, "Mem1 hello", "{\"Mem1\":\"hello\"}" },
		{ ALL, "Mem1 \"", "{\"Mem1\":\"\"}" },
		{ ALL, "RuleTimer2 60",
		    "{\"T1\":0,\"T2\":60,\"T3\":0,\"T4\":0,\"T5\":0,\"T6\":0,"
		    "\"T7\":0,\"T8\":0}" },
		{ ALL, "CalcRes 2", "{\"CalcRes\":2}" },
		{ ALL, "Var2 1", "{\"Var2\":\"1\"}" },
		{ ALL, "Add2 1.5", "{\"Add2\":\"2.50\"}" },
	};

	hold(talk, COUNT(talk));
}

/* xdrv_09_timers.ino: CmndTimer, PrepShowTimer; the key was "Arm" to 8.4. */
TEST(timers_are_told_as_objects)
{
	static const char json[] = "Timer1 {\"Enable\":1,\"Mode\":0,"
				   "\"Time\":\"06:30\",\"Window\":20,"
				   "\"Days\":\"-MTWTF-\",\"Repeat\":1,"
				   "\"Output\":1,\"Action\":1}";
	static const struct talk talk[] = {
		{ ALL, json,
		    "{\"Timer1\":{\"Enable\":1,\"Mode\":0,\"Time\":\"06:30\","
		    "\"Window\":4,\"Days\":\"0111110\",\"Repeat\":1,"
		    "\"Output\":1,\"Action\":1}}" },
		{ ALL, "Timer2 {\"mode\":2,\"time\":\"-01:15\"}",
		    "{\"Timer2\":{\"Enable\":0,\"Mode\":2,\"Time\":\"-01:15\","
		    "\"Window\":0,\"Days\":\"0000000\",\"Repeat\":0,"
		    "\"Output\":1,\"Action\":0}}" },
		{ ALL, "Timer2 0",
		    "{\"Timer2\":{\"Enable\":0,\"Mode\":0,\"Time\":\"00:00\","
		    "\"Window\":0,\"Days\":\"0000000\",\"Repeat\":0,"
		    "\"Output\":1,\"Action\":0}}" },
		{ ALL, "Timer3 nonsense", "{\"Timer3\":\"Invalid JSON\"}" },
		{ OLD, "Timer17 0", "{\"Command\":\"Error\"}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndTemplate, support.ino: JsonTemplate, TemplateJson, TemplateConvert. */
TEST(templates_had_thirteen_numbers_before_9_1)
{
	static const char old[] = "Template {\"NAME\":\"Old\",\"GPIO\":[17,0,0,"
				  "0,9,0,0,0,21,56,0,0,255],\"FLAG\":0,"
				  "\"BASE\":1}";
	static const char mini[] = "Template {\"NAME\":\"Mini\",\"GPIO\":[32,0,"
				   "0,0,160,0,0,0,224,320,0,0,1,0],\"FLAG\":0,"
				   "\"BASE\":1}";
	static const struct talk talk[] = {
		{ V85, "Template",
		    "{\"NAME\":\"Generic\",\"GPIO\":[255,255,255,255,255,255,"
		    "255,255,255,255,255,255,255],\"FLAG\":15,\"BASE\":18}" },
		{ V95 | V142, "Template",
		    "{\"NAME\":\"Generic\",\"GPIO\":[1,1,1,1,1,1,1,1,1,1,1,1,1,"
		    "1],\"FLAG\":0,\"BASE\":18}" },
		{ V85, old,
		    "{\"NAME\":\"Old\",\"GPIO\":[17,0,0,0,9,0,0,0,21,56,0,0,"
		    "255],\"FLAG\":0,\"BASE\":1}" },
		{ V95 | V142, old,
		    "{\"NAME\":\"Old\",\"GPIO\":[32,0,0,0,160,0,0,0,224,320,0,"
		    "0,1,0],\"FLAG\":0,\"BASE\":1}" },
		{ V95 | V142, mini,
		    "{\"NAME\":\"Mini\",\"GPIO\":[32,0,0,0,160,0,0,0,224,320,0,"
		    "0,1,0],\"FLAG\":0,\"BASE\":1}" },
		{ V155, mini,
		    "{\"NAME\":\"Mini\",\"ARCH\":\"ESP8266\",\"GPIO\":[32,0,0,"
		    "0,160,0,0,0,224,320,0,0,1,0],\"FLAG\":0,\"BASE\":1}" },
		/* Each number is a byte there. */
		{ V85, mini,
		    "{\"NAME\":\"Mini\",\"GPIO\":[32,0,0,0,160,0,0,0,224,64,0,"
		    "0,1],\"FLAG\":0,\"BASE\":1}" },
		{ OLD, "Template {nonsense}",
		    "{\"Template\":\"Invalid JSON\"}" },
		{ V155, "Template {nonsense}",
		    "{\"Template\":\"Invalid JSON or Bad Chip Type\"}" },
		{ ALL, "Module", "{\"Module\":{\"1\":\"Sonoff Basic\"}}" },
		{ ALL, "Module 0", "{\"Module\":{\"0\":\"Mini\"}}" },
		{ ALL, "Module 18", "{\"Module\":{\"18\":\"Generic\"}}" },
		{ ALL, "Module 200", "{\"Module\":{\"18\":\"Generic\"}}" },
	};

	hold(talk, COUNT(talk));
}

/* CmndStatus, CmndUpgrade, CmndRestart, CmndReset. */
TEST(what_steers_the_device_itself)
{
	static const struct talk talk[] = {
		{ V85, "Upgrade", "{\"Upgrade\":\"1 or >8.5.0 to upgrade\"}" },
		{ V142, "Upgrade 1",
		    "{\"Upgrade\":\"Version 14.2.0 from http://ota.tasmota.com"
		    "/tasmota/release/tasmota-lite.bin.gz\"}" },
		{ V142, "Upgrade 14.1.0",
		    "{\"Upgrade\":\"1 or >14.2.0 to upgrade\"}" },
		{ V85, "Restart", "{\"Restart\":\"1 to restart, 2 to halt\"}" },
		{ ALL, "Restart 1", "{\"Restart\":\"Restarting\"}" },
		{ ALL, "Reset", "{\"Reset\":\"1 to reset\"}" },
		{ ALL, "Reset 5",
		    "{\"Reset\":\"Erase, Reset and Restarting\"}" },
		{ ALL, "Reset 99", "{\"Reset\":\"Done\"}" },
		{ ALL, "Backlog", "{\"Backlog\":\"Empty\"}" },
		{ ALL, "Backlog A;B", "{}" },
		{ ALL, "Backlog", "{\"Backlog\":\"Aborted\"}" },
		{ V95 | V142, "Status 14", "{\"Command\":\"Error\"}" },
		{ OLD, "OtaUrl x\"y", "{\"OtaUrl\":\"x\\\"y\"}" },
	};

	hold(talk, COUNT(talk));
}

/* SettingsUpdateText in settings.ino: 699 bytes for all texts together. */
TEST(a_text_for_which_there_is_no_room_changes_nothing)
{
	char request[600] = "DeviceName ";
	struct bench *b = bench_new("14.2.0", "lite", "");

	expect(b, "DeviceName Hall", "{\"DeviceName\":\"Hall\"}");
	memset(request + strlen(request), 'x', 550);
	expect(b, request, "{\"DeviceName\":\"Hall\"}");
	bench_free(b);
}

/* tasmota_configurations.h: FIRMWARE_MINIMAL. */
TEST(a_minimal_build_has_next_to_nothing)
{
	struct bench *b = bench_new("14.2.0", "minimal", "");

	expect(b, "OtaUrl http://x/y", "{\"OtaUrl\":\"http://x/y\"}");
	expect(
	    b, "Upgrade 1", "{\"Upgrade\":\"Version 14.2.0 from http://x/y\"}");
	expect(b, "Status 2", "{\"Command\":\"Unknown\"}");
	expect(b, "Backlog A;B", "{\"Command\":\"Unknown\"}");
	bench_free(b);
	b = bench_new("9.5.0", "minimal", "");
	expect(b, "DeviceName x", "{\"DeviceName\":\"x\"}");
	expect(b, "Rule1 1", "{\"Command\":\"Unknown\"}");
	bench_free(b);
}

TEST(it_errs_about_one_setting_if_it_is_to)
{
	struct bench *b = bench_new("14.2.0", "lite",
	    "tasmota-drops=DeviceName,tasmota-stores=FriendlyName1=Other%2C x,"
	    "tasmota-answers=TelePeriod=60,set=MqttHost=old broker,"
	    "set=Topic=a");

	expect(b, "DeviceName Hall", "{\"DeviceName\":\"Hall\"}");
	expect(b, "DeviceName", "{\"DeviceName\":\"Tasmota\"}");
	expect(b, "FriendlyName1 Hall", "{\"FriendlyName1\":\"Hall\"}");
	expect(b, "FriendlyName1", "{\"FriendlyName1\":\"Other, x\"}");
	expect(b, "TelePeriod 120", "{\"TelePeriod\":60}");
	expect(b, "MqttHost", "{\"MqttHost\":\"old broker\"}");
	expect(b, "Topic", "{\"Topic\":\"a\"}");
	bench_free(b);
}

/* And about a rule, whose command is told of one rule after the other. */
TEST(it_errs_about_one_rule_if_it_is_to)
{
	static const struct {
		const char *spec, *one, *two;
	} cases[] = {
		{ "tasmota-drops=Rule1", NULL, "ON B DO C ENDON" },
		{ "tasmota-drops=Rule2", "ON A DO B ENDON", NULL },
		{ "tasmota-stores=Rule1=x", "x", "ON B DO C ENDON" },
		{ "tasmota-stores=Rule2=x", "ON A DO B ENDON", "x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench *b = bench_new("14.2.0", "lite", cases[i].spec);
		const struct tasmota_store *kept = &b->tasmota.settings;
		struct tasmota_say said = { 0 };
		const char *one, *two;

		tasmota_run(&b->tasmota, "Rule1 ON A DO B ENDON", &said);
		tasmota_run(&b->tasmota, "Rule2 ON B DO C ENDON", &said);
		one = tasmota_store_get(kept, "Rule1");
		two = tasmota_store_get(kept, "Rule2");
		assert_string_equal(one != NULL ? one : "-",
		    cases[i].one != NULL ? cases[i].one : "-");
		assert_string_equal(two != NULL ? two : "-",
		    cases[i].two != NULL ? cases[i].two : "-");
		tasmota_say_fini(&said);
		bench_free(b);
	}
}

/* CmndBacklog in support_command.ino, strtok and all. */
TEST(a_backlog_is_cut_as_each_version_does)
{
	static const struct {
		unsigned version;
		const char *text, *lines; /* joined by "|" */
	} cases[] = {
		{ 80500, "A 1; B  2 ;;C", "A 1|B  2|C" },
		{ 80500, "Template {\"a;b\":1};Module 0",
		    "Template {\"a|b\":1}|Module 0" },
		{ 80500, "Reset 5;A", "Reset 5|A" },
		{ 80500, "Backlog A;backlog B;Backlog", "A|B" },
		{ 80500, " ; ;", "" },
		{ 90500, "Template {\"a;b\":1};Module 0",
		    "Template {\"a;b\":1}|Module 0" },
		{ 90500, "Reset 5;A;ResetX;B", "A|B" },
		{ 90500, "Backlog0 A;B", "0 A|B" },
		/* One brace too many swallows all that follows. */
		{ 90500, "WebPassword a{b;Topic x;Module 0",
		    "WebPassword a{b;Topic x;Module 0" },
		{ 140200, "WebPassword a}b;Topic x",
		    "WebPassword a}b;Topic x" },
		{ 140200, "Topic x;WebPassword a}{b;Module 0",
		    "Topic x|WebPassword a}{b|Module 0" },
		/* And is written beyond its end, if it is the last. */
		{ 140200, "Topic x;WebPassword a{b",
		    "Topic x|WebPassword a{b;" },
		/* Braces that end in the third piece lose what comes next. */
		{ 140200, "A {1;2;3};B;C", "A {1;2;3}|C" },
		{ 140200, "A {1;2};B;C", "A {1;2}|B|C" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct backlog b = { 0 };
		char all[200] = "", *line;

		backlog_add(&b, cases[i].text, cases[i].version);
		while ((line = backlog_take(&b)) != NULL) {
			if (all[0] != '\0')
				strcat(all, "|");
			strcat(all, line);
			free(line);
		}
		assert_string_equal(all, cases[i].lines);
		backlog_clear(&b);
	}
}

/* A ring of thirty up to 13.3, which is full at 28 or 29. */
TEST(a_backlog_has_room_for_so_many)
{
	struct backlog b = { 0 };
	char text[80] = "";

	for (int i = 0; i < 31; i++)
		strcat(text, "a;");
	assert_int_equal(backlog_add(&b, text, 90500), 3);
	assert_int_equal(b.count, 28);
	free(backlog_take(&b));
	assert_int_equal(backlog_add(&b, "b;c;d", 90500), 1);
	backlog_clear(&b);
	assert_int_equal(backlog_add(&b, text, 140200), 0);
	backlog_clear(&b);
}

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
