/* SPDX-License-Identifier: ISC */
/*
 * Runs the commands of Tasmota that only set or tell one value: numbers,
 * switches and texts, as their rows in tasmotatable.c say.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"

#define POOL_SIZE 699 /* settings_text_size */
#define ASTERISKS "****"

bool
tasmotacmnd_say_text(struct tasmotacmnd *c, const char *value)
{
	char *escaped = tasmotasay_escape(c->version, value);

	if (c->row->top > 0)
		tasmotasay_add(c->say, "{\"%s%u\":\"%s\"}", c->row->name,
		    c->index, escaped);
	else
		tasmotasay_add(
		    c->say, "{\"%s\":\"%s\"}", c->row->name, escaped);
	free(escaped);
	return true;
}

bool
tasmotacmnd_say_number(struct tasmotacmnd *c, long value)
{
	if (c->row->top > 0)
		tasmotasay_add(
		    c->say, "{\"%s%u\":%ld}", c->row->name, c->index, value);
	else
		tasmotasay_add(c->say, "{\"%s\":%ld}", c->row->name, value);
	return true;
}

const char *
tasmota_state(
    const struct tasmotacmnd *c, unsigned state, char *dst, size_t size)
{
	char key[TASMOTA_KEY];

	snprintf(key, sizeof(key), "StateText%u", state + 1);
	return tasmota_get(c->tasmota, key, dst, size);
}

bool
tasmotacmnd_say_state(struct tasmotacmnd *c, bool on)
{
	char state[TASMOTA_VALUE];

	return tasmotacmnd_say_text(
	    c, tasmota_state(c, on, state, sizeof(state)));
}

bool
tasmotacmnd_say_float(struct tasmotacmnd *c, float value, int decimals)
{
	tasmotasay_add(
	    c->say, "{\"%s\":%.*f}", c->row->name, decimals, (double)value);
	return true;
}

/* CharToFloat in support.ino: in single precision, digit by digit. */
float
tasmotacmnd_float(const char *text)
{
	float left = 0, right = 0;
	char digits[9] = "";
	bool minus;

	while (isblank((unsigned char)*text))
		text++;
	minus = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	if (*text != '.')
		left = (float)atoi(text);
	while (isdigit((unsigned char)*text))
		text++;
	if (*text == '.') {
		for (int i = 0; i < 8 && isdigit((unsigned char)text[i + 1]);
		    i++)
			digits[i] = text[i + 1];
		right = (float)atoi(digits);
		for (size_t i = 0; i < strlen(digits); i++)
			right /= 10.0F;
	}
	return minus ? -(left + right) : left + right;
}

