/* SPDX-License-Identifier: ISC */
/*
 * Reads the values of Tasmota's settings as Tasmota does, and knows what it
 * keeps of them.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/tasmota/tasmota_value.h"

#define MAX_TOPIC   150	 /* bytes, TOPSZ of Tasmota without the end */
#define LAST_MINUTE 1439 /* of a day */

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

bool
tasmota_is_shortcut(const char *text, char which)
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
	    (tasmota_is_shortcut(given, '"') ||
		tasmota_is_shortcut(given, '0')))
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
		errno = 0;
		pair[i] = strtoul(text, &end, 0);
		if (errno != 0 ||
		    (*end != '\0' && strchr(i == 0 ? ", " : "", *end) == NULL))
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
 * follow after a colon; else it is minutes.
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

/* Read one group.  A relay of an earlier group does not count. */
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
