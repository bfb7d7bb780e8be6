/* SPDX-License-Identifier: ISC */
/* Checks the Template= of a policy before it is sent to a Tasmota. */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>

#include "core/config/version.h"
#include "core/tasmota/template.h"

/*
 * The pins of a template (Tasmota's TEMPLATES.md): 14 on an ESP8266 since 9.1,
 * 13 before, 36 on an ESP32.
 */
#define PINS_ESP8266 14
#define PINS_OLD     13
#define PINS_ESP32   36
#define MAX_NAME     60 /* bytes that Tasmota keeps */

static bool
check_count(size_t count, struct error *err)
{
	if (count == PINS_ESP8266)
		return true;
	if (count == PINS_ESP32)
		return error_set(err, EINVAL,
		    "GPIO has 36 numbers, which is a"
		    " template for an ESP32; these devices are ESP8266 and"
		    " have 14");
	if (count == PINS_OLD)
		return error_set(err, EINVAL,
		    "GPIO has 13 numbers, the form"
		    " before Tasmota 9.1; look up the one with 14");
	return error_set(err, EINVAL,
	    "GPIO has %zu numbers; a template for an"
	    " ESP8266 has 14",
	    count);
}

static bool
check_pins(const json_t *pins, struct error *err)
{
	if (!json_is_array(pins))
		return error_set(err, EINVAL,
		    "GPIO is missing: the list of 14"
		    " numbers");
	if (!check_count(json_array_size(pins), err))
		return false;
	for (size_t i = 0; i < json_array_size(pins); i++) {
		const json_t *pin = json_array_get(pins, i);
		json_int_t n = json_integer_value(pin);

		if (!json_is_integer(pin) || n < 0 || n > UINT16_MAX)
			return error_set(err, EINVAL,
			    "number %zu of GPIO is"
			    " not from 0 to 65535",
			    i + 1);
	}
	return true;
}

bool
template_fits(const char *version)
{
	struct version since, other;

	return !version_parse(version, &other) ||
	    !version_parse(TEMPLATE_SINCE, &since) ||
	    version_compare(&other, &since) >= 0;
}

bool
template_check(const char *text, struct error *err)
{
	json_auto_t *root = NULL;
	const json_t *name;
	json_error_t why;

	root = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		return error_set(err, EINVAL, "not JSON: %s", why.text);
	if (!json_is_object(root))
		return error_set(err, EINVAL,
		    "not a JSON object: {\"NAME\":"
		    "...,\"GPIO\":[...],\"FLAG\":0,\"BASE\":1}");
	name = json_object_get(root, "NAME");
	if (!json_is_string(name) || json_string_length(name) == 0 ||
	    json_string_length(name) > MAX_NAME)
		return error_set(err, EINVAL,
		    "NAME is missing: a string of 1"
		    " to %d bytes",
		    MAX_NAME);
	return check_pins(json_object_get(root, "GPIO"), err);
}
