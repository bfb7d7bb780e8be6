/* SPDX-License-Identifier: ISC */
/*
 * The commands of Tasmota, for tasmota_cmnd.c: in which version and build each
 * exists, and what it takes.  Names and limits are from the functions Cmnd...
 * in support_command.ino, xdrv_01_webserver.ino, xdrv_02_mqtt.ino,
 * xdrv_09_timers.ino and xdrv_10_rules.ino; defaults are from my_user_config.h.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

#define RESTARTS ROW_RESTARTS
#define CHANGED	 (ROW_RESTARTS | ROW_IF_CHANGED)
#define DEFAULT	 ROW_ONE_DEFAULT
#define CLEARS	 (ROW_CLEARS | ROW_ONE_DEFAULT)
#define RULES	 ROW_NO_MINIMAL
#define BIG	 65535

/* clang-format off */
#define HANDLER(name, since, until, flags, top, what) \
	{ name, since, until, KIND_HANDLER, flags, top, 0, 0, "", \
	  tasmota_do_##what, NULL, 0 }
#define NUMBER(name, since, until, flags, top, low, high, initial) \
	{ name, since, until, KIND_NUMBER, flags, top, low, high, initial, \
	  NULL, NULL, 0 }
#define ACTIVE(name, flags, high, initial) \
	{ name, 0, 0, KIND_ACTIVE, flags, 0, 0, high, initial, NULL, NULL, 0 }
#define STATE(name, since, flags) \
	{ name, since, 0, KIND_STATE, flags, 0, 0, 1, "0", NULL, NULL, 0 }
#define TEXT(name, since, until, flags, top, initial) \
	{ name, since, until, KIND_TEXT, flags, top, 0, 0, initial, NULL, \
	  NULL, 0 }
#define SECRET(name, since, until, flags, initial) \
	{ name, since, until, KIND_SECRET, flags, 0, 0, 0, initial, NULL, \
	  NULL, 0 }
#define SYNONYM(name, since, option) \
	{ name, since, 0, KIND_HANDLER, 0, 0, 0, 0, "", tasmota_do_synonym, \
	  NULL, option }

static const struct tasmota_row table[] = {
	HANDLER("Backlog", 0, 0, 0, 0, backlog),
	HANDLER("Delay", 0, 0, 0, 0, delay),
	HANDLER("Power", 0, 0, 0, 0, power),
	HANDLER("PowerLock", 140000, 0, 0, 0, powerlock),
	HANDLER("Status", 0, 0, 0, 0, status),
	HANDLER("State", 0, 0, 0, 0, state),
	ACTIVE("Sleep", 0, 250, "50"),
	HANDLER("Upgrade", 0, 0, ROW_MINIMAL, 0, upgrade),
	HANDLER("Upload", 0, 0, ROW_MINIMAL, 0, upgrade),
	TEXT("OtaUrl", 0, 0, DEFAULT | ROW_MINIMAL, 0, "ota"),
	ACTIVE("SerialLog", ROW_MINIMAL, 4, "2"),
	HANDLER("Restart", 0, 0, ROW_MINIMAL, 0, restart),
	NUMBER("PowerOnState", 0, 0, 0, 0, 0, 5, "3"),
	HANDLER("PulseTime", 0, 110100, 0, 8, pulsetime),
	HANDLER("PulseTime", 110100, 0, 0, 32, pulsetime),
	NUMBER("BlinkTime", 0, 0, 0, 0, 2, 3600, "10"),
	NUMBER("BlinkCount", 0, 120000, 0, 0, 0, BIG, "10"),
	NUMBER("BlinkCount", 120000, 0, 0, 0, 0, 32000, "10"),
	HANDLER("SaveData", 0, 0, 0, 0, savedata),
	{ "SetOption", 0, 0, KIND_HANDLER, 0, 0, 0, 0, "",
	  tasmota_do_setoption, "SO", 0 },
	NUMBER("TempRes", 0, 0, 0, 0, 0, 3, "1"),
	NUMBER("HumRes", 0, 0, 0, 0, 0, 3, "1"),
	NUMBER("PressRes", 0, 0, 0, 0, 0, 3, "1"),
	NUMBER("WattRes", 0, 0, 0, 0, 0, 3, "0"),
	NUMBER("VoltRes", 0, 0, 0, 0, 0, 3, "0"),
	NUMBER("FreqRes", 0, 0, 0, 0, 0, 3, "0"),
	NUMBER("AmpRes", 0, 0, 0, 0, 0, 3, "3"),
	NUMBER("EnergyRes", 0, 0, 0, 0, 0, 5, "3"),
	NUMBER("WeightRes", 0, 0, 0, 0, 0, 3, "0"),
	NUMBER("SpeedUnit", 80200, 0, 0, 0, 0, 6, "0"),
	HANDLER("Module", 0, 0, 0, 0, module),
	HANDLER("GPIO", 0, 0, 0, 0, gpio),
	HANDLER("Template", 0, 0, 0, 0, template),
	NUMBER("PWMFrequency", 0, 80300, DEFAULT, 0, 100, 4000, "880"),
	NUMBER("PWMFrequency", 80300, 0, DEFAULT, 0, 40, 4000, "977"),
	HANDLER("PWMRange", 0, 0, 0, 0, pwmrange),
	NUMBER("ButtonDebounce", 0, 0, 0, 0, 40, 1000, "50"),
	NUMBER("SwitchDebounce", 0, 80400, 0, 0, 40, 1000, "50"),
	NUMBER("SwitchDebounce", 80400, 0, 0, 0, 40, 1009, "50"),
	ACTIVE("SysLog", 0, 4, "0"),
	TEXT("LogHost", 0, 0, DEFAULT, 0, ""),
	NUMBER("LogPort", 0, 0, DEFAULT, 0, 1, BIG, "514"),
	HANDLER("Baudrate", 0, 0, 0, 0, baudrate),
	HANDLER("SerialConfig", 0, 0, 0, 0, serialconfig),
	HANDLER("SerialDelimiter", 0, 0, 0, 0, serialdelimiter),
	HANDLER("IPAddress", 0, 100000, 0, 4, ipaddress),
	HANDLER("IPAddress", 100000, 0, 0, 5, ipaddress),
	TEXT("NtpServer", 0, 0, CLEARS | ROW_COMMA | ROW_LISTS, 3, "ntp"),
	HANDLER("Ap", 0, 0, 0, 0, ap),
	TEXT("SSId", 0, 0, CLEARS | RESTARTS | ROW_LISTS, 2, ""),
	HANDLER("Password", 0, 90400, 0, 2, password),
	HANDLER("Password", 90400, 0, 0, 4, password),
	HANDLER("Hostname", 0, 0, 0, 0, hostname),
	HANDLER("WifiConfig", 0, 0, 0, 0, wificonfig),
	HANDLER("Wifi", 80400, 90200, 0, 0, wifi),
	HANDLER("Wifi", 90400, 0, 0, 0, wifi),
	HANDLER("WifiPower", 0, 0, 0, 0, wifipower),
	TEXT("DeviceName", 80300, 0, DEFAULT | ROW_QUOTE, 0, "Tasmota"),
	{ "FriendlyName", 0, 90400, KIND_TEXT,
	  DEFAULT | ROW_QUOTE | ROW_LISTS_EMPTY, 8, 0, 0, "friendly",
	  NULL, NULL, 0 },
	{ "FriendlyName", 90400, 0, KIND_TEXT,
	  DEFAULT | ROW_QUOTE | ROW_LISTS_EMPTY, 8, 0, 0, "friendly",
	  NULL, "FN", 0 },
	TEXT("SwitchText", 90100, 0,
	  ROW_QUOTE | ROW_NO_BLANKS | ROW_LISTS_EMPTY, 8, ""),
	HANDLER("SwitchMode", 0, 130000, 0, 8, switchmode),
	HANDLER("SwitchMode", 130000, 140400, 0, 28, switchmode),
	HANDLER("SwitchMode", 140400, 0, 0, 32, switchmode),
	HANDLER("Interlock", 0, 0, 0, 0, interlock),
	HANDLER("TelePeriod", 0, 0, 0, 0, teleperiod),
	HANDLER("Reset", 0, 0, 0, 0, reset),
	HANDLER("Time", 0, 0, 0, 0, time),
	HANDLER("Timezone", 0, 0, 0, 0, timezone),
	HANDLER("TimeStd", 0, 0, 0, 0, timerule),
	HANDLER("TimeDst", 0, 0, 0, 0, timerule),
	NUMBER("Altitude", 0, 0, ROW_NEEDS_VALUE, 0, -30000, 30000, "0"),
	HANDLER("LedPower", 0, 0, 0, 4, ledpower),
	NUMBER("LedState", 0, 0, 0, 0, 0, 7, "1"),
	HANDLER("LedMask", 0, 0, 0, 0, ledmask),
	HANDLER("LedPwmOn", 80400, 0, 0, 0, ledpwm),
	HANDLER("LedPwmOff", 80400, 0, 0, 0, ledpwm),
	HANDLER("LedPwmMode", 80400, 0, 0, 4, ledpwmmode),
	HANDLER("TempOffset", 0, 0, 0, 0, tempoffset),
	HANDLER("HumOffset", 80200, 0, 0, 0, tempoffset),
	SYNONYM("WifiNoSleep", 100000, 127),

	TEXT("MqttHost", 0, 0, CLEARS | RESTARTS, 0, ""),
	NUMBER("MqttPort", 0, 0, DEFAULT | RESTARTS, 0, 1, BIG, "1883"),
	NUMBER("MqttRetry", 0, 0, 0, 0, 10, 32000, "10"),
	NUMBER("MqttKeepAlive", 90400, 0, 0, 0, 1, 100, "30"),
	NUMBER("MqttTimeout", 90400, 0, 0, 0, 1, 100, "4"),
	HANDLER("MqttWifiTimeout", 90500, 0, 0, 0, wifitimeout),
	TEXT("MqttUser", 0, 0, CLEARS | RESTARTS, 0, "DVES_USER"),
	SECRET("MqttPassword", 0, 90500, CLEARS | RESTARTS, "DVES_PASS"),
	SECRET("MqttPassword", 90500, 0, CLEARS | RESTARTS | ROW_HIDES,
	  "DVES_PASS"),
	TEXT("MqttClient", 0, 0, DEFAULT | RESTARTS, 0, "DVES_%06X"),
	TEXT("FullTopic", 0, 0, DEFAULT | CHANGED | ROW_FULLTOPIC, 0,
	  "%prefix%/%topic%/"),
	TEXT("Prefix", 0, 0, DEFAULT | RESTARTS | ROW_TOPIC | ROW_LISTS, 3,
	  "prefix"),
	TEXT("GroupTopic", 0, 80300, DEFAULT | RESTARTS | ROW_TOPIC, 0,
	  "tasmotas"),
	HANDLER("GroupTopic", 80300, 0, 0, 4, grouptopic),
	TEXT("Topic", 0, 80200, DEFAULT | CHANGED | ROW_TOPIC, 0, "tasmota"),
	TEXT("Topic", 80200, 0, DEFAULT | CHANGED | ROW_TOPIC, 0,
	  "tasmota_%06X"),
	NUMBER("MqttLog", 0, 0, 0, 0, 0, 4, "0"),
	TEXT("ButtonTopic", 0, 0, CLEARS | ROW_TOPIC, 0, "0"),
	TEXT("SwitchTopic", 0, 0, CLEARS | ROW_TOPIC, 0, "0"),
	STATE("ButtonRetain", 0, 0),
	STATE("SwitchRetain", 0, 0),
	STATE("PowerRetain", 0, 0),
	STATE("SensorRetain", 0, 0),
	STATE("InfoRetain", 90301, 0),
	STATE("StateRetain", 90301, 0),
	STATE("StatusRetain", 120101, 0),
	TEXT("StateText", 0, 0, ROW_UNDERSCORE | ROW_LISTS, 4, "state"),
	SYNONYM("MqttJSONOnly", 90300, 90),
	SYNONYM("MqttNoRetain", 90300, 104),
	SYNONYM("MqttDetachRelay", 90300, 114),

	NUMBER("Emulation", 0, 0, RESTARTS | ROW_NO_MINIMAL, 0, 0, 2, "0"),
	HANDLER("Webserver", 0, 0, 0, 0, webserver),
	SECRET("WebPassword", 0, 90400, CLEARS, ""),
	SECRET("WebPassword", 90400, 0, CLEARS | ROW_HIDES, ""),
	NUMBER("WebLog", 0, 0, ROW_MINIMAL, 0, 0, 4, "2"),
	NUMBER("WebRefresh", 0, 90400, 0, 0, 1000, 10000, "2345"),
	NUMBER("WebRefresh", 90400, 150000, 0, 0, 1000, 65000, "2345"),
	NUMBER("WebRefresh", 150000, 0, 0, 0, 400, 65000, "2345"),
	HANDLER("WebColor", 0, 0, 0, 0, webcolor),
	HANDLER("WebTime", 110000, 0, 0, 0, webtime),
	TEXT("WebButton", 0, 130400, ROW_QUOTE | ROW_LISTS, 16, ""),
	TEXT("WebButton", 130400, 0, ROW_QUOTE | ROW_LISTS, 32, ""),
	TEXT("CORS", 0, 100000, CLEARS, 0, ""),

	HANDLER("Rule", 0, 0, RULES, 3, rule),
	HANDLER("RuleTimer", 0, 0, RULES, 8, ruletimer),
	HANDLER("Event", 0, 0, RULES, 0, event),
	HANDLER("Var", 0, 0, RULES, 16, variable),
	HANDLER("Mem", 0, 0, RULES, 16, variable),
	HANDLER("Add", 0, 0, RULES, 16, calculate),
	HANDLER("Sub", 0, 0, RULES, 16, calculate),
	NUMBER("CalcRes", 0, 0, RULES, 0, 0, 7, "3"),
	HANDLER("Timer", 0, 0, RULES, 16, timer),
	HANDLER("Timers", 0, 0, RULES, 0, timers),
	HANDLER("Latitude", 0, 0, RULES, 0, latitude),
	HANDLER("Longitude", 0, 0, RULES, 0, latitude),
	NUMBER("Sunrise", 120000, 0, RULES, 0, 0, 3, "0"),
	NUMBER("DomoticzIdx", 0, 0, ROW_FULL | RESTARTS, 4, 0, 9999999, "0"),
	NUMBER("DomoticzUpdateTimer", 0, 0, ROW_FULL, 0, 0, 3600, "0"),
	TEXT("DevGroupName", 80300, 0,
	  ROW_FULL | RESTARTS | ROW_CLEARS | ROW_ALWAYS_ALL, 4, ""),
	HANDLER("Dimmer", 0, 0, RULES, 0, dimmer),
};
/* clang-format on */

/* Since 11.1 the minimal build lacks most commands. */
static bool
is_built_in(const struct tasmota *t, const struct tasmota_row *r)
{
	unsigned version = firmware_number(t->image.version);

	if (version < r->since || (r->until != 0 && version >= r->until))
		return false;
	if (tasmota_is_minimal(t))
		return (r->flags & ROW_MINIMAL) ||
		    ((version < 110100 ||
			 fault_has(
			     &t->device->spec.faults, FAULT_MINIMAL_TALKS)) &&
			!(r->flags & (ROW_NO_MINIMAL | ROW_FULL)));
	return !(r->flags & ROW_FULL) ||
	    strcmp(t->image.variant, "tasmota") == 0;
}

/* The short name SO came with 8.3.1, as DeviceName did. */
static bool
is_named(const struct tasmota *t, const struct tasmota_row *r, const char *name)
{
	if (strcasecmp(r->name, name) == 0)
		return true;
	return r->alias != NULL && strcasecmp(r->alias, name) == 0 &&
	    firmware_number(t->image.version) >= 80300;
}

const struct tasmota_row *
tasmota_row_find(const struct tasmota *t, const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (is_named(t, &table[i], name) && is_built_in(t, &table[i]))
			return &table[i];
	return NULL;
}

const struct tasmota_row *
tasmota_row_text(const struct tasmota *t, size_t *position)
{
	while (*position < sizeof(table) / sizeof(table[0])) {
		const struct tasmota_row *r = &table[(*position)++];

		if ((r->kind == KIND_TEXT || r->kind == KIND_SECRET) &&
		    is_built_in(t, r))
			return r;
	}
	return NULL;
}

struct tasmota_key
tasmota_key(const char *name, unsigned index)
{
	struct tasmota_key key;

	snprintf(key.text, sizeof(key.text), "%s%u", name, index);
	return key;
}

struct tasmota_key
tasmota_row_key(const struct tasmota_row *r, unsigned index)
{
	struct tasmota_key key;

	if (r->top > 0)
		return tasmota_key(r->name, index);
	snprintf(key.text, sizeof(key.text), "%s", r->name);
	return key;
}

static const char *
default_url(const struct tasmota *t)
{
	unsigned version = firmware_number(t->image.version);

	if (version < 80500)
		return "http://thehackbox.org/tasmota/release/tasmota.bin";
	if (version < 90000)
		return "http://ota.tasmota.com/tasmota/release/tasmota.bin";
	if (version < 130000 || strcmp(t->image.variant, "tasmota") == 0)
		return "http://ota.tasmota.com/tasmota/release/tasmota.bin.gz";
	return tasmota_is_minimal(t)
	    ? "http://ota.tasmota.com/tasmota/release/tasmota-minimal.bin.gz"
	    : "http://ota.tasmota.com/tasmota/release/tasmota-lite.bin.gz";
}

/* Return a default that differs with the index. */
static const char *
default_of_list(const struct tasmota *t, const char *which, unsigned index)
{
	static const char *const prefixes[] = { "cmnd", "stat", "tele" };
	static const char *const states[] = { "OFF", "ON", "TOGGLE", "HOLD" };
	static const char *const old_ntp[] = { "pool.ntp.org",
		"nl.pool.ntp.org", "0.nl.pool.ntp.org" };
	static const char *const new_ntp[] = { "2.pool.ntp.org",
		"2.europe.pool.ntp.org", "2.nl.pool.ntp.org" };
	bool old = firmware_number(t->image.version) < 120400;

	if (strcmp(which, "prefix") == 0)
		return prefixes[(index - 1) % 3];
	if (strcmp(which, "state") == 0)
		return states[(index - 1) % 4];
	return (old ? old_ntp : new_ntp)[(index - 1) % 3];
}

const char *
tasmota_row_default(const struct tasmota *t, const struct tasmota_row *r,
    unsigned index, char *dst, size_t size)
{
	const char *value = r->initial;

	if (strcmp(value, "ota") == 0)
		value = default_url(t);
	else if (strcmp(value, "prefix") == 0 || strcmp(value, "state") == 0 ||
	    strcmp(value, "ntp") == 0)
		value = default_of_list(t, value, index);
	else if (strcmp(value, "friendly") == 0)
		value = index == 1 ? "Tasmota" : "Tasmota%u";
	/* The names 5 to 8 are empty by default. */
	if (strcmp(value, "Tasmota%u") == 0 && index <= 4)
		snprintf(dst, size, "Tasmota%u", index);
	else
		snprintf(
		    dst, size, "%s", index > 4 && r->top == 8 ? "" : value);
	return dst;
}