int
tasmotacmnd_word(unsigned version, const char *text)
{
	static const struct {
		const char *word;
		int number;
		unsigned since;
	} words[] = {
		{ "OFF", 0, 0 },
		{ "FALSE", 0, 0 },
		{ "STOP", 0, 0 },
		{ "Celsius", 0, 80300 },
		{ "DOWN", 0, 130000 },
		{ "Close", 0, 130000 },
		{ "ON", 1, 0 },
		{ "TRUE", 1, 0 },
		{ "START", 1, 0 },
		{ "Fahrenheit", 1, 80300 },
		{ "User", 1, 0 },
		{ "TOGGLE", 2, 0 },
		{ "Admin", 2, 0 },
		{ "BLINK", 3, 0 },
		{ "BLINKOFF", 4, 0 },
		{ "UP", 100, 130000 },
		{ "Open", 100, 130000 },
		{ "ALL", 255, 0 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (version >= words[i].since &&
		    strcasecmp(words[i].word, text) == 0)
			return words[i].number;
	return -1;
}

/* Shortcut() in support.ino. */
int
tasmotacmnd_shortcut(const char *data)
{
	int number;

	if (data[0] == '\0' || data[1] != '\0')
		return 10;
	if (data[0] == '"' || data[0] == '0')
		return 0;
	number = atoi(data);
	return number == 0 ? 10 : number;
}

long
tasmota_number(const struct tasmota *t, const char *key)
{
	char value[TASMOTA_VALUE];

	return strtol(tasmota_get(t, key, value, sizeof(value)), NULL, 10);
}

void
tasmota_set_number(struct tasmota *t, const char *key, long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", value);
	tasmota_set(t, key, text);
}

/* What is in the pool and has a command of its own. */
static size_t
pool_used_by_handlers(const struct tasmota *t)
{
	static const struct {
		const char *name;
		unsigned count;
	} lists[] = {
		{ "Password", 2 },
		{ "GroupTopic", 4 },
		{ "Mem", 16 },
	};
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	size_t used = strlen(tasmota_get(t, "Hostname", value, sizeof(value)));

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (unsigned n = 1; n <= lists[i].count; n++) {
			snprintf(key, sizeof(key), "%s%u", lists[i].name, n);
			used +=
			    strlen(tasmota_get(t, key, value, sizeof(value)));
		}
	return used;
}

/* All texts share 699 bytes, each with the zero behind it. */
static size_t
pool_used(const struct tasmota *t)
{
	unsigned version = firmware_number(t->image.version);
	size_t used = pool_used_by_handlers(t) +
	    (version < 80200	       ? 48
		    : version < 90100  ? 79
		    : version < 120000 ? 89
				       : 99);
	const struct tasmotarow *r;
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	size_t position = 0;

	while ((r = tasmotarow_text(t, &position)) != NULL)
		for (unsigned i = 1; i == 1 || i <= r->top; i++) {
			tasmotarow_key(r, i, key, sizeof(key));
			used +=
			    strlen(tasmota_get(t, key, value, sizeof(value)));
		}
	return used;
}

/* SettingsUpdateText in settings.ino: what is too long changes nothing. */
void
tasmotaset_text(struct tasmotacmnd *c, const char *key, const char *value)
{
	struct tasmota *t = c->tasmota;
	char now[TASMOTA_VALUE];
	size_t used = pool_used(t);

	tasmota_get(t, key, now, sizeof(now));
	if (used - strlen(now) + strlen(value) <= POOL_SIZE)
		tasmota_set(t, key, value);
}

/* MakeValidMqtt in xdrv_02_mqtt.ino, and the like. */
static void
replace_chars(char *text, const char *which, char by)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (strchr(which, *from) == NULL)
			*to++ = *from;
		else if (by != '\0')
			*to++ = by;
	}
	*to = '\0';
}

static void
make_valid(struct tasmotacmnd *c)
{
	unsigned flags = c->row->flags;

	if (flags & ROW_TOPIC)
		replace_chars(c->data, "+# ", '_');
	if (flags & ROW_FULLTOPIC)
		replace_chars(c->data, "+# ", '\0');
	if (flags & ROW_UNDERSCORE)
		replace_chars(c->data, " ", '_');
	if (flags & ROW_NO_BLANKS)
		replace_chars(c->data, " \t\n\v\f\r", '\0');
	if (flags & ROW_COMMA)
		replace_chars(c->data, ",", '.');
}

/* What a text becomes, for what some values stand for. */
static const char *
meant(struct tasmotacmnd *c, char *dst, size_t size)
{
	const struct tasmotarow *r = c->row;
	int shortcut = tasmotacmnd_shortcut(c->data);
	bool is_topic = strcmp(r->name, "ButtonTopic") == 0 ||
	    strcmp(r->name, "SwitchTopic") == 0;

	if (((r->flags & ROW_QUOTE) && c->data[0] == '"') ||
	    ((r->flags & ROW_CLEARS) && shortcut == 0))
		return "";
	if (is_topic && shortcut == 1)
		return tasmota_topic(c->tasmota, dst, size);
	if (is_topic && shortcut == 2)
		return "0";
	if (strcmp(r->name, "DeviceName") == 0 && shortcut == 1)
		return tasmota_get(c->tasmota, "FriendlyName1", dst, size);
	if ((r->flags & ROW_ONE_DEFAULT) && shortcut == 1)
		return tasmotarow_default(c->tasmota, r, c->index, dst, size);
	return c->data;
}

