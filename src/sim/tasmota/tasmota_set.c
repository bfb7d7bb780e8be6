/* SPDX-License-Identifier: ISC */
/* Runs the commands of Tasmota that only set or show a value of their row. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

#define POOL_SIZE 699 /* settings_text_size */
#define ASTERISKS "****"

bool
tasmota_cmnd_say_text(struct tasmota_cmnd *c, const char *value)
{
	tasmota_say_add(
	    c->say, "{\"%s\":", tasmota_row_key(c->row, c->index).text);
	tasmota_say_text(c->say, c->version, value);
	tasmota_say_more(c->say, "}");
	return true;
}

bool
tasmota_cmnd_say_number(struct tasmota_cmnd *c, long value)
{
	tasmota_say_add(c->say, "{\"%s\":%ld}",
	    tasmota_row_key(c->row, c->index).text, value);
	return true;
}

bool
tasmota_cmnd_say_kept(struct tasmota_cmnd *c, const char *key)
{
	char value[TASMOTA_VALUE];

	return tasmota_cmnd_say_text(
	    c, tasmota_get(c->tasmota, key, value, sizeof(value)));
}

bool
tasmota_cmnd_say_kept_number(struct tasmota_cmnd *c, const char *key)
{
	return tasmota_cmnd_say_number(c, tasmota_number(c->tasmota, key));
}

/* Answer as ResponseCmndAll in support_command.ino does. */
bool
tasmota_cmnd_say_all(struct tasmota_cmnd *c, unsigned version)
{
	char value[TASMOTA_VALUE];

	tasmota_say_add(c->say, "{");
	for (unsigned i = 1; i <= c->row->top; i++) {
		struct tasmota_key key = tasmota_row_key(c->row, i);

		tasmota_say_more(
		    c->say, "%s\"%s\":", i > 1 ? "," : "", key.text);
		tasmota_say_text(c->say, version,
		    tasmota_get(c->tasmota, key.text, value, sizeof(value)));
	}
	tasmota_say_more(c->say, "}");
	return true;
}

const char *
tasmota_state(
    const struct tasmota_cmnd *c, unsigned state, char *dst, size_t size)
{
	return tasmota_get(
	    c->tasmota, tasmota_key("StateText", state + 1).text, dst, size);
}

bool
tasmota_cmnd_say_state(struct tasmota_cmnd *c, bool on)
{
	char state[TASMOTA_VALUE];

	return tasmota_cmnd_say_text(
	    c, tasmota_state(c, on, state, sizeof(state)));
}

bool
tasmota_cmnd_say_float(struct tasmota_cmnd *c, float value, int decimals)
{
	tasmota_say_add(
	    c->say, "{\"%s\":%.*f}", c->row->name, decimals, (double)value);
	return true;
}

/* Read the number in single precision, digit by digit, as CharToFloat does. */
float
tasmota_cmnd_float(const char *text)
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
tasmota_cmnd_word(unsigned version, const char *text)
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

/* Read the text as Shortcut() in support.ino does. */
int
tasmota_cmnd_shortcut(const char *data)
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

/* Count the texts in the pool that have a command of their own. */
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
	char value[TASMOTA_VALUE];
	size_t used = strlen(tasmota_get(t, "Hostname", value, sizeof(value)));

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (unsigned n = 1; n <= lists[i].count; n++)
			used += strlen(
			    tasmota_get(t, tasmota_key(lists[i].name, n).text,
				value, sizeof(value)));
	return used;
}

/* Return the bytes in use of the pool of texts, with their zero bytes. */
static size_t
pool_used(const struct tasmota *t)
{
	unsigned version = firmware_number(t->image.version);
	size_t used = pool_used_by_handlers(t) +
	    (version < 80200	       ? 48
		    : version < 90100  ? 79
		    : version < 120000 ? 89
				       : 99);
	const struct tasmota_row *r;
	char value[TASMOTA_VALUE];
	size_t position = 0;

	while ((r = tasmota_row_text(t, &position)) != NULL)
		for (unsigned i = 1; i == 1 || i <= r->top; i++)
			used += strlen(tasmota_get(t,
			    tasmota_row_key(r, i).text, value, sizeof(value)));
	return used;
}

/* A text that is too long changes nothing (SettingsUpdateText). */
void
tasmota_cmnd_keep_text(
    struct tasmota_cmnd *c, const char *key, const char *value)
{
	struct tasmota *t = c->tasmota;
	char now[TASMOTA_VALUE];
	size_t used = pool_used(t);

