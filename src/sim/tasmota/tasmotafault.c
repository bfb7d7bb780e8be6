/* SPDX-License-Identifier: ISC */
/*
 * Makes a Tasmota err about one setting, as its description says: it does not
 * keep the setting, keeps something else, or tells something else.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"

/* "Name=value": whether it is about that name, and what its value is. */
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

/* The first value of a message, as what it is: text, number or list. */
static void
replace_value(struct tasmotasay *say, unsigned version, const char *value)
{
	char *colon, *name, *escaped;

	if (say->count == 0 || (colon = strchr(say->text[0], ':')) == NULL)
		return;
	name = xstrndup(say->text[0], (size_t)(colon - say->text[0]));
	escaped = tasmotasay_escape(version, value);
	tasmotasay_fini(say);
	if (strchr("[{0123456789-", value[0]) != NULL && value[0] != '\0')
		tasmotasay_add(say, "%s:%s}", name, value);
	else
		tasmotasay_add(say, "%s:\"%s\"}", name, escaped);
	free(escaped);
	free(name);
}

void
tasmotafault_remember(struct tasmota *t)
{
	if (t->device->spec.drops[0] != '\0')
		tasmotastore_copy(&t->before, &t->settings);
}

void
tasmotafault_spoil(
    struct tasmota *t, const char *name, unsigned index, struct tasmotasay *say)
{
	const struct spec *spec = &t->device->spec;
	char key[TASMOTA_KEY];
	const char *value;

	if (is_about_command(spec->drops, name, index, key, &value))
		tasmota_set(t, key, tasmotastore_get(&t->before, key));
	if (is_about_command(spec->stores, name, index, key, &value))
		tasmota_set(t, key, value);
	if (is_about_command(spec->answers, name, index, key, &value))
		replace_value(say, firmware_number(t->image.version), value);
}

/* Name=value, one a line. */
void
tasmotafault_preset(struct tasmota *t)
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
