/* SPDX-License-Identifier: ISC */
/*
 * The table of Tasmota's commands: settings, synonyms, and what is refused and
 * why.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/tasmota/tasmota_command.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define V TASMOTA_VERSION
#define ROW(n, f, ...) { .name = n, .form = TASMOTA_FORM_##f, __VA_ARGS__ }
#define F(x)           .flags = (x)
#define N(a, b)        .first = (a), .last = (b)
#define IN(a, b)       .min = (a), .max = (b)
#define SINCE(...)     .since = V(__VA_ARGS__)
#define UNTIL(...)     .until = V(__VA_ARGS__)
#define GONE(...)      .gone = V(__VA_ARGS__)
#define BACK(...)      .back = V(__VA_ARGS__)
#define CLEAR          TASMOTA_CLEAR
#define QUOTE          TASMOTA_QUOTE
#define DEFAULT        TASMOTA_DEFAULT
#define FULL           TASMOTA_FULL
#define RARE           TASMOTA_RARE

static const struct tasmota_command commands[] = {
	/* Power and pins. */
	ROW("PowerOnState", NUMBER, IN(0, 5)),
	ROW("PulseTime", PULSE, N(1, 32), IN(0, 65535)),
	ROW("BlinkTime", NUMBER, IN(2, 3600)),
	ROW("BlinkCount", NUMBER, IN(0, 65535)),
	ROW("Interlock", GROUPS, F(TASMOTA_MANY)),
	ROW("PowerLock", BITS, N(1, 32), IN(0, 1), SINCE(14, 0, 0, 0)),
	ROW("Module", KEY, N(2, 2), IN(0, 75), SINCE(8, 4, 0, 0)),
	ROW("GPIO", PIN, N(0, 17), IN(0, 65535)),
	ROW("PWM", PWM, N(1, 5), IN(0, 1023)),
	ROW("PWMFrequency", NUMBER, F(DEFAULT), IN(40, 4000)),
	ROW("PWMRange", NUMBER, F(DEFAULT | TASMOTA_POWER2), IN(255, 1023)),
	ROW("ButtonDebounce", NUMBER, IN(40, 1000)),
	ROW("SwitchDebounce", NUMBER, IN(40, 1009)),
	ROW("SwitchMode", NUMBER, N(1, 32), IN(0, 16)),
	ROW("SwitchText", TEXT, F(QUOTE | TASMOTA_SQUEEZE), N(1, 8), SINCE(9, 1, 0, 0)),
	ROW("LedPower", SWITCH, N(1, 4), IN(0, 1)),
	ROW("LedState", NUMBER, IN(0, 7)),
	ROW("LedMask", MASK, IN(0, 65535)),
	ROW("LedPwmOn", NUMBER, IN(0, 255), SINCE(8, 4, 0, 0)),
	ROW("LedPwmOff", NUMBER, IN(0, 255), SINCE(8, 4, 0, 0)),
	ROW("LedPwmMode", SWITCH, N(1, 4), IN(0, 1), SINCE(8, 4, 0, 0)),

	/* The device. */
	ROW("DeviceName", TEXT, F(QUOTE | DEFAULT), SINCE(8, 3, 1, 0)),
	ROW("FriendlyName", TEXT, F(QUOTE | DEFAULT), N(1, 8)),
	ROW("SetOption", OPTION, N(0, 177), IN(0, 255)),
	ROW("SaveData", SAVE, IN(0, 3600)),
	ROW("Sleep", KEY, IN(0, 250)),
	ROW("TelePeriod", NUMBER, F(DEFAULT | TASMOTA_TEN), IN(0, 3600)),
	ROW("Altitude", NUMBER, IN(-30000, 30000)),
	ROW("TempRes", NUMBER, IN(0, 3)),
	ROW("HumRes", NUMBER, IN(0, 3)),
	ROW("PressRes", NUMBER, IN(0, 3)),
	ROW("WattRes", NUMBER, IN(0, 3)),
	ROW("VoltRes", NUMBER, IN(0, 3)),
	ROW("FreqRes", NUMBER, IN(0, 3)),
	ROW("AmpRes", NUMBER, IN(0, 3)),
	ROW("EnergyRes", NUMBER, IN(0, 5)),
	ROW("WeightRes", NUMBER, IN(0, 3)),
	ROW("SpeedUnit", NUMBER, IN(0, 6), SINCE(8, 2, 0, 0)),
	ROW("TempOffset", DECIMAL, IN(-12.6, 12.6)),
	ROW("HumOffset", DECIMAL, IN(-10, 10), SINCE(8, 2, 0, 0)),
	ROW("SetSensor", LIST, N(1, 127), IN(0, 1), SINCE(10, 0, 0, 0)),
	ROW("JsonPP", NUMBER, IN(0, 7), SINCE(15, 0, 0, 0)),

	/* Time. */
	ROW("Timezone", ZONE),
	ROW("TimeStd", SEASON),
	ROW("TimeDst", SEASON),
	ROW("Latitude", DECIMAL, IN(-90, 90)),
	ROW("Longitude", DECIMAL, IN(-180, 180)),
	ROW("Sunrise", NUMBER, IN(0, 3), SINCE(12, 2, 0, 0)),
	ROW("Timers", SWITCH, IN(0, 1)),
	ROW("Timer", TIMER, N(1, 16)),
	ROW("NtpServer", TEXT, F(CLEAR | DEFAULT | TASMOTA_DOTS), N(1, 3)),

	/* The network. */
	ROW("SSId", TEXT, F(CLEAR | DEFAULT), N(1, 2)),
	ROW("BSSId", TEXT, F(CLEAR | DEFAULT), N(1, 2), SINCE(15, 5, 0, 0)),
	ROW("Password", SECRET, F(CLEAR | DEFAULT), N(1, 2)),
	ROW("Ap", KEY, IN(1, 2)),
	ROW("Hostname", TEXT, F(DEFAULT)),
	ROW("IPAddress", ADDRESS, N(1, 5)),
	ROW("WifiConfig", KEY, F(TASMOTA_SETUP), IN(0, 7)),
	ROW("Wifi", WIFI, IN(1, 4), SINCE(8, 4, 0, 0), GONE(9, 2, 0, 0), BACK(9, 4, 0, 0)),
	ROW("WifiPower", DECIMAL, IN(0, 20.5)),
	ROW("DnsTimeout", NUMBER, IN(100, 20000), SINCE(12, 0, 2, 0)),

	/* MQTT. */
	ROW("MqttHost", TEXT, F(CLEAR | DEFAULT)),
	ROW("MqttPort", NUMBER, F(DEFAULT), IN(2, 65535)),
	ROW("MqttUser", TEXT, F(CLEAR | DEFAULT)),
	ROW("MqttPassword", SECRET, F(CLEAR | DEFAULT)),
	ROW("MqttClient", TEXT, F(DEFAULT)),
	ROW("MqttRetry", NUMBER, IN(10, 32000)),
	ROW("MqttKeepAlive", NUMBER, IN(1, 100), SINCE(9, 4, 0, 0)),
	ROW("MqttTimeout", NUMBER, IN(1, 100), SINCE(9, 4, 0, 0)),
	ROW("MqttWifiTimeout", NUMBER, F(TASMOTA_HUNDRED), IN(100, 20000), SINCE(9, 5, 0, 0)),
	ROW("MqttFingerprint", BYTES, F(CLEAR | DEFAULT | RARE), N(1, 2)),
	ROW("Topic", TEXT, F(DEFAULT | TASMOTA_TOPIC | TASMOTA_CUT)),
	ROW("FullTopic", TEXT, F(DEFAULT | TASMOTA_FULLTOPIC | TASMOTA_CUT)),
	ROW("GroupTopic", TEXT, F(CLEAR | DEFAULT | TASMOTA_TOPIC | TASMOTA_ANYWHERE), N(1, 4)),
	ROW("ButtonTopic", TEXT, F(CLEAR | DEFAULT | TASMOTA_DEFAULT2 | TASMOTA_TOPIC)),
	ROW("SwitchTopic", TEXT, F(CLEAR | DEFAULT | TASMOTA_DEFAULT2 | TASMOTA_TOPIC)),
	ROW("Prefix", TEXT, F(DEFAULT | TASMOTA_TOPIC), N(1, 3)),
	ROW("StateText", TEXT, F(TASMOTA_BLANKS), N(1, 4)),
	ROW("ButtonRetain", SWITCH, IN(0, 1)),
	ROW("SwitchRetain", SWITCH, IN(0, 1)),
	ROW("PowerRetain", SWITCH, IN(0, 1)),
	ROW("SensorRetain", SWITCH, IN(0, 1)),
	ROW("InfoRetain", SWITCH, IN(0, 1), SINCE(9, 3, 1, 0)),
	ROW("StateRetain", SWITCH, IN(0, 1), SINCE(9, 3, 1, 0)),
	ROW("StatusRetain", SWITCH, IN(0, 1), SINCE(12, 1, 1, 0)),

	/* Logs and the serial port. */
	ROW("SerialLog", KEY, IN(0, 4)),
	ROW("SysLog", KEY, IN(0, 4)),
	ROW("MqttLog", NUMBER, IN(0, 4)),
	ROW("WebLog", NUMBER, IN(0, 4)),
	ROW("LogHost", TEXT, F(DEFAULT)),
	ROW("LogPort", NUMBER, F(DEFAULT), IN(2, 65535)),
	ROW("Baudrate", NUMBER, F(TASMOTA_RATE), IN(300, 1500000)),
	ROW("SerialConfig", SERIAL),
	ROW("SerialDelimiter", NUMBER, IN(1, 255)),

	/* The web pages. */
	ROW("WebServer", SERVER, IN(2, 2)),
	ROW("WebRefresh", NUMBER, IN(400, 65000)),
	ROW("WebButton", TEXT, F(QUOTE), N(1, 16)),
	ROW("WebColor", COLOUR, F(TASMOTA_MANY), N(1, 20)),
	ROW("WebSensor", LIST, N(1, 127), IN(0, 1)),
	ROW("WebTime", SPAN, IN(0, 19), SINCE(11, 0, 0, 0)),
	ROW("WebCanvas", TEXT, F(CLEAR), SINCE(13, 3, 0, 0)),
	ROW("CORS", TEXT, F(CLEAR | DEFAULT)),
	ROW("Emulation", NUMBER, IN(0, 2)),

	/* Rules. */
	ROW("Rule", RULE, F(TASMOTA_MANY), N(1, 3)),
	ROW("Mem", TEXT, F(QUOTE), N(1, 16)),
	ROW("CalcRes", NUMBER, IN(0, 7)),

	/* How lights behave. */
	ROW("Fade", SWITCH, IN(0, 1)),
	ROW("Speed", NUMBER, IN(1, 40)),
	ROW("LedTable", SWITCH, IN(0, 1)),
	ROW("DimmerRange", PAIR, IN(0, 65535)),
	ROW("DimmerStep", NUMBER, IN(1, 50), SINCE(9, 1, 0, 0)),
	ROW("WakeUpDuration", NUMBER, IN(1, 3000)),
	ROW("RGBWWTable", CHANNELS, IN(0, 255)),

	/* In the full build only. */
	ROW("DomoticzIdx", NUMBER, F(FULL), N(1, 4), IN(0, 2147483647), UNTIL(8, 4, 0, 0)),
	ROW("DomoticzKeyIdx", NUMBER, F(FULL), N(1, 4), IN(0, 2147483647), UNTIL(8, 4, 0, 0)),
	ROW("DomoticzSwitchIdx", NUMBER, F(FULL), N(1, 4), IN(0, 65535), UNTIL(8, 4, 0, 0)),
	ROW("DomoticzSensorIdx", NUMBER, F(FULL), N(1, 11), IN(0, 65535), UNTIL(8, 4, 0, 0)),
	ROW("DomoticzUpdateTimer", NUMBER, F(FULL), IN(0, 3600), UNTIL(8, 4, 0, 0)),
	ROW("DzIdx", NUMBER, F(FULL), N(1, 4), IN(0, 2147483647), SINCE(8, 4, 0, 0)),
	ROW("DzKeyIdx", NUMBER, F(FULL), N(1, 4), IN(0, 2147483647), SINCE(8, 4, 0, 0)),
	ROW("DzSwitchIdx", NUMBER, F(FULL), N(1, 4), IN(0, 65535), SINCE(8, 4, 0, 0)),
	ROW("DzSensorIdx", NUMBER, F(FULL), N(1, 11), IN(0, 65535), SINCE(8, 4, 0, 0)),
	ROW("DzUpdateTimer", NUMBER, F(FULL), IN(0, 3600), SINCE(8, 4, 0, 0)),
	ROW("CounterType", NUMBER, F(FULL), N(1, 4), IN(0, 1)),
	ROW("CounterDebounce", NUMBER, F(FULL), IN(0, 32000)),
	ROW("PowerDelta", NUMBER, F(FULL), N(1, 3), IN(0, 32000)),
	ROW("PowerLow", NUMBER, F(FULL), IN(0, 6000)),
	ROW("PowerHigh", NUMBER, F(FULL), IN(0, 6000)),
	ROW("VoltageLow", NUMBER, F(FULL), IN(0, 500)),
	ROW("VoltageHigh", NUMBER, F(FULL), IN(0, 500)),
	ROW("CurrentLow", NUMBER, F(FULL), IN(0, 25000)),
	ROW("CurrentHigh", NUMBER, F(FULL), IN(0, 25000)),
	ROW("MaxPower", NUMBER, F(FULL), IN(0, 6000)),
	ROW("MaxPowerHold", NUMBER, F(FULL | DEFAULT), IN(0, 6000)),
	ROW("MaxPowerWindow", NUMBER, F(FULL | DEFAULT), IN(0, 6000)),
	ROW("MaxEnergy", NUMBER, F(FULL), IN(0, 6000)),
	ROW("MaxEnergyStart", NUMBER, F(FULL), IN(0, 23)),
	ROW("PowerCal", CAL, F(FULL), IN(100, 2147483647)),
	ROW("VoltageCal", CAL, F(FULL), IN(100, 2147483647)),
	ROW("CurrentCal", CAL, F(FULL), IN(100, 2147483647)),
	ROW("FrequencyCal", CAL, F(FULL), IN(100, 2147483647), SINCE(9, 4, 0, 0)),
	ROW("Tariff", TARIFF, F(FULL), N(1, 9)),
	ROW("EnergyConfig", OPEN, F(FULL), SINCE(9, 4, 0, 0)),
	ROW("AdcParam", OPEN, F(FULL), N(1, 1)),
	ROW("SBaudrate", NUMBER, F(FULL | TASMOTA_RATE), IN(300, 1500000)),
	ROW("SSerialConfig", SERIAL, F(FULL), SINCE(11, 0, 0, 0)),
	ROW("I2CDriver", OPEN, F(FULL), N(0, 159)),
	ROW("TuyaMCU", OPEN),
	ROW("DevGroupName", TEXT, F(CLEAR | FULL), N(1, 4), SINCE(8, 3, 0, 0)),
	ROW("DevGroupShare", HEX, F(FULL), IN(0, 4294967295), SINCE(8, 2, 0, 0)),
	ROW("DevGroupTie", NUMBER, F(FULL), N(1, 4), IN(0, 255), SINCE(9, 3, 0, 0)),
};

