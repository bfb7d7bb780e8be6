/* SPDX-License-Identifier: ISC */
/*
 * Parses a line for Tasmota, finds the command and runs it (ExecuteCommand and
 * CommandHandler in support_command.ino); and runs the commands that steer
 * Tasmota itself.
 */
#include "config.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"
#include "sim/tasmota/updater.h"

#define NAME_MAX_LEN 64
#define D1	     74

/* Say that a command was not understood; since 14.3 the answer repeats it. */
static void
say_failure(struct tasmota_cmnd *c, const char *what, const char *name)
{
	char *input;

	tasmota_say_add(c->say, "{\"Command\":\"%s\"", what);
	if (c->version >= 140300) {
		input = tasmota_say_escape(c->version, c->data);
		tasmota_say_more(c->say, ",\"Input\":\"%s", name);
		if (c->index != 1)
			tasmota_say_more(c->say, "%u", c->index);
		if (c->len > 0)
			tasmota_say_more(c->say, " %s", input);
		tasmota_say_more(c->say, "\"");
		free(input);
	}
	tasmota_say_more(c->say, "}");
}

/*
 * Return the part of Status that is asked for: 0 without a number, all parts
 * for 0, -1 for an unknown number, which up to 9.0 is part 0 as well.
 */
static int
status_number(const struct tasmota_cmnd *c)
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
tasmota_do_status(struct tasmota_cmnd *c)
{
	int number = status_number(c);

	if (number < 0)
		return c->payload < 0;
	if (tasmota_status(c->tasmota, (unsigned)number, c->say))
		return true;
	/* There is no energy sensor, crash dump or shutter to answer with. */
	return c->version < 90100 && tasmota_status(c->tasmota, 0, c->say);
}

bool
tasmota_do_state(struct tasmota_cmnd *c)
{
	char state[TASMOTA_VALUE];

	tasmota_say_add(c->say,
	    "{\"Time\":\"2026-01-01T01:00:00\",\"Uptime\":\"0T00:00:10\","
	    "\"POWER\":\"%s\",\"LoadAvg\":19}",
	    tasmota_state(c, c->tasmota->power, state, sizeof(state)));
	return true;
}

/* Return true if the data is a higher version, such as 1.2 (NewerVersion). */
static bool
is_newer(const struct tasmota_cmnd *c)
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
tasmota_do_upgrade(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char url[TASMOTA_VALUE];

	tasmota_get(t, "OtaUrl", url, sizeof(url));
	if ((c->len == 1 && c->payload == 1) || is_newer(c)) {
		tasmota_say_add(c->say, "{\"%s\":\"Version %s from %s\"}",
		    c->row->name, t->image.version, url);
		updater_start(t->updater);
	} else {
		tasmota_say_add(c->say, "{\"%s\":\"1 or >%s to upgrade\"}",
		    c->row->name, t->image.version);
	}
	return true;
}

bool
tasmota_do_restart(struct tasmota_cmnd *c)
{
	bool halts = c->payload == 2 && c->version >= 80500;

	if (c->payload == 1 || c->payload == 99 || halts)
		c->tasmota->restart_due = true;
	if (c->payload == 1 || c->payload == 99)
		return tasmota_cmnd_say_text(c, "Restarting");
	if (halts)
		return tasmota_cmnd_say_text(c, "Halting");
	return tasmota_cmnd_say_text(
	    c, c->version < 80500 ? "1 to restart" : "1 to restart, 2 to halt");
}

bool
tasmota_do_reset(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;

	if (c->payload == 99)
		return tasmota_cmnd_say_text(c, "Done");
	if (c->payload < 1 || c->payload > 6)
		return tasmota_cmnd_say_text(c, "1 to reset");
	t->reset_due = t->restart_due = true;
	return tasmota_cmnd_say_text(c,
	    c->payload == 1 ? "Reset and Restarting"
			    : "Erase, Reset and Restarting");
}

