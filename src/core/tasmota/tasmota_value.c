/* SPDX-License-Identifier: ISC */
/*
 * Which values a command of Tasmota takes, for the check of a policy, and what
 * Tasmota keeps of a value, for the comparison with its answer.
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

#include "base/memory.h"
#include "core/tasmota/tasmota_value.h"

#define MAX_TOPIC   150 /* bytes, TOPSZ of Tasmota without the end */
#define MAX_SSID    32	/* bytes, IEEE 802.11 */
#define OLD_COLOURS 19	/* of Tasmota before 14.4 */
#define MAX_COLOURS 20
#define LAST_MINUTE 1439 /* of a day */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- what Tasmota reads ------------------------------------------------ */

bool
tasmota_read_number(const char *text, long *number)
{
	char *end;

	if (strcasecmp(text, "off") == 0 || strcasecmp(text, "false") == 0)
		*number = 0;
	else if (strcasecmp(text, "on") == 0 || strcasecmp(text, "true") == 0)
		*number = 1;
	else {
		errno = 0;
		*number = strtol(text, &end, 0);
		return end != text && *end == '\0' && errno == 0;
	}
	return true;
}

long
tasmota_kept_number(
    const struct tasmota_command *row, long given, uint32_t version)
{
	long all;

	if (row->flags & TASMOTA_TEN && given > 0 && given < 10)
		return 10;
	if (row->flags & TASMOTA_RATE)
		return given / 300 * 300;
	if (row->flags & TASMOTA_HUNDRED)
		return given / 100 * 100;
	if (row->flags & TASMOTA_SETUP && (given == 1 || given == 3))
		return 2;
	if (row->flags & TASMOTA_POWER2 &&
	    version >= TASMOTA_VERSION(8, 4, 0, 1)) {
		for (all = 1; all < given; all = all << 1 | 1)
			;
		return all;
	}
	return given;
}

/*
 * Return the power in dBm that Tasmota keeps.  Since 13.0, 1 means the default
 * of 17 dBm, and 20 dBm is the most.
 */
double
tasmota_kept_power(double given, uint32_t version)
{
	if (version < TASMOTA_VERSION(13, 0, 0, 0))
		return given;
	if (given >= 1 && given < 1.1)
		return 17;
	return given > 20 ? 20 : given;
}

static bool
is_shortcut(const char *text, char which)
{
	return text[0] == which && text[1] == '\0';
}

/* Return what Tasmota keeps of one character; 0: it drops it. */
static char
kept_character(unsigned flags, char c)
{
	bool is_wild = c == '+' || c == '#' || c == ' ';

	if (flags & TASMOTA_TOPIC && is_wild)
		return '_';
	if (flags & TASMOTA_FULLTOPIC && is_wild)
		return '\0';
	if (flags & TASMOTA_BLANKS && c == ' ')
		return '_';
	if (flags & TASMOTA_SQUEEZE && isspace((unsigned char)c))
		return '\0';
	if (flags & TASMOTA_DOTS && c == ',')
		return '.';
	return c;
}

char *
tasmota_kept_text(const struct tasmota_command *row, const char *given)
{
	char *kept = xcalloc(strlen(given) + 1, 1);
	size_t len = 0;

	if (row->flags & TASMOTA_QUOTE && given[0] == '"')
		return kept;
	if (row->flags & TASMOTA_CLEAR &&
	    (is_shortcut(given, '"') || is_shortcut(given, '0')))
		return kept;
	for (const char *c = given; *c != '\0'; c++) {
		kept[len] = kept_character(row->flags, *c);
		len += kept[len] != '\0';
	}
	if (row->flags & TASMOTA_CUT && len > MAX_TOPIC)
		kept[MAX_TOPIC] = '\0';
	return kept;
}

bool
tasmota_read_zone(const char *text, long *hours, long *minutes)
{
	char *end;

	*minutes = 0;
	*hours = strtol(text, &end, 0);
	if (end == text)
		return false;
	if (*end == ':')
		*minutes = strtol(end + 1, &end, 10);
	return *end == '\0';
}

bool
tasmota_read_season(const char *text, long parts[TASMOTA_SEASON_PARTS],
    bool given[TASMOTA_SEASON_PARTS])
{
	for (size_t i = 0; i < TASMOTA_SEASON_PARTS; i++) {
		char *end;

		parts[i] = strtol(text, &end, 10);
		given[i] = end != text;
		text = end + strspn(end, " ");
		if (*text == '\0')
			return i > 0;
		if (*text++ != ',')
			return false;
	}
	return false;
}

long
tasmota_read_minutes(const char *text)
{
	const char *colon = strchr(text, ':');
	const char *sign = strchr(text, '-');
	long hour = atol(sign != NULL ? sign + 1 : text);
	long minute = colon != NULL ? atol(colon + 1) : 0;

	if (sign != NULL)
		hour += 12;
	hour = hour > 23 ? 23 : hour;
	return hour * 60 + (minute < 0 ? 0 : minute > 59 ? 59 : minute);
}

unsigned
tasmota_read_days(const char *text)
{
	unsigned days = 0;

	for (unsigned i = 0; i < 7 && text[i] != '\0'; i++)
		if (text[i] != '-' && text[i] != '0')
			days |= 1U << i;
	return days;
}

