/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device.h"
#include "sim/lan.h"
#include "sim/sim.h"
#include "sim/tasmota.h"

#define VALUE 256

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

static json_t *
text(const struct tasmota *t, const char *name)
{
	char value[VALUE];

	return json_string(tasmota_get(t, name, value, sizeof(value)));
}

static json_t *
number(const struct tasmota *t, const char *name)
{
	char value[VALUE];

	tasmota_get(t, name, value, sizeof(value));
	return json_integer(strtol(value, NULL, 10));
}

static bool
is_before(const struct tasmota *t, unsigned version)
{
	return firmware_number(t->image.version) < version;
}

/* A number up to about 13, then one bit for each relay. */
static json_t *
power(const struct tasmota *t)
{
	return is_before(t, 140000) ? json_integer(0) : json_string("0");
}

static json_t *
status(const struct tasmota *t)
{
	return json_pack("{s:{s:i, s:o, s:[o], s:o, s:s, s:o, s:i, s:s}}",
	    "Status", "Module", (int)t->module, "DeviceName",
	    text(t, "DeviceName"), "FriendlyName", text(t, "FriendlyName1"),
	    "Topic", text(t, "Topic"), "ButtonTopic", "0", "Power", power(t),
	    "PowerOnState", 3, "LedMask", "FFFF");
}

static json_t *
status_prm(const struct tasmota *t)
{
	return json_pack("{s:{s:i, s:s, s:s, s:o, s:s, s:s, s:i, s:i, s:i, "
			 "s:i, s:s}}",
	    "StatusPRM", "Baudrate", 115200, "SerialConfig", "8N1",
	    "GroupTopic", "tasmotas", "OtaUrl", text(t, "OtaUrl"),
	    "RestartReason", "Software/System restart", "Uptime", "0T00:00:10",
	    "Sleep", 50, "CfgHolder", 4617, "BootCount", (int)t->boots,
	    "SaveCount", (int)t->boots * 3, "SaveAddress", "F5000");
}

static json_t *
status_fwr(const struct tasmota *t)
{
	char version[48];

	return json_pack("{s:{s:s, s:s, s:i, s:s, s:s, s:i, s:s, s:s}}",
	    "StatusFWR", "Version",
	    tasmota_version(t, version, sizeof(version)), "BuildDateTime",
	    "2024-08-14T12:34:56", "Boot", 31, "Core", "2_7_7", "SDK",
	    "2.2.2-dev(38a443e)", "CpuFrequency", 80, "Hardware", "ESP8285N08",
	    "CR", "378/699");
}

static json_t *
status_log(const struct tasmota *t)
{
	return json_pack("{s:{s:i, s:i, s:i, s:s, s:i, s:[o,s]}}", "StatusLOG",
	    "SerialLog", 2, "WebLog", 2, "SysLog", 0, "LogHost", "", "LogPort",
	    514, "SSId", text(t, "SSID1"), "");
}

static json_t *
status_mem(const struct tasmota *t)
{
	int size = (int)(0xfb000 - t->device->spec.free_bytes) / 1024;

	return json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:s, s:i, s:o}}",
	    "StatusMEM", "ProgramSize", size, "Free",
	    (int)tasmota_free_bytes(t) / 1024, "Heap", 25, "ProgramFlashSize",
	    1024, "FlashSize", 1024, "FlashChipId", "144051", "FlashFrequency",
	    40, "FlashMode",
	    is_before(t, 120000) ? json_integer(3) : json_string("DOUT"));
}

static json_t *
status_net(const struct tasmota *t)
{
	char address[INET_ADDRSTRLEN], server[INET_ADDRSTRLEN], mac[18];
	const struct sim *sim = t->device->sim;
	json_t *net;

	inet_ntop(AF_INET, &t->device->port.address, address, sizeof(address));
	inet_ntop(AF_INET, &sim->lan.server, server, sizeof(server));
	net = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i}",
	    "Hostname", t->hostname, "IPAddress", address, "Gateway", server,
	    "Subnetmask", "255.255.255.0", "DNSServer1", server, "DNSServer2",
	    "0.0.0.0", "Mac", tasmota_mac(t, mac), "Webserver", 2, "WifiConfig",
	    4);
	/* CHANGELOG 9.5.0.7: older ones know no such thing. */
	if (!is_before(t, 100000))
		json_object_set_new(net, "HTTP_API", json_integer(1));
	return json_pack("{s:o}", "StatusNET", net);
}

static json_t *
status_mqt(const struct tasmota *t)
{
	return json_pack("{s:{s:o, s:o, s:o, s:o, s:i}}", "StatusMQT",
	    "MqttHost", text(t, "MqttHost"), "MqttPort", number(t, "MqttPort"),
	    "MqttClientMask", text(t, "MqttClient"), "MqttUser",
	    text(t, "MqttUser"), "MqttCount", 0);
}

static json_t *
status_tim(const struct tasmota *t)
{
	(void)t;
	return json_pack("{s:{s:s, s:s}}", "StatusTIM", "UTC",
	    "2026-01-01T00:00:00Z", "Local", "2026-01-01T01:00:00");
}

static json_t *
status_sns(const struct tasmota *t)
{
	(void)t;
	return json_pack(
	    "{s:{s:s}}", "StatusSNS", "Time", "2026-01-01T01:00:00");
}

static json_t *
status_sts(const struct tasmota *t)
{
	(void)t;
	return json_pack("{s:{s:s, s:s, s:s, s:i}}", "StatusSTS", "Time",
	    "2026-01-01T01:00:00", "Uptime", "0T00:00:10", "POWER", "OFF",
	    "LoadAvg", 19);
}

static const struct {
	unsigned number;
	json_t *(*make)(const struct tasmota *);
} parts[] = {
	{ 0, status },
	{ 1, status_prm },
	{ 2, status_fwr },
	{ 3, status_log },
	{ 4, status_mem },
	{ 5, status_net },
	{ 6, status_mqt },
	{ 7, status_tim },
	{ 10, status_sns },
	{ 11, status_sts },
};

bool
tasmota_status(const struct tasmota *t, unsigned number, json_t *messages)
{
	bool found = false;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (number != STATUS_ALL && number != parts[i].number)
			continue;
		json_array_append_new(messages, parts[i].make(t));
		found = true;
	}
	return found;
}
