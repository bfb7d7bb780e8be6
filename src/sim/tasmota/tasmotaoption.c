/* SPDX-License-Identifier: ISC */
/*
 * Runs the commands of Tasmota that steer its relay, its LEDs and its serial
 * port, and the SetOptions (support_command.ino).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmotacmnd.h"

/* SetOption32 to 49 are numbers, all others are switches. */
static bool
is_number(unsigned option)
{
	return option >= 32 && option <= 49;
}

/* What other commands set: an attempt is an error. */
static bool
is_forbidden(unsigned option)
{
	static const unsigned all[] = { 5, 6, 7, 9, 14, 22, 23, 25, 27 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] == option)
			return true;
	return false;
}

/* CmndSetoption, CmndSetoptionBase: whose change needs a restart. */
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

/* SetOption32 and 33 are times, and not 0; so is 45 since 12.1. */
static bool
is_in_range(unsigned version, unsigned option, long value)
{
	if (!is_number(option))
		return value <= 1;
	if (option == 32 || option == 33 || (option == 45 && version >= 120100))
		return value >= 1 && value <= 250;
	return value <= 255;
}

static bool
set_option(struct tasmotacmnd *c, unsigned option, const char *key)
{
	if (c->payload < 0)
		return true;
	if (!is_in_range(c->version, option, c->payload) ||
	    (is_forbidden(option) && !is_number(option)))
		return false;
	tasmota_set_number(c->tasmota, key, c->payload);
	c->tasmota->restart_due |=
	    needs_restart(c->version, option, c->payload);
	return true;
}

static bool
exists(unsigned version, unsigned option)
{
	if (version < 80500)
		return option < 114;
	return version < 120000 ? option < 146 : option < 178;
}

/* Since 15.5, without a number: those that are set (SetOptionShow). */
static bool
list_options(struct tasmotacmnd *c)
{
	char all[512] = "", key[TASMOTA_KEY];

	for (unsigned i = 0; i < 178; i++) {
		size_t len = strlen(all);

		snprintf(key, sizeof(key), "SetOption%u", i);
		if (!is_number(i) && tasmota_number(c->tasmota, key) != 0)
			snprintf(all + len, sizeof(all) - len, "%s%u",
			    len > 0 ? "," : "", i);
	}
	tasmotasay_add(c->say, "{\"SetOptionSet\":[%s]}", all);
	return true;
}

bool
tasmotado_setoption(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY], state[TASMOTA_VALUE];
	char *escaped;
	long value;

	snprintf(key, sizeof(key), "SetOption%u", c->index);
	if (c->version >= 150500 && !c->has_index)
		return list_options(c);
	if (!exists(c->version, c->index) || !set_option(c, c->index, key))
		return false;
	value = tasmota_number(c->tasmota, key);
	if (is_number(c->index)) {
		tasmotasay_add(c->say, "{\"%s\":%ld}", key, value);
		return true;
	}
	escaped = tasmotasay_escape(
	    c->version, tasmota_state(c, value != 0, state, sizeof(state)));
	tasmotasay_add(c->say, "{\"%s\":\"%s\"}", key, escaped);
	free(escaped);
	return true;
}

/* MqttNoRetain is SetOption104, and so on; the reply names it as it came. */
bool
tasmotado_synonym(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY];

	snprintf(key, sizeof(key), "SetOption%u", c->row->option);
	if (!set_option(c, c->row->option, key))
		return false;
	return tasmotacmnd_say_state(c, tasmota_number(c->tasmota, key) != 0);
}

bool
tasmotado_savedata(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	char text[32];
	long value;

	if (c->payload >= 0 && c->payload <= 3600)
		tasmota_set_number(t, "SaveData", c->payload);
	value = tasmota_number(t, "SaveData");
	if (value <= 1)
		return tasmotacmnd_say_state(c, value == 1);
	snprintf(text, sizeof(text), "Every %ld sec", value);
	return tasmotacmnd_say_text(c, text);
}

