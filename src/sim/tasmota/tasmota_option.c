/* SPDX-License-Identifier: ISC */
/*
 * Runs the SetOptions of Tasmota, and the commands about its relay, its LEDs
 * and its serial port (support_command.ino).
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

/* SetOption32 to 49 are numbers, all others are switches. */
static bool
is_number_option(unsigned option)
{
	return option >= 32 && option <= 49;
}

/* Return true for an option that only another command may set. */
static bool
is_forbidden(unsigned option)
{
	static const unsigned all[] = { 5, 6, 7, 9, 14, 22, 23, 25, 27 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] == option)
			return true;
	return false;
}

/* Return true if a change needs a restart (CmndSetoptionBase). */
static bool
needs_restart(unsigned version, unsigned option, long value)
{
	static const struct {
		unsigned option, since, until;
	} all[] = {
		{ 3, 0, 0 },
		{ 15, 0, 0 },
		{ 37, 0, 0 },
		{ 68, 0, 0 },
		{ 75, 0, 0 },
		{ 85, 80300, 0 },
		{ 88, 80200, 0 },
		{ 97, 80400, 0 },
		{ 102, 80500, 0 },
		{ 103, 80500, 0 },
		{ 104, 80500, 0 },
		{ 106, 80500, 0 },
		{ 107, 80500, 0 },
		{ 132, 100000, 0 },
		{ 151, 130000, 0 },
		{ 152, 130000, 0 },
		{ 153, 130000, 0 },
	};

	if (option == 55 || (option == 115 && version >= 90300))
		return value == 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].option == option && version >= all[i].since)
			return true;
	return false;
}

/* SetOption32 and 33 are times and never 0; since 12.1 so is 45. */
static bool
is_in_range(unsigned version, unsigned option, long value)
{
	if (!is_number_option(option))
		return value <= 1;
	if (option == 32 || option == 33 || (option == 45 && version >= 120100))
		return value >= 1 && value <= 250;
	return value <= 255;
}

static bool
set_option(struct tasmota_cmnd *c, unsigned option, const char *key)
{
	if (c->payload < 0)
		return true;
	if (!is_in_range(c->version, option, c->payload) ||
	    (is_forbidden(option) && !is_number_option(option)))
		return false;
	tasmota_set_number(c->tasmota, key, c->payload);
	c->tasmota->restart_due |=
	    needs_restart(c->version, option, c->payload);
	return true;
}

static bool
has_option(unsigned version, unsigned option)
{
	if (version < 80500)
		return option < 114;
	return version < 120000 ? option < 146 : option < 178;
}

/* List the options that are on, since 15.5 (SetOptionShow). */
static bool
list_options(struct tasmota_cmnd *c)
{
	const char *comma = "";

	tasmota_say_add(c->say, "{\"SetOptionSet\":[");
	for (unsigned i = 0; i < 178; i++)
		if (!is_number_option(i) &&
		    tasmota_number(
			c->tasmota, tasmota_key("SetOption", i).text) != 0) {
			tasmota_say_more(c->say, "%s%u", comma, i);
			comma = ",";
		}
	tasmota_say_more(c->say, "]}");
	return true;
}

bool
tasmota_do_setoption(struct tasmota_cmnd *c)
{
	struct tasmota_key key = tasmota_key("SetOption", c->index);
	char state[TASMOTA_VALUE];
	long value;

	if (c->version >= 150500 && !c->has_index)
		return list_options(c);
	if (!has_option(c->version, c->index) ||
	    !set_option(c, c->index, key.text))
		return false;
	value = tasmota_number(c->tasmota, key.text);
	tasmota_say_add(c->say, "{\"%s\":", key.text);
	if (is_number_option(c->index))
		tasmota_say_more(c->say, "%ld", value);
	else
		tasmota_say_text(c->say, c->version,
		    tasmota_state(c, value != 0, state, sizeof(state)));
	tasmota_say_more(c->say, "}");
	return true;
}

/* Run a name for an option, such as MqttNoRetain for SetOption104. */
bool
tasmota_do_synonym(struct tasmota_cmnd *c)
{
	struct tasmota_key key = tasmota_key("SetOption", c->row->option);

	return set_option(c, c->row->option, key.text) &&
	    tasmota_cmnd_say_state(
		c, tasmota_number(c->tasmota, key.text) != 0);
}

