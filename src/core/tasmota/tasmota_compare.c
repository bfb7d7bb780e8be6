/* SPDX-License-Identifier: ISC */
/*
 * Compares the answer of a Tasmota with the value that a policy wants, one
 * function for each form in which Tasmota answers.
 */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/json/strictjson.h"
#include "core/tasmota/tasmota.h"
#include "core/tasmota/tasmota_compare.h"
#include "core/tasmota/tasmota_raw.h"
#include "core/tasmota/tasmota_value.h"

/* Texts have escapes since 8.3.1.2, rules since 8.3. */
#define ESCAPES_TEXT TASMOTA_VERSION(8, 3, 1, 2)
#define ESCAPES_RULE TASMOTA_VERSION(8, 3, 0, 0)
#define ALWAYS_JSON  TASMOTA_VERSION(9, 4, 0, 0) /* none is cut any more */
#define WHOLE_RULE   TASMOTA_VERSION(10, 0, 0, 0)
#define MAX_RULE     512 /* bytes of a rule that were shown before */
#define WIFI_MODES   TASMOTA_VERSION(9, 5, 0, 0)
#define AUTO_POWER   TASMOTA_VERSION(13, 0, 0, 0)

/* One comparison: what is wanted, and what was answered. */
struct question {
	const struct tasmota_line *line;
	const struct tasmota_dialect *dialect;
	const char *wanted; /* borrowed from the line */
	json_t *root;
	json_t *value; /* of the command's key, or NULL */
};

typedef enum tasmota_taken (*comparison)(const struct question *);

void
tasmota_dialect_init(struct tasmota_dialect *dialect, const char *version)
{
	*dialect =
	    (struct tasmota_dialect){ .version = tasmota_version(version) };
	text_copy(dialect->off, sizeof(dialect->off), "OFF");
	text_copy(dialect->on, sizeof(dialect->on), "ON");
}

static enum tasmota_taken
verdict(bool is_taken)
{
	return is_taken ? TASMOTA_TAKEN : TASMOTA_NOT_TAKEN;
}

/* ---- single values ----------------------------------------------------- */

static bool
is_text(json_t *value, const char *wanted)
{
	char *got = strictjson_bytes(value);
	bool same = got != NULL && strcmp(got, wanted) == 0;

	free(got);
	return same;
}

/* Read a number, or a string that holds only a number. */
static bool
get_number(json_t *value, double *number)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_number(value)) {
		*number = json_number_value(value);
		return true;
	}
	if (text == NULL || *text == '\0')
		return false;
	*number = strtod(text, &end);
	return *end == '\0';
}

static bool
is_number(json_t *value, long wanted)
{
	double number;

	return get_number(value, &number) && number == (double)wanted;
}

