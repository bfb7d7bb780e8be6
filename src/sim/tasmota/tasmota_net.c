/* SPDX-License-Identifier: ISC */
/*
 * Runs the commands of Tasmota about its network, its web pages and its group
 * topics (support_command.ino, xdrv_01_webserver.ino, xdrv_02_mqtt.ino).
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device.h"
#include "sim/tasmota/tasmota.h"
#include "sim/tasmota/tasmota_cmnd.h"

#define COLORS 20
#define GROUPS 4

/* Parse four numbers with three points, whatever else is there, as ParseIp. */
static bool
parse_address(const char *text, char *dst, size_t size)
{
	unsigned part[4];

	for (int i = 0; i < 4; i++) {
		part[i] = (unsigned)strtoul(text, NULL, 10) & 0xff;
		text = strchr(text, '.');
		if ((text == NULL) != (i == 3))
			return false;
		text = text != NULL ? text + 1 : "";
	}
	snprintf(dst, size, "%u.%u.%u.%u", part[0], part[1], part[2], part[3]);
	return true;
}

/* Write an address; the first also has the present one, in () but in 9.2. */
static void
write_address(
    const struct tasmota_cmnd *c, unsigned index, char *dst, size_t size)
{
	char value[TASMOTA_VALUE], own[INET_ADDRSTRLEN];
	bool plain = c->version >= 90200 && c->version < 90300;

	inet_ntop(AF_INET, &c->tasmota->device->port.address, own, sizeof(own));
	tasmota_get(c->tasmota, tasmota_key("IPAddress", index).text, value,
	    sizeof(value));
	if (index != 1)
		snprintf(dst, size, "%.31s", value);
	else
		snprintf(
		    dst, size, plain ? "%.31s %s" : "%.31s (%s)", value, own);
}

static bool
say_addresses(struct tasmota_cmnd *c)
{
	char text[64];

	tasmota_say_add(c->say, "{");
	for (unsigned i = 1; i <= c->row->top; i++) {
		write_address(c, i, text, sizeof(text));
		tasmota_say_more(c->say, "%s\"IPAddress%u\":\"%s\"",
		    i > 1 ? "," : "", i, text);
	}
	tasmota_say_more(c->say, "}");
	return true;
}

bool
tasmota_do_ipaddress(struct tasmota_cmnd *c)
{
	char text[64];

	if (c->version >= 90200 && !c->has_index)
		return say_addresses(c);
	if (parse_address(c->data, text, sizeof(text)))
		tasmota_set(
		    c->tasmota, tasmota_key("IPAddress", c->index).text, text);
	write_address(c, c->index, text, sizeof(text));
	return tasmota_cmnd_say_text(c, text);
}

bool
tasmota_do_hostname(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	bool reset =
	    tasmota_cmnd_shortcut(c->data) == 1 || strchr(c->data, '%') != NULL;

	t->restart_due |= c->len > 0;
	if (c->len > 0 && reset)
		tasmota_set(t, "Hostname", NULL);
	else if (c->len > 0)
		tasmota_cmnd_keep_text(c, "Hostname", c->data);
	return tasmota_cmnd_say_kept(c, "Hostname");
}

bool
tasmota_do_ap(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char value[TASMOTA_VALUE];
	long now = tasmota_number(t, "Ap");

	if (c->payload >= 0 && c->payload <= 2) {
		now = c->payload == 0 ? 3 - now : c->payload;
		tasmota_set_number(t, "Ap", now);
		t->restart_due = true;
	}
	tasmota_get(
	    t, tasmota_key("SSId", (unsigned)now).text, value, sizeof(value));
	tasmota_say_add(c->say, "{\"Ap\":{\"%ld\":", now);
	tasmota_say_text(c->say, c->version, value);
	tasmota_say_more(c->say, "}}");
	return true;
}

bool
tasmota_do_wificonfig(struct tasmota_cmnd *c)
{
	static const char *const names[] = { "Restart", "", "WifiManager", "",
		"Retry", "Wait", "Serial", "ManagerRst" };
	long now;

	if (c->payload >= 0 && c->payload <= 7)
		tasmota_set_number(c->tasmota, "WifiConfig",
		    c->payload == 1 || c->payload == 3 ? 2 : c->payload);
	now = tasmota_number(c->tasmota, "WifiConfig");
	tasmota_say_add(
	    c->say, "{\"WifiConfig\":{\"%ld\":\"%s\"}}", now, names[now & 7]);
	return true;
}

