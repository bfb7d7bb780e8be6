/* SPDX-License-Identifier: ISC */
/*
 * The new firmware of a device: a Tasmota at port 80, with two settings that a
 * policy may ask for, and an ESPHome, which answers at its native API.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/world/parts.h"
#include "tests/world/things.h"
#include "tests/world/truth.h"

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
	    strchr(digits, c | ((c >= 'A' && c <= 'F') ? 0x20 : 0));

	return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* Decode the text after cmnd= up to the next '&'. */
static void
decode(const char *src, char *dst, size_t size)
{
	size_t n = 0;

	for (; *src != '\0' && *src != '&' && n + 1 < size; src++) {
		if (*src == '%' && hex(src[1]) >= 0 && hex(src[2]) >= 0) {
			dst[n++] = (char)(hex(src[1]) * 16 + hex(src[2]));
			src += 2;
		} else {
			dst[n++] = *src == '+' ? ' ' : *src;
		}
	}
	dst[n] = '\0';
}

static const struct setting {
	const char *name;
	size_t offset;
} settings[] = {
	{ "PowerOnState", offsetof(struct thing, power_on_state) },
	{ "TelePeriod", offsetof(struct thing, tele_period) },
};

#define VALUE_SIZE 8

static void
run_setting(struct thing *thing, const char *command, struct answer *answer)
{
	size_t len = strcspn(command, " ");
	const char *value = command + len + strspn(command + len, " ");

	for (size_t i = 0; i < 2; i++) {
		char *has = (char *)thing + settings[i].offset;

		if (strlen(settings[i].name) != len ||
		    strncasecmp(settings[i].name, command, len) != 0)
			continue;
		if (value[0] != '\0')
			snprintf(has, VALUE_SIZE, "%.7s", value);
		answer_json(answer, "{\"%s\":%s}", settings[i].name, has);
		return;
	}
	answer_json(answer, "{\"Command\":\"Unknown\"}");
}

/* Run what stands between semicolons, each by itself. */
static void
run_backlog(struct thing *thing, char *commands, struct answer *answer)
{
	char *rest = commands, *one;
	struct answer ignored;

	truth_set_up(thing);
	while ((one = strsep(&rest, ";")) != NULL)
		run_setting(thing, one + strspn(one, " "), &ignored);
	answer_json(answer, "{}");
}

static void
run(struct thing *thing, char *command, struct answer *answer)
{
	if (strcasecmp(command, "Status 2") == 0)
		answer_json(answer,
		    "{\"StatusFWR\":{\"Version\":\"%s(%s)\","
		    "\"BuildDateTime\":\"2021-06-14T12:40:16\",\"Boot\":31,"
		    "\"Core\":\"2_7_4_9\",\"SDK\":\"2.2.2-dev(38a443e)\"}}",
		    thing->runs->version, thing->runs->variant);
	else if (strcasecmp(command, "Status 5") == 0)
		answer_json(answer,
		    "{\"StatusNET\":{\"Hostname\":\"tasmota\",\"IPAddress\":"
		    "\"10.7.0.%u\",\"Mac\":\"%s\"}}",
		    thing->last, thing->mac);
	else if (strncasecmp(command, "Backlog ", 8) == 0)
		run_backlog(thing, command + 8, answer);
	else
		run_setting(thing, command, answer);
}

void
tasmota_asked(
    struct thing *thing, const struct asked *asked, struct answer *answer)
{
	const char *at = strstr(asked->path, "cmnd=");
	char command[1024];

	if (asked->raw != NULL || asked->port != 80)
		return; /* refused */
	snprintf(answer->server, sizeof(answer->server),
	    "Tasmota/%s (ESP8285N08)", thing->runs->version);
	if (strncmp(asked->path, "/cm?", 4) != 0 || at == NULL) {
		answer_json(answer, "File Not Found");
		answer->status = 404;
		return;
	}
	decode(at + 5, command, sizeof(command));
	run(thing, command, answer);
}

void
esphome_asked(
    struct thing *thing, const struct asked *asked, struct answer *answer)
{
	/* HelloResponse: api_version_major 1, server_info. */
	static const char info[] = "plug (esphome v2024.10.3)";
	size_t len = sizeof(info) - 1;

	(void)thing;
	if (asked->port != 6053 || asked->raw == NULL)
		return; /* refused */
	answer->kind = ANSWER_RAW;
	answer->body[0] = 0;
	answer->body[1] = (char)(4 + len);
	answer->body[2] = 2;
	answer->body[3] = 1 << 3;
	answer->body[4] = 1;
	answer->body[5] = 3 << 3 | 2;
	answer->body[6] = (char)len;
	memcpy(answer->body + 7, info, len);
	answer->len = 7 + len;
}