/* Commands with a key of their own, which Command= does not take. */
static const struct tasmota_command own[] = {
	ROW("Template", TEMPLATE),
	ROW("Module", KEY, IN(0, 255)),
	ROW("WebPassword", SECRET),
};
/* clang-format on */

/* Short forms, and names that stand for one SetOption since 9.3 or later. */
static const struct {
	const char *name, *command;
	unsigned index;
} synonyms[] = {
	{ "SO", "SetOption", 0 },
	{ "FN", "FriendlyName", 0 },
	{ "MqttJSONOnly", "SetOption", 90 },
	{ "MqttTLS", "SetOption", 103 },
	{ "MqttNoRetain", "SetOption", 104 },
	{ "MqttDetachRelay", "SetOption", 114 },
	{ "MqttTLSFingerprint", "SetOption", 132 },
	{ "WifiNoSleep", "SetOption", 127 },
	{ "ChannelRemap", "SetOption", 37 },
	{ "MultiPWM", "SetOption", 68 },
	{ "AlexaCTRange", "SetOption", 82 },
	{ "PowerOnFade", "SetOption", 91 },
	{ "PWMCT", "SetOption", 92 },
	{ "WhiteBlend", "SetOption", 105 },
	{ "VirtualCT", "SetOption", 106 },
};

