/* SPDX-License-Identifier: ISC */
/* Compares answers that are an object or an array, part by part. */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/json/strictjson.h"
#include "core/tasmota/tasmota_form.h"
#include "core/tasmota/tasmota_value.h"

#define WHOLE_RULE TASMOTA_VERSION(10, 0, 0, 0)
#define MAX_RULE   512 /* bytes of a rule that were shown before */

static enum tasmota_taken
compare_number_at(const struct tasmota_question *q, json_t *value)
{
	struct tasmota_question part = *q;

	part.value = value;
	return tasmota_form_number(&part);
}

static enum tasmota_taken
compare_switch_at(const struct tasmota_question *q, json_t *value)
{
	struct tasmota_question part = *q;

	part.value = value;
	return tasmota_form_switch(&part);
}

static enum tasmota_taken
compare_season(const struct tasmota_question *q)
{
	static const char *const keys[TASMOTA_SEASON_PARTS] = { "Hemisphere",
		"Week", "Month", "Day", "Hour", "Offset" };
	long parts[TASMOTA_SEASON_PARTS] = { 0 };
	bool given[TASMOTA_SEASON_PARTS] = { false };

	if (!tasmota_read_season(q->wanted, parts, given))
		return TASMOTA_NOT_TAKEN;
	for (size_t i = 0; i < TASMOTA_SEASON_PARTS; i++)
		if (given[i] &&
		    !tasmota_form_is_number(
			json_object_get(q->value, keys[i]), parts[i]))
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

/* Return a number of a timer as Tasmota keeps it, in a few bits. */
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
		return tasmota_form_is_number(got,
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
compare_timer(const struct tasmota_question *q)
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

static enum tasmota_taken
compare_pulse(const struct tasmota_question *q)
{
	return compare_number_at(q, json_object_get(q->value, "Set"));
}

/*
 * Compare a rule.  Before 10.0 a long rule is answered with its first 512 bytes
 * and "...".  The length is answered, too: if that is the same, the rest cannot
 * be told.
 */
static enum tasmota_taken
compare_rule_text(
    const struct tasmota_question *q, json_t *fields, const char *wanted)
{
	json_t *value = json_object_get(fields, "Rules");
	char *got = strictjson_bytes(value);
	size_t len = strlen(wanted), shown = len < MAX_RULE ? len : MAX_RULE;
	bool begins = got != NULL && q->dialect->version < WHOLE_RULE &&
	    strlen(got) == shown + 3 && strncmp(got, wanted, shown) == 0 &&
	    strcmp(got + shown, "...") == 0 &&
	    tasmota_form_is_number(
		json_object_get(fields, "Length"), (long)len);

	free(got);
	if (begins && len > MAX_RULE)
		return TASMOTA_UNCLEAR;
	return tasmota_form_verdict(
	    begins || tasmota_form_is_text(value, wanted));
}

/*
 * Compare a rule or one of its switches.  The answer is an object since 9.4;
 * before, its fields stand beside it.
 */
static enum tasmota_taken
compare_rule(const struct tasmota_question *q)
{
	bool is_flat = json_is_string(q->value);
	json_t *fields = is_flat ? q->root : q->value;
	struct tasmota_question bit = *q;

	if (!q->has_number)
		return compare_rule_text(
		    q, fields, q->wanted[0] == '"' ? "" : q->wanted);
	bit.number = q->number & 1;
	switch (q->number) {
	case 0:
	case 1:
		return is_flat
		    ? tasmota_form_switch(&bit)
		    : compare_switch_at(&bit, json_object_get(fields, "State"));
	case 4:
	case 5:
		return compare_switch_at(&bit, json_object_get(fields, "Once"));
	case 8:
	case 9:
		return compare_switch_at(
		    &bit, json_object_get(fields, "StopOnError"));
	default:
		return TASMOTA_NOT_TAKEN;
	}
}

/* Compare a pin: {"9":"Switch1"} up to 14.2, {"Switch1":160} since 14.6. */
static enum tasmota_taken
compare_pin(const struct tasmota_question *q)
{
	const char *key;
	json_t *value;
	char text[24];

	snprintf(text, sizeof(text), "%ld", q->number);
	json_object_foreach (q->value, key, value)
		if (json_is_string(value)
			? strcmp(key, text) == 0
			: tasmota_form_is_number(value, q->number))
			return tasmota_form_verdict(q->has_number);
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
compare_colour(const struct tasmota_question *q)
{
	json_auto_t *root = NULL;
	json_t *wanted;

	if (q->wanted[0] != '{')
		return tasmota_form_verdict(is_colour(
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
compare_groups(const struct tasmota_question *q)
{
	char groups[100];

	if (strchr(q->wanted, ',') == NULL)
		return tasmota_form_switch(q);
	return tasmota_form_verdict(
	    tasmota_kept_groups(q->wanted, groups, sizeof(groups)) &&
	    tasmota_form_is_text(json_object_get(q->root, "Groups"), groups));
}

static enum tasmota_taken
compare_server(const struct tasmota_question *q)
{
	return compare_number_at(
	    q, get_field(json_object_get(q->root, "StatusNET"), "Webserver"));
}

static enum tasmota_taken
compare_pair(const struct tasmota_question *q)
{
	unsigned long pair[2];
	bool turned;

	if (!tasmota_read_pair(q->wanted, pair))
		return TASMOTA_NOT_TAKEN;
	turned = pair[0] > pair[1];
	return tasmota_form_verdict(
	    tasmota_form_is_number(
		json_object_get(q->value, "Min"), (long)pair[turned]) &&
	    tasmota_form_is_number(
		json_object_get(q->value, "Max"), (long)pair[!turned]));
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
compare_hex(const struct tasmota_question *q)
{
	unsigned long pair[2];

	return tasmota_form_verdict(tasmota_read_pair(q->wanted, pair) &&
	    is_hex(json_object_get(q->value, "In"), pair[0]) &&
	    is_hex(json_object_get(q->value, "Out"), pair[1]));
}

static enum tasmota_taken
compare_span(const struct tasmota_question *q)
{
	unsigned long pair[2];

	return tasmota_form_verdict(tasmota_read_pair(q->wanted, pair) &&
	    tasmota_form_is_number(
		json_array_get(q->value, 0), (long)pair[0]) &&
	    tasmota_form_is_number(json_array_get(q->value, 1), (long)pair[1]));
}

static enum tasmota_taken
compare_pwm(const struct tasmota_question *q)
{
	return compare_number_at(
	    q, json_object_get(q->value, q->line->command));
}

/* A meter with two channels answers two numbers, of which the first was set. */
static enum tasmota_taken
compare_cal(const struct tasmota_question *q)
{
	return compare_number_at(q,
	    json_is_array(q->value) ? json_array_get(q->value, 0) : q->value);
}

static bool
is_minute(json_t *value, long minutes)
{
	char text[24];

	snprintf(text, sizeof(text), "%02d:%02d", (int)(minutes / 60),
	    (int)(minutes % 60));
	return tasmota_form_is_text(value, text);
}

/* Compare {"Off-Peak":{"STD":"22:00","DST":"23:00"},...,"Weekend":"OFF"}. */
static enum tasmota_taken
compare_tariff(const struct tasmota_question *q)
{
	long minutes[2] = { 0 };
	size_t count = tasmota_read_tariff(q->wanted, minutes);
	json_t *times = json_object_get(
	    q->value, q->line->index == 1 ? "Off-Peak" : "Standard");

	if (q->line->index == 9)
		return compare_switch_at(
		    q, json_object_get(q->value, "Weekend"));
	return tasmota_form_verdict(count > 0 &&
	    is_minute(json_object_get(times, "STD"), minutes[0]) &&
	    (count == 1 ||
		is_minute(json_object_get(times, "DST"), minutes[1])));
}

/* Compare a template in its NAME, GPIO, BASE and FLAG. */
static enum tasmota_taken
compare_template(const struct tasmota_question *q)
{
	static const char *const parts[] = { "GPIO", "BASE", "FLAG" };
	json_auto_t *wanted = json_loads(q->wanted, 0, NULL);
	const char *name = json_string_value(json_object_get(wanted, "NAME"));

	if (name == NULL ||
	    !tasmota_form_is_text(json_object_get(q->root, "NAME"), name))
		return TASMOTA_NOT_TAKEN;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_t *part = json_object_get(wanted, parts[i]);

		if ((part != NULL || i == 0) &&
		    !json_equal(part, json_object_get(q->root, parts[i])))
			return TASMOTA_NOT_TAKEN;
	}
	return TASMOTA_TAKEN;
}

tasmota_comparison *
tasmota_form_of_object(enum tasmota_form form)
{
	static tasmota_comparison *const comparisons[TASMOTA_FORMS] = {
		[TASMOTA_FORM_SEASON] = compare_season,
		[TASMOTA_FORM_PULSE] = compare_pulse,
		[TASMOTA_FORM_RULE] = compare_rule,
		[TASMOTA_FORM_TIMER] = compare_timer,
		[TASMOTA_FORM_PIN] = compare_pin,
		[TASMOTA_FORM_COLOUR] = compare_colour,
		[TASMOTA_FORM_GROUPS] = compare_groups,
		[TASMOTA_FORM_SERVER] = compare_server,
		[TASMOTA_FORM_PAIR] = compare_pair,
		[TASMOTA_FORM_HEX] = compare_hex,
		[TASMOTA_FORM_SPAN] = compare_span,
		[TASMOTA_FORM_CAL] = compare_cal,
		[TASMOTA_FORM_TARIFF] = compare_tariff,
		[TASMOTA_FORM_PWM] = compare_pwm,
		[TASMOTA_FORM_TEMPLATE] = compare_template,
	};

	return comparisons[form];
}