	tasmota_get(t, key, now, sizeof(now));
	if (used - strlen(now) + strlen(value) <= POOL_SIZE)
		tasmota_set(t, key, value);
}

/* Replace or remove characters, as MakeValidMqtt and the like. */
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
make_valid(struct tasmota_cmnd *c)
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

/* Replace a value that stands for another one, such as 1 for the default. */
static const char *
choose_text(struct tasmota_cmnd *c, char *dst, size_t size)
{
	const struct tasmota_row *r = c->row;
	int shortcut = tasmota_cmnd_shortcut(c->data);
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
		return tasmota_row_default(c->tasmota, r, c->index, dst, size);
	return c->data;
}

static bool
lists_all(const struct tasmota_cmnd *c)
{
	if (c->version < 80200 || c->has_index)
		return false;
	return (c->row->flags & ROW_LISTS) ||
	    ((c->row->flags & ROW_LISTS_EMPTY) && c->len == 0);
}

static void
change_text(struct tasmota_cmnd *c, const char *key)
{
	char before[TASMOTA_VALUE], wanted[TASMOTA_VALUE];
	const char *value;

	make_valid(c);
	value = choose_text(c, wanted, sizeof(wanted));
	tasmota_get(c->tasmota, key, before, sizeof(before));
	if ((c->row->flags & ROW_IF_CHANGED) && strcmp(before, value) == 0)
		return;
	tasmota_cmnd_keep_text(c, key, value);
	if (c->row->flags & ROW_RESTARTS)
		c->tasmota->restart_due = true;
}

static bool
run_text(struct tasmota_cmnd *c)
{
	struct tasmota_key key = tasmota_row_key(c->row, c->index);
	bool lists = lists_all(c);

	if (!lists && c->len > 0)
		change_text(c, key.text);
	return lists || (c->row->flags & ROW_ALWAYS_ALL)
	    ? tasmota_cmnd_say_all(c, c->version)
	    : tasmota_cmnd_say_kept(c, key.text);
}

/* Run a command for a secret, which is shown only when it is set. */
static bool
run_secret(struct tasmota_cmnd *c)
{
	bool hidden =
	    c->len == 0 || ((c->row->flags & ROW_HIDES) && c->index == 2);

	if (c->len > 1 && strcmp(c->row->name, "WebPassword") == 0 &&
	    fault_has(
		&c->tasmota->device->spec.faults, FAULT_TASMOTA_CUTS_PASSWORD))
		c->data[c->len / 2] = '\0';
	if (c->len > 0)
		change_text(c, c->row->name);
	return hidden ? tasmota_cmnd_say_text(c, ASTERISKS)
		      : tasmota_cmnd_say_kept(c, c->row->name);
}

static void
change_number(struct tasmota_cmnd *c, const char *key)
{
	const struct tasmota_row *r = c->row;

	if (c->payload < r->low || c->payload > r->high ||
	    ((r->flags & ROW_NEEDS_VALUE) && c->len == 0))
		return;
	if ((r->flags & ROW_ONE_DEFAULT) && c->payload == 1)
		tasmota_set(c->tasmota, key, r->initial);
	else
		tasmota_set_number(c->tasmota, key, c->payload);
	if (r->flags & ROW_RESTARTS)
		c->tasmota->restart_due = true;
}

bool
tasmota_row_run(struct tasmota_cmnd *c)
{
	struct tasmota_key key = tasmota_row_key(c->row, c->index);
	long value;

	if (c->row->kind == KIND_TEXT)
		return run_text(c);
	if (c->row->kind == KIND_SECRET)
		return run_secret(c);
	change_number(c, key.text);
	value = tasmota_number(c->tasmota, key.text);
	if (c->row->kind == KIND_STATE)
		return tasmota_cmnd_say_state(c, value != 0);
	if (c->row->kind == KIND_NUMBER)
		return tasmota_cmnd_say_number(c, value);
	tasmota_say_add(c->say, "{\"%s\":{\"%ld\":{\"Active\":\"%ld\"}}}",
	    c->row->name, value, value);
	return true;
}

json_t *
tasmota_json_find(json_t *root, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach (root, key, value)
		if (strcasecmp(key, name) == 0)
			return value;
	return NULL;
}

long
tasmota_json_number(const json_t *value)
{
	return json_is_string(value)
	    ? strtol(json_string_value(value), NULL, 10)
	    : (long)json_integer_value(value);
}
