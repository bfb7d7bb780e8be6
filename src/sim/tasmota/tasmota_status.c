/* SPDX-License-Identifier: ISC */
/* Answers the Status of Tasmota part by part (support_command.ino). */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "sim/device.h"
#include "sim/sim.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

/* Measured: 0xFB000 minus the running image in whole sectors. */
unsigned
tasmota_free_bytes(const struct tasmota *t)
{
	if (tasmota_is_minimal(t))
		return 651264;
	if (strcmp(t->image.variant, "tasmota") == 0)
		return 360448;
	return t->device->spec.free_bytes;
}

struct status {
	const struct tasmota *tasmota; /* borrowed, as both */
	struct tasmota_say *say;
	unsigned version;
};

char *
tasmota_mac(const struct tasmota *t, char dst[18])
{
	const unsigned char *m = t->device->port.mac;
	bool other =
	    fault_has(&t->device->spec.faults, FAULT_TASMOTA_OTHER_MAC);

	snprintf(dst, 18, "%02X:%02X:%02X:%02X:%02X:%02X", m[0], m[1], m[2],
	    m[3], m[4], m[5] ^ (other ? 0xff : 0));
	return dst;
}

/* Append "LABEL":"the value of that name". */
static void
say_kept(const struct status *s, const char *label, const char *name)
{
	char value[TASMOTA_VALUE];

	tasmota_say_more(s->say, "%s", label);
	tasmota_say_text(s->say, s->version,
	    tasmota_get(s->tasmota, name, value, sizeof(value)));
}

static long
get_number(const struct status *s, const char *name)
{
	return tasmota_number(s->tasmota, name);
}

/* Up to 13 power is a number, since 14 bits of the relays, in quotes. */
static const char *
power_text(const struct status *s)
{
	if (s->version < 140000)
		return s->tasmota->power ? "1" : "0";
	return s->tasmota->power ? "\"1\",\"PowerLock\":\"0\""
				 : "\"0\",\"PowerLock\":\"0\"";
}

static void
say_status(const struct status *s)
{
	char topic[TASMOTA_VALUE];

	tasmota_say_add(
	    s->say, "{\"Status\":{\"Module\":%u,", s->tasmota->module);
	if (s->version >= 80300) {
		say_kept(s, "\"DeviceName\":", "DeviceName");
		tasmota_say_more(s->say, ",");
	}
	say_kept(s, "\"FriendlyName\":[", "FriendlyName1");
	tasmota_say_more(s->say,
	    "],\"Topic\":\"%s\",\"ButtonTopic\":\"0\",\"Power\":%s,"
	    "\"PowerOnState\":%ld,\"LedState\":%ld,\"LedMask\":\"%04lX\"}}",
	    tasmota_topic(s->tasmota, topic, sizeof(topic)), power_text(s),
	    get_number(s, "PowerOnState"), get_number(s, "LedState"),
	    (unsigned long)get_number(s, "LedMask"));
}

static void
say_prm(const struct status *s)
{
	int boots = (int)s->tasmota->boots;

	tasmota_say_add(s->say, "{\"StatusPRM\":{\"Baudrate\":%ld,%s",
	    get_number(s, "Baudrate"),
	    s->version < 80200 ? "" : "\"SerialConfig\":\"8N1\",");
	say_kept(s, "\"GroupTopic\":",
	    s->version < 80300 ? "GroupTopic" : "GroupTopic1");
	say_kept(s, ",\"OtaUrl\":", "OtaUrl");
	tasmota_say_more(s->say,
	    ",\"RestartReason\":\"Software/System restart\","
	    "\"Uptime\":\"0T00:00:10\",\"StartupUTC\":\"\",\"Sleep\":%ld,"
	    "\"CfgHolder\":4617,\"BootCount\":%d,\"SaveCount\":%d,"
	    "\"SaveAddress\":\"F5000\"}}",
	    get_number(s, "Sleep"), boots, boots * 3);
}

static void
say_fwr(const struct status *s)
{
	char version[48];

	tasmota_say_add(s->say,
	    "{\"StatusFWR\":{\"Version\":\"%s\","
	    "\"BuildDateTime\":\"2024-08-14T12:34:56\",\"Boot\":31,"
	    "\"Core\":\"2_7_7\",\"SDK\":\"2.2.2-dev(38a443e)\","
	    "%s\"Hardware\":\"%s\",\"CR\":\"378/699\"}}",
	    tasmota_version(s->tasmota, version, sizeof(version)),
	    s->version < 80400 ? "" : "\"CpuFrequency\":80,",
	    s->version < 120000 ? "ESP8266EX" : "ESP8285N08");
}

