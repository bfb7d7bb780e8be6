/* SPDX-License-Identifier: ISC */
/*
 * Checks the value of a Command= before anything is flashed: one function for
 * each form of value that Tasmota's commands take.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/tasmota/tasmota_value.h"
#include "core/tasmota/tasmota_value_check.h"

#define MAX_SSID    32 /* bytes, IEEE 802.11 */
#define OLD_COLOURS 19 /* of Tasmota before 14.4 */
#define MAX_COLOURS 20

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
refuse(struct error *err, const char *why)
{
	return error_set(err, EINVAL, "%s", why);
}

/*
 * Refuse a number that its leading zero changes.  Tasmota reads it as octal: 08
 * is no number, and 010 is 8.
 */
static bool
check_octal(const char *value, struct error *err)
{
	const char *digits = value + strspn(value, "+-");
	size_t zeros = strspn(digits, "0");

	if (zeros == 0 || !isdigit((unsigned char)digits[zeros]) ||
	    (zeros == 1 && digits[1] < '8' &&
		!isdigit((unsigned char)digits[2])))
		return true;
	return error_set(err, EINVAL,
	    "Tasmota reads a number that begins with 0 as octal: write it "
	    "without the leading 0");
}

static bool
check_range(const struct tasmota_command *row, double number, struct error *err)
{
	if (number >= row->min && number <= row->max)
		return true;
	if (row->min == row->max)
		return error_set(
		    err, EINVAL, "it takes %g and nothing else here", row->min);
	if (row->min == 0 && row->max == 1)
		return refuse(err, "it takes 0 or 1");
	return error_set(err, EINVAL, "it takes a number from %.10g to %.10g",
	    row->min, row->max);
}

static bool
check_number(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	long number;

	if (!check_octal(value, err))
		return false;
	if (!tasmota_read_number(value, &number))
		number = (double)row->min - 1;
	if (row->flags & TASMOTA_DEFAULT && strcmp(value, "1") == 0)
		return refuse(err,
		    "1 stands for the default, which cannot be read back: give "
		    "it the value itself");
	return check_range(row, number, err);
}

static bool
check_decimal(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	const char *point = strchr(value, '.');
	char *end;
	double number = strtod(value, &end);

	if (point != NULL && strlen(point + 1) > 8)
		return refuse(err, "Tasmota reads at most 8 decimals");

	if (end == value || *end != '\0' ||
	    strspn(value, "+-.0123456789") != strlen(value))
		number = row->min - 1;
	return check_range(row, number, err);
}

/*
 * Check a SetOption.  Options 32 to 49 are numbers, of which 32 and 33 are
 * times and not 0.  Some of the others have a command of their own.
 */
static bool
check_option(unsigned index, const char *value, struct error *err)
{
	static const struct {
		unsigned index;
		const char *why;
	} others[] = {
		{ 5, "PowerRetain sets it" },
		{ 6, "ButtonRetain sets it" },
		{ 7, "SwitchRetain sets it" },
		{ 9, "SensorRetain sets it" },
		{ 14, "Interlock sets it" },
		{ 22, "Tasmota does not take it" },
		{ 23, "Tasmota does not take it" },
		{ 25, "Tasmota does not take it" },
		{ 27, "Tasmota does not take it" },
	};
	struct tasmota_command row = { .max = 1 };

	for (size_t i = 0; i < COUNT(others); i++)
		if (others[i].index == index)
			return refuse(err, others[i].why);
	if (index >= 32 && index <= 49)
		row.max = 255;
	if (index == 32 || index == 33) {
		row.min = 1;
		row.max = 250;
	}
	return check_number(&row, value, err);
}

static bool
check_shortcuts(unsigned flags, const char *value, struct error *err)
{
	if ((flags & TASMOTA_DEFAULT && tasmota_is_shortcut(value, '1')) ||
	    (flags & TASMOTA_DEFAULT2 && tasmota_is_shortcut(value, '2')))
		return error_set(err, EINVAL,
		    "%s stands for the default, which cannot be read back: "
		    "give it the value itself",
		    value);
	if (flags & TASMOTA_QUOTE && value[0] == '"' && value[1] != '\0')
		return refuse(err,
		    "whatever begins with a quotation mark empties it: leave "
		    "the quotation marks out");
	return true;
}