#define ONCE	  "it does something once, and sets nothing"
#define SHOWS	  "it only shows something, and sets nothing"
#define LAMP	  "it is what the lamp shows now, and no setting"
#define FORGOTTEN "the device forgets it in a restart"

static const struct {
	const char *name, *why;
} refused[] = {
	{ "Backlog", TASMOTA_OWN_LINE },
	{ "Delay", "it sets nothing" },
	{ "If", "write it into a Rule" },
	{ "Module", "use Module= for it" },
	{ "OtaUrl", "use Upgrade= for it" },
	{ "Reset", "it would undo the set-up" },
	{ "Restart", "the device restarts by itself where it must" },
	{ "Template", "use Template= for it" },
	{ "Upgrade", "use Upgrade= for it" },
	{ "Upload", "use Upgrade= for it" },
	{ "WebPassword", "use WebPasswordFile= for it" },
	{ "Power",
	    "it switches a relay; PowerOnState says what relays do after a "
	    "restart" },
	{ "TimedPower", ONCE },
	{ "Publish", ONCE },
	{ "Event", ONCE },
	{ "WebSend", ONCE },
	{ "WebQuery", ONCE },
	{ "WebRun", ONCE },
	{ "WebGetConfig", ONCE },
	{ "SendMail", ONCE },
	{ "SerialSend", ONCE },
	{ "SSerialSend", ONCE },
	{ "DevGroupSend", ONCE },
	{ "EnergyReset", ONCE },
	{ "EnergyToday", ONCE },
	{ "EnergyYesterday", ONCE },
	{ "EnergyTotal", ONCE },
	{ "EnergyUsage", ONCE },
	{ "EnergyExport", ONCE },
	{ "PowerSet", ONCE },
	{ "VoltageSet", ONCE },
	{ "CurrentSet", ONCE },
	{ "FrequencySet", ONCE },
	{ "Buzzer", ONCE },
	{ "WiFiScan", ONCE },
	{ "WiFiTest", ONCE },
	{ "FileUpload", ONCE },
	{ "FileDownload", ONCE },
	{ "Ping", ONCE },
	{ "Counter", ONCE },
	{ "Add", ONCE },
	{ "Sub", ONCE },
	{ "Mult", ONCE },
	{ "Scale", ONCE },
	{ "Time", "it sets the clock once; NtpServer1 is the setting" },
	{ "Var", FORGOTTEN ": use Mem" },
	{ "RuleTimer", FORGOTTEN ": start it in a Rule" },
	{ "GlobalTemp", FORGOTTEN },
	{ "GlobalHum", FORGOTTEN },
	{ "GlobalPress", FORGOTTEN },
	{ "BatteryPercentage", FORGOTTEN },
	{ "SerialBuffer", FORGOTTEN },
	{ "SSerialBuffer", FORGOTTEN },
	{ "Subscribe", FORGOTTEN ": do it in a Rule" },
	{ "Unsubscribe", FORGOTTEN ": do it in a Rule" },
	{ "Status", SHOWS },
	{ "State", SHOWS },
	{ "Modules", SHOWS },
	{ "GPIOs", SHOWS },
	{ "GPIORead", SHOWS },
	{ "Info", SHOWS },
	{ "Json", SHOWS },
	{ "I2CScan", SHOWS },
	{ "DevGroupStatus", SHOWS },
	{ "Sensor", "what it does and answers depends on the sensor" },
	{ "Driver", "what it does and answers depends on the driver" },
	{ "DeepSleepTime",
	    "the device would sleep and could not be looked at" },
	{ "Color", LAMP },
	{ "CT", LAMP },
	{ "Dimmer", LAMP },
	{ "White", LAMP },
	{ "Channel", LAMP },
	{ "HSBColor", LAMP },
	{ "Scheme", LAMP },
	{ "Palette", LAMP },
	{ "Wakeup", LAMP },
	{ "FanSpeed", "it is what the fan does now, and no setting" },
};

