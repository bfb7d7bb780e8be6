/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sim/device.h"
#include "sim/tasmota.h"
#include "sim/tasmotaset.h"

#define VALUE_MAX 1200
#define OTA_URL	  "http://ota.tasmota.com/tasmota/release/tasmota-lite.bin.gz"

enum {
	RESTARTS = 1,
	HIDDEN = 2,  /* told as four asterisks */
	INDEXED = 4, /* FriendlyName1 */
	NUMBER = 8,
	SWITCH = 16,	 /* ON and OFF */
	IF_CHANGED = 32, /* restarts only then */
	ZERO_CLEARS = 64,
	SHOWN_ONCE = 128, /* told when it is set, hidden when it is read */
};

/* clang-format off */
static const struct setting {
	const char *name, *value;
	unsigned flags;
} table[] = {
	{ "DeviceName",	  "Tasmota",	  0 },
	{ "FriendlyName", "Tasmota",	  INDEXED },
	{ "Hostname",	  "",		  RESTARTS },
	{ "Topic",	  "",		  RESTARTS | IF_CHANGED },
	{ "FullTopic",	  "%prefix%/%topic%/", RESTARTS | IF_CHANGED },
	{ "GroupTopic",	  "tasmotas",	  RESTARTS | IF_CHANGED | INDEXED },
	{ "MqttHost",	  "",		  RESTARTS | ZERO_CLEARS },
	{ "MqttPort",	  "1883",	  RESTARTS | NUMBER },
	{ "MqttUser",	  "DVES_USER",	  RESTARTS | ZERO_CLEARS },
	{ "MqttPassword", "DVES_PASS",	  RESTARTS | ZERO_CLEARS | HIDDEN },
	{ "MqttClient",	  "DVES_%06X",	  RESTARTS },
	{ "SSID",	  "",		  RESTARTS | INDEXED },
	{ "Password",	  "",		  RESTARTS | INDEXED | HIDDEN },
	{ "WebPassword",  "",		  ZERO_CLEARS | SHOWN_ONCE },
	{ "OtaUrl",	  OTA_URL,	  0 },
	{ "SetOption",	  "0",		  INDEXED | SWITCH },
	{ "PowerOnState", "3",		  NUMBER },
	{ "TelePeriod",	  "300",	  NUMBER },
	{ "LedState",	  "1",		  NUMBER },
	{ "LedPower",	  "0",		  SWITCH },
	{ "PulseTime",	  "0",		  INDEXED | NUMBER },
	{ "SwitchMode",	  "0",		  INDEXED | NUMBER },
	{ "SwitchTopic",  "0",		  0 },
	{ "ButtonTopic",  "0",		  0 },
	{ "Sleep",	  "50",		  NUMBER },
	{ "Timezone",	  "99",		  0 },
	{ "Latitude",	  "48.858360",	  0 },
	{ "Longitude",	  "2.294442",	  0 },
	{ "NtpServer",	  "pool.ntp.org", INDEXED },
	{ "LogHost",	  "",		  0 },
	{ "SysLog",	  "0",		  NUMBER },
	{ "WebLog",	  "2",		  NUMBER },
	{ "SerialLog",	  "2",		  NUMBER },
	{ "Emulation",	  "0",		  NUMBER },
	{ "WebServer",	  "2",		  NUMBER },
	{ "WifiConfig",	  "4",		  NUMBER },
	{ "Rule",	  "",		  INDEXED },
	{ "IPAddress",	  "0.0.0.0",	  INDEXED },
	{ "Prefix",	  "cmnd",	  INDEXED },
};
/* clang-format on */

static const struct setting *
find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == len &&
		    strncasecmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

/* tasmota-62E43F-1087; with an underscore before 10.0. */
static void
write_hostname(const struct tasmota *t, char *dst, size_t size)
{
	const unsigned char *m = t->device->port.mac;
	unsigned low = (unsigned)m[3] << 16 | (unsigned)m[4] << 8 | m[5];
	bool old = firmware_number(t->image.version) < 100000;

	snprintf(dst, size, "tasmota%c%06X-%04u", old ? '_' : '-', low,
	    low & 0x1fff);
}

static void
write_topic(const struct tasmota *t, char *dst, size_t size)
{
	const unsigned char *m = t->device->port.mac;

	snprintf(dst, size, "tasmota_%02X%02X%02X", m[3], m[4], m[5]);
}

char *
tasmota_get(const struct tasmota *t, const char *name, char *dst, size_t size)
{
	json_t *value = json_object_get(t->settings, name);
	const struct setting *s = find(name, strcspn(name, "0123456789"));

	dst[0] = '\0';
	if (value != NULL)
		snprintf(dst, size, "%s", json_string_value(value));
	else if (strcmp(name, "Hostname") == 0)
		write_hostname(t, dst, size);
	else if (strcmp(name, "Topic") == 0)
		write_topic(t, dst, size);
	else if (s != NULL &&
	    (strpbrk(name, "0123456789") == NULL ||
		strcmp(name + strlen(s->name), "1") == 0 ||
		(s->flags & (NUMBER | SWITCH))))
		snprintf(dst, size, "%s", s->value);
	return dst;
}

