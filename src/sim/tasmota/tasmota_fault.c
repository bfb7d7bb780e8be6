/* SPDX-License-Identifier: ISC */
/* Makes a Tasmota err about one setting, as its description says. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

/* Return true if the fault "NAME=VALUE" is about that setting. */
static bool
is_about(const char *fault, const char *key, const char **value)
{
	size_t len = strcspn(fault, "=");

	if (len == 0 || strlen(key) != len || strncasecmp(fault, key, len) != 0)
		return false;
	*value = fault[len] == '=' ? fault + len + 1 : "";
	return true;
}

static bool
is_about_command(const char *fault, const char *name, unsigned index,
    char key[TASMOTA_KEY], const char **value)
{
	snprintf(key, TASMOTA_KEY, "%.30s%u", name, index);
	if (is_about(fault, key, value))
		return true;
	snprintf(key, TASMOTA_KEY, "%.30s", name);
	return is_about(fault, key, value);
}

/* Replace the first value of a message by another: text, number or list. */
static void
replace_value(struct tasmota_say *say, unsigned version, const char *value)
{
	char *colon, *name;

	if (say->count == 0 || (colon = strchr(say->text[0], ':')) == NULL)
		return;
	name = xstrndup(say->text[0], (size_t)(colon - say->text[0]));
	tasmota_say_fini(say);
	tasmota_say_add(say, "%s:", name);
	if (strchr("[{0123456789-", value[0]) != NULL && value[0] != '\0')
		tasmota_say_more(say, "%s", value);
	else
		tasmota_say_text(say, version, value);
	tasmota_say_more(say, "}");
	free(name);
}

void
tasmota_fault_remember(struct tasmota *t)
{
	if (t->device->spec.drops[0] != '\0')
		tasmota_store_copy(&t->before, &t->settings);
}

void
tasmota_fault_spoil(struct tasmota *t, const char *name, unsigned index,
    struct tasmota_say *say)
{
	const struct spec *spec = &t->device->spec;
	char key[TASMOTA_KEY];
	const char *value;

	if (is_about_command(spec->drops, name, index, key, &value))
		tasmota_set(t, key, tasmota_store_get(&t->before, key));
	if (is_about_command(spec->stores, name, index, key, &value))
		tasmota_set(t, key, value);
	if (is_about_command(spec->answers, name, index, key, &value))
		replace_value(say, firmware_number(t->image.version), value);
}

/* Set the presets of the description: NAME=VALUE, one on each line. */
void
tasmota_fault_preset(struct tasmota *t)
{
	char *copy = xstrdup(t->device->spec.presets), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *value = strchr(line, '=');

		if (value == NULL)
			continue;
		*value++ = '\0';
		tasmota_set(t, line, value);
	}
	free(copy);
}