/* Return true for "18:E8:29:CA:17:C1", or what clears it. */
static bool
is_station(const char *value)
{
	if (tasmota_is_shortcut(value, '0') || tasmota_is_shortcut(value, '"'))
		return true;
	for (size_t i = 0; i < 17; i++)
		if (i % 3 == 2 ? value[i] != ':'
			       : !isxdigit((unsigned char)value[i]))
			return false;
	return value[17] == '\0';
}

static bool
check_text(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	if (!check_shortcuts(row->flags, value, err))
		return false;
	if (strcmp(row->name, "Hostname") == 0 && strchr(value, '%') != NULL &&
	    strcmp(value, "%s-%04d") != 0)
		return refuse(
		    err, "Tasmota takes no other % than %s-%04d: write a name");
	if (strcmp(row->name, "Mem") == 0 && value[0] == '=')
		return refuse(err,
		    "Tasmota computes what begins with =: give it the value");
	if (strcmp(row->name, "SSId") == 0 && strlen(value) > MAX_SSID)
		return refuse(err, "the name of a Wi-Fi has at most 32 bytes");
	if (strcmp(row->name, "BSSId") == 0 && !is_station(value))
		return refuse(err,
		    "it takes the address of an access point, as in "
		    "18:E8:29:CA:17:C1, or 0");
	return true;
}

static bool
check_secret(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	size_t len = strlen(value);
	bool is_empty =
	    tasmota_is_shortcut(value, '0') || tasmota_is_shortcut(value, '"');

	if (!check_shortcuts(row->flags, value, err))
		return false;
	if (strcmp(row->name, "Password") == 0 && !is_empty &&
	    (len < 8 || len > 64))
		return refuse(err, "the password of a Wi-Fi has 8 to 64 bytes");
	return true;
}

static bool
check_zone(const char *value, struct error *err)
{
	long hours, minutes;

	if (!check_octal(value, err))
		return false;
	if (tasmota_read_zone(value, &hours, &minutes) && minutes >= 0 &&
	    minutes <= 59 && strncmp(value, "-0", 2) != 0 &&
	    ((hours >= -13 && hours <= 14) || (hours == 99 && minutes == 0)))
		return true;
	return refuse(err,
	    "it takes hours and minutes from -13:00 to +14:00, as in +1:00, or "
	    "99 for TimeStd and TimeDst");
}

static bool
check_season(const char *value, struct error *err)
{
	static const long limits[TASMOTA_SEASON_PARTS][2] = { { 0, 1 },
		{ 0, 4 }, { 1, 12 }, { 1, 7 }, { 0, 23 }, { -900, 900 } };
	long parts[TASMOTA_SEASON_PARTS] = { 0 };
	bool given[TASMOTA_SEASON_PARTS] = { false };
	bool good = tasmota_read_season(value, parts, given);

	for (size_t i = 0; i < TASMOTA_SEASON_PARTS; i++)
		if (given[i] &&
		    (parts[i] < limits[i][0] || parts[i] > limits[i][1]))
			good = false;
	if (good)
		return true;
	return refuse(err,
	    "it takes hemisphere 0-1, week 0-4, month 1-12, day 1-7, hour 0-23 "
	    "and offset in minutes, as in 0,0,10,1,3,60");
}

static bool
check_rule(const char *value, struct error *err)
{
	long number;

	if (!check_shortcuts(TASMOTA_QUOTE, value, err))
		return false;
	if (value[0] == '+')
		return refuse(err,
		    "+ would append it again and again: write the whole rule");
	if (!tasmota_read_number(value, &number))
		return true;
	if (number == 0 || number == 1 || number == 4 || number == 5 ||
	    number == 8 || number == 9)
		return true;
	return refuse(err,
	    "it takes a rule, or 0 or 1 for off and on, 4 or 5 for once, 8 or "
	    "9 "
	    "for stop on error");
}

