/* SPDX-License-Identifier: ISC */
/*
 * Compares answers that are one value: a number, a word, a text, or a list in a
 * text.
 */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/json/strictjson.h"
#include "core/tasmota/tasmota_form.h"
#include "core/tasmota/tasmota_value.h"

#define WIFI_MODES TASMOTA_VERSION(9, 5, 0, 0)
#define AUTO_POWER TASMOTA_VERSION(13, 0, 0, 0)

enum tasmota_taken
tasmota_form_verdict(bool is_taken)
{
	return is_taken ? TASMOTA_TAKEN : TASMOTA_NOT_TAKEN;
}

bool
tasmota_form_is_text(json_t *value, const char *wanted)
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

bool
tasmota_form_is_number(json_t *value, long wanted)
{
	double number;

	return get_number(value, &number) && number == (double)wanted;
}

/* Return the number that Tasmota keeps of the wanted one. */
static long
kept_number(const struct tasmota_question *q)
{
	return tasmota_kept_number(
	    q->line->row, q->number, q->dialect->version);
}

enum tasmota_taken
tasmota_form_number(const struct tasmota_question *q)
{
	return tasmota_form_verdict(
	    q->has_number && tasmota_form_is_number(q->value, kept_number(q)));
}

/*
 * Compare a switch, which is answered in the device's own words.  If the words
 * for on and off are the same, nothing can be told.
 */
enum tasmota_taken
tasmota_form_switch(const struct tasmota_question *q)
{
	const struct tasmota_dialect *dialect = q->dialect;

	if (!q->has_number || q->number < 0 || q->number > 1 ||
	    !json_is_string(q->value))
		return TASMOTA_NOT_TAKEN;
	if (strcmp(dialect->off, dialect->on) == 0)
		return TASMOTA_UNCLEAR;
	return tasmota_form_verdict(tasmota_form_is_text(
	    q->value, q->number == 1 ? dialect->on : dialect->off));
}

static enum tasmota_taken
compare_option(const struct tasmota_question *q)
{
	if (q->line->index >= 32 && q->line->index <= 49)
		return tasmota_form_number(q);
	return tasmota_form_switch(q);
}

/*
 * Look for the value in all numbers of GroupTopic: Tasmota moves topics up and
 * drops duplicates.
 */
static enum tasmota_taken
compare_anywhere(const struct tasmota_question *q, const char *wanted)
{
	const char *name = q->line->row->name, *key;
	json_t *value;

	if (tasmota_form_is_text(q->value, wanted))
		return TASMOTA_TAKEN;
	if (*wanted == '\0')
		return TASMOTA_UNCLEAR;
	json_object_foreach (q->root, key, value)
		if (strncasecmp(key, name, strlen(name)) == 0 &&
		    tasmota_form_is_text(value, wanted))
			return TASMOTA_TAKEN;
	return TASMOTA_NOT_TAKEN;
}

static enum tasmota_taken
compare_text(const struct tasmota_question *q)
{
	char *wanted = tasmota_kept_text(q->line->row, q->wanted);
	enum tasmota_taken taken =
	    tasmota_form_verdict(tasmota_form_is_text(q->value, wanted));

	if (q->line->row->flags & TASMOTA_ANYWHERE)
		taken = compare_anywhere(q, wanted);
	free(wanted);
	return taken;
}

/* {"Sleep":{"50":{"Active":"50"}}}, {"WifiConfig":{"4":"Retry"}} */
static enum tasmota_taken
compare_key(const struct tasmota_question *q)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", kept_number(q));
	return tasmota_form_verdict(
	    q->has_number && json_object_get(q->value, text) != NULL);
}

/*
 * Compare decimals.  Tasmota multiplies a float, cuts it to a whole number, and
 * answers with the float again: 52.52 may come back as 52.520004.
 */