/* There is no LED for the link, so that all of them are the first one. */
bool
tasmotado_ledpower(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	long now = tasmota_number(t, "LedState");

	c->index = 1;
	if (c->payload >= 0 && c->payload <= 2)
		tasmota_set_number(t, "LedState",
		    c->payload == 0	  ? 0
			: c->payload == 1 ? 8
					  : (now & 8) ^ 8);
	return tasmotacmnd_say_state(
	    c, (tasmota_number(t, "LedState") & 8) != 0);
}

bool
tasmotado_ledmask(struct tasmotacmnd *c)
{
	char text[32];
	long value;

	if (c->len > 0)
		tasmota_set_number(c->tasmota, "LedMask", c->payload & 0xffff);
	value = tasmota_number(c->tasmota, "LedMask");
	snprintf(
	    text, sizeof(text), "%ld (0x%04lX)", value, (unsigned long)value);
	return tasmotacmnd_say_text(c, text);
}

bool
tasmotado_ledpwm(struct tasmotacmnd *c)
{
	const char *key = c->row->name;
	long value = c->payload;

	if (c->len > 0)
		tasmota_set_number(c->tasmota, key,
		    value < 0	      ? 0
			: value > 255 ? 255
				      : value);
	return tasmotacmnd_say_number(c, tasmota_number(c->tasmota, key));
}

bool
tasmotado_ledpwmmode(struct tasmotacmnd *c)
{
	struct tasmota *t = c->tasmota;
	long now = tasmota_number(t, "LedPwmMode1");

	c->index = 1;
	if (c->payload >= 0 && c->payload <= 2)
		tasmota_set_number(
		    t, "LedPwmMode1", c->payload == 2 ? !now : c->payload);
	return tasmotacmnd_say_state(c, tasmota_number(t, "LedPwmMode1") != 0);
}

static long
pulsetime(const struct tasmotacmnd *c, unsigned index)
{
	char key[TASMOTA_KEY];

	snprintf(key, sizeof(key), "PulseTime%u", index);
	return tasmota_number(c->tasmota, key);
}

/* Without index and value: one object each up to 10.1. */
static bool
say_pulsetimes(struct tasmotacmnd *c)
{
	char all[512] = "";

	for (unsigned i = 1; i <= 8; i++) {
		size_t len = strlen(all);

		snprintf(all + len, sizeof(all) - len,
		    "%s\"PulseTime%u\":{\"Set\":%ld,\"Remaining\":0}",
		    i > 1 ? "," : "", i, pulsetime(c, i));
	}
	tasmotasay_add(c->say, "{%s}", all);
	return true;
}

/* The same since 11.1: two lists of 32 numbers. */
static bool
list_pulsetimes(struct tasmotacmnd *c)
{
	char all[512] = "", zeros[80] = "";

	for (unsigned i = 1; i <= 32; i++) {
		size_t len = strlen(all);

		snprintf(all + len, sizeof(all) - len, "%s%ld",
		    i > 1 ? "," : "", pulsetime(c, i));
		strcat(zeros, i > 1 ? ",0" : "0");
	}
	tasmotasay_add(c->say,
	    "{\"PulseTime\":{\"Set\":[%s],\"Remaining\":[%s]}}", all, zeros);
	return true;
}

bool
tasmotado_pulsetime(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY];

	if (!c->has_index && c->len == 0)
		return c->version < 110100 ? say_pulsetimes(c)
					   : list_pulsetimes(c);
	snprintf(key, sizeof(key), "PulseTime%u", c->index);
	if (c->payload >= 0 && c->payload <= 65535)
		tasmota_set_number(c->tasmota, key, c->payload);
	tasmotasay_add(c->say, "{\"%s\":{\"Set\":%ld,\"Remaining\":0}}", key,
	    pulsetime(c, c->index));
	return true;
}

/* The modes that each version knows, MAX_SWITCH_OPTION. */
static long
count_switchmodes(unsigned version)
{
	if (version < 80200)
		return 8;
	return version < 90100 ? 15 : 16;
}