static bool
check_timer_key(const char *key, const json_t *value, struct error *err)
{
	static const char *const numbers[] = { "Enable", "Arm", "Mode",
		"Window", "Repeat", "Output", "Action" };
	static const char *const texts[] = { "Time", "Days" };

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (strcasecmp(key, numbers[i]) == 0 && json_is_integer(value))
			return true;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcasecmp(key, texts[i]) == 0 && json_is_string(value))
			return true;
	return refuse(err,
	    "it takes Enable (Arm before 8.4), Mode, Window, Repeat, Output "
	    "and "
	    "Action with a number, Time and Days with a string");
}

static bool
check_timer(const char *value, struct error *err)
{
	json_auto_t *root = json_loads(value, JSON_REJECT_DUPLICATES, NULL);
	const char *key;
	json_t *field;

	if (strcmp(value, "0") == 0)
		return true;
	if (!json_is_object(root) || json_object_size(root) == 0)
		return refuse(err,
		    "it takes a JSON object, as in {\"Enable\":1,\"Time\":"
		    "\"06:30\",\"Action\":1}, or 0 to empty it");
	json_object_foreach (root, key, field)
		if (!check_timer_key(key, field, err))
			return false;
	return true;
}

static bool
check_address(const char *value, struct error *err)
{
	struct in_addr address;

	if (inet_pton(AF_INET, value, &address) == 1)
		return true;
	return refuse(err, "it takes an address such as 192.168.1.2");
}

/* Return true for colours alone: anything else becomes black. */
static bool
is_colour_list(const char *value)
{
	json_auto_t *root = json_loads(value, JSON_REJECT_DUPLICATES, NULL);
	json_t *list = json_object_get(root, "WebColor"), *item;
	unsigned long colour;
	size_t i;

	json_array_foreach (list, i, item)
		if (!json_is_string(item) ||
		    !tasmota_read_colour(json_string_value(item), &colour))
			return false;
	return json_array_size(list) > 0 &&
	    json_array_size(list) <= MAX_COLOURS;
}

/*
 * Check a colour.  Without the # Tasmota takes no three digits, and 000 resets
 * all colours; so does 000000 for a colour that an older Tasmota does not have.
 */
static bool
check_colour(unsigned index, const char *value, struct error *err)
{
	unsigned long colour;

	if (value[0] == '{' ? is_colour_list(value)
			    : tasmota_read_colour(value, &colour)) {
		if (strchr("#{", value[0]) != NULL ||
		    (strlen(value) == 6 && index <= OLD_COLOURS))
			return true;
		return refuse(err, "write the # before the colour");
	}
	return refuse(
	    err, "it takes a colour such as #1fa3ec, or {\"WebColor\":[...]}");
}

static bool
check_groups(const char *value, struct error *err)
{
	char groups[100];

	if (strchr(value, ',') == NULL) {
		struct tasmota_command row = { .max = 1 };

		return check_number(&row, value, err);
	}
	if (strspn(value, "0123456789, ") == strlen(value) &&
	    tasmota_kept_groups(value, groups, sizeof(groups)) &&
	    groups[0] != '\0')
		return true;
	return refuse(
	    err, "it takes 0, 1, or groups of relays such as 1,2 3,4");
}

/* Return true for up to 20 bytes in hexadecimal; missing ones are 0. */
static bool
is_byte_list(const char *value)
{
	size_t bytes = 0, digits;

	for (; *value != '\0'; value += strspn(value, " ")) {
		digits = strspn(value, "0123456789abcdefABCDEF");
		value += digits;
		if (digits < 1 || digits > 2 || ++bytes > 20 ||
		    strchr(" ", *value) == NULL)
			return false;
	}
	return true;
}

