/* SPDX-License-Identifier: ISC */
/*
 * What Tasmota tells of itself: the parts of Status (CmndStatus in
 * support_command.ino).
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device.h"
#include "sim/lan/lan.h"
#include "sim/sim.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"

/* 0xFB000 less the running image in whole sectors, as measured. */
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
	struct tasmotasay *say;
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

/* Escaped; the caller's to free. */
static char *
text(const struct status *s, const char *name)
{
	char value[TASMOTA_VALUE];

	return tasmotasay_escape(
	    s->version, tasmota_get(s->tasmota, name, value, sizeof(value)));
}

static long
number(const struct status *s, const char *name)
{
	return tasmota_number(s->tasmota, name);
}

/* A number up to 13, then one bit for each relay, in quotes. */
static const char *
power(const struct status *s)
{
	if (s->version < 140000)
		return s->tasmota->power ? "1" : "0";
	return s->tasmota->power ? "\"1\",\"PowerLock\":\"0\""
				 : "\"0\",\"PowerLock\":\"0\"";
}

static void
say_status(const struct status *s)
{
	char *friendly = text(s, "FriendlyName1");
	char *name = text(s, "DeviceName"), topic[TASMOTA_VALUE],
	     device[700] = "";

	if (s->version >= 80300)
		snprintf(
		    device, sizeof(device), "\"DeviceName\":\"%s\",", name);
	tasmotasay_add(s->say,
	    "{\"Status\":{\"Module\":%u,%s\"FriendlyName\":[\"%s\"],"
	    "\"Topic\":\"%s\",\"ButtonTopic\":\"0\",\"Power\":%s,"
	    "\"PowerOnState\":%ld,\"LedState\":%ld,\"LedMask\":\"%04lX\"}}",
	    s->tasmota->module, device, friendly,
	    tasmota_topic(s->tasmota, topic, sizeof(topic)), power(s),
	    number(s, "PowerOnState"), number(s, "LedState"),
	    (unsigned long)number(s, "LedMask"));
	free(friendly);
	free(name);
}

static void
say_prm(const struct status *s)
{
	char *group =
	    text(s, s->version < 80300 ? "GroupTopic" : "GroupTopic1");
	char *url = text(s, "OtaUrl");
	int boots = (int)s->tasmota->boots;

	tasmotasay_add(s->say,
	    "{\"StatusPRM\":{\"Baudrate\":%ld,%s\"GroupTopic\":\"%s\","
	    "\"OtaUrl\":\"%s\",\"RestartReason\":\"Software/System restart\","
	    "\"Uptime\":\"0T00:00:10\",\"StartupUTC\":\"\",\"Sleep\":%ld,"
	    "\"CfgHolder\":4617,\"BootCount\":%d,\"SaveCount\":%d,"
	    "\"SaveAddress\":\"F5000\"}}",
	    number(s, "Baudrate"),
	    s->version < 80200 ? "" : "\"SerialConfig\":\"8N1\",", group, url,
	    number(s, "Sleep"), boots, boots * 3);
	free(group);
	free(url);
}

static void
say_fwr(const struct status *s)
{
	char version[48];

	tasmotasay_add(s->say,
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
	char *host = text(s, "LogHost");
	char *first = text(s, "SSId1"), *second = text(s, "SSId2");

	tasmotasay_add(s->say,
	    "{\"StatusLOG\":{\"SerialLog\":%ld,\"WebLog\":%ld,"
	    "\"MqttLog\":%ld,\"SysLog\":%ld,\"LogHost\":\"%s\","
	    "\"LogPort\":%ld,\"SSId\":[\"%s\",\"%s\"],\"TelePeriod\":%ld}}",
	    number(s, "SerialLog"), number(s, "WebLog"), number(s, "MqttLog"),
	    number(s, "SysLog"), host, number(s, "LogPort"), first, second,
	    number(s, "TelePeriod"));
	free(host);
	free(first);
	free(second);
}

static void
say_mem(const struct status *s)
{
	const struct tasmota *t = s->tasmota;

	tasmotasay_add(s->say,
	    "{\"StatusMEM\":{\"ProgramSize\":%u,\"Free\":%u,\"Heap\":25,"
	    "\"ProgramFlashSize\":1024,\"FlashSize\":1024,"
	    "\"FlashChipId\":\"144051\",%s\"FlashMode\":%s}}",
	    (0xfb000 - t->device->spec.free_bytes) / 1024,
	    tasmota_free_bytes(t) / 1024,
	    s->version < 80400 ? "" : "\"FlashFrequency\":40,",
	    s->version < 120000 ? "3" : "\"DOUT\"");
}

/* One name server up to 9.5; HTTP_API is SetOption128, since 10.0. */
static void
say_net(const struct status *s)
{
	const struct tasmota *t = s->tasmota;
	char address[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN], mac[18];
	bool old = s->version < 100000;
	char api[32] = "", power_text[32] = "";

	inet_ntop(AF_INET, &t->device->port.address, address, sizeof(address));
	inet_ntop(AF_INET, &t->device->sim->lan.server, server, sizeof(server));
	if (!old)
		snprintf(api, sizeof(api), "\"HTTP_API\":%d,",
		    number(s, "SetOption128") != 0);
	if (s->version >= 80200)
		snprintf(power_text, sizeof(power_text), ",\"WifiPower\":%.1f",
		    (double)number(s, "WifiPower") / 10);
	tasmotasay_add(s->say,
	    "{\"StatusNET\":{\"Hostname\":\"%s\",\"IPAddress\":\"%s\","
	    "\"Gateway\":\"%s\",\"Subnetmask\":\"255.255.255.0\","
	    "\"DNSServer%s\":\"%s\",%s\"Mac\":\"%s\",\"Webserver\":%ld,%s"
	    "\"WifiConfig\":%ld%s}}",
	    t->hostname, address, server, old ? "" : "1", server,
	    old ? "" : "\"DNSServer2\":\"0.0.0.0\",", tasmota_mac(t, mac),
	    number(s, "Webserver"), api, number(s, "WifiConfig"), power_text);
}

static void
say_mqt(const struct status *s)
{
	char *host = text(s, "MqttHost"), *client = text(s, "MqttClient");
	char *user = text(s, "MqttUser");

	tasmotasay_add(s->say,
	    "{\"StatusMQT\":{\"MqttHost\":\"%s\",\"MqttPort\":%ld,"
	    "\"MqttClientMask\":\"%s\",\"MqttUser\":\"%s\",\"MqttCount\":0}}",
	    host, number(s, "MqttPort"), client, user);
	free(host);
	free(client);
	free(user);
}

static void
say_tim(const struct status *s)
{
	tasmotasay_add(s->say,
	    "{\"StatusTIM\":{\"UTC\":\"2026-01-01T00:00:00Z\","
	    "\"Local\":\"2026-01-01T01:00:00\"}}");
}

static void
say_sns(const struct status *s)
{
	tasmotasay_add(
	    s->say, "{\"StatusSNS\":{\"Time\":\"2026-01-01T01:00:00\"}}");
}

static void
say_sts(const struct status *s)
{
	tasmotasay_add(s->say,
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
tasmota_status(const struct tasmota *t, unsigned number, struct tasmotasay *say)
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
