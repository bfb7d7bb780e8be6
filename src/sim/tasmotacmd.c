/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sim/device.h"
#include "sim/tasmota.h"
#include "sim/tasmotaset.h"
#include "sim/updater.h"

#define MAX_MODULE 75 /* of 14.2.0, on an ESP8266 */

/* A command while it runs. */
struct cmnd {
	struct tasmota *tasmota; /* borrowed */
	json_t *messages;
	char name[32];
	bool has_index;
	unsigned index; /* 1 if there is none */
	const char *value;
};

static void
say(struct cmnd *c, json_t *message)
{
	json_array_append_new(c->messages, message);
}

static void
say_error(struct cmnd *c, const char *what)
{
	char input[48];

	snprintf(input, sizeof(input), "%s", c->name);
	for (char *p = input; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	if (firmware_number(c->tasmota->image.version) < 100000)
		say(c, json_pack("{s:s}", "Command", "Unknown"));
	else
		say(c,
		    json_pack("{s:s, s:s}", "Command", what, "Input", input));
}

static void
run_status(struct cmnd *c)
{
	uint64_t number = c->has_index ? c->index : 0;
	bool plain = c->value[0] == '\0' && !c->has_index;

	if (plain)
		number = 0;
	else if (c->value[0] != '\0' && !text_number(c->value, 0, 99, &number))
		number = 98;
	else if (number == 0)
		number = STATUS_ALL;
	if (!tasmota_status(c->tasmota, (unsigned)number, c->messages))
		say_error(c, "Error");
}

static void
run_template(struct cmnd *c)
{
	struct tasmota *t = c->tasmota;
	bool taken = false;

	if (c->value[0] == '{' && !tasmota_is_minimal(t)) {
		taken = tasmota_set_template(t, c->value);
		if (!taken) {
			say(c, json_pack("{s:s}", "Template", "Invalid JSON"));
			return;
		}
	}
	if (taken && t->module == 0)
		t->restart_due = true;
	say(c, json_deep_copy(t->template));
}

static void
run_module(struct cmnd *c)
{
	struct tasmota *t = c->tasmota;
	uint64_t number;
	char key[16];

	if (c->value[0] != '\0' &&
	    text_number(c->value, 0, MAX_MODULE, &number)) {
		t->module = (unsigned)number;
		t->restart_due = true;
	}
	snprintf(key, sizeof(key), "%u", t->module);
	say(c, json_pack("{s:{s:s}}", "Module", key, tasmota_module_name(t)));
}

static void
run_upgrade(struct cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char text[300], url[200];

	tasmota_get(t, "OtaUrl", url, sizeof(url));
	if (strcmp(c->value, "1") == 0) {
		snprintf(text, sizeof(text), "Version %s from %s",
		    t->image.version, url);
		updater_start(t->updater);
	} else {
		snprintf(text, sizeof(text), "1 or >%s to upgrade",
		    t->image.version);
	}
	say(c, json_pack("{s:s}", "Upgrade", text));
}

static void
run_restart(struct cmnd *c)
{
	bool right = strcmp(c->value, "1") == 0;

	c->tasmota->restart_due |= right;
	say(c,
	    json_pack(
		"{s:s}", "Restart", right ? "Restarting" : "1 to restart"));
}

/* Not from the queue: it would throw away what waits behind it. */
static void
run_reset(struct cmnd *c)
{
	struct tasmota *t = c->tasmota;

	if (t->in_backlog || c->value[0] == '\0') {
		say_error(c, "Error");
		return;
	}
	t->reset_due = t->restart_due = true;
	say(c, json_pack("{s:s}", "Reset", "Reset and Restarting"));
}

static void
run_power(struct cmnd *c)
{
	bool on = strcasecmp(c->value, "on") == 0 || c->value[0] == '1';

	say(c, json_pack("{s:s}", "POWER", on ? "ON" : "OFF"));
}

static void
run_backlog(struct cmnd *c)
{
	struct tasmota *t = c->tasmota;
	size_t lost = backlog_add(&t->backlog, c->value);

	if (lost > 0)
		device_breach(t->device, "web: %zu commands over %d in Backlog",
		    lost, BACKLOG_MAX);
	t->bad_calls += lost > 0;
	t->middle = t->backlog.count / 2;
	t->no_delay = c->has_index && c->index == 0;
	if (c->value[0] == '\0')
		backlog_fini(&t->backlog);
	json_array_append_new(t->backlogs, json_string(c->value));
	say(c, json_object());
}

static void
run_dimmer(struct cmnd *c)
{
	/* The D1's driver is in the full build only. */
	if (strcmp(c->tasmota->image.variant, "tasmota") != 0)
		say_error(c, "Unknown");
	else
		say(c, json_pack("{s:i}", "Dimmer", 60));
}

/* clang-format off */
static const struct {
	const char *name;
	void (*run)(struct cmnd *);
} commands[] = {
	{ "Backlog",	run_backlog },
	{ "Dimmer",	run_dimmer },
	{ "Module",	run_module },
	{ "Power",	run_power },
	{ "Reset",	run_reset },
	{ "Restart",	run_restart },
	{ "Status",	run_status },
	{ "Template",	run_template },
	{ "Upgrade",	run_upgrade },
};
/* clang-format on */

/* "FriendlyName1 Hall": the name, its number and what is behind it. */
static void
parse(struct cmnd *c, const char *line)
{
	size_t len = strcspn(line, " \t"), letters = len;

	while (letters > 0 && isdigit((unsigned char)line[letters - 1]))
		letters--;
	if (letters == 0)
		letters = len;
	snprintf(c->name, sizeof(c->name), "%.*s", (int)letters, line);
	c->has_index = letters < len;
	c->index =
	    c->has_index ? (unsigned)strtoul(line + letters, NULL, 10) : 1;
	c->value = line + len + strspn(line + len, " \t");
}

void
tasmota_run(struct tasmota *t, const char *line, json_t *messages)
{
	struct cmnd c = { .tasmota = t, .messages = messages };

	parse(&c, line);
	device_say(t->device, "command: %.200s", line);
	if (strcasecmp(c.name, "Backlog") != 0)
		tasmota_remember(t, line);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcasecmp(commands[i].name, c.name) != 0)
			continue;
		commands[i].run(&c);
		return;
	}
	if (!tasmotaset_run(t, c.name, c.index, c.value, messages))
		say_error(&c, "Unknown");
}