static bool
check_bytes(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	if (!check_shortcuts(row->flags, value, err))
		return false;
	if (tasmota_is_shortcut(value, '"') ||
	    (strlen(value) < 60 && is_byte_list(value)))
		return true;
	return refuse(
	    err, "it takes 20 bytes in hexadecimal with a blank between");
}

static bool
check_pair(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	unsigned long pair[2];
	bool is_span = row->form == TASMOTA_FORM_SPAN;

	if (!tasmota_read_pair(value, pair))
		return refuse(err, "it takes two numbers, as in 0,16");
	if (is_span && pair[0] >= pair[1])
		return refuse(err, "the second number must be the greater one");
	return check_range(row, (double)pair[0], err) &&
	    check_range(row, (double)pair[1], err);
}

static bool
check_channels(
    const struct tasmota_command *row, const char *value, struct error *err)
{
	long channels[TASMOTA_CHANNELS];
	size_t count = tasmota_read_channels(value, channels);

	if (count == 0)
		return refuse(
		    err, "it takes one to five numbers, as in 255,255,200");
	for (size_t i = 0; i < count; i++)
		if (!check_range(row, (double)channels[i], err))
			return false;
	return true;
}

/*
 * Check a Tariff.  Since 13.0 a Tasmota takes a time that begins like 1 for ON,
 * which forces the tariff.
 */
static bool
check_tariff(unsigned index, const char *value, struct error *err)
{
	struct tasmota_command row = { .max = 1 };
	long minutes[2];

	if (index == 9)
		return check_number(&row, value, err);
	if (index > 2)
		return refuse(err, "there are Tariff1, Tariff2 and Tariff9");
	if (!check_octal(value, err))
		return false;
	if (tasmota_read_tariff(value, minutes) == 0)
		return refuse(err,
		    "it takes the time at which it begins, and that in summer, "
		    "as in 22:00,23:00");
	if (strtol(value, NULL, 0) == 1)
		return refuse(err,
		    "Tasmota takes 1 for ON: write the minutes of the day, as "
		    "in 60 for 1:00");
	return true;
}

bool
tasmota_value_check(const struct tasmota_command *row, unsigned index,
    const char *value, struct error *err)
{
	char serial[4];

	switch (row->form) {
	case TASMOTA_FORM_TEXT:
		return check_text(row, value, err);
	case TASMOTA_FORM_SECRET:
		return check_secret(row, value, err);
	case TASMOTA_FORM_OPTION:
		return check_option(index, value, err);
	case TASMOTA_FORM_DECIMAL:
		return check_decimal(row, value, err);
	case TASMOTA_FORM_ZONE:
		return check_zone(value, err);
	case TASMOTA_FORM_SEASON:
		return check_season(value, err);
	case TASMOTA_FORM_RULE:
		return check_rule(value, err);
	case TASMOTA_FORM_TIMER:
		return check_timer(value, err);
	case TASMOTA_FORM_ADDRESS:
		return check_address(value, err);
	case TASMOTA_FORM_COLOUR:
		return check_colour(index, value, err);
	case TASMOTA_FORM_GROUPS:
		return check_groups(value, err);
	case TASMOTA_FORM_BYTES:
		return check_bytes(row, value, err);
	case TASMOTA_FORM_PAIR:
	case TASMOTA_FORM_HEX:
	case TASMOTA_FORM_SPAN:
		return check_pair(row, value, err);
	case TASMOTA_FORM_CHANNELS:
		return check_channels(row, value, err);
	case TASMOTA_FORM_TARIFF:
		return check_tariff(index, value, err);
	case TASMOTA_FORM_SERIAL:
		return tasmota_read_serial(value, serial) ||
		    refuse(err, "it takes a form such as 8N1");
	case TASMOTA_FORM_SERVER:
		return check_number(row, value, err) ||
		    refuse(err,
			"without its full web pages the device could not be "
			"looked at: only 2 can be set here");
	case TASMOTA_FORM_UNKNOWN:
	case TASMOTA_FORM_OPEN:
		return true;
	default:
		return check_number(row, value, err);
	}
}