static enum tasmota_taken
compare_number(const struct question *q)
{
	long wanted;

	if (!tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	wanted = tasmota_kept_number(q->line->row, wanted, q->dialect->version);
	return verdict(is_number(q->value, wanted));
}

/*
 * Compare a switch, which is answered in the device's own words.  If the words
 * for on and off are the same, nothing can be told.
 */
static enum tasmota_taken
is_switch(const struct question *q, json_t *value)
{
	const struct tasmota_dialect *dialect = q->dialect;
	long wanted;

	if (!tasmota_read_number(q->wanted, &wanted) || wanted < 0 ||
	    wanted > 1 || !json_is_string(value))
		return TASMOTA_NOT_TAKEN;
	if (strcmp(dialect->off, dialect->on) == 0)
		return TASMOTA_UNCLEAR;
	return verdict(
	    is_text(value, wanted == 1 ? dialect->on : dialect->off));
}

static enum tasmota_taken
compare_switch(const struct question *q)
{
	return is_switch(q, q->value);
}

static enum tasmota_taken
compare_option(const struct question *q)
{
	if (q->line->index >= 32 && q->line->index <= 49)
		return compare_number(q);
	return compare_switch(q);
}

/*
 * Look for the value in all numbers of GroupTopic: Tasmota moves topics up and
 * drops duplicates.
 */
static enum tasmota_taken
compare_anywhere(const struct question *q, const char *wanted)
{
	const char *name = q->line->row->name, *key;
	json_t *value;

	if (is_text(q->value, wanted))
		return TASMOTA_TAKEN;
	if (*wanted == '\0')
		return TASMOTA_UNCLEAR;
	json_object_foreach (q->root, key, value)
		if (strncasecmp(key, name, strlen(name)) == 0 &&
		    is_text(value, wanted))
			return TASMOTA_TAKEN;
	return TASMOTA_NOT_TAKEN;
}

static enum tasmota_taken
compare_text(const struct question *q)
{
	char *wanted = tasmota_kept_text(q->line->row, q->wanted);
	enum tasmota_taken taken = verdict(is_text(q->value, wanted));

	if (q->line->row->flags & TASMOTA_ANYWHERE)
		taken = compare_anywhere(q, wanted);
	free(wanted);
	return taken;
}

/*
 * Compare the key: {"Sleep":{"50":{"Active":"50"}}},
 * {"WifiConfig":{"4":"Retry"}}.
 */
static enum tasmota_taken
compare_key(const struct question *q)
{
	const char *key;
	json_t *value;
	long wanted;
	char text[24];

	if (!tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	wanted = tasmota_kept_number(q->line->row, wanted, q->dialect->version);
	snprintf(text, sizeof(text), "%ld", wanted);
	json_object_foreach (q->value, key, value)
		if (strcmp(key, text) == 0)
			return TASMOTA_TAKEN;
	return TASMOTA_NOT_TAKEN;
}

/*
 * Compare decimals.  Tasmota multiplies a float, cuts it to a whole number, and
 * answers with the float again: 52.52 may come back as 52.520004.
 */
static bool
is_decimal(double wanted, double got, double scale)
{
	float kept = (float)(long)((float)wanted * (float)scale) / (float)scale;
	double away = got - (double)kept;
	double size = wanted < 0 ? -wanted : wanted;
	double allowed = scale > 1000 ? 1.01 / scale + size * 0x1p-22 : 1e-3;

	return away >= -allowed && away <= allowed;
}

static enum tasmota_taken
compare_decimal(const struct question *q)
{
	bool is_place = strstr(q->line->row->name, "itude") != NULL;
	bool is_power = strcmp(q->line->row->name, "WifiPower") == 0;
	double wanted = strtod(q->wanted, NULL), got;

	if (!get_number(q->value, &got))
		return TASMOTA_NOT_TAKEN;
	if (is_power) {
		/*
		 * With 0 the device chooses the power, and answers its present
		 * one.
		 */
		if (q->dialect->version >= AUTO_POWER && wanted < 0.1)
			return TASMOTA_UNCLEAR;
		wanted = tasmota_kept_power(wanted, q->dialect->version);
	}
	return verdict(is_decimal(wanted, got, is_place ? 1e6 : 10));
}

/* ---- time -------------------------------------------------------------- */

static enum tasmota_taken
compare_zone(const struct question *q)
{
	long hours, minutes;
	char text[16];

	if (!tasmota_read_zone(q->wanted, &hours, &minutes))
		return TASMOTA_NOT_TAKEN;
	if (hours == 99)
		return verdict(is_number(q->value, 99));
	snprintf(text, sizeof(text), "%+03d:%02d", (int)hours, (int)minutes);
	return verdict(is_text(q->value, text));
}

static enum tasmota_taken
compare_season(const struct question *q)
{
	static const char *const keys[TASMOTA_SEASON_PARTS] = { "Hemisphere",
		"Week", "Month", "Day", "Hour", "Offset" };
	long parts[TASMOTA_SEASON_PARTS] = { 0 };
	bool given[TASMOTA_SEASON_PARTS] = { false };

	if (!tasmota_read_season(q->wanted, parts, given))
		return TASMOTA_NOT_TAKEN;
	for (size_t i = 0; i < TASMOTA_SEASON_PARTS; i++)
		if (given[i] &&
		    !is_number(json_object_get(q->value, keys[i]), parts[i]))
			return TASMOTA_NOT_TAKEN;
	return TASMOTA_TAKEN;
}

static json_t *
get_field(json_t *object, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value)
		if (strcasecmp(key, name) == 0)
			return value;
	return NULL;
}

/*
 * Return what Tasmota keeps of a number in a timer: each field has only a few
 * bits.
 */
static json_int_t
kept_timer_number(const char *key, json_int_t number)
{
	if (strcasecmp(key, "Mode") == 0 || strcasecmp(key, "Action") == 0)
		return number & 3;
	if (strcasecmp(key, "Window") == 0)
		return number & 15;
	if (strcasecmp(key, "Output") == 0)
		return ((number - 1) & 15) + 1;
	return number != 0;
}

static bool
is_timer_field(const char *key, json_t *wanted, json_t *got)
{
	const char *text = json_string_value(wanted);
	const char *got_text = json_string_value(got);

	if (json_is_integer(wanted))
		return is_number(got,
		    (long)kept_timer_number(key, json_integer_value(wanted)));
	if (text == NULL || got_text == NULL)
		return false;
	if (strcasecmp(key, "Days") == 0)
		return tasmota_read_days(text) == tasmota_read_days(got_text);
	return strchr(got_text, ':') != NULL &&
	    tasmota_read_minutes(text) == tasmota_read_minutes(got_text);
}

/*
 * Compare the fields of a timer.  Arm became Enable in 8.4; a field that is not
 * answered is not known.
 */
static enum tasmota_taken
compare_timer_fields(json_t *wanted, json_t *got)
{
	enum tasmota_taken taken = TASMOTA_TAKEN;
	const char *key;
	json_t *field;

	json_object_foreach (wanted, key, field) {
		json_t *same = get_field(got, key);

		if (same == NULL && strcasecmp(key, "Enable") == 0)
			same = get_field(got, "Arm");
		if (same == NULL && strcasecmp(key, "Arm") == 0)
			same = get_field(got, "Enable");
		if (same == NULL)
			taken = TASMOTA_UNCLEAR;
		else if (!is_timer_field(key, field, same))
			return TASMOTA_NOT_TAKEN;
	}
	return taken;
}

static enum tasmota_taken
compare_timer(const struct question *q)
{
	static const char empty[] =
	    "{\"Enable\":0,\"Time\":\"00:00\",\"Window\":0,"
	    "\"Days\":\"0000000\",\"Repeat\":0,\"Action\":0}";
	bool is_empty = strcmp(q->wanted, "0") == 0;
	json_auto_t *wanted = json_loads(is_empty ? empty : q->wanted, 0, NULL);

	if (!json_is_object(wanted) || !json_is_object(q->value))
		return TASMOTA_NOT_TAKEN;
	return compare_timer_fields(wanted, q->value);
}

/* ---- objects and lists ------------------------------------------------- */

static enum tasmota_taken
compare_pulse(const struct question *q)
{
	struct question set = *q;

	set.value = json_object_get(q->value, "Set");
	return compare_number(&set);
}

/*
 * Compare a rule.  Before 10.0 a long rule is answered with its first 512 bytes
 * and "...".  The length is answered, too: if that is the same, the rest cannot
 * be told.
 */
static enum tasmota_taken
compare_rule_text(const struct question *q, json_t *fields, const char *wanted)
{
	json_t *value = json_object_get(fields, "Rules");
	char *got = strictjson_bytes(value);
	size_t len = strlen(wanted), shown = len < MAX_RULE ? len : MAX_RULE;
	bool begins = got != NULL && q->dialect->version < WHOLE_RULE &&
	    strlen(got) == shown + 3 && strncmp(got, wanted, shown) == 0 &&
	    strcmp(got + shown, "...") == 0 &&
	    is_number(json_object_get(fields, "Length"), (long)len);

	free(got);
	if (begins && len > MAX_RULE)
		return TASMOTA_UNCLEAR;
	return verdict(begins || is_text(value, wanted));
}

/*
 * Compare a rule or one of its switches.  The answer is an object since 9.4;
 * before, its fields stand beside it.
 */
static enum tasmota_taken
compare_rule(const struct question *q)
{
	bool is_flat = json_is_string(q->value);
	json_t *fields = is_flat ? q->root : q->value;
	struct question bit = *q;
	long number;

	if (!tasmota_read_number(q->wanted, &number))
		return compare_rule_text(
		    q, fields, q->wanted[0] == '"' ? "" : q->wanted);
	bit.wanted = number & 1 ? "1" : "0";
	if (number == 4 || number == 5)
		return is_switch(&bit, json_object_get(fields, "Once"));
	if (number == 8 || number == 9)
		return is_switch(&bit, json_object_get(fields, "StopOnError"));
	if (number != 0 && number != 1)
		return TASMOTA_NOT_TAKEN;
	return is_switch(
	    &bit, is_flat ? q->value : json_object_get(fields, "State"));
}

/*
 * Compare an IP address.  The first one is answered with the address in use
 * behind it.
 */
static enum tasmota_taken
compare_address(const struct question *q)
{
	const char *got = json_string_value(q->value);
	size_t len = strlen(q->wanted);

	if (got == NULL || strncmp(got, q->wanted, len) != 0)
		return TASMOTA_NOT_TAKEN;
	return verdict(
	    got[len] == '\0' || (q->line->index == 1 && got[len] == ' '));
}

/* Compare a pin: {"9":"Switch1"} up to 14.2, {"Switch1":160} since 14.6. */
static enum tasmota_taken
compare_pin(const struct question *q)
{
	const char *key;
	json_t *value;
	long wanted;
	char text[24];

	if (!tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	snprintf(text, sizeof(text), "%ld", wanted);
	json_object_foreach (q->value, key, value)
		if (json_is_string(value) ? strcmp(key, text) == 0
					  : is_number(value, wanted))
			return TASMOTA_TAKEN;
	return TASMOTA_NOT_TAKEN;
}

static bool
is_colour(const char *wanted, json_t *got)
{
	const char *text = json_string_value(got);
	unsigned long a, b;

	return wanted != NULL && text != NULL &&
	    tasmota_read_colour(wanted, &a) && tasmota_read_colour(text, &b) &&
	    a == b;
}

static enum tasmota_taken
compare_colour(const struct question *q)
{
	json_auto_t *root = NULL;
	json_t *wanted;

	if (q->wanted[0] != '{')
		return verdict(is_colour(
		    q->wanted, json_array_get(q->value, q->line->index - 1)));
	root = json_loads(q->wanted, 0, NULL);
	wanted = json_object_get(root, "WebColor");
	if (!json_is_array(wanted))
		return TASMOTA_NOT_TAKEN;
	for (size_t i = 0; i < json_array_size(wanted); i++)
		if (!is_colour(json_string_value(json_array_get(wanted, i)),
			json_array_get(q->value, i)))
			return TASMOTA_NOT_TAKEN;
	return TASMOTA_TAKEN;
}

static enum tasmota_taken
compare_groups(const struct question *q)
{
	char groups[100];

	if (strchr(q->wanted, ',') == NULL)
		return compare_switch(q);
	return verdict(tasmota_kept_groups(q->wanted, groups, sizeof(groups)) &&
	    is_text(json_object_get(q->root, "Groups"), groups));
}

/* Compare a mask, answered as "65535 (0xFFFF)". */
static enum tasmota_taken
compare_mask(const struct question *q)
{
	const char *got = json_string_value(q->value);
	long wanted;
	char *end;

	if (got == NULL || !tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	return verdict(strtol(got, &end, 10) == wanted && end != got &&
	    (*end == ' ' || *end == '\0'));
}

/* Compare SaveData, answered as OFF, ON or "Every 3600 Seconds". */
static enum tasmota_taken
compare_save(const struct question *q)
{
	const char *got = json_string_value(q->value);
	long wanted;

	if (got == NULL || !tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	if (wanted < 2)
		return compare_switch(q);
	got += strcspn(got, "0123456789");
	return verdict(*got != '\0' && atol(got) == wanted);
}

static enum tasmota_taken
compare_serial(const struct question *q)
{
	char form[4];

	return verdict(
	    tasmota_read_serial(q->wanted, form) && is_text(q->value, form));
}

/* Compare bytes such as "DA 39 A3"; bytes that are left out are 0. */
static enum tasmota_taken
compare_bytes(const struct question *q)
{
	const char *got = json_string_value(q->value), *wanted = q->wanted;

	if (got == NULL)
		return TASMOTA_NOT_TAKEN;
	if (strcmp(wanted, "\"") == 0)
		wanted = "";
	for (size_t i = 0; i < 20; i++) {
		char *wanted_end, *got_end;
		long a = strtol(wanted, &wanted_end, 16) & 0xff;

		if (a != strtol(got, &got_end, 16) || got_end == got)
			return TASMOTA_NOT_TAKEN;
		wanted = wanted_end;
		got = got_end;
	}
	return TASMOTA_TAKEN;
}

static enum tasmota_taken
compare_server(const struct question *q)
{
	struct question field = *q;

	field.value =
	    get_field(json_object_get(q->root, "StatusNET"), "Webserver");
	return compare_number(&field);
}

static enum tasmota_taken
compare_pair(const struct question *q)
{
	unsigned long pair[2];
	bool turned;

	if (!tasmota_read_pair(q->wanted, pair))
		return TASMOTA_NOT_TAKEN;
	turned = pair[0] > pair[1];
	return verdict(
	    is_number(json_object_get(q->value, "Min"), (long)pair[turned]) &&
	    is_number(json_object_get(q->value, "Max"), (long)pair[!turned]));
}

static bool
is_hex(json_t *value, unsigned long wanted)
{
	const char *text = json_string_value(value);
	char *end;

	return text != NULL && strtoul(text, &end, 16) == wanted &&
	    end != text && *end == '\0';
}

static enum tasmota_taken
compare_hex(const struct question *q)
{
	unsigned long pair[2];

	return verdict(tasmota_read_pair(q->wanted, pair) &&
	    is_hex(json_object_get(q->value, "In"), pair[0]) &&
	    is_hex(json_object_get(q->value, "Out"), pair[1]));
}

static enum tasmota_taken
compare_span(const struct question *q)
{
	unsigned long pair[2];

	return verdict(tasmota_read_pair(q->wanted, pair) &&
	    is_number(json_array_get(q->value, 0), (long)pair[0]) &&
	    is_number(json_array_get(q->value, 1), (long)pair[1]));
}

/*
 * Compare Wifi: 1 is on; 2 to 4 are the modes b, g and n, which are shown since
 * 9.5.
 */
static enum tasmota_taken
compare_wifi(const struct question *q)
{
	const char *mode = json_string_value(json_object_get(q->root, "Mode"));
	long wanted;

	if (!tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	if (wanted < 2)
		return compare_switch(q);
	if (wanted > 4 || q->dialect->version < WIFI_MODES)
		return TASMOTA_NOT_TAKEN;
	if (mode == NULL)
		return TASMOTA_UNCLEAR;
	return verdict(strncmp(mode, "11", 2) == 0 &&
	    mode[2] == "bgn"[wanted - 2] && mode[3] == '\0');
}

/* Compare one relay in "0001", where the last digit is the first relay. */
static enum tasmota_taken
compare_bits(const struct question *q)
{
	const char *got = json_string_value(q->value);
	size_t len = got == NULL ? 0 : strlen(got);
	long wanted;

	return verdict(tasmota_read_number(q->wanted, &wanted) &&
	    q->line->index >= 1 && q->line->index <= len &&
	    strspn(got, "01") == len &&
	    got[len - q->line->index] == (wanted & 1 ? '1' : '0'));
}

/*
 * Compare one sensor in "1,!2,3", which lists those that are on and off.  A
 * sensor that is not in the list is not in the build.
 */
static enum tasmota_taken
compare_list(const struct question *q)
{
	const char *got = json_string_value(q->value);
	long wanted;

	if (got == NULL || !tasmota_read_number(q->wanted, &wanted))
		return TASMOTA_NOT_TAKEN;
	for (; *got != '\0'; got += strcspn(got, ","), got += *got == ',')
		if (strtoul(got + (*got == '!'), NULL, 10) == q->line->index)
			return verdict((*got != '!') == (wanted != 0));
	return TASMOTA_UNCLEAR;
}

static enum tasmota_taken
compare_pwm(const struct question *q)
{
	struct question field = *q;

	field.value = json_object_get(q->value, q->line->command);
	return compare_number(&field);
}

/* Compare a list of channels, of which a policy may set only the first ones. */
static enum tasmota_taken
compare_channels(const struct question *q)
{
	const char *text = json_string_value(q->value);
	long wanted[TASMOTA_CHANNELS] = { 0 }, got[TASMOTA_CHANNELS] = { 0 };
	size_t count = tasmota_read_channels(q->wanted, wanted);

	if (count == 0 || text == NULL ||
	    tasmota_read_channels(text, got) < count)
		return TASMOTA_NOT_TAKEN;
	return verdict(memcmp(wanted, got, count * sizeof(wanted[0])) == 0);
}

/*
 * Compare a calibration.  A meter with two channels answers two numbers, of
 * which the first was set.
 */
static enum tasmota_taken
compare_cal(const struct question *q)
{
	struct question first = *q;

	if (json_is_array(q->value))
		first.value = json_array_get(q->value, 0);
	return compare_number(&first);
}

static bool
is_minute(json_t *value, long minutes)
{
	char text[24];

	snprintf(text, sizeof(text), "%02d:%02d", (int)(minutes / 60),
	    (int)(minutes % 60));
	return is_text(value, text);
}

/* Compare {"Off-Peak":{"STD":"22:00","DST":"23:00"},...,"Weekend":"OFF"}. */
static enum tasmota_taken
compare_tariff(const struct question *q)
{
	long minutes[2] = { 0 };
	size_t count = tasmota_read_tariff(q->wanted, minutes);
	json_t *times = json_object_get(
	    q->value, q->line->index == 1 ? "Off-Peak" : "Standard");

	if (q->line->index == 9)
		return is_switch(q, json_object_get(q->value, "Weekend"));
	return verdict(count > 0 &&
	    is_minute(json_object_get(times, "STD"), minutes[0]) &&
	    (count == 1 ||
		is_minute(json_object_get(times, "DST"), minutes[1])));
}

/*
 * Compare the name, the pins, the base and the flag of a template; the answer
 * may have more.
 */
static enum tasmota_taken
compare_template(const struct question *q)
{
	static const char *const parts[] = { "GPIO", "BASE", "FLAG" };
	json_auto_t *wanted = json_loads(q->wanted, 0, NULL);
	const char *name = json_string_value(json_object_get(wanted, "NAME"));

	if (name == NULL || !is_text(json_object_get(q->root, "NAME"), name))
		return TASMOTA_NOT_TAKEN;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_t *part = json_object_get(wanted, parts[i]);

		if ((part != NULL || i == 0) &&
		    !json_equal(part, json_object_get(q->root, parts[i])))
			return TASMOTA_NOT_TAKEN;
	}
	return TASMOTA_TAKEN;
}

/*
 * Compare an answer of unknown form: only a value that is the same counts as
 * taken.
 */
static enum tasmota_taken
compare_unknown(const struct question *q)
{
	double wanted, got;
	char *end;

	if (json_is_string(q->value))
		return is_text(q->value, q->wanted) ? TASMOTA_TAKEN
						    : TASMOTA_UNCLEAR;
	wanted = strtod(q->wanted, &end);
	if (end != q->wanted && *end == '\0' && get_number(q->value, &got) &&
	    wanted == got)
		return TASMOTA_TAKEN;
	return TASMOTA_UNCLEAR;
}

static const comparison comparisons[] = {
	[TASMOTA_FORM_UNKNOWN] = compare_unknown,
	[TASMOTA_FORM_TEXT] = compare_text,
	[TASMOTA_FORM_NUMBER] = compare_number,
	[TASMOTA_FORM_SWITCH] = compare_switch,
	[TASMOTA_FORM_OPTION] = compare_option,
	[TASMOTA_FORM_KEY] = compare_key,
	[TASMOTA_FORM_DECIMAL] = compare_decimal,
	[TASMOTA_FORM_ZONE] = compare_zone,
	[TASMOTA_FORM_SEASON] = compare_season,
	[TASMOTA_FORM_PULSE] = compare_pulse,
	[TASMOTA_FORM_RULE] = compare_rule,
	[TASMOTA_FORM_TIMER] = compare_timer,
	[TASMOTA_FORM_ADDRESS] = compare_address,
	[TASMOTA_FORM_PIN] = compare_pin,
	[TASMOTA_FORM_COLOUR] = compare_colour,
	[TASMOTA_FORM_GROUPS] = compare_groups,
	[TASMOTA_FORM_MASK] = compare_mask,
	[TASMOTA_FORM_SAVE] = compare_save,
	[TASMOTA_FORM_SERIAL] = compare_serial,
	[TASMOTA_FORM_BYTES] = compare_bytes,
	[TASMOTA_FORM_SERVER] = compare_server,
	[TASMOTA_FORM_PAIR] = compare_pair,
	[TASMOTA_FORM_HEX] = compare_hex,
	[TASMOTA_FORM_SPAN] = compare_span,
	[TASMOTA_FORM_WIFI] = compare_wifi,
	[TASMOTA_FORM_BITS] = compare_bits,
	[TASMOTA_FORM_LIST] = compare_list,
	[TASMOTA_FORM_CHANNELS] = compare_channels,
	[TASMOTA_FORM_CAL] = compare_cal,
	[TASMOTA_FORM_TARIFF] = compare_tariff,
	[TASMOTA_FORM_PWM] = compare_pwm,
	[TASMOTA_FORM_TEMPLATE] = compare_template,
	[TASMOTA_FORM_SECRET] = compare_unknown,
	[TASMOTA_FORM_OPEN] = compare_unknown,
};

/* ---- the answer -------------------------------------------------------- */

static const struct tasmota_command unknown = {
	.form = TASMOTA_FORM_UNKNOWN,
};

static const struct tasmota_command *
row_of(const struct tasmota_line *line)
{
	return line->row != NULL ? line->row : &unknown;
}

static bool
has_escapes(const struct tasmota_line *line, uint32_t version)
{
	return version >= (row_of(line)->form == TASMOTA_FORM_RULE
				  ? ESCAPES_RULE
				  : ESCAPES_TEXT);
}

/*
 * Return true if the key answers the command of the line.  Tasmota is not
 * consistent about the number 1: FriendlyName is answered as FriendlyName1, but
 * GroupTopic1 as GroupTopic in 8.1.  A command whose numbers share one setting
 * is answered without a number.
 */
static bool
is_key_of(const char *key, const struct tasmota_line *line)
{
	const char *name = line->row != NULL ? line->row->name : line->command;
	size_t len = strlen(name);

	if (strcasecmp(key, line->command) == 0)
		return true;
	if (strncasecmp(key, name, len) != 0)
		return false;
	key += len;
	return line->index == 1 ? key[0] == '\0' || strcmp(key, "1") == 0
				: line->row != NULL && line->row->last > 0 &&
		line->row->form != TASMOTA_FORM_TEXT &&
		line->row->form != TASMOTA_FORM_NUMBER &&
		line->row->form != TASMOTA_FORM_SWITCH && key[0] == '\0';
}

static json_t *
find_value(json_t *root, const struct tasmota_line *line)
{
	const char *key;
	json_t *value;

	json_object_foreach (root, key, value)
		if (is_key_of(key, line))
			return value;
	return NULL;
}

/*
 * Return a value as people write it: 48.86, not 48.859999999999999.  Freed with
 * free().
 */
static char *
describe(json_t *value)
{
	if (value == NULL)
		return xstrdup("");
	if (json_is_string(value))
		return strictjson_bytes(value);
	if (json_is_number(value))
		return xasprintf("%.10g", json_number_value(value));
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void
say_what_came(struct tasmota_verdict *verdict, json_t *value)
{
	char *text = describe(value);

	text_escape(verdict->got, sizeof(verdict->got), text, strlen(text));
	free(text);
}

/*
 * Return true for {"Command":"Unknown"} and {"Command":"Error","Input":"..."}.
 */
static bool
is_rejected(json_t *root, struct tasmota_verdict *verdict)
{
	const char *why = json_string_value(json_object_get(root, "Command"));

	verdict->is_unknown = why != NULL && strcmp(why, "Unknown") == 0;
	verdict->is_refused = why != NULL && strcmp(why, "Error") == 0;
	return verdict->is_unknown || verdict->is_refused;
}

/*
 * Return true if the answer has no key of the command: a template answers its
 * own members, and WebServer is read from Status 5.
 */
static bool
answers_elsewhere(const struct tasmota_command *row)
{
	return row->form == TASMOTA_FORM_TEMPLATE ||
	    row->form == TASMOTA_FORM_SERVER;
}

static void
compare_json(const struct tasmota_line *line,
    const struct tasmota_dialect *dialect, json_t *root,
    struct tasmota_verdict *verdict)
{
	const struct tasmota_command *row = row_of(line);
	struct question question = { line, dialect, line->value, root,
		answers_elsewhere(row) ? root : find_value(root, line) };
	bool is_default =
	    row->flags & TASMOTA_DEFAULT && strcmp(line->value, "1") == 0;

	if (is_rejected(root, verdict) || question.value == NULL)
		verdict->taken = TASMOTA_NOT_TAKEN;
	else if (is_default)
		verdict->taken = TASMOTA_UNCLEAR;
	else
		verdict->taken = comparisons[row->form](&question);
	say_what_came(verdict, question.value);
}

/*
 * Compare an answer that is no JSON: before Tasmota had escapes, a quotation
 * mark in a text broke the answer.  As the wanted text is known, its bytes are
 * looked for.
 */
static void
compare_raw(const struct tasmota_line *line,
    const struct tasmota_dialect *dialect, const char *body, size_t len,
    struct tasmota_verdict *verdict)
{
	enum tasmota_form form = row_of(line)->form;
	bool is_rule = form == TASMOTA_FORM_RULE;
	char *kept;

	if (form != TASMOTA_FORM_TEXT && !is_rule)
		return;
	kept = tasmota_kept_text(line->row, line->value);
	tasmota_raw_compare(is_rule ? "Rules" : line->command, kept,
	    has_escapes(line, dialect->version), body, len, verdict);
	free(kept);
}

void
tasmota_compare(const struct tasmota_line *line,
    const struct tasmota_dialect *dialect, const char *body, size_t len,
    struct tasmota_verdict *verdict)
{
	struct error err;
	json_t *root;

	*verdict = (struct tasmota_verdict){ .taken = TASMOTA_NOT_TAKEN };
	root = strictjson_load_bytes(body, len, TASMOTA_MAX_REPLY,
	    has_escapes(line, dialect->version), &err);
	if (root != NULL)
		compare_json(line, dialect, root, verdict);
	else if (dialect->version < ALWAYS_JSON && len <= TASMOTA_MAX_REPLY &&
	    memchr(body, '\0', len) == NULL && tasmota_raw_is_whole(body, len))
		compare_raw(line, dialect, body, len, verdict);
	json_decref(root);
}

void
tasmota_dialect_learn(struct tasmota_dialect *dialect,
    const struct tasmota_line *line, const char *body, size_t len)
{
	char *to = line->index == 1 ? dialect->off : dialect->on;
	struct error err;
	json_t *root;
	char *text;

	if (line->row == NULL || strcmp(line->row->name, "StateText") != 0 ||
	    line->index > 2)
		return;
	root = strictjson_load_bytes(body, len, TASMOTA_MAX_REPLY,
	    has_escapes(line, dialect->version), &err);
	text = strictjson_bytes(find_value(root, line));
	if (text != NULL)
		text_copy(to, sizeof(dialect->off), text);
	free(text);
	json_decref(root);
}