bool
tasmota_do_savedata(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char text[32];
	long value;

	if (c->payload >= 0 && c->payload <= 3600)
		tasmota_set_number(t, "SaveData", c->payload);
	value = tasmota_number(t, "SaveData");
	if (value <= 1)
		return tasmota_cmnd_say_state(c, value == 1);
	snprintf(text, sizeof(text), "Every %ld sec", value);
	return tasmota_cmnd_say_text(c, text);
}

/* Without a link LED, each index means the first LED. */
bool
tasmota_do_ledpower(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	long now = tasmota_number(t, "LedState");

	c->index = 1;
	if (c->payload >= 0 && c->payload <= 2)
		tasmota_set_number(t, "LedState",
		    c->payload == 0	  ? 0
			: c->payload == 1 ? 8
					  : (now & 8) ^ 8);
	return tasmota_cmnd_say_state(
	    c, (tasmota_number(t, "LedState") & 8) != 0);
}

bool
tasmota_do_ledmask(struct tasmota_cmnd *c)
{
	char text[32];
	long value;

	if (c->len > 0)
		tasmota_set_number(c->tasmota, "LedMask", c->payload & 0xffff);
	value = tasmota_number(c->tasmota, "LedMask");
	snprintf(
	    text, sizeof(text), "%ld (0x%04lX)", value, (unsigned long)value);
	return tasmota_cmnd_say_text(c, text);
}

bool
tasmota_do_ledpwm(struct tasmota_cmnd *c)
{
	long value = c->payload;

	if (c->len > 0)
		tasmota_set_number(c->tasmota, c->row->name,
		    value < 0	      ? 0
			: value > 255 ? 255
				      : value);
	return tasmota_cmnd_say_kept_number(c, c->row->name);
}

bool
tasmota_do_ledpwmmode(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	long now = tasmota_number(t, "LedPwmMode1");

	c->index = 1;
	if (c->payload >= 0 && c->payload <= 2)
		tasmota_set_number(
		    t, "LedPwmMode1", c->payload == 2 ? !now : c->payload);
	return tasmota_cmnd_say_state(c, tasmota_number(t, "LedPwmMode1") != 0);
}

static long
get_pulsetime(const struct tasmota_cmnd *c, unsigned index)
{
	return tasmota_number(c->tasmota, tasmota_key("PulseTime", index).text);
}

/* Answer with all values, one object each, up to 10.1. */
static bool
say_pulsetimes(struct tasmota_cmnd *c)
{
	tasmota_say_add(c->say, "{");
	for (unsigned i = 1; i <= 8; i++)
		tasmota_say_more(c->say,
		    "%s\"PulseTime%u\":{\"Set\":%ld,\"Remaining\":0}",
		    i > 1 ? "," : "", i, get_pulsetime(c, i));
	tasmota_say_more(c->say, "}");
	return true;
}

/* Answer with all values, in two lists of 32 numbers, since 11.1. */
static bool
list_pulsetimes(struct tasmota_cmnd *c)
{
	tasmota_say_add(c->say, "{\"PulseTime\":{\"Set\":[");
	for (unsigned i = 1; i <= 32; i++)
		tasmota_say_more(
		    c->say, "%s%ld", i > 1 ? "," : "", get_pulsetime(c, i));
	tasmota_say_more(c->say, "],\"Remaining\":[0");
	for (unsigned i = 2; i <= 32; i++)
		tasmota_say_more(c->say, ",0");
	tasmota_say_more(c->say, "]}}");
	return true;
}

bool
tasmota_do_pulsetime(struct tasmota_cmnd *c)
{
	struct tasmota_key key = tasmota_key("PulseTime", c->index);

	if (!c->has_index && c->len == 0)
		return c->version < 110100 ? say_pulsetimes(c)
					   : list_pulsetimes(c);
	if (c->payload >= 0 && c->payload <= 65535)
		tasmota_set_number(c->tasmota, key.text, c->payload);
	tasmota_say_add(c->say, "{\"%s\":{\"Set\":%ld,\"Remaining\":0}}",
	    key.text, tasmota_number(c->tasmota, key.text));
	return true;
}

/* Return how many modes a version knows (MAX_SWITCH_OPTION). */
static long
count_switchmodes(unsigned version)
{
	if (version < 80200)
		return 8;
	return version < 90100 ? 15 : 16;
}

static void
set_switchmode(struct tasmota_cmnd *c, const char *key)
{
	if (c->payload >= 0 && c->payload < count_switchmodes(c->version))
		tasmota_set_number(c->tasmota, key, c->payload);
}