/* ResponseCmndAll in support_command.ino. */
static void
say_all(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];
	char *all = xstrdup("{"), *longer, *escaped;

	for (unsigned i = 1; i <= c->row->top; i++) {
		tasmotarow_key(c->row, i, key, sizeof(key));
		escaped = tasmotasay_escape(c->version,
		    tasmota_get(c->tasmota, key, value, sizeof(value)));
		longer = xasprintf(
		    "%s%s\"%s\":\"%s\"", all, i > 1 ? "," : "", key, escaped);
		free(escaped);
		free(all);
		all = longer;
	}
	tasmotasay_add(c->say, "%s}", all);
	free(all);
}

static bool
lists_all(const struct tasmotacmnd *c)
{
	if (c->version < 80200 || c->has_index)
		return false;
	return (c->row->flags & ROW_LISTS) ||
	    ((c->row->flags & ROW_LISTS_EMPTY) && c->len == 0);
}

static void
change_text(struct tasmotacmnd *c, const char *key)
{
	char before[TASMOTA_VALUE], wanted[TASMOTA_VALUE];
	const char *value;
	bool same;

	make_valid(c);
	value = meant(c, wanted, sizeof(wanted));
	tasmota_get(c->tasmota, key, before, sizeof(before));
	same = strcmp(before, value) == 0;
	if ((c->row->flags & ROW_IF_CHANGED) && same)
		return;
	tasmotaset_text(c, key, value);
	if (c->row->flags & ROW_RESTARTS)
		c->tasmota->restart_due = true;
}

static bool
run_text(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], value[TASMOTA_VALUE];

	if (lists_all(c)) {
		say_all(c);
		return true;
	}
	tasmotarow_key(c->row, c->index, key, sizeof(key));
	if (c->len > 0)
		change_text(c, key);
	if (c->row->flags & ROW_ALWAYS_ALL) {
		say_all(c);
		return true;
	}
	return tasmotacmnd_say_text(
	    c, tasmota_get(c->tasmota, key, value, sizeof(value)));
}

/* A secret is told as it is set, and never again. */
static bool
run_secret(struct tasmotacmnd *c)
{
	bool hidden =
	    c->len == 0 || ((c->row->flags & ROW_HIDES) && c->index == 2);
	char value[TASMOTA_VALUE];

	if (c->len > 1 && strcmp(c->row->name, "WebPassword") == 0 &&
	    fault_has(
		&c->tasmota->device->spec.faults, FAULT_TASMOTA_CUTS_PASSWORD))
		c->data[c->len / 2] = '\0';
	if (c->len > 0)
		change_text(c, c->row->name);
	return tasmotacmnd_say_text(c,
	    hidden
		? ASTERISKS
		: tasmota_get(c->tasmota, c->row->name, value, sizeof(value)));
}

static bool
change_number(struct tasmotacmnd *c, const char *key)
{
	const struct tasmotarow *r = c->row;

	if (c->payload < r->low || c->payload > r->high ||
	    ((r->flags & ROW_NEEDS_VALUE) && c->len == 0))
		return false;
	if ((r->flags & ROW_ONE_DEFAULT) && c->payload == 1)
		tasmota_set(c->tasmota, key, r->initial);
	else
		tasmota_set_number(c->tasmota, key, c->payload);
	if (r->flags & ROW_RESTARTS)
		c->tasmota->restart_due = true;
	return true;
}

bool
tasmotaset_run(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY];
	long value;

	if (c->row->kind == KIND_TEXT)
		return run_text(c);
	if (c->row->kind == KIND_SECRET)
		return run_secret(c);
	tasmotarow_key(c->row, c->index, key, sizeof(key));
	change_number(c, key);
	value = tasmota_number(c->tasmota, key);
	if (c->row->kind == KIND_STATE)
		return tasmotacmnd_say_state(c, value != 0);
	if (c->row->kind == KIND_NUMBER)
		return tasmotacmnd_say_number(c, value);
	tasmotasay_add(c->say, "{\"%s\":{\"%ld\":{\"Active\":\"%ld\"}}}",
	    c->row->name, value, value);
	return true;
}
