/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "core/strictjson.h"
#include "core/tasmota.h"

/* ---- requests ---------------------------------------------------------- */

char *
tasmota_path(const char *command)
{
	static const char start[] = "/cm?cmnd=";
	size_t room = sizeof(start) + 3 * strlen(command);
	char *path = xcalloc(room, 1);
	char *at = path + sizeof(start) - 1;

	memcpy(path, start, sizeof(start));
	for (const char *c = command; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) || strchr("._~-", *c) != NULL)
			*at++ = *c;
		else
			at += snprintf(at, 4, "%%%02X", (unsigned char)*c);
	}
	return path;
}

char *
tasmota_authorization(const char *password)
{
	char *plain = xasprintf("admin:%s", password);
	size_t len = strlen(plain);
	char *text = xcalloc(16 + len * 4 / 3 + 4, 1);

	memcpy(text, "Basic ", 6);
	EVP_EncodeBlock(
	    (unsigned char *)text + 6, (unsigned char *)plain, (int)len);
	explicit_bzero(plain, len);
	free(plain);
	return text;
}

/* ---- what it is -------------------------------------------------------- */

/*
 * "14.2.0(release-lite)", "12.5.0(lite)", "15.0.1(0a1b2c3-tasmota)".  The
 * prefix is "release-" or a commit; other hyphens belong to the name
 * ("tasmota-4M").
 */
static void
read_version(const char *text, struct tasmota_facts *out)
{
	const char *open = strchr(text, '('), *name, *end;
	size_t hex;

	if (open == NULL || (end = strchr(open, ')')) == NULL)
		return;
	snprintf(out->version, sizeof(out->version), "%.*s", (int)(open - text),
	    text);
	name = open + 1;
	hex = strspn(name, "0123456789abcdef");
	if (strncmp(name, "release-", 8) == 0)
		name += 8;
	else if ((hex == 7 || hex == 8) && name[hex] == '-')
		name += hex + 1;
	snprintf(out->variant, sizeof(out->variant), "%.*s", (int)(end - name),
	    name);
}

static void
copy_lower(char *dst, size_t size, const char *src)
{
	if (text_copy(dst, size, src))
		for (; *dst != '\0'; dst++)
			*dst = (char)tolower((unsigned char)*dst);
}

bool
tasmota_read_status(
    const char *body, size_t len, struct tasmota_facts *out, struct error *err)
{
	json_t *root = strictjson_load_lax(body, len, TASMOTA_MAX_REPLY, err);
	const json_t *firmware = json_object_get(root, "StatusFWR");
	const json_t *network = json_object_get(root, "StatusNET");
	const char *version, *built, *mac;

	if (root == NULL)
		return false;
	version = json_string_value(json_object_get(firmware, "Version"));
	built = json_string_value(json_object_get(firmware, "BuildDateTime"));
	mac = json_string_value(json_object_get(network, "Mac"));
	if (version != NULL)
		read_version(version, out);
	if (built != NULL)
		text_copy(out->built, sizeof(out->built), built);
	if (mac != NULL)
		copy_lower(out->mac, sizeof(out->mac), mac);
	json_decref(root);
	if (version == NULL && mac == NULL)
		return error_set(
		    err, EPROTO, "it does not answer as a Tasmota");
	return true;
}

bool
tasmota_access_point(const char *mac, char separator, char *dst, size_t size)
{
	unsigned b[6], low;

	if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3],
		&b[4], &b[5]) != 6)
		return false;
	low = b[3] << 16 | b[4] << 8 | b[5];
	return snprintf(dst, size, "tasmota%c%06X-%04u", separator, low,
		   low & 0x1fff) < (int)size;
}

/* ---- settings ---------------------------------------------------------- */

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
		.is_secret = is_secret(command) };
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
static const struct tasmota_step *
in_order(const struct tasmota_steps *steps, size_t n)
{
	for (int pins = 0; pins < 2; pins++)
		for (size_t i = 0; i < steps->count; i++)
			if (changes_pins(&steps->items[i]) == (pins == 1) &&
			    n-- == 0)
				return &steps->items[i];
	return NULL;
}

char *
tasmota_backlog(const struct tasmota_steps *steps, size_t *next)
{
	char text[TASMOTA_MAX_CMND] = "Backlog ";
	size_t used = strlen(text), count = 0;
	const struct tasmota_step *step;

	for (; (step = in_order(steps, *next)) != NULL; (*next)++) {
		int n;

		if (step->taken)
			continue;
		n = snprintf(text + used, sizeof(text) - used, "%s%s %s",
		    count > 0 ? ";" : "", step->command, step->value);
		if ((size_t)n >= sizeof(text) - used ||
		    count == TASMOTA_MAX_BACKLOG) {
			text[used] = '\0';
			break;
		}
		used += (size_t)n;
		count++;
	}
	return count > 0 ? xstrdup(text) : NULL;
}

const char *
tasmota_query(const struct tasmota_step *step)
{
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

/* {"Module":{"0":"Sonoff Mini"}}: the key is the number. */
static bool
is_module_taken(const char *wanted, const json_t *got)
{
	return json_object_get(json_object_get(got, "Module"), wanted) != NULL;
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

static bool
is_value_taken(const struct tasmota_step *step, const json_t *root)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)root, key, value) {
		char number[32];

		if (strcasecmp(key, step->command) != 0)
			continue;
		if (json_is_string(value))
			return is_same_text(
				   step->value, json_string_value(value)) ||
			    is_same_switch(
				step->value, json_string_value(value));
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		return json_is_integer(value) &&
		    strcmp(number, step->value) == 0;
	}
	return false;
}

bool
tasmota_is_taken(const struct tasmota_step *step, const char *body, size_t len)
{
	struct error err;
	json_t *root = strictjson_load_lax(body, len, TASMOTA_MAX_REPLY, &err);
	bool ok;

	if (root == NULL)
		return false;
	if (strcasecmp(step->command, "Template") == 0)
		ok = is_template_taken(step->value, root);
	else if (strcasecmp(step->command, "Module") == 0)
		ok = is_module_taken(step->value, root);
	else
		ok = is_value_taken(step, root);
	json_decref(root);
	return ok;
}