/* Set all modes, which SwitchMode0 does since 13. */
static bool
set_switchmodes(struct tasmota_cmnd *c)
{
	tasmota_say_add(c->say, "{\"SwitchMode\":[");
	for (unsigned i = 1; i <= c->row->top; i++) {
		struct tasmota_key key = tasmota_row_key(c->row, i);

		set_switchmode(c, key.text);
		tasmota_say_more(c->say, "%s%ld", i > 1 ? "," : "",
		    tasmota_number(c->tasmota, key.text));
	}
	tasmota_say_more(c->say, "]}");
	return true;
}

bool
tasmota_do_switchmode(struct tasmota_cmnd *c)
{
	struct tasmota_key key = tasmota_row_key(c->row, c->index);

	if (c->index == 0)
		return set_switchmodes(c);
	set_switchmode(c, key.text);
	return tasmota_cmnd_say_kept_number(c, key.text);
}

/* With a single relay there is nothing to lock. */
bool
tasmota_do_interlock(struct tasmota_cmnd *c)
{
	return tasmota_cmnd_say_state(c, false);
}

bool
tasmota_do_powerlock(struct tasmota_cmnd *c)
{
	if (c->index > 1)
		return false;
	if (c->payload >= 0)
		tasmota_set_number(c->tasmota, "PowerLock", c->payload & 1);
	return tasmota_cmnd_say_text(
	    c, tasmota_number(c->tasmota, "PowerLock") ? "1" : "0");
}

bool
tasmota_do_teleperiod(struct tasmota_cmnd *c)
{
	long value = c->payload;

	if (value == 1)
		value = 300;
	else if (value > 1 && value < 10)
		value = 10;
	if (value >= 0 && value <= 3600)
		tasmota_set_number(c->tasmota, "TelePeriod", value);
	return tasmota_cmnd_say_kept_number(c, "TelePeriod");
}

/* Since 8.5 the range fills 8, 9 or 10 bits. */
bool
tasmota_do_pwmrange(struct tasmota_cmnd *c)
{
	long value = c->payload;

	if (value > 254 && value < 1024 && c->version >= 80500)
		value = value < 256 ? 255 : value < 512 ? 511 : 1023;
	if (value == 1)
		value = 1023;
	if (value > 254 && value < 1024)
		tasmota_set_number(c->tasmota, "PWMRange", value);
	return tasmota_cmnd_say_kept_number(c, "PWMRange");
}

bool
tasmota_do_baudrate(struct tasmota_cmnd *c)
{
	if (c->payload >= 300)
		tasmota_set_number(
		    c->tasmota, "Baudrate", (c->payload / 300 & 0xffff) * 300);
	return tasmota_cmnd_say_kept_number(c, "Baudrate");
}

/* Parse "8N1" (data bits, parity, stop bits) or its number; -1: neither. */
static long
parse_serialconfig(const struct tasmota_cmnd *c)
{
	static const char parities[] = "NEO";
	const char *parity;

	if (c->len < 3)
		return c->payload >= 0 && c->payload <= 23 ? c->payload : -1;
	parity = strchr(parities, c->data[1] & 0xdf);
	if (c->payload < 5 || c->payload > 8 || parity == NULL ||
	    *parity == '\0' || (c->data[2] != '1' && c->data[2] != '2'))
		return -1;
	return (c->payload - 5) + (c->data[2] == '2' ? 4 : 0) +
	    8 * (parity - parities);
}

bool
tasmota_do_serialconfig(struct tasmota_cmnd *c)
{
	long wanted = c->len > 0 ? parse_serialconfig(c) : -1, now;
	char text[8];

	if (wanted >= 0)
		tasmota_set_number(c->tasmota, "SerialConfig", wanted);
	now = tasmota_number(c->tasmota, "SerialConfig");
	snprintf(text, sizeof(text), "%ld%c%ld", 5 + (now & 3),
	    "NEOI"[now >> 3 & 3], 1 + (now >> 2 & 1));
	return tasmota_cmnd_say_text(c, text);
}

bool
tasmota_do_serialdelimiter(struct tasmota_cmnd *c)
{
	if (c->len > 0 && c->payload < 256)
		tasmota_set_number(c->tasmota, "SerialDelimiter",
		    c->payload > 0 ? c->payload : (unsigned char)c->data[0]);
	return tasmota_cmnd_say_kept_number(c, "SerialDelimiter");
}