static void
say_log(const struct status *s)
{
	tasmota_say_add(s->say,
	    "{\"StatusLOG\":{\"SerialLog\":%ld,\"WebLog\":%ld,"
	    "\"MqttLog\":%ld,\"SysLog\":%ld,",
	    get_number(s, "SerialLog"), get_number(s, "WebLog"),
	    get_number(s, "MqttLog"), get_number(s, "SysLog"));
	say_kept(s, "\"LogHost\":", "LogHost");
	tasmota_say_more(s->say, ",\"LogPort\":%ld", get_number(s, "LogPort"));
	say_kept(s, ",\"SSId\":[", "SSId1");
	say_kept(s, ",", "SSId2");
	tasmota_say_more(
	    s->say, "],\"TelePeriod\":%ld}}", get_number(s, "TelePeriod"));
}

static void
say_mem(const struct status *s)
{
	const struct tasmota *t = s->tasmota;

	tasmota_say_add(s->say,
	    "{\"StatusMEM\":{\"ProgramSize\":%u,\"Free\":%u,\"Heap\":25,"
	    "\"ProgramFlashSize\":1024,\"FlashSize\":1024,"
	    "\"FlashChipId\":\"144051\",%s\"FlashMode\":%s}}",
	    (0xfb000 - t->device->spec.free_bytes) / 1024,
	    tasmota_free_bytes(t) / 1024,
	    s->version < 80400 ? "" : "\"FlashFrequency\":40,",
	    s->version < 120000 ? "3" : "\"DOUT\"");
}

/* Up to 9.5 there is one name server; since 10.0 HTTP_API is SetOption128. */
static void
say_net(const struct status *s)
{
	const struct tasmota *t = s->tasmota;
	char address[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN], mac[18];
	bool old = s->version < 100000;

	inet_ntop(AF_INET, &t->device->port.address, address, sizeof(address));
	inet_ntop(AF_INET, &t->device->sim->lan.server, server, sizeof(server));
	tasmota_say_add(s->say,
	    "{\"StatusNET\":{\"Hostname\":\"%s\",\"IPAddress\":\"%s\","
	    "\"Gateway\":\"%s\",\"Subnetmask\":\"255.255.255.0\","
	    "\"DNSServer%s\":\"%s\",%s\"Mac\":\"%s\",\"Webserver\":%ld,",
	    t->hostname, address, server, old ? "" : "1", server,
	    old ? "" : "\"DNSServer2\":\"0.0.0.0\",", tasmota_mac(t, mac),
	    get_number(s, "Webserver"));
	if (!old)
		tasmota_say_more(s->say, "\"HTTP_API\":%d,",
		    get_number(s, "SetOption128") != 0);
	tasmota_say_more(
	    s->say, "\"WifiConfig\":%ld", get_number(s, "WifiConfig"));
	if (s->version >= 80200)
		tasmota_say_more(s->say, ",\"WifiPower\":%.1f",
		    (double)get_number(s, "WifiPower") / 10);
	tasmota_say_more(s->say, "}}");
}

static void
say_mqt(const struct status *s)
{
	tasmota_say_add(s->say, "{\"StatusMQT\":{");
	say_kept(s, "\"MqttHost\":", "MqttHost");
	tasmota_say_more(
	    s->say, ",\"MqttPort\":%ld", get_number(s, "MqttPort"));
	say_kept(s, ",\"MqttClientMask\":", "MqttClient");
	say_kept(s, ",\"MqttUser\":", "MqttUser");
	tasmota_say_more(s->say, ",\"MqttCount\":0}}");
}

static void
say_tim(const struct status *s)
{
	tasmota_say_add(s->say,
	    "{\"StatusTIM\":{\"UTC\":\"2026-01-01T00:00:00Z\","
	    "\"Local\":\"2026-01-01T01:00:00\"}}");
}

static void
say_sns(const struct status *s)
{
	tasmota_say_add(
	    s->say, "{\"StatusSNS\":{\"Time\":\"2026-01-01T01:00:00\"}}");
}

static void
say_sts(const struct status *s)
{
	tasmota_say_add(s->say,
	    "{\"StatusSTS\":{\"Time\":\"2026-01-01T01:00:00\","
	    "\"Uptime\":\"0T00:00:10\",\"POWER\":\"%s\",\"LoadAvg\":19}}",
	    s->tasmota->power ? "ON" : "OFF");
}

static const struct {
	unsigned number;
	void (*say)(const struct status *);
} parts[] = {
	{ 0, say_status },
	{ 1, say_prm },
	{ 2, say_fwr },
	{ 3, say_log },
	{ 4, say_mem },
	{ 5, say_net },
	{ 6, say_mqt },
	{ 7, say_tim },
	{ 8, say_sns },
	{ 10, say_sns },
	{ 11, say_sts },
};

bool
tasmota_status(
    const struct tasmota *t, unsigned number, struct tasmota_say *say)
{
	struct status s = { t, say, firmware_number(t->image.version) };
	bool found = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (number == STATUS_ALL ? parts[i].number == 8
					 : number != parts[i].number)
			continue;
		parts[i].say(&s);
		found = true;
	}
	return found;
}