static bool
is_decimal(double wanted, double got, double scale)
{
	/* Cast, as i386 multiplies with more digits than a float has. */
	float product = (float)((float)wanted * (float)scale);
	float kept = (float)(long)product / (float)scale;
	double away = got - (double)kept;
	double size = wanted < 0 ? -wanted : wanted;
	double allowed = scale > 1000 ? 1.01 / scale + size * 0x1p-22 : 1e-3;

	return away >= -allowed && away <= allowed;
}

static enum tasmota_taken
compare_decimal(const struct tasmota_question *q)
{
	bool is_place = strstr(q->line->row->name, "itude") != NULL;
	bool is_power = strcmp(q->line->row->name, "WifiPower") == 0;
	double wanted = strtod(q->wanted, NULL), got;

	if (!get_number(q->value, &got))
		return TASMOTA_NOT_TAKEN;
	if (is_power) {
		/* 0 leaves the power to the device, which answers it. */
		if (q->dialect->version >= AUTO_POWER && wanted < 0.1)
			return TASMOTA_UNCLEAR;
		wanted = tasmota_kept_power(wanted, q->dialect->version);
	}
	return tasmota_form_verdict(
	    is_decimal(wanted, got, is_place ? 1e6 : 10));
}

static enum tasmota_taken
compare_zone(const struct tasmota_question *q)
{
	long hours, minutes;
	char text[16];

	if (!tasmota_read_zone(q->wanted, &hours, &minutes))
		return TASMOTA_NOT_TAKEN;
	if (hours == 99)
		return tasmota_form_verdict(
		    tasmota_form_is_number(q->value, 99));
	snprintf(text, sizeof(text), "%+03d:%02d", (int)hours, (int)minutes);
	return tasmota_form_verdict(tasmota_form_is_text(q->value, text));
}

/* The first one is answered with the address in use after it. */
static enum tasmota_taken
compare_address(const struct tasmota_question *q)
{
	const char *got = json_string_value(q->value);
	size_t len = strlen(q->wanted);

	if (got == NULL || strncmp(got, q->wanted, len) != 0)
		return TASMOTA_NOT_TAKEN;
	return tasmota_form_verdict(
	    got[len] == '\0' || (q->line->index == 1 && got[len] == ' '));
}

/* Compare a mask, answered as "65535 (0xFFFF)". */
static enum tasmota_taken
compare_mask(const struct tasmota_question *q)
{
	const char *got = json_string_value(q->value);
	char *end;

	return tasmota_form_verdict(got != NULL && q->has_number &&
	    strtol(got, &end, 10) == q->number && end != got &&
	    (*end == ' ' || *end == '\0'));
}

/* Compare SaveData, answered as OFF, ON or "Every 3600 Seconds". */
static enum tasmota_taken
compare_save(const struct tasmota_question *q)
{
	const char *got = json_string_value(q->value);

	if (got == NULL || !q->has_number || q->number < 2)
		return tasmota_form_switch(q);
	got += strcspn(got, "0123456789");
	return tasmota_form_verdict(*got != '\0' && atol(got) == q->number);
}

static enum tasmota_taken
compare_serial(const struct tasmota_question *q)
{
	char form[4];

	return tasmota_form_verdict(tasmota_read_serial(q->wanted, form) &&
	    tasmota_form_is_text(q->value, form));
}

/* Compare bytes such as "DA 39 A3"; bytes that are left out are 0. */
static enum tasmota_taken
compare_bytes(const struct tasmota_question *q)
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

/* 1 is on; 2 to 4 are the modes b, g and n, shown since 9.5. */
static enum tasmota_taken
compare_wifi(const struct tasmota_question *q)
{
	const char *mode = json_string_value(json_object_get(q->root, "Mode"));

	if (!q->has_number || q->number < 2)
		return tasmota_form_switch(q);
	if (q->number > 4 || q->dialect->version < WIFI_MODES)
		return TASMOTA_NOT_TAKEN;
	if (mode == NULL)
		return TASMOTA_UNCLEAR;
	return tasmota_form_verdict(strncmp(mode, "11", 2) == 0 &&
	    mode[2] == "bgn"[q->number - 2] && mode[3] == '\0');
}

