/* SPDX-License-Identifier: ISC */
/*
 * Reads a line that Tasmota is told, finds the command and runs it
 * (ExecuteCommand and CommandHandler in support_command.ino); and the commands
 * that steer Tasmota itself.
 */
#include "config.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"
#include "sim/tasmota/updater.h"

#define NAME_MAX_LEN 64
#define D1	     74

/* Since 14.3 what was not understood is told again. */
static void
say_failure(struct tasmotacmnd *c, const char *what, const char *name)
{
	char index[16] = "", *escaped;

	if (c->version < 140300) {
		tasmotasay_add(c->say, "{\"Command\":\"%s\"}", what);
		return;
	}
	if (c->index != 1)
		snprintf(index, sizeof(index), "%u", c->index);
	escaped = tasmotasay_escape(c->version, c->data);
	tasmotasay_add(c->say, "{\"Command\":\"%s\",\"Input\":\"%s%s%s%s\"}",
	    what, name, index, c->len > 0 ? " " : "",
	    c->len > 0 ? escaped : "");
	free(escaped);
}

/* Status without a number is 0 and -99; 8 up to 9.0 tells it for any other. */
static int
status_number(const struct tasmotacmnd *c)
{
	long limit = c->version < 80500 ? 12 : 13;

	if (c->index == 0 && c->version >= 90500)
		return STATUS_ALL;
	if (c->payload == 0)
		return STATUS_ALL;
	if (c->payload == -99 ||
	    (c->version < 90100 && (c->payload < 0 || c->payload > limit)))
		return 0;
	return c->payload > limit ? -1 : (int)c->payload;
}

bool
tasmotado_status(struct tasmotacmnd *c)
{
	int number = status_number(c);

	if (number < 0)
		return c->payload < 0;
	if (tasmota_status(c->tasmota, (unsigned)number, c->say))
		return true;
	/* No sensor of energy, no crash, no shutter. */
	return c->version < 90100 && tasmota_status(c->tasmota, 0, c->say);
}

bool
tasmotado_state(struct tasmotacmnd *c)
{
	char state[TASMOTA_VALUE];

	tasmotasay_add(c->say,
	    "{\"Time\":\"2026-01-01T01:00:00\",\"Uptime\":\"0T00:00:10\","
	    "\"POWER\":\"%s\",\"LoadAvg\":19}",
	    tasmota_state(c, c->tasmota->power, state, sizeof(state)));
	return true;
}

/* NewerVersion in support.ino: 1.2, 1.2.3 or 1.2.3.4, all of it higher. */
static bool
is_newer(const struct tasmotacmnd *c)
{
	unsigned a = 0, b = 0, d = 0, number;

	if (c->len < 3 || sscanf(c->data, "%u.%u.%u", &a, &b, &d) < 2 ||
	    a > 255 || b > 255 || d > 255)
		return false;
	number = a << 16 | b << 8 | d;
	sscanf(c->tasmota->image.version, "%u.%u.%u", &a, &b, &d);
	return number > (a << 16 | b << 8 | d);
}

bool
tasmotado_upgrade(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char url[TASMOTA_VALUE];

	tasmota_get(t, "OtaUrl", url, sizeof(url));
	if ((c->len == 1 && c->payload == 1) || is_newer(c)) {
		tasmotasay_add(c->say, "{\"%s\":\"Version %s from %s\"}",
		    c->row->name, t->image.version, url);
		updater_start(t->updater);
	} else {
		tasmotasay_add(c->say, "{\"%s\":\"1 or >%s to upgrade\"}",
		    c->row->name, t->image.version);
	}
	return true;
}

bool
tasmotado_restart(struct tasmotacmnd *c)
{
	bool halts = c->payload == 2 && c->version >= 80500;

	if (c->payload == 1 || c->payload == 99 || halts)
		c->tasmota->restart_due = true;
	if (c->payload == 1 || c->payload == 99)
		return tasmotacmnd_say_text(c, "Restarting");
	if (halts)
		return tasmotacmnd_say_text(c, "Halting");
	return tasmotacmnd_say_text(
	    c, c->version < 80500 ? "1 to restart" : "1 to restart, 2 to halt");
}

bool
tasmotado_reset(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;

	if (c->payload == 99)
		return tasmotacmnd_say_text(c, "Done");
	if (c->payload < 1 || c->payload > 6)
		return tasmotacmnd_say_text(c, "1 to reset");
	t->reset_due = t->restart_due = true;
	return tasmotacmnd_say_text(c,
	    c->payload == 1 ? "Reset and Restarting"
			    : "Erase, Reset and Restarting");
}

bool
tasmotado_power(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char state[TASMOTA_VALUE];

	if (c->index > 1)
		return false;
	if (c->payload == 0 || c->payload == 1)
		t->power = c->payload == 1;
	else if (c->payload == 2)
		t->power = !t->power;
	tasmotasay_add(c->say, "{\"POWER\":\"%s\"}",
	    tasmota_state(c, t->power, state, sizeof(state)));
	return true;
}

bool
tasmotado_delay(struct tasmotacmnd *c)
{
	bool valid = c->payload >= 2 && c->payload <= 3600;

	if (valid)
		c->tasmota->delay_ms = (unsigned)c->payload * 100;
	return tasmotacmnd_say_number(c, valid ? c->payload : 2);
}