void
tasmota_set(struct tasmota *t, const char *name, const char *value)
{
	json_object_set_new(t->settings, name, json_string(value));
}

static const char *
on_or_off(const char *value)
{
	bool on = strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0;

	return on ? "ON" : "OFF";
}

/* SetOption0..31 and a few above are switches; some others are numbers. */
static bool
is_numeric_option(const char *value)
{
	return strlen(value) > 1 || (value[0] > '1' && value[0] <= '9');
}

static void
tell(struct tasmota *t, const struct setting *s, const char *key,
    const char *value, json_t *messages)
{
	json_t *told;

	(void)t;
	if (s->flags & HIDDEN)
		told = json_string("****");
	else if (s->flags & NUMBER)
		told = json_integer(strtol(value, NULL, 10));
	else if ((s->flags & SWITCH) && is_numeric_option(value) &&
	    strcasecmp(value, "on") != 0 && strcasecmp(value, "off") != 0)
		told = json_integer(strtol(value, NULL, 10));
	else if (s->flags & SWITCH)
		told = json_string(on_or_off(value));
	else
		told = json_string(value);
	json_array_append_new(messages, json_pack("{s:o}", key, told));
}

/* "1" is the default again, a lone quote is nothing. */
static void
change(struct tasmota *t, const struct setting *s, const char *key,
    const char *value)
{
	char before[VALUE_MAX], after[VALUE_MAX];
	bool text = !(s->flags & (NUMBER | SWITCH));

	tasmota_get(t, key, before, sizeof(before));
	if (text && strcmp(value, "1") == 0)
		json_object_del(t->settings, key);
	else if ((text && strcmp(value, "\"") == 0) ||
	    ((s->flags & ZERO_CLEARS) && strcmp(value, "0") == 0))
		tasmota_set(t, key, "");
	else
		tasmota_set(t, key, value);
	tasmota_get(t, key, after, sizeof(after));
	if ((s->flags & RESTARTS) &&
	    (!(s->flags & IF_CHANGED) || strcmp(before, after) != 0))
		t->restart_due = true;
}

bool
tasmotaset_run(struct tasmota *t, const char *name, unsigned index,
    const char *value, json_t *messages)
{
	const struct setting *s = find(name, strlen(name));
	struct setting seen;
	char key[40], now[VALUE_MAX], half[VALUE_MAX];

	if (s == NULL)
		return false;
	seen = *s;
	snprintf(key, sizeof(key), "%s", s->name);
	if (s->flags & INDEXED)
		snprintf(key, sizeof(key), "%s%u", s->name, index);
	/* Too short for WPA2: it stays as it was. */
	if (strcmp(s->name, "Password") == 0 && strlen(value) <= 4)
		value = "";
	snprintf(half, sizeof(half), "%.*s", (int)strlen(value) / 2, value);
	if (strcmp(s->name, "WebPassword") == 0 &&
	    fault_has(&t->device->spec.faults, FAULT_TASMOTA_CUTS_PASSWORD))
		value = half;
	if (value[0] != '\0')
		change(t, s, key, value);
	if ((s->flags & SHOWN_ONCE) && (value[0] == '\0' || index == 2))
		seen.flags |= HIDDEN;
	tasmota_get(t, key, now, sizeof(now));
	tell(t, &seen, key, now, messages);
	return true;
}

/* Before 9.1 a template had 13 numbers of another kind; those are turned. */
static json_t *
turn_gpio(json_t *old)
{
	static const int pairs[][2] = { { 17, 32 }, { 9, 160 }, { 21, 224 },
		{ 56, 320 }, { 255, 1 }, { 0, 0 } };
	json_t *turned = json_array();

	for (size_t i = 0; i < 14; i++) {
		long value = json_integer_value(json_array_get(old, i));

		for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++)
			if (pairs[p][0] == value) {
				value = pairs[p][1];
				break;
			}
		json_array_append_new(turned, json_integer(value));
	}
	return turned;
}

bool
tasmota_set_template(struct tasmota *t, const char *text)
{
	static const char *const keys[] = { "NAME", "GPIO", "FLAG", "BASE" };
	json_t *root = json_loads(text, 0, NULL);
	json_t *gpio = json_object_get(root, "GPIO");

	if (root == NULL)
		return false;
	if (json_array_size(gpio) == 13 &&
	    firmware_number(t->image.version) >= 90100)
		json_object_set_new(root, "GPIO", turn_gpio(gpio));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(root, keys[i]);
		json_t *now = json_object_get(t->template, keys[i]);

		if (value != NULL && json_typeof(value) == json_typeof(now))
			json_object_set(t->template, keys[i], value);
	}
	json_decref(root);
	return true;
}