/* Compare one relay in "0001", where the last digit is the first relay. */
static enum tasmota_taken
compare_bits(const struct tasmota_question *q)
{
	const char *got = json_string_value(q->value);
	size_t len = got == NULL ? 0 : strlen(got);

	return tasmota_form_verdict(q->has_number && q->line->index >= 1 &&
	    q->line->index <= len && strspn(got, "01") == len &&
	    got[len - q->line->index] == (q->number & 1 ? '1' : '0'));
}

/*
 * Compare one sensor in "1,!2,3", which lists those that are on and off.  A
 * sensor that is not in the list is not in the build.
 */
static enum tasmota_taken
compare_list(const struct tasmota_question *q)
{
	const char *got = json_string_value(q->value);

	if (got == NULL || !q->has_number)
		return TASMOTA_NOT_TAKEN;
	for (; *got != '\0'; got += strcspn(got, ","), got += *got == ',')
		if (strtoul(got + (*got == '!'), NULL, 10) == q->line->index)
			return tasmota_form_verdict(
			    (*got != '!') == (q->number != 0));
	return TASMOTA_UNCLEAR;
}

/* Compare a list of channels, of which a policy may set only the first ones. */
static enum tasmota_taken
compare_channels(const struct tasmota_question *q)
{
	const char *text = json_string_value(q->value);
	long wanted[TASMOTA_CHANNELS] = { 0 }, got[TASMOTA_CHANNELS] = { 0 };
	size_t count = tasmota_read_channels(q->wanted, wanted);

	if (count == 0 || text == NULL ||
	    tasmota_read_channels(text, got) < count)
		return TASMOTA_NOT_TAKEN;
	return tasmota_form_verdict(
	    memcmp(wanted, got, count * sizeof(wanted[0])) == 0);
}

/* Only the same value counts as taken: the form is not known. */
static enum tasmota_taken
compare_unknown(const struct tasmota_question *q)
{
	double wanted, got;
	char *end;

	if (json_is_string(q->value))
		return tasmota_form_is_text(q->value, q->wanted)
		    ? TASMOTA_TAKEN
		    : TASMOTA_UNCLEAR;
	wanted = strtod(q->wanted, &end);
	if (end != q->wanted && *end == '\0' && get_number(q->value, &got) &&
	    wanted == got)
		return TASMOTA_TAKEN;
	return TASMOTA_UNCLEAR;
}

tasmota_comparison *
tasmota_form_of_value(enum tasmota_form form)
{
	static tasmota_comparison *const comparisons[TASMOTA_FORMS] = {
		[TASMOTA_FORM_UNKNOWN] = compare_unknown,
		[TASMOTA_FORM_TEXT] = compare_text,
		[TASMOTA_FORM_NUMBER] = tasmota_form_number,
		[TASMOTA_FORM_SWITCH] = tasmota_form_switch,
		[TASMOTA_FORM_OPTION] = compare_option,
		[TASMOTA_FORM_KEY] = compare_key,
		[TASMOTA_FORM_DECIMAL] = compare_decimal,
		[TASMOTA_FORM_ZONE] = compare_zone,
		[TASMOTA_FORM_ADDRESS] = compare_address,
		[TASMOTA_FORM_MASK] = compare_mask,
		[TASMOTA_FORM_SAVE] = compare_save,
		[TASMOTA_FORM_SERIAL] = compare_serial,
		[TASMOTA_FORM_BYTES] = compare_bytes,
		[TASMOTA_FORM_WIFI] = compare_wifi,
		[TASMOTA_FORM_BITS] = compare_bits,
		[TASMOTA_FORM_LIST] = compare_list,
		[TASMOTA_FORM_CHANNELS] = compare_channels,
		[TASMOTA_FORM_SECRET] = compare_unknown,
		[TASMOTA_FORM_OPEN] = compare_unknown,
	};

	return comparisons[form];
}