const struct tasmota_command *
tasmota_commands(size_t *count)
{
	*count = COUNT(commands);
	return commands;
}

uint32_t
tasmota_version(const char *text)
{
	unsigned part[4] = { 0 };

	if (sscanf(text, "%u.%u.%u.%u", &part[0], &part[1], &part[2],
		&part[3]) < 2)
		return TASMOTA_NEWEST;
	for (size_t i = 0; i < COUNT(part); i++)
		if (part[i] > 255)
			return TASMOTA_NEWEST;
	return TASMOTA_VERSION(part[0], part[1], part[2], part[3]);
}

bool
tasmota_has_command(const struct tasmota_command *row, uint32_t version)
{
	return row == NULL || version == TASMOTA_NEWEST ||
	    (version >= row->since &&
		(row->until == 0 || version < row->until) &&
		(version < row->gone || version >= row->back));
}

/*
 * Find the row of a command.  Module has a key of its own, but Module2, the
 * module to fall back to, is a command.
 */
const struct tasmota_command *
tasmota_command_find(const char *name, unsigned index)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcasecmp(commands[i].name, name) == 0 &&
		    (strcmp(commands[i].name, "Module") != 0 || index == 2))
			return &commands[i];
	for (size_t i = 0; i < COUNT(own); i++)
		if (strcasecmp(own[i].name, name) == 0)
			return &own[i];
	return NULL;
}

bool
tasmota_command_is_own(const struct tasmota_command *row)
{
	return row >= own && row < own + COUNT(own);
}

const char *
tasmota_command_refusal(const char *name)
{
	for (size_t i = 0; i < COUNT(refused); i++)
		if (strcasecmp(refused[i].name, name) == 0)
			return refused[i].why;
	return NULL;
}

bool
tasmota_command_expand(const char *name, const char **command, unsigned *index)
{
	for (size_t i = 0; i < COUNT(synonyms); i++) {
		if (strcasecmp(name, synonyms[i].name) != 0)
			continue;
		*command = synonyms[i].command;
		*index = synonyms[i].index;
		return true;
	}
	return false;
}