/* Up to 9.4 Wifi is only a switch; later 2 to 4 choose the mode. */
bool
tasmota_do_wifi(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char state[TASMOTA_VALUE];
	long mode;

	if (c->payload == 0 || c->payload == 1)
		tasmota_set_number(t, "SetOption95", c->payload);
	if (c->version < 90500) {
		t->restart_due |=
		    c->version < 90200 && (c->payload == 0 || c->payload == 1);
		return tasmota_cmnd_say_state(
		    c, tasmota_number(t, "SetOption95") != 0);
	}
	if (c->payload >= 2 && c->payload <= 4)
		tasmota_set_number(t, "WifiMode", c->payload);
	mode = tasmota_number(t, "WifiMode");
	tasmota_say_add(c->say, "{\"Wifi\":\"%s\",\"Mode\":\"11%c\"}",
	    tasmota_state(
		c, tasmota_number(t, "SetOption95") != 0, state, sizeof(state)),
	    "  bgn"[mode]);
	return true;
}

/* Run WifiPower, whose answer is in quotes from 8.2 to 12. */
bool
tasmota_do_wifipower(struct tasmota_cmnd *c)
{
	long value =
	    (unsigned char)(int)(float)(tasmota_cmnd_float(c->data) * 10);
	char text[16];
	long most = c->version < 130000 ? 205 : 200;

	if (value > most)
		value = most;
	if (value == 10 && c->version >= 130000)
		value = 170;
	if (c->len > 0)
		tasmota_set_number(c->tasmota, "WifiPower", value);
	value = tasmota_number(c->tasmota, "WifiPower");
	if (value == 0 && c->version >= 130000)
		value = 170;
	if (c->version < 80200 || c->version >= 130000)
		return tasmota_cmnd_say_float(c, (float)value / 10, 1);
	snprintf(text, sizeof(text), "%.1f", (double)((float)value / 10));
	return tasmota_cmnd_say_text(c, text);
}

/* Keep a password of more than four characters, and ignore a shorter one. */
bool
tasmota_do_password(struct tasmota_cmnd *c)
{
	int shortcut = tasmota_cmnd_shortcut(c->data);
	bool hidden = c->index > 2;
	struct tasmota_key key;

	if (hidden)
		c->index -= 2;
	key = tasmota_key("Password", c->index);
	if (c->len > 4 || shortcut <= 1) {
		tasmota_cmnd_keep_text(
		    c, key.text, shortcut <= 1 ? "" : c->data);
		c->tasmota->restart_due = true;
	} else {
		hidden = true;
	}
	return hidden ? tasmota_cmnd_say_text(c, "****")
		      : tasmota_cmnd_say_kept(c, key.text);
}

bool
tasmota_do_webserver(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	char own[INET_ADDRSTRLEN];
	long now;

	if (c->payload >= 0 && c->payload <= 2)
		tasmota_set_number(t, "Webserver", c->payload);
	now = tasmota_number(t, "Webserver");
	if (now == 0)
		return tasmota_cmnd_say_state(c, false);
	inet_ntop(AF_INET, &t->device->port.address, own, sizeof(own));
	tasmota_say_add(c->say,
	    "{\"Webserver\":\"Active for %s on %s with IP address %s\"}",
	    now == 2 ? "Admin" : "User", t->hostname, own);
	return true;
}

/*
 * Parse a colour as WebHexCode does: nine characters as a number of 32 bits, or
 * three digits, each of which counts twice.
 */
static unsigned
parse_color(const char *code)
{
	char copy[10], *text = copy;
	long number;
	unsigned color;

	snprintf(copy, sizeof(copy), "%s", code);
	text += text[0] == '#';
	number = strtol(text, NULL, 16);
	color = number > INT32_MAX ? INT32_MAX : (unsigned)number;
	if (strlen(text) != 3)
		return color & 0xffffff;
	color = (color & 0xf00) << 8 | (color & 0x0f0) << 4 | (color & 0x00f);
	return color | color << 4;
}

static const char *
default_color(unsigned index)
{
	static const char *const colors[COLORS] = { "#eaeaea", "#252525",
		"#4f4f4f", "#000000", "#dddddd", "#65c115", "#1f1f1f",
		"#ff5661", "#008000", "#faffff", "#1fa3ec", "#0e70a4",
		"#d43535", "#931f1f", "#47c266", "#5aaf6f", "#faffff",
		"#999999", "#eaeaea", "#08405e" };

	return colors[index];
}

/* The last colour, of a button that is off, came with 14.4. */
static unsigned
count_colors(const struct tasmota_cmnd *c)
{
	return c->version < 140400 ? COLORS - 1 : COLORS;
}