/* SwitchMode0, since 13: all of them. */
static bool
say_switchmodes(struct tasmotacmnd *c)
{
	char all[128] = "", key[TASMOTA_KEY];

	for (unsigned i = 1; i <= c->row->top; i++) {
		size_t len = strlen(all);

		snprintf(key, sizeof(key), "SwitchMode%u", i);
		if (c->payload >= 0 &&
		    c->payload < count_switchmodes(c->version))
			tasmota_set_number(c->tasmota, key, c->payload);
		snprintf(all + len, sizeof(all) - len, "%s%ld",
		    i > 1 ? "," : "", tasmota_number(c->tasmota, key));
	}
	tasmotasay_add(c->say, "{\"SwitchMode\":[%s]}", all);
	return true;
}

bool
tasmotado_switchmode(struct tasmotacmnd *c)
{
	char key[TASMOTA_KEY];

	if (c->index == 0)
		return say_switchmodes(c);
	snprintf(key, sizeof(key), "SwitchMode%u", c->index);
	if (c->payload >= 0 && c->payload < count_switchmodes(c->version))
		tasmota_set_number(c->tasmota, key, c->payload);
	return tasmotacmnd_say_number(c, tasmota_number(c->tasmota, key));
}

/* With a single relay there is nothing to lock. */
bool
tasmotado_interlock(struct tasmotacmnd *c)
{
	return tasmotacmnd_say_state(c, false);
}

bool
tasmotado_powerlock(struct tasmotacmnd *c)
{
	if (c->index > 1)
		return false;
	if (c->payload >= 0)
		tasmota_set_number(c->tasmota, "PowerLock", c->payload & 1);
	return tasmotacmnd_say_text(
	    c, tasmota_number(c->tasmota, "PowerLock") ? "1" : "0");
}

bool
tasmotado_teleperiod(struct tasmotacmnd *c)
{
	long value = c->payload;

	if (value == 1)
		value = 300;
	else if (value > 1 && value < 10)
		value = 10;
	if (value >= 0 && value <= 3600)
		tasmota_set_number(c->tasmota, "TelePeriod", value);
	return tasmotacmnd_say_number(
	    c, tasmota_number(c->tasmota, "TelePeriod"));
}

/* Since 8.5 only what fills 8, 9 or 10 bits. */
bool
tasmotado_pwmrange(struct tasmotacmnd *c)
{
	long value = c->payload;

	if (value > 254 && value < 1024 && c->version >= 80500)
		value = value < 256 ? 255 : value < 512 ? 511 : 1023;
	if (value == 1)
		value = 1023;
	if (value > 254 && value < 1024)
		tasmota_set_number(c->tasmota, "PWMRange", value);
	return tasmotacmnd_say_number(
	    c, tasmota_number(c->tasmota, "PWMRange"));
}

bool
tasmotado_baudrate(struct tasmotacmnd *c)
{
	if (c->payload >= 300)
		tasmota_set_number(
		    c->tasmota, "Baudrate", (c->payload / 300 & 0xffff) * 300);
	return tasmotacmnd_say_number(
	    c, tasmota_number(c->tasmota, "Baudrate"));
}

/* "8N1", or its number: data bits, stop bits, parity. */
static long
parse_serialconfig(const struct tasmotacmnd *c)
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
tasmotado_serialconfig(struct tasmotacmnd *c)
{
	long wanted = c->len > 0 ? parse_serialconfig(c) : -1, now;
	char text[8];

	if (wanted >= 0)
		tasmota_set_number(c->tasmota, "SerialConfig", wanted);
	now = tasmota_number(c->tasmota, "SerialConfig");
	snprintf(text, sizeof(text), "%ld%c%ld", 5 + (now & 3),
	    "NEOI"[now >> 3 & 3], 1 + (now >> 2 & 1));
	return tasmotacmnd_say_text(c, text);
}

bool
tasmotado_serialdelimiter(struct tasmotacmnd *c)
{
	if (c->len > 0 && c->payload < 256)
		tasmota_set_number(c->tasmota, "SerialDelimiter",
		    c->payload > 0 ? c->payload : (unsigned char)c->data[0]);
	return tasmotacmnd_say_number(
	    c, tasmota_number(c->tasmota, "SerialDelimiter"));
}
