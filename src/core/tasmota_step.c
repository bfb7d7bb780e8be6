/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "core/strictjson.h"
#include "core/tasmota.h"

/* Shown as asterisks or not at all when they are asked for. */
static bool
is_secret(const char *command)
{
	static const char *const names[] = { "Password", "Password1",
		"Password2", "MqttPassword", "WebPassword", "WebPassword2" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(command, names[i]) == 0)
			return true;
	return false;
}

void
tasmota_steps_add(
    struct tasmota_steps *steps, const char *command, const char *value)
{
	struct tasmota_step *step;

	steps->items =
	    xrealloc(steps->items, steps->count + 1, sizeof(*steps->items));
	step = &steps->items[steps->count++];
	*step = (struct tasmota_step){ .command = xstrdup(command),
		.value = xstrdup(value),
		.is_secret = is_secret(command),
		.is_password = strcasecmp(command, "WebPassword") == 0 };
}

void
tasmota_steps_fini(struct tasmota_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		free(steps->items[i].command);
		explicit_bzero(
		    steps->items[i].value, strlen(steps->items[i].value));
		free(steps->items[i].value);
	}
	free(steps->items);
	*steps = (struct tasmota_steps){ 0 };
}

static bool
changes_pins(const struct tasmota_step *step)
{
	return strcasecmp(step->command, "Template") == 0 ||
	    strcasecmp(step->command, "Module") == 0;
}

/* The steps in the order in which they are sent: those that restart last. */
static struct tasmota_step *
in_order(const struct tasmota_steps *steps, size_t n)
{
	for (int pins = 0; pins < 2; pins++)
		for (size_t i = 0; i < steps->count; i++)
			if (changes_pins(&steps->items[i]) == (pins == 1) &&
			    n-- == 0)
				return &steps->items[i];
	return NULL;
}

/* Tasmota cuts a Backlog at each ';' that is not within braces. */
static bool
goes_alone(const struct tasmota_step *step)
{
	int depth = 0;

	for (const char *c = step->value; *c != '\0'; c++) {
		depth += *c == '{' ? 1 : *c == '}' && depth > 0 ? -1 : 0;
		if (*c == ';' && depth == 0)
			return true;
	}
	return false;
}

static char *
send_alone(struct tasmota_step *step)
{
	char *text = xasprintf("%s %s", step->command, step->value);

	step->in_flight = true;
	step->tries++;
	return text;
}

char *
tasmota_backlog(struct tasmota_steps *steps)
{
	char text[TASMOTA_MAX_CMND] = "Backlog ";
	size_t used = strlen(text), count = 0;
	struct tasmota_step *step;

	for (size_t i = 0; i < steps->count; i++)
		steps->items[i].in_flight = false;
	for (size_t i = 0;
	    (step = in_order(steps, i)) != NULL && count < TASMOTA_MAX_BACKLOG;
	    i++) {
		size_t len = strlen(step->command) + 1 + strlen(step->value);

		if (step->taken || strlen("Backlog ") + len >= sizeof(text))
			continue;
		if (count > 0 && used + 1 + len >= sizeof(text))
			break;
		if (goes_alone(step)) {
			if (count == 0)
				return send_alone(step);
			break;
		}
		snprintf(text + used, sizeof(text) - used, "%s%s %s",
		    count > 0 ? ";" : "", step->command, step->value);
		used += strlen(text + used);
		step->in_flight = true;
		step->tries++;
		count++;
	}
	return count > 0 ? xstrdup(text) : NULL;
}

/* FriendlyName2, too. */
static bool
is_text(const char *command)
{
	static const char *const names[] = { "DeviceName", "FriendlyName",
		"Hostname", "MqttHost", "MqttPassword", "MqttUser", "Topic" };
	size_t len = strcspn(command, "0123456789");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i]) &&
		    strncasecmp(command, names[i], len) == 0)
			return true;
	return false;
}