bool
tasmota_do_power(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char state[TASMOTA_VALUE];

	if (c->index > 1)
		return false;
	if (c->payload == 0 || c->payload == 1)
		t->power = c->payload == 1;
	else if (c->payload == 2)
		t->power = !t->power;
	tasmota_say_add(c->say, "{\"POWER\":\"%s\"}",
	    tasmota_state(c, t->power, state, sizeof(state)));
	return true;
}

bool
tasmota_do_delay(struct tasmota_cmnd *c)
{
	bool valid = c->payload >= 2 && c->payload <= 3600;

	if (valid)
		c->tasmota->delay_ms = (unsigned)c->payload * 100;
	return tasmota_cmnd_say_number(c, valid ? c->payload : 2);
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

/* Queue commands without an answer; without commands, empty the queue. */
bool
tasmota_do_backlog(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	bool empty = t->backlog.count == 0;

	if (c->len == 0) {
		backlog_clear(&t->backlog);
		return tasmota_cmnd_say_text(c, empty ? "Empty" : "Aborted");
	}
	json_array_append_new(t->backlogs, tasmota_store_json_text(c->data));
	count_lost(t, backlog_add(&t->backlog, c->data, c->version));
	t->middle = t->backlog.count / 2;
	if (c->version >= 140200)
		t->no_delay = (c->index & 1) == 0;
	else if (c->index == 0 && c->version >= 90400)
		t->no_delay = true;
	return true;
}

/* Only the full build has the driver of the D1, for the module of that name. */
bool
tasmota_do_dimmer(struct tasmota_cmnd *c)
{
	const struct tasmota *t = c->tasmota;
	json_t *base = json_object_get(t->template, "BASE");
	bool d1 = t->module == D1 ||
	    (t->module == 0 && json_integer_value(base) == D1);

	if (!d1 || strcmp(t->image.variant, "tasmota") != 0) {
		say_failure(c, "Unknown", "DIMMER");
		return true;
	}
	tasmota_say_add(c->say, "{\"Dimmer\":60}");
	return true;
}

/*
 * Return the number that the data begins with, in 32 bits, or the number of a
 * word such as ON; -99: neither.
 */
static long
read_payload(const struct tasmota_cmnd *c)
{
	int word = tasmota_cmnd_word(c->version, c->data);
	char *end;
	long number = strtol(c->data, &end, 0);

	if (word >= 0)
		return word;
	if (end == c->data)
		return -99;
	return number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : number;
}

/* Split "FriendlyName1" into "FRIENDLYNAME" and its index 1. */
static void
split_name(struct tasmota_cmnd *c, char *name)
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

/* Parse a line and copy the name of its command; false: it has none. */
static bool
parse_line(struct tasmota_cmnd *c, char *line, char name[NAME_MAX_LEN])
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
is_in_row(const struct tasmota_cmnd *c)
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
run_named(struct tasmota_cmnd *c, const char *name)
{
	bool ok;

	c->row = tasmota_row_find(c->tasmota, name);
	if (c->row == NULL) {
		say_failure(c, "Unknown", name);
		return;
	}
	ok = is_in_row(c) &&
	    (c->row->run != NULL ? c->row->run(c) : tasmota_row_run(c));
	if (!ok)
		say_failure(c, "Error", name);
}

void
tasmota_run(struct tasmota *t, const char *line, struct tasmota_say *say)
{
	struct tasmota_say quiet = { 0 };
	struct tasmota_cmnd c = { .tasmota = t,
		.say = say,
		.version = firmware_number(t->image.version) };
	char *copy = xstrdup(line), name[NAME_MAX_LEN];
	bool found = parse_line(&c, copy, name), silent;

	device_say(t->device, "command: %.200s", line);
	if (!found || strcmp(name, "BACKLOG") != 0)
		tasmota_remember(t, line);
	/* Since 14.2 a command with an underscore is not answered. */
	silent =
	    found && name[0] == '_' && name[1] != '\0' && c.version >= 140200;
	if (silent)
		c.say = &quiet;
	tasmota_fault_remember(t);
	if (found)
		run_named(&c, name + silent);
	if (found)
		tasmota_fault_spoil(t, name + silent, c.index, c.say);
	tasmota_say_fini(&quiet);
	free(copy);
}
