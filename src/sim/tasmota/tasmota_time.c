/* SPDX-License-Identifier: ISC */
/*
 * Runs the commands of Tasmota about time: zone, daylight saving, place and
 * timers (support_command.ino, xdrv_09_timers.ino).
 */
#include "config.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

#define TIMERS 16
#define DATE   "2026-01-01T01:00:00"
#define EPOCH  1767225600

/* A rule for daylight saving: hemisphere, week, month, day, hour, offset. */
struct rule {
	long field[6];
};

static long
clamp_number(long value, long low, long high)
{
	return value < low ? low : value > high ? high : value;
}

static void
read_rule(const struct tasmota *t, const char *key, struct rule *r)
{
	char value[TASMOTA_VALUE];
	long *f = r->field;

	tasmota_get(t, key, value, sizeof(value));
	sscanf(value, "%ld,%ld,%ld,%ld,%ld,%ld", f, f + 1, f + 2, f + 3, f + 4,
	    f + 5);
}

static void
set_field(struct rule *r, int which, long value)
{
	static const long limits[6][2] = { { 0, 1 }, { 0, 4 }, { 1, 12 },
		{ 1, 7 }, { 0, 23 }, { -900, 900 } };

	r->field[which] = which == 0
	    ? value & 1
	    : clamp_number(value, limits[which][0], limits[which][1]);
}

/* Parse a rule as CmndTimeStdDst: missing fields stay, more are ignored. */
static void
parse_rule(const char *text, struct rule *r)
{
	for (int i = 0; i < 6; i++) {
		char *end;
		long value;

		while (isspace((unsigned char)*text))
			text++;
		if (i > 0 && *text == ',')
			text++;
		while (isspace((unsigned char)*text))
			text++;
		value = strtol(text, &end, 10);
		if (end > text)
			set_field(r, i, value);
		text = end;
	}
}

/* Run TimeStd and TimeDst. */
bool
tasmota_do_timerule(struct tasmota_cmnd *c)
{
	const char *key = c->row->name;
	char value[TASMOTA_VALUE];
	struct rule r = { { 0 } };
	const long *f = r.field;

	read_rule(c->tasmota, key, &r);
	if (strchr(c->data, ',') != NULL)
		parse_rule(c->data, &r);
	snprintf(value, sizeof(value), "%ld,%ld,%ld,%ld,%ld,%ld", f[0], f[1],
	    f[2], f[3], f[4], f[5]);
	if (strchr(c->data, ',') != NULL)
		tasmota_set(c->tasmota, key, value);
	else if (c->len > 0 && c->payload == 0)
		tasmota_set(c->tasmota, key, NULL);
	read_rule(c->tasmota, key, &r);
	tasmota_say_add(c->say,
	    "{\"%s\":{\"Hemisphere\":%ld,\"Week\":%ld,\"Month\":%ld,"
	    "\"Day\":%ld,\"Hour\":%ld,\"Offset\":%ld}}",
	    key, f[0], f[1], f[2], f[3], f[4], f[5]);
	return true;
}

/* The hours may have any base, so "+08:00" is 0; 15 and more become 99. */
bool
tasmota_do_timezone(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	long hours = c->payload, minutes = 0;
	const char *colon = strchr(c->data, ':');
	char text[16];

	if (c->len > 0 && hours >= -13) {
		if (hours < 15 && colon != NULL)
			minutes =
			    clamp_number(strtol(colon + 1, NULL, 10), 0, 59);
		tasmota_set_number(t, "Timezone", hours < 15 ? hours : 99);
		tasmota_set_number(t, "TimezoneMinutes", minutes);
	}
	hours = tasmota_number(t, "Timezone");
	if (hours == 99)
		return tasmota_cmnd_say_number(c, 99);
	snprintf(text, sizeof(text), "%+03ld:%02ld", hours,
	    tasmota_number(t, "TimezoneMinutes"));
	return tasmota_cmnd_say_text(c, text);
}