static void
set_color(struct tasmota_cmnd *c, unsigned index, const char *code)
{
	char text[16];

	snprintf(text, sizeof(text), "#%06x", parse_color(code));
	tasmota_set(c->tasmota, tasmota_key("WebColor", index).text, text);
}

/* Set {"WebColor":[...]}; since 8.5 anything but text is black. */
static void
set_colors(struct tasmota_cmnd *c)
{
	json_t *root = json_loads(c->data, 0, NULL), *color;
	size_t i;

	json_array_foreach (json_object_get(root, "WebColor"), i, color) {
		const char *code = json_string_value(color);

		if (i < count_colors(c) &&
		    (code != NULL || c->version >= 80500))
			set_color(c, (unsigned)i + 1, code != NULL ? code : "");
	}
	json_decref(root);
}

bool
tasmota_do_webcolor(struct tasmota_cmnd *c)
{
	char value[16];

	if (strchr(c->data, '{') != NULL)
		set_colors(c);
	else if (c->len > 3 && c->index > 0 && c->index <= count_colors(c))
		set_color(c, c->index, c->data);
	else if (c->len > 0 && c->payload == 0)
		for (unsigned i = 1; i <= COLORS; i++)
			tasmota_set(
			    c->tasmota, tasmota_key("WebColor", i).text, NULL);
	tasmota_say_add(c->say, "{\"WebColor\":[");
	for (unsigned i = 0; i < count_colors(c); i++) {
		tasmota_get(c->tasmota, tasmota_key("WebColor", i + 1).text,
		    value, sizeof(value));
		tasmota_say_more(c->say, "%s\"%s\"", i > 0 ? "," : "",
		    value[0] ? value : default_color(i));
	}
	tasmota_say_more(c->say, "]}");
	return true;
}

/* Set which part of the date the pages show. */
bool
tasmota_do_webtime(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	const char *date = "2026-01-01T01:00:00";
	long from, to, limit = (long)strlen(date);

	if (sscanf(c->data, "%ld%*[, ]%ld", &from, &to) == 2) {
		to = to > limit ? limit : to;
		tasmota_set_number(t, "WebTime1", from >= to ? 0 : from);
		tasmota_set_number(t, "WebTime2", to);
	}
	from = tasmota_number(t, "WebTime1");
	to = tasmota_number(t, "WebTime2");
	tasmota_say_add(c->say, "{\"WebTime\":[%ld,%ld],\"Time\":\"%.*s\"}",
	    from, to, (int)(to - from), date + from);
	return true;
}

/* Run MqttWifiTimeout, in ms that are kept in steps of 100. */
bool
tasmota_do_wifitimeout(struct tasmota_cmnd *c)
{
	const char *key = "MqttWifiTimeout";

	if (c->payload >= 100 && c->payload <= 20000)
		tasmota_set_number(c->tasmota, key, c->payload / 100 * 100);
	return tasmota_cmnd_say_kept_number(c, key);
}

/* Keep each topic once, without a gap; without any the default is kept. */
static void
compact_group_topics(struct tasmota *t)
{
	char name[GROUPS][TASMOTA_VALUE];
	unsigned count = 0;

	for (unsigned i = 0; i < GROUPS; i++) {
		unsigned j = 0;

		tasmota_get(t, tasmota_key("GroupTopic", i + 1).text,
		    name[count], sizeof(name[count]));
		while (j < count && strcmp(name[j], name[count]) != 0)
			j++;
		count += name[count][0] != '\0' && j == count;
	}
	for (unsigned i = 0; i < GROUPS; i++)
		tasmota_set(t, tasmota_key("GroupTopic", i + 1).text,
		    i < count ? name[i] : "");
	if (count == 0)
		tasmota_set(t, "GroupTopic1", "tasmotas");
}

/* Since 8.3 the answer has all four topics, whichever is set. */
bool
tasmota_do_grouptopic(struct tasmota_cmnd *c)
{
	struct tasmota *t = c->tasmota;
	int shortcut;

	if (c->len > 0) {
		for (char *p = c->data; *p != '\0'; p++)
			if (strchr("+# ", *p) != NULL)
				*p = '_';
		shortcut = tasmota_cmnd_shortcut(c->data);
		tasmota_set(t, tasmota_key("GroupTopic", c->index).text,
		    shortcut == 0	? ""
			: shortcut == 1 ? "tasmotas"
					: c->data);
		compact_group_topics(t);
		t->restart_due = true;
	}
	return tasmota_cmnd_say_all(c, c->version);
}