bool
tasmota_read_pair(const char *text, unsigned long pair[2])
{
	for (size_t i = 0; i < 2; i++) {
		char *end;

		text += i > 0 ? strspn(text, ", ") : 0;
		if (!isdigit((unsigned char)*text))
			return false;
		pair[i] = strtoul(text, &end, 0);
		if (*end != '\0' && strchr(i == 0 ? ", " : "", *end) == NULL)
			return false;
		text = end;
	}
	return *text == '\0';
}

size_t
tasmota_read_channels(const char *text, long channels[TASMOTA_CHANNELS])
{
	for (size_t i = 0; i < TASMOTA_CHANNELS; i++) {
		char *end;

		if (!isdigit((unsigned char)*text))
			return 0;
		channels[i] = strtol(text, &end, 10);
		if (*end == '\0')
			return i + 1;
		if (*end != ',' && *end != ' ')
			return 0;
		text = end + strspn(end, ", ");
	}
	return 0;
}

/*
 * Read a time of Tariff.  A number below 24 is an hour, and its minutes may
 * follow behind a colon; else it is minutes.
 */
static bool
read_tariff_time(const char **text, long *minutes)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	*minutes = strtol(*text, &end, 10);
	if (*minutes < 24) {
		*minutes *= 60;
		if (*end == ':' && isdigit((unsigned char)end[1])) {
			long minute = strtol(end + 1, &end, 10);

			*minutes += minute;
			if (minute > 59)
				return false;
		}
	}
	*text = end;
	return *minutes <= LAST_MINUTE;
}

size_t
tasmota_read_tariff(const char *text, long minutes[2])
{
	for (size_t i = 0; i < 2; i++) {
		if (!read_tariff_time(&text, &minutes[i]))
			return 0;
		if (*text == '\0')
			return i + 1;
		if (*text != ',' && *text != ' ')
			return 0;
		text += strspn(text, ", ");
	}
	return 0;
}

bool
tasmota_read_colour(const char *text, unsigned long *colour)
{
	size_t len;

	text += *text == '#';
	len = strlen(text);
	if ((len != 3 && len != 6) ||
	    strspn(text, "0123456789abcdefABCDEF") != len)
		return false;
	*colour = strtoul(text, NULL, 16);
	if (len == 3)
		*colour = (*colour & 0xf00) * 0x1100 +
		    (*colour & 0xf0) * 0x110 + (*colour & 0xf) * 0x11;
	return true;
}

/*
 * Read the relays of one group.  A relay counts once, and not if an earlier
 * group has it.
 */
static unsigned long
read_group(const char **text, unsigned long *taken)
{
	unsigned long group = 0;

	while (**text != ' ' && **text != '\0') {
		long relay = atol(*text);

		if (relay > 0 && relay <= 32 &&
		    (*taken & 1UL << (relay - 1)) == 0)
			group |= 1UL << (relay - 1);
		*taken |= group;
		*text += strcspn(*text, ", ");
		*text += **text == ',';
	}
	*text += strspn(*text, " ");
	return group;
}

static bool
add_group(unsigned long group, char *dst, size_t size)
{
	const char *before = dst[0] == '\0' ? "" : " ";

	if ((group & (group - 1)) == 0)
		return true; /* Tasmota drops a group of fewer than two */
	for (int relay = 0; relay < 32; relay++) {
		size_t used = strlen(dst);

		if ((group & 1UL << relay) == 0)
			continue;
		if (snprintf(dst + used, size - used, "%s%d", before,
			relay + 1) >= (int)(size - used))
			return false;
		before = ",";
	}
	return true;
}

bool
tasmota_kept_groups(const char *text, char *dst, size_t size)
{
	unsigned long taken = 0;

	dst[0] = '\0';
	while (*text != '\0')
		if (!add_group(read_group(&text, &taken), dst, size))
			return false;
	return true;
}

bool
tasmota_read_serial(const char *text, char dst[4])
{
	long number;

	if (strlen(text) == 3 && strchr("5678", text[0]) != NULL &&
	    strchr("NEOneo", text[1]) != NULL && strchr("12", text[2])) {
		snprintf(dst, 4, "%c%c%c", text[0],
		    toupper((unsigned char)text[1]), text[2]);
		return true;
	}
	/* A word of three letters or more is never a number for Tasmota. */
	if (strlen(text) > 2 || !tasmota_read_number(text, &number) ||
	    number < 0 || number > 23)
		return false;
	snprintf(dst, 4, "%c%c%c", "5678"[number & 3], "NEO"[number >> 3],
	    number & 4 ? '2' : '1');
	return true;
}

/* ---- what a command takes ---------------------------------------------- */

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
	    "Tasmota reads a number behind a 0 as octal: write it without the "
	    "leading 0");
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
	if ((flags & TASMOTA_DEFAULT && is_shortcut(value, '1')) ||
	    (flags & TASMOTA_DEFAULT2 && is_shortcut(value, '2')))
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

/*
 * Return true for a MAC like "18:E8:29:CA:17:C1", or for a value that clears
 * it.
 */
static bool
is_station(const char *value)
{
	if (is_shortcut(value, '0') || is_shortcut(value, '"'))
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
	bool is_empty = is_shortcut(value, '0') || is_shortcut(value, '"');

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

/*
 * Return true if every item is a colour: Tasmota turns anything else into
 * black.
 */
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

/*
 * Return true for up to 20 bytes of one or two digits each; bytes that are left
 * out are 0.
 */
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
	if (is_shortcut(value, '"') ||
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