bool
tasmota_do_time(struct tasmota_cmnd *c)
{
	long formats = c->version < 80400 ? 3 : 4, format;

	if (c->payload >= 1 && c->payload <= formats)
		tasmota_set_number(c->tasmota, "Time", c->payload);
	format = tasmota_number(c->tasmota, "Time");
	if (format == 3)
		return tasmota_cmnd_say_number(c, EPOCH);
	tasmota_say_add(c->say, "{\"Time\":\"" DATE "%s\"%s}",
	    format == 4 ? ".000" : "",
	    format == 2 ? ",\"Epoch\":1767225600" : "");
	return true;
}

/* Run Latitude and Longitude, kept in millionths of a degree. */
bool
tasmota_do_latitude(struct tasmota_cmnd *c)
{
	const char *key = c->row->name;
	float degrees = tasmota_cmnd_float(c->data);

	if (c->len > 0)
		tasmota_set_number(
		    c->tasmota, key, (long)(int)(float)(degrees * 1000000.0F));
	degrees = (float)tasmota_number(c->tasmota, key);
	return tasmota_cmnd_say_float(c, degrees / 1000000.0F, 6);
}

/* Run TempOffset and HumOffset, in tenths. */
bool
tasmota_do_tempoffset(struct tasmota_cmnd *c)
{
	const char *key = c->row->name;
	int limit = key[0] == 'T' ? 126 : 100;
	int value = (int)(float)(tasmota_cmnd_float(c->data) * 10);

	if (c->len > 0 && value >= -limit && value <= limit)
		tasmota_set_number(c->tasmota, key, value);
	return tasmota_cmnd_say_float(
	    c, (float)tasmota_number(c->tasmota, key) / 10, 1);
}

struct timer_setting {
	int arm, mode, time, window, days, repeat, device, power;
};

static void
read_timer(const struct tasmota *t, unsigned index, struct timer_setting *s)
{
	char value[TASMOTA_VALUE];

	*s = (struct timer_setting){ 0 };
	tasmota_get(t, tasmota_key("Timer", index).text, value, sizeof(value));
	sscanf(value, "%d,%d,%d,%d,%d,%d,%d,%d", &s->arm, &s->mode, &s->time,
	    &s->window, &s->days, &s->repeat, &s->device, &s->power);
}

static void
write_timer(struct tasmota *t, unsigned index, const struct timer_setting *s)
{
	char value[TASMOTA_VALUE];

	snprintf(value, sizeof(value), "%d,%d,%d,%d,%d,%d,%d,%d", s->arm,
	    s->mode, s->time, s->window, s->days, s->repeat, s->device,
	    s->power);
	tasmota_set(t, tasmota_key("Timer", index).text, value);
}

static void
set_int(json_t *root, const char *name, int mask, int *to)
{
	json_t *value = tasmota_json_find(root, name);

	if (value != NULL)
		*to = (int)tasmota_json_number(value) & mask;
}

/* Parse a time; "-01:30", an offset from the sun's time, is stored as 13:30. */
static int
parse_clock(const char *text)
{
	const char *colon = strchr(text, ':');
	bool minus = text[0] == '-';
	int hours = atoi(text + minus) + (minus ? 12 : 0);
	int minutes = colon != NULL ? atoi(colon + 1) : 0;

	return (int)clamp_number(hours, 0, 23) * 60 +
	    (int)clamp_number(minutes, 0, 59);
}

static int
parse_days(const char *text)
{
	int days = 0;

	for (int i = 0; i < 7 && text[i] != '\0'; i++)
		if (text[i] != '0' && text[i] != '-')
			days |= 1 << i;
	return days;
}

