/* SPDX-License-Identifier: ISC */
/*
 * Tells the version of a Tasmota, and the value of each setting or its default
 * (SettingsDefaultSet2 in settings.ino, my_user_config.h).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

/* Settings without a row that has a default. */
static const struct {
	const char *key, *value;
} defaults[] = {
	{ "SaveData", "1" },
	{ "LedMask", "65535" },
	{ "LedPwmOn", "255" },
	{ "PWMRange", "1023" },
	{ "Baudrate", "115200" },
	{ "SerialConfig", "3" },
	{ "SerialDelimiter", "255" },
	{ "TelePeriod", "300" },
	{ "Ap", "1" },
	{ "WifiConfig", "4" },
	{ "WifiMode", "4" },
	{ "WifiPower", "170" },
	{ "Webserver", "2" },
	{ "WebTime2", "19" },
	{ "MqttWifiTimeout", "200" },
	{ "Timezone", "1" },
	{ "Time", "1" },
	{ "TimeStd", "0,0,10,1,3,60" },
	{ "TimeDst", "0,0,3,1,2,120" },
	{ "Latitude", "48858360" },
	{ "Longitude", "2294442" },
	{ "Module2", "1" },
	{ "IPAddress1", "0.0.0.0" },
	{ "IPAddress2", "192.168.1.1" },
	{ "IPAddress3", "255.255.255.0" },
	{ "IPAddress4", "192.168.1.1" },
	{ "IPAddress5", "0.0.0.0" },
	{ "Hostname", "%s-%04d" },
	{ "GroupTopic1", "tasmotas" },
	{ "SetOption0", "1" },
	{ "SetOption3", "1" },
	{ "SetOption15", "1" },
	{ "SetOption32", "40" },
	{ "SetOption33", "5" },
	{ "SetOption34", "200" },
	{ "SetOption36", "1" },
	{ "SetOption38", "6" },
	{ "SetOption42", "90" },
};

/* SetOptions whose default changes with a version. */
static const struct {
	const char *key, *value;
	unsigned since;
} later[] = {
	{ "SetOption41", "60", 100000 },
	{ "SetOption44", "25", 110000 },
	{ "SetOption45", "20", 120000 },
	{ "SetOption57", "1", 90400 },
	{ "SetOption95", "1", 80400 },
	{ "SetOption96", "1", 80400 },
	{ "SetOption128", "1", 100000 },
};

static const char *
find_default(unsigned version, const char *key)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (strcasecmp(defaults[i].key, key) == 0)
			return defaults[i].value;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (version >= later[i].since &&
		    strcasecmp(later[i].key, key) == 0)
			return later[i].value;
	return NULL;
}

static void
get_default(const struct tasmota *t, const char *key, char *dst, size_t size)
{
	const char *value =
	    find_default(firmware_number(t->image.version), key);
	size_t len = strcspn(key, "0123456789");
	unsigned index = (unsigned)strtoul(key + len, NULL, 10);
	const struct tasmota_row *r;
	char name[TASMOTA_KEY];

	snprintf(name, sizeof(name), "%.*s", (int)len, key);
	r = tasmota_row_find(t, name);
	if (value != NULL)
		snprintf(dst, size, "%s", value);
	else if (r != NULL)
		tasmota_row_default(t, r, index > 0 ? index : 1, dst, size);
	else
		dst[0] = '\0';
}

char *
tasmota_get(const struct tasmota *t, const char *key, char *dst, size_t size)
{
	const char *value = tasmota_store_get(&t->settings, key);

	if (value != NULL)
		snprintf(dst, size, "%s", value);
	else
		get_default(t, key, dst, size);
	return dst;
}

void
tasmota_set(struct tasmota *t, const char *key, const char *value)
{
	char initial[TASMOTA_VALUE];

	get_default(t, key, initial, sizeof(initial));
	if (value != NULL && strcmp(value, initial) == 0)
		value = NULL;
	tasmota_store_set(&t->settings, key, value);
}

static unsigned
low_mac(const struct tasmota *t)
{
	const unsigned char *m = t->device->port.mac;

	return (unsigned)m[3] << 16 | (unsigned)m[4] << 8 | m[5];
}

/* Write the topic; of Format_P only "%06X" is needed. */
char *
tasmota_topic(const struct tasmota *t, char *dst, size_t size)
{
	char topic[TASMOTA_VALUE];
	const char *percent;

	tasmota_get(t, "Topic", topic, sizeof(topic));
	percent = strstr(topic, "%06X");
	if (percent == NULL)
		snprintf(dst, size, "%.160s", topic);
	else
		snprintf(dst, size, "%.*s%06X%.80s", (int)(percent - topic),
		    topic, low_mac(t), percent + 4);
	return dst;
}

/* Write tasmota-62E43F-1087 or the like; before 10.0 with an underscore. */
char *
tasmota_hostname(const struct tasmota *t, char *dst, size_t size)
{
	bool old = firmware_number(t->image.version) < 100000;
	char host[TASMOTA_VALUE];
	unsigned low = low_mac(t);

	tasmota_get(t, "Hostname", host, sizeof(host));
	if (strchr(host, '%') != NULL)
		snprintf(dst, size, "tasmota%c%06X-%04u", old ? '_' : '-', low,
		    low & 0x1fff);
	else
		snprintf(dst, size, "%.*s", (int)size - 1, host);
	return dst;
}

bool
tasmota_is_minimal(const struct tasmota *t)
{
	return strcmp(t->image.variant, "minimal") == 0;
}

/* Write 5.12.0h or the like, as before 6.4.0 (sonoff.ino). */
static char *
old_version(const struct tasmota *t, char *dst, size_t size)
{
	snprintf(dst, size, "%s%s", t->image.version,
	    tasmota_is_minimal(t) ? "-minimal" : "");
	return dst;
}

char *
tasmota_version(const struct tasmota *t, char *dst, size_t size)
{
	bool release = firmware_number(t->image.version) >= 140000;

	if (firmware_number(t->image.version) < 60400)
		return old_version(t, dst, size);
	snprintf(dst, size, "%s(%s%s)", t->image.version,
	    release ? "release-" : "", t->image.variant);
	return dst;
}

void
tasmota_reset(struct tasmota *t)
{
	tasmota_store_clear(&t->settings);
	json_decref(t->template);
	/* The template of the module "Generic". */
	t->template =
	    tasmota_module_template(firmware_number(t->image.version), 18);
	t->module = 1;
	if (t->device->spec.password[0] != '\0')
		tasmota_set(t, "WebPassword", t->device->spec.password);
	tasmota_fault_preset(t);
}
