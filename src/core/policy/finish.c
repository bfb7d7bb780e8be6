/* SPDX-License-Identifier: ISC */
/*
 * Builds the list of commands that a policy's [Finish] sends to one device,
 * with the device's own values put in.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/policy/finish.h"

#define MAX_PASSWORD 32 /* Tasmota, Commands: WebPassword */

static char *
tame(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr(" -._", *c) == NULL)
			*c = '_';
	return text;
}

/*
 * Write the value of the variable at the start of the text.  Returns the
 * variable's length, 0 if the text begins with none.
 */
static size_t
variable(const char *text, const struct device *device, char *out, size_t size)
{
	char address[INET_ADDRSTRLEN] = "", mac[18], *to = mac;
	char name[sizeof(device->name)];

	for (const char *c = device->place.mac; *c != '\0'; c++)
		if (*c != ':')
			*to++ = *c;
	*to = '\0';
	memcpy(name, device->name, sizeof(name));
	tame(name);
	if (device->place.has_address)
		inet_ntop(
		    AF_INET, &device->place.address, address, sizeof(address));

	const struct {
		const char *name;
		const char *value;
	} table[] = { { "$$", "$" }, { "$ID", device->id }, { "$MAC", mac },
		{ "$NAME", name }, { "$ADDRESS", address } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strncmp(text, table[i].name, strlen(table[i].name)) == 0) {
			snprintf(out, size, "%s", table[i].value);
			return strlen(table[i].name);
		}
	return 0;
}

char *
finish_expand(const char *text, const struct device *device)
{
	size_t used = 0, room = strlen(text) + 1;
	char *out = xcalloc(room, 1);

	while (*text != '\0') {
		char value[128] = { *text, '\0' };
		size_t taken = variable(text, device, value, sizeof(value));
		size_t len = strlen(value);

		text += taken > 0 ? taken : 1;
		room += len;
		out = xrealloc(out, room, 1);
		memcpy(out + used, value, len + 1);
		used += len;
	}
	return out;
}

#define OWN_GROWTH (DEVICE_ID_SIZE / 3) /* "$ID" may become a whole id */

/*
 * Return the value of $ID or $MAC at the start of a name, and the variable's
 * length; NULL: there is none.
 */
static const char *
own_value(const char *at, const struct device *device, size_t *taken)
{
	bool is_id = strncmp(at, "$ID", 3) == 0;
	bool is_mac = strncmp(at, "$MAC", 4) == 0;

	*taken = is_id ? 3 : is_mac ? 4 : 0;
	return is_id ? device->id : is_mac ? device->place.mac : NULL;
}

bool
finish_has_own_file(const char *name)
{
	return strstr(name, "$ID") != NULL || strstr(name, "$MAC") != NULL;
}

/* Hex digits alone cannot change the folder of the file. */
static char *
put_hex(char *dst, const char *text)
{
	for (; *text != '\0'; text++)
		if (isxdigit((unsigned char)*text))
			*dst++ = (char)tolower((unsigned char)*text);
	return dst;
}

char *
finish_own_file(const char *name, const struct device *device)
{
	char *out = xcalloc(strlen(name) + 1, OWN_GROWTH), *to = out;

	while (*name != '\0') {
		size_t taken;
		const char *value = own_value(name, device, &taken);
		char *end = value != NULL ? put_hex(to, value) : NULL;

		if (value == NULL)
			*to++ = *name++;
		else if (end == to)
			break; /* the value is not known */
		else
			to = end, name += taken;
	}
	if (*name == '\0')
		return out;
	free(out);
	return NULL;
}

static void
add(struct tasmota_steps *steps, const char *command, const char *value,
    const struct device *device)
{
	char *expanded = finish_expand(value, device);

	tasmota_steps_add(steps, command, expanded);
	free(expanded);
}

static bool
is_all_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)text[i]))
			return false;
	return true;
}

static bool
has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)text[i]))
			return true;
	return false;
}

size_t
finish_password(const char *text, size_t len, const char **why)
{
	size_t n = 0;

	while (n < len && text[n] != '\n' && text[n] != '\r')
		n++;
	*why = NULL;
	if (is_all_blank(text, len))
		*why = "it is empty";
	else if (!is_all_blank(text + n, len - n))
		*why = "it has more than one line";
	else if (n > MAX_PASSWORD)
		*why = "it is longer than 32 bytes, and Tasmota takes no more";
	else if (has_control(text, n))
		*why = "it has a byte that is not text";
	else if (isblank((unsigned char)text[0]) ||
	    isblank((unsigned char)text[n - 1]))
		*why = "it begins or ends with a blank, which Tasmota cuts off";
	else if (n == 1 && strchr("01\"?", text[0]) != NULL)
		*why = "Tasmota takes a lone 0, 1, \" or ? as a command, and "
		       "sets no password then";
	return *why == NULL ? n : 0;
}

/* StateText goes first: answers about switches use its words. */
static bool
says_how_to_answer(const struct tasmota_line *line)
{
	return line->row != NULL && strcmp(line->row->name, "StateText") == 0;
}

static void
add_commands(const struct policy *policy, const struct device *device,
    bool first, struct tasmota_steps *steps)
{
	for (size_t i = 0; i < policy->commands.count; i++) {
		struct tasmota_line line;

		if (tasmota_line_read(policy->commands.items[i], &line) &&
		    says_how_to_answer(&line) == first)
			add(steps, line.word, line.value, device);
	}
}

void
finish_steps(const struct policy *policy, const struct device *device,
    const char *password, struct tasmota_steps *steps)
{
	char number[16];

	if (password != NULL)
		tasmota_steps_add(steps, "WebPassword", password);
	add_commands(policy, device, true, steps);
	add_commands(policy, device, false, steps);
	if (policy->template_json != NULL)
		add(steps, "Template", policy->template_json, device);
	if (policy->has_module || policy->template_json != NULL) {
		snprintf(number, sizeof(number), "%u",
		    policy->has_module ? policy->module : 0);
		tasmota_steps_add(steps, "Module", number);
	}
}