static void
set_timer(json_t *root, unsigned version, struct timer_setting *s)
{
	const char *text = json_string_value(tasmota_json_find(root, "Time"));

	set_int(root, version < 80500 ? "Arm" : "Enable", 1, &s->arm);
	set_int(root, "Mode", 3, &s->mode);
	if (text != NULL)
		s->time = parse_clock(text);
	set_int(root, "Window", 15, &s->window);
	text = json_string_value(tasmota_json_find(root, "Days"));
	if (text != NULL)
		s->days = parse_days(text);
	set_int(root, "Repeat", 1, &s->repeat);
	/* There is one relay. */
	s->device = 0;
	set_int(root, "Action", 3, &s->power);
}

static void
say_timer(const struct tasmota_cmnd *c, unsigned index)
{
	struct timer_setting s;
	char days[8] = "";
	int hour;
	bool minus;

	read_timer(c->tasmota, index, &s);
	hour = s.time / 60;
	minus = (s.mode == 1 || s.mode == 2) && hour > 11;
	for (int i = 0; i < 7; i++)
		days[i] = s.days >> i & 1 ? '1' : '0';
	tasmota_say_more(c->say,
	    "\"Timer%u\":{\"%s\":%d,\"Mode\":%d,\"Time\":\"%s%02d:%02d\","
	    "\"Window\":%d,\"Days\":\"%s\",\"Repeat\":%d,\"Output\":1,"
	    "\"Action\":%d}",
	    index, c->version < 80500 ? "Arm" : "Enable", s.arm, s.mode,
	    minus ? "-" : "", minus ? hour - 12 : hour, s.time % 60, s.window,
	    days, s.repeat, s.power);
}

/* Change a timer; false: the data is not JSON, and the answer says so. */
static bool
change_timer(struct tasmota_cmnd *c)
{
	struct timer_setting s = { 0 };
	json_t *root;

	if (c->payload >= 0 && c->payload <= TIMERS) {
		if (c->payload > 0)
			read_timer(c->tasmota, (unsigned)c->payload, &s);
		write_timer(c->tasmota, c->index, &s);
		return true;
	}
	root = json_loads(c->data, 0, NULL);
	if (!json_is_object(root)) {
		tasmota_say_add(
		    c->say, "{\"Timer%u\":\"Invalid JSON\"}", c->index);
		json_decref(root);
		return false;
	}
	read_timer(c->tasmota, c->index, &s);
	set_timer(root, c->version, &s);
	write_timer(c->tasmota, c->index, &s);
	json_decref(root);
	return true;
}

bool
tasmota_do_timer(struct tasmota_cmnd *c)
{
	if (c->len > 0 && !change_timer(c))
		return true;
	tasmota_say_add(c->say, "{");
	say_timer(c, c->index);
	tasmota_say_more(c->say, "}");
	return true;
}

/* Answer with a message for each four timers, as up to 9.4. */
static void
say_timers_by_four(struct tasmota_cmnd *c)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		if (i % 4 == 0)
			tasmota_say_add(c->say, "{\"Timers%u\":{", i / 4 + 1);
		else
			tasmota_say_more(c->say, ",");
		say_timer(c, i + 1);
		if (i % 4 == 3)
			tasmota_say_more(c->say, "}}");
	}
}

bool
tasmota_do_timers(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char state[TASMOTA_VALUE];
	bool on = tasmota_number(t, "Timers") != 0;

	if (c->len > 0 && c->payload >= 0 && c->payload <= 2)
		on = c->payload == 2 ? !on : c->payload == 1;
	tasmota_set_number(t, "Timers", on);
	if (c->version < 90500) {
		tasmota_cmnd_say_state(c, on);
		say_timers_by_four(c);
		return true;
	}
	tasmota_state(c, on, state, sizeof(state));
	tasmota_say_add(c->say, "{\"Timers\":\"%s\"", state);
	for (unsigned i = 1; i <= TIMERS; i++) {
		tasmota_say_more(c->say, ",");
		say_timer(c, i);
	}
	tasmota_say_more(c->say, "}");
	return true;
}