const char *
tasmota_why_no_setting(const char *command, const char *value)
{
	static const struct {
		const char *name, *why;
	} table[] = {
		{ "Backlog", "give each command a line of its own" },
		{ "Backlog0", "give each command a line of its own" },
		{ "Delay", "it sets nothing" },
		{ "Module", "use Module= for it" },
		{ "OtaUrl", "use Upgrade= for it" },
		{ "Reset", "it would undo the set-up" },
		{ "Restart", "the device restarts by itself where it must" },
		{ "Template", "use Template= for it" },
		{ "Upgrade", "use Upgrade= for it" },
		{ "Upload", "use Upgrade= for it" },
		{ "WebPassword", "use WebPasswordFile= for it" },
		{ "WebPassword2", "use WebPasswordFile= for it" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcasecmp(command, table[i].name) == 0)
			return table[i].why;
	if (strcmp(value, "1") == 0 && is_text(command))
		return "1 stands for the default, which cannot be read back: "
		       "give it the value itself";
	return NULL;
}

const char *
tasmota_query(const struct tasmota_step *step)
{
	if (step->is_password)
		return "Status 2";
	return step->is_secret ? NULL : step->command;
}

/* As strictjson does it: what is not printable ASCII is compared as '?'. */
static bool
is_same_text(const char *wanted, const char *got)
{
	for (; *wanted != '\0' && *got != '\0'; wanted++, got++) {
		unsigned char c = (unsigned char)*wanted;

		if (*got != (c < 0x20 ? ' ' : c < 0x7f ? (char)c : '?'))
			return false;
	}
	return *wanted == *got;
}

static bool
is_template_taken(const char *wanted_text, const json_t *got)
{
	json_t *wanted = json_loads(wanted_text, 0, NULL);
	const json_t *pins = json_object_get(wanted, "GPIO");
	const json_t *base = json_object_get(wanted, "BASE");
	const char *name = json_string_value(json_object_get(wanted, "NAME"));
	const char *got_name = json_string_value(json_object_get(got, "NAME"));
	bool ok = name != NULL && got_name != NULL &&
	    is_same_text(name, got_name) &&
	    json_equal(pins, json_object_get(got, "GPIO")) &&
	    (base == NULL || json_equal(base, json_object_get(got, "BASE")));

	json_decref(wanted);
	return ok;
}

/* A switch is set with 0 or 1 and answers OFF or ON. */
static bool
is_same_switch(const char *wanted, const char *got)
{
	bool on = strcmp(wanted, "1") == 0 || strcasecmp(wanted, "on") == 0;
	bool off = strcmp(wanted, "0") == 0 || strcasecmp(wanted, "off") == 0;

	return (on && strcmp(got, "ON") == 0) ||
	    (off && strcmp(got, "OFF") == 0);
}

/* A lone quote or 0 empties; an address has the one in use behind it. */
static bool
is_same_string(const char *wanted, const char *got)
{
	size_t len = strlen(wanted);

	return is_same_text(wanted, got) || is_same_switch(wanted, got) ||
	    (got[0] == '\0' &&
		(strcmp(wanted, "\"") == 0 || strcmp(wanted, "0") == 0)) ||
	    (strncmp(wanted, got, len) == 0 &&
		strncmp(got + len, " (", 2) == 0);
}

static bool
is_same_number(const char *wanted, const json_t *got)
{
	char *end;
	double number = strtod(wanted, &end);

	return end != wanted && *end == '\0' &&
	    number == json_number_value(got);
}

/*
 * {"Module":{"0":"Sonoff Mini"}}: the key is the number; and
 * {"Rule1":{"State":"ON",...,"Rules":"on ..."}}.
 */
static bool
is_in_object(const char *wanted, const json_t *got)
{
	const char *state = json_string_value(json_object_get(got, "State"));
	const char *rules = json_string_value(json_object_get(got, "Rules"));

	return json_object_get(got, wanted) != NULL ||
	    (state != NULL && is_same_switch(wanted, state)) ||
	    (rules != NULL && is_same_text(wanted, rules));
}

static bool
is_same_value(const char *wanted, const json_t *got)
{
	if (json_is_string(got))
		return is_same_string(wanted, json_string_value(got));
	if (json_is_number(got))
		return is_same_number(wanted, got);
	return is_in_object(wanted, got);
}

/* FriendlyName is answered as FriendlyName1. */
static bool
is_key_of(const char *key, const char *command)
{
	size_t len = strlen(command);

	return strcasecmp(key, command) == 0 ||
	    (len > 0 && !isdigit((unsigned char)command[len - 1]) &&
		strncasecmp(key, command, len) == 0 &&
		strcmp(key + len, "1") == 0);
}

static bool
is_value_taken(const struct tasmota_step *step, json_t *root)
{
	const char *key;
	json_t *value;

	json_object_foreach (root, key, value)
		if (is_key_of(key, step->command))
			return is_same_value(step->value, value);
	return false;
}

bool
tasmota_is_taken(const struct tasmota_step *step, const char *body, size_t len)
{
	struct error err;
	json_t *root;
	bool ok;

	root = strictjson_load_lax(body, len, TASMOTA_MAX_REPLY, &err);
	if (root == NULL)
		return false;
	if (strcasecmp(step->command, "Template") == 0)
		ok = is_template_taken(step->value, root);
	else
		ok = is_value_taken(step, root);
	json_decref(root);
	return ok;
}