static void
count_lost(struct tasmota *t, size_t lost)
{
	if (lost == 0)
		return;
	device_breach(t->device,
	    "web: %zu commands over those that Backlog has room for", lost);
	t->bad_calls++;
}

/* Nothing is said of what is queued; without anything the queue is emptied. */
bool
tasmotado_backlog(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	bool empty = t->backlog.count == 0;

	if (c->len == 0) {
		backlog_clear(&t->backlog);
		return tasmotacmnd_say_text(c, empty ? "Empty" : "Aborted");
	}
	json_array_append_new(t->backlogs, tasmota_json_text(c->data));
	count_lost(t, backlog_add(&t->backlog, c->data, c->version));
	t->middle = t->backlog.count / 2;
	if (c->version >= 140200)
		t->no_delay = (c->index & 1) == 0;
	else if (c->index == 0 && c->version >= 90400)
		t->no_delay = true;
	return true;
}

/* The driver of the D1 is in the full build, for the module of that name. */
bool
tasmotado_dimmer(struct tasmotacmnd *c)
{
	const struct tasmota *t = c->tasmota;
	json_t *base = json_object_get(t->template, "BASE");
	bool d1 = t->module == D1 ||
	    (t->module == 0 && json_integer_value(base) == D1);

	if (!d1 || strcmp(t->image.variant, "tasmota") != 0) {
		say_failure(c, "Unknown", "DIMMER");
		return true;
	}
	tasmotasay_add(c->say, "{\"Dimmer\":60}");
	return true;
}

/* strtol of 32 bits, or what a word such as ON stands for. */
static long
read_payload(const struct tasmotacmnd *c)
{
	int word = tasmotacmnd_word(c->version, c->data);
	char *end;
	long number = strtol(c->data, &end, 0);

	if (word >= 0)
		return word;
	if (end == c->data)
		return -99;
	return number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : number;
}

/* "CMND/TASMOTA/FRIENDLYNAME1" -> "FRIENDLYNAME" and 1. */
static void
split_name(struct tasmotacmnd *c, char *name)
{
	size_t len = strlen(name);

	for (char *p = name; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	while (len > 0 && isdigit((unsigned char)name[len - 1]))
		len--;
	c->has_index = name[len] != '\0';
	c->index = c->has_index ? (unsigned)strtoul(name + len, NULL, 10) : 1;
	name[len] = '\0';
}

/* Copies the name; false: there is none, and nothing is said. */
static bool
parse(struct tasmotacmnd *c, char *line, char name[NAME_MAX_LEN])
{
	char *start, *end;

	while (isspace((unsigned char)*line))
		line++;
	for (start = end = line;
	    isalnum((unsigned char)*end) || *end == '_' || *end == '/'; end++)
		if (*end == '/')
			start = end + 1;
	if (*start == '\0' || end <= start)
		return false;
	snprintf(name, NAME_MAX_LEN, "%.*s", (int)(end - start), start);
	while (isspace((unsigned char)*end))
		end++;
	c->data = end;
	c->len = strcmp(end, "?") == 0 ? 0 : strlen(end);
	split_name(c, name);
	c->payload = read_payload(c);
	return true;
}

static bool
is_in_row(const struct tasmotacmnd *c)
{
	const char *name = c->row->name;
	bool from_zero = strcmp(name, "RuleTimer") == 0 ? c->version >= 90300
	    : strcmp(name, "Rule") == 0
	    ? c->version >= 80400
	    : strcmp(name, "SwitchMode") == 0 && c->version >= 130000;

	if (c->row->top == 0)
		return true;
	return c->index <= c->row->top && (c->index > 0 || from_zero);
}

static void
dispatch(struct tasmotacmnd *c, const char *name)
{
	bool ok;

	c->row = tasmotarow_find(c->tasmota, name);
	if (c->row == NULL) {
		say_failure(c, "Unknown", name);
		return;
	}
	ok = is_in_row(c) &&
	    (c->row->run != NULL ? c->row->run(c) : tasmotaset_run(c));
	if (!ok)
		say_failure(c, "Error", name);
}

void
tasmota_run(struct tasmota *t, const char *line, struct tasmotasay *say)
{
	struct tasmotasay quiet = { 0 };
	struct tasmotacmnd c = { .tasmota = t,
		.say = say,
		.version = firmware_number(t->image.version) };
	char *copy = xstrdup(line), name[NAME_MAX_LEN];
	bool found = parse(&c, copy, name), silent;

	device_say(t->device, "command: %.200s", line);
	if (!found || strcmp(name, "BACKLOG") != 0)
		tasmota_remember(t, line);
	/* Since 14.2 an underscore in front asks for no answer. */
	silent =
	    found && name[0] == '_' && name[1] != '\0' && c.version >= 140200;
	if (silent)
		c.say = &quiet;
	tasmotafault_remember(t);
	if (found)
		dispatch(&c, name + silent);
	if (found)
		tasmotafault_spoil(t, name + silent, c.index, c.say);
	tasmotasay_fini(&quiet);
	free(copy);
}
